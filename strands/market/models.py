"""Bars that were kept, and what was odd about them (document 003)."""

from __future__ import annotations

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q

from strands.columns import Document, Money, Score, json_column, text_column
from strands.indexes import NamedIndex


class Bar(models.Model):
    """One kept bar; (symbol, timestamp) is the primary key in the database, ``row`` is only the admin's handle."""

    row = models.BigAutoField(primary_key=True)
    symbol = models.CharField(max_length=20)
    timestamp = models.DateTimeField()
    open = Money()
    high = Money()
    low = Money()
    close = Money()
    volume = Money()
    mx_evidence = Score()
    mx_confirm = models.BooleanField(null=True, blank=True)
    mx_expert_contributions = json_column()
    module_intelligence = json_column()
    module_learning_updates = json_column()
    features = json_column()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.symbol} {self.timestamp:%Y-%m-%d %H:%M}"


def _rules(table: str) -> list[models.CheckConstraint]:
    return [
        models.CheckConstraint(
            name=f"{table}_high_is_highest",
            condition=Q(high__gte=F("open")) & Q(high__gte=F("close")) & Q(high__gte=F("low")),
        ),
        models.CheckConstraint(name=f"{table}_low_is_lowest", condition=Q(low__lte=F("open")) & Q(low__lte=F("close"))),
        models.CheckConstraint(name=f"{table}_volume_is_not_negative", condition=Q(volume__gte=0)),
        # Open and close lie between the two.
        *Money.within_reach(table, "high", "low", "volume"),
        *Score.between_0_and_1(table, "mx_evidence"),
    ]


class MarketData1m(Bar):
    """Bars of one minute."""

    class Meta:
        db_table = "market_data_1m"
        verbose_name = "1-minute bar"
        constraints = _rules("market_data_1m")


class MarketData5m(Bar):
    """Bars of five minutes."""

    class Meta:
        db_table = "market_data_5m"
        verbose_name = "5-minute bar"
        constraints = _rules("market_data_5m")


class MarketData15m(Bar):
    """Bars of fifteen minutes."""

    class Meta:
        db_table = "market_data_15m"
        verbose_name = "15-minute bar"
        constraints = _rules("market_data_15m")


class MarketData4h(Bar):
    """Bars of four hours."""

    class Meta:
        db_table = "market_data_4h"
        verbose_name = "4-hour bar"
        constraints = _rules("market_data_4h")


class MarketData1d(Bar):
    """Bars of one day."""

    class Meta:
        db_table = "market_data_1d"
        verbose_name = "daily bar"
        constraints = _rules("market_data_1d")


class MarketData1h(Bar):
    """Bars of one hour."""

    class Meta:
        db_table = "market_data_1h"
        verbose_name = "1-hour bar"
        constraints = _rules("market_data_1h")


class Instrument(models.Model):
    """What is traded under a symbol, as the market last told it, and where each value comes from."""

    symbol = models.TextField(primary_key=True)
    base = text_column()
    quote = text_column()
    kind = text_column()
    tick = Money(null=True, blank=True)
    lot = Money(null=True, blank=True)
    least_quantity = Money(null=True, blank=True)
    greatest_quantity = Money(null=True, blank=True)
    least_notional = Money(null=True, blank=True)
    greatest_notional = Money(null=True, blank=True)
    contract_size = Money(null=True, blank=True)
    fee_class = text_column()
    funding_hours = Money(null=True, blank=True)
    session_grid = text_column()
    sources = Document()
    at = models.DateTimeField()
    strand_id = models.TextField()

    class Meta:
        db_table = "instruments"

    def __str__(self) -> str:
        return self.symbol


class AnomalyEvent(models.Model):
    """Something odd that alpha saw in a bar, with the plan it led to, if any."""

    event_id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    symbol = models.CharField(max_length=20)
    timestamp = models.DateTimeField()
    anomaly_type = models.CharField(max_length=50)
    anomaly_score = models.DecimalField(max_digits=5, decimal_places=4)
    trading_plan = models.ForeignKey(
        "portfolio_plans.TradingPlan", models.SET_NULL, null=True, blank=True, db_column="trading_plan_id"
    )
    plan_generation_module = models.ForeignKey(
        "strands.Module", models.PROTECT, null=True, blank=True, db_column="plan_generation_module_id"
    )
    signal_pack = Document()
    dsi_evidence = models.ForeignKey(
        "curators_dsi.Evidence", models.SET_NULL, null=True, blank=True, db_column="dsi_evidence_id"
    )
    microstructure_validation = json_column()
    module_intelligence = json_column()
    intelligence_confidence = Score()
    plan_execution_status = models.CharField(max_length=20, null=True, blank=True)
    plan_performance_metrics = json_column()
    attribution_analysis = json_column()

    class Meta:
        db_table = "anomaly_events"
        indexes = [NamedIndex(F("symbol"), F("timestamp").desc(), name="idx_anomaly_events_symbol_timestamp")]
        constraints = [
            models.CheckConstraint(
                name="anomaly_events_score_is_0_to_1", condition=Q(anomaly_score__gte=0, anomaly_score__lte=1)
            ),
            *Score.between_0_and_1("anomaly_events", "intelligence_confidence"),
        ]

    def __str__(self) -> str:
        return f"{self.anomaly_type} {self.symbol} {self.timestamp:%Y-%m-%d %H:%M}"
