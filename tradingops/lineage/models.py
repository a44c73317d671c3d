"""Modules as creatures: how they perform, what they share, how they replicate (document 003)."""

from __future__ import annotations

from django.contrib.postgres.functions import RandomUUID, TransactionNow
from django.db import models
from django.db.models import F, Q

from strands.columns import Document, Ratio, Score, json_column, text_column
from strands.indexes import NamedIndex
from strands.models import Module

CUES = ["performance_threshold", "diversity_gap", "regime_change", "failure_recovery"]


class ModulePerformance(models.Model):
    """How one module did over a period."""

    performance_id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    module = models.ForeignKey(Module, models.PROTECT, null=True, blank=True, db_column="module_id", db_index=False)
    timestamp = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())
    performance_score = Score(required=True)
    consistency_score = Score(required=True)
    innovation_score = Score(required=True)
    specialization_score = Score(required=True)
    collaboration_score = Score(required=True)
    trading_plan_success_rate = Score()
    execution_quality = Score()
    risk_adjusted_returns = Ratio(null=True, blank=True)
    sharpe_ratio = Ratio(null=True, blank=True)
    max_drawdown = Ratio(null=True, blank=True)
    learning_effectiveness = Score()
    adaptation_speed = Score()
    intelligence_sharing_effectiveness = Score()
    market_regime = models.CharField(max_length=20, null=True, blank=True)
    asset_class = models.CharField(max_length=20, null=True, blank=True)
    time_horizon = models.CharField(max_length=10, null=True, blank=True)

    class Meta:
        db_table = "module_performance"
        verbose_name_plural = "module performance"
        indexes = [
            NamedIndex(F("module"), F("timestamp").desc(), name="idx_module_performance_module_id_timestamp"),
            NamedIndex(F("performance_score").desc(), name="idx_module_performance_score"),
        ]
        constraints = Score.between_0_and_1(
            "module_performance",
            "performance_score",
            "consistency_score",
            "innovation_score",
            "specialization_score",
            "collaboration_score",
            "trading_plan_success_rate",
            "execution_quality",
            "learning_effectiveness",
            "adaptation_speed",
            "intelligence_sharing_effectiveness",
        )

    def __str__(self) -> str:
        return f"{self.performance_score} {str(self.performance_id)[:8]}"


class IntelligenceSharing(models.Model):
    """What one module told the others of itself."""

    sharing_id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    sender_module = models.ForeignKey(
        Module, models.PROTECT, null=True, blank=True, related_name="shared", db_column="sender_module_id"
    )
    timestamp = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())
    intelligence_type = models.CharField(max_length=50)
    intelligence_data = Document()
    performance_score = Score()
    confidence_level = Score()
    last_updated = models.DateTimeField(null=True, blank=True)
    target_modules = json_column()
    sharing_scope = models.CharField(max_length=20, null=True, blank=True, db_default="broadcast")
    sharing_priority = models.IntegerField(null=True, blank=True, db_default=3)

    class Meta:
        db_table = "module_intelligence_sharing"
        verbose_name_plural = "intelligence sharing"
        constraints = [
            *Score.between_0_and_1("module_intelligence_sharing", "performance_score", "confidence_level"),
            models.CheckConstraint(
                name="module_intelligence_sharing_scope_is_known",
                condition=Q(sharing_scope__in=["broadcast", "targeted", "private"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.intelligence_type} {str(self.sharing_id)[:8]}"


class Replication(models.Model):
    """The making of one module from another."""

    replication_id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    parent_module = models.ForeignKey(
        Module,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replicated_to",
        db_column="parent_module_id",
        db_index=False,
    )
    child_module = models.ForeignKey(
        Module,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replicated_from",
        db_column="child_module_id",
        db_index=False,
    )
    timestamp = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())
    trigger_type = models.CharField(max_length=50)
    trigger_data = json_column()
    replication_reason = text_column()
    target_capabilities = json_column()
    performance_threshold = Score()
    diversity_requirements = json_column()
    replication_status = models.CharField(max_length=20, null=True, blank=True, db_default="initiated")
    creation_time_ms = models.IntegerField(null=True, blank=True)
    validation_time_ms = models.IntegerField(null=True, blank=True)
    initialization_time_ms = models.IntegerField(null=True, blank=True)
    inherited_intelligence = json_column()
    mutation_applied = json_column()
    recombination_applied = json_column()

    class Meta:
        db_table = "module_replications"
        indexes = [
            NamedIndex(F("parent_module"), F("timestamp").desc(), name="idx_module_replications_parent_timestamp"),
            NamedIndex(F("child_module"), F("timestamp").desc(), name="idx_module_replications_child_timestamp"),
            NamedIndex(fields=["trigger_type"], name="idx_module_replications_trigger_type"),
        ]
        constraints = [
            *Score.between_0_and_1("module_replications", "performance_threshold"),
            models.CheckConstraint(
                name="module_replications_trigger_type_is_known", condition=Q(trigger_type__in=CUES)
            ),
            models.CheckConstraint(
                name="module_replications_status_is_known",
                condition=Q(replication_status__in=["initiated", "in_progress", "completed", "failed"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trigger_type} {str(self.replication_id)[:8]}"


class ReplicationTrigger(models.Model):
    """A cue to replicate a module."""

    trigger_id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    module = models.ForeignKey(Module, models.PROTECT, null=True, blank=True, db_column="module_id")
    timestamp = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())
    trigger_type = models.CharField(max_length=50)
    trigger_data = Document()
    trigger_priority = models.IntegerField(null=True, blank=True, db_default=2)
    status = models.CharField(max_length=20, null=True, blank=True, db_default="active")
    processed_at = models.DateTimeField(null=True, blank=True)
    replication = models.ForeignKey(Replication, models.SET_NULL, null=True, blank=True, db_column="replication_id")

    class Meta:
        db_table = "module_replication_triggers"
        constraints = [
            models.CheckConstraint(
                name="module_replication_triggers_type_is_known", condition=Q(trigger_type__in=CUES)
            ),
            models.CheckConstraint(
                name="module_replication_triggers_status_is_known",
                condition=Q(status__in=["active", "processed", "expired", "cancelled"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trigger_type} {str(self.trigger_id)[:8]}"
