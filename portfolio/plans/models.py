"""Trading plans and their approvals (document 003)."""

from __future__ import annotations

from django.contrib.postgres.functions import RandomUUID, TransactionNow
from django.db import models
from django.db.models import F, Q

from strands import triggers
from strands.columns import Money, Ratio, Score, json_column, text_column
from strands.indexes import NamedIndex

_OF_MONEY = (
    *("entry_price", "stop_loss", "take_profit"),
    *("executed_price", "executed_quantity", "execution_cost", "pnl"),
)


class TradingPlan(models.Model):
    """A signal made tradable, and what became of it."""

    class Direction(models.TextChoices):
        LONG = "long"
        SHORT = "short"
        NEUTRAL = "neutral"

    class Validation(models.TextChoices):
        VALIDATED = "validated"
        PENDING = "pending"
        FAILED = "failed"

    class Execution(models.TextChoices):
        EXECUTED = "executed"
        PARTIAL = "partial"
        FAILED = "failed"
        CANCELLED = "cancelled"

    plan_id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    module = models.ForeignKey(
        "strands.Module", models.PROTECT, null=True, blank=True, db_column="module_id", db_index=False
    )
    symbol = models.CharField(max_length=20)
    timestamp = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())
    signal_strength = Score(required=True)
    direction = models.CharField(max_length=10, choices=Direction)
    entry_conditions = json_column()
    entry_price = Money(null=True, blank=True)
    position_size = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    stop_loss = Money(null=True, blank=True)
    take_profit = Money(null=True, blank=True)
    time_horizon = models.CharField(max_length=10, null=True, blank=True)
    risk_reward_ratio = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    confidence_score = Score(required=True)
    microstructure_evidence = json_column()
    regime_context = json_column()
    module_intelligence = json_column()
    execution_notes = text_column()
    valid_until = models.DateTimeField(null=True, blank=True)
    validation_status = models.CharField(max_length=20, null=True, blank=True, choices=Validation, db_default="pending")
    risk_assessment = json_column()
    portfolio_impact = json_column()
    execution_status = models.CharField(max_length=20, null=True, blank=True, choices=Execution)
    executed_price = Money(null=True, blank=True)
    executed_quantity = Money(null=True, blank=True)
    execution_cost = Money(null=True, blank=True)
    slippage = Ratio(null=True, blank=True)
    pnl = Money(null=True, blank=True)
    performance_metrics = json_column()
    attribution_analysis = json_column()
    lifecycle_id = text_column()

    class Meta:
        db_table = "trading_plans"
        indexes = [
            NamedIndex(F("module"), F("timestamp").desc(), name="idx_trading_plans_module_id_timestamp"),
            NamedIndex(F("symbol"), F("timestamp").desc(), name="idx_trading_plans_symbol_timestamp"),
            NamedIndex(F("confidence_score").desc(), name="idx_trading_plans_confidence_score"),
            NamedIndex(F("timestamp").desc(), name="trading_plans_timestamp"),
        ]
        constraints = [
            *Score.between_0_and_1("trading_plans", "signal_strength", "confidence_score"),
            *Money.within_reach("trading_plans", *_OF_MONEY),
            models.CheckConstraint(
                name="trading_plans_position_size_is_above_0_to_100",
                condition=Q(position_size__gt=0, position_size__lte=100),
            ),
            models.CheckConstraint(
                name="trading_plans_risk_reward_is_above_0_to_10",
                condition=Q(risk_reward_ratio__gt=0, risk_reward_ratio__lte=10),
            ),
            models.CheckConstraint(
                name="trading_plans_direction_is_known", condition=Q(direction__in=["long", "short", "neutral"])
            ),
            models.CheckConstraint(
                name="trading_plans_validation_status_is_known",
                condition=Q(validation_status__in=["validated", "pending", "failed"]),
            ),
            models.CheckConstraint(
                name="trading_plans_execution_status_is_known",
                condition=Q(execution_status__in=["executed", "partial", "failed", "cancelled"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.symbol} {str(self.plan_id)[:8]}"


class Approval(models.Model):
    """The decision maker's answer to a plan."""

    class Status(models.TextChoices):
        APPROVED = "approved"
        REJECTED = "rejected"
        MODIFIED = "modified"

    approval_id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    plan = models.ForeignKey(
        TradingPlan, models.CASCADE, null=True, blank=True, related_name="approvals", db_column="plan_id"
    )
    decision_maker_module = models.ForeignKey(
        "strands.Module", models.PROTECT, null=True, blank=True, db_column="decision_maker_module_id"
    )
    timestamp = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())
    approval_status = models.CharField(max_length=20, choices=Status)
    approval_reason = text_column()
    modifications = json_column()
    risk_assessment = json_column()
    risk_controls = json_column()
    portfolio_impact = json_column()
    decision_confidence = Score()
    decision_factors = json_column()
    alternative_plans = json_column()
    lifecycle_id = text_column()

    class Meta:
        db_table = "trading_plan_approvals"
        triggers = triggers.of_records("approvals")
        indexes = [NamedIndex(F("timestamp").desc(), name="trading_plan_approvals_timestamp")]
        constraints = [
            *Score.between_0_and_1("trading_plan_approvals", "decision_confidence"),
            models.CheckConstraint(
                name="trading_plan_approvals_status_is_known",
                condition=Q(approval_status__in=["approved", "rejected", "modified"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.approval_status} {str(self.approval_id)[:8]}"
