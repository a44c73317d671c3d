"""The strand tables: one a module, all of one shape, written once and never changed."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.fields.json import KeyTextTransform

from strands import tables, triggers
from strands.columns import json_column, text_column
from strands.indexes import NamedGinIndex, NamedIndex

#: Ids hold moments from 1970 on; Python's end with the year 9999.
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


class NextSaid(Func):
    """The next number of the one sequence that all strand tables share."""

    template = "nextval('strands_said')"
    output_field = models.BigIntegerField()


class Strand(models.Model):
    """What every strand table has; content is immutable, tags alone may be added to."""

    id = models.TextField(primary_key=True, db_collation="C")
    lifecycle_id = text_column()
    parent_id = text_column()
    module = models.TextField()
    module_id = models.UUIDField(null=True, blank=True)
    kind = text_column()
    symbol = text_column()
    timeframe = text_column()
    session_bucket = text_column()
    regime = text_column()
    tags = models.JSONField(db_default=Value([], models.JSONField()))
    at = models.DateTimeField(db_default=TransactionNow())
    hop = models.SmallIntegerField(db_default=0)
    said = models.BigIntegerField(db_default=NextSaid(), editable=False)
    lesson_metadata = json_column()
    created_at = models.DateTimeField(db_default=TransactionNow())
    updated_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.kind or 'strand'} {self.id}"


def _meta(module: str, prefix: str, words: str, *extra: models.Index) -> type:
    """Return the Meta of a strand table: its name, its rules, and the indexes that documents 000 to 002 give it."""
    table = tables.TABLES[module]
    name = table.name
    rules = triggers.of_strands(table)
    tags_are_an_array = triggers.TagsAreAnArray()

    class Meta:
        abstract = False
        db_table = name
        verbose_name = f"{module} strand"
        verbose_name_plural = words
        triggers = rules
        constraints = [
            models.CheckConstraint(name=f"{name}_tags_are_an_array", condition=tags_are_an_array),
            models.CheckConstraint(name=f"{name}_at_is_a_moment", condition=Q(at__gte=FIRST, at__lt=LAST)),
            models.CheckConstraint(name=f"{name}_only_{table.spoken}_writes", condition=Q(module=table.spoken)),
        ]
        indexes = [
            NamedIndex(F("symbol"), F("created_at").desc(), name=f"{prefix}_symbol_time"),
            NamedIndex(fields=["lifecycle_id"], name=f"{prefix}_lifecycle"),
            NamedIndex(fields=["kind"], name=f"{prefix}_kind"),
            NamedGinIndex(fields=["tags"], name=f"idx_{name}_tags"),
            NamedIndex(F("created_at").desc(), name=f"idx_{name}_created_at"),
            NamedIndex(fields=["said"], name=f"{prefix}_said"),
            *extra,
        ]

    return Meta


class AlphaStrand(Strand):
    """What the alpha detector says: signals with their plans, anomalies."""

    module = models.TextField(db_default="alpha")
    sig_sigma = models.FloatField(null=True, blank=True)
    sig_confidence = models.FloatField(null=True, blank=True)
    sig_direction = text_column()
    trading_plan = json_column()
    signal_pack = json_column()
    dsi_evidence = json_column()
    regime_context = json_column()
    event_context = json_column()
    module_intelligence = json_column()
    curator_feedback = json_column()

    Meta = _meta(
        "alpha",
        "ad_strand",
        "signals",
        NamedGinIndex(fields=["lesson_metadata"], name="ad_strand_lesson_metadata"),
    )


class DecisionStrand(Strand):
    """What the decision maker says: decisions, and feedback to alpha."""

    module = models.TextField(db_default="dm")
    alpha_bundle_ref = text_column()
    dm_alpha = json_column()
    dm_budget = json_column()
    dm_decision = json_column()
    risk_metrics = json_column()
    portfolio_impact = json_column()
    asymmetries = json_column()
    curator_decisions = json_column()

    Meta = _meta(
        "dm",
        "dm_strand",
        "decisions",
        NamedIndex(fields=["alpha_bundle_ref"], name="dm_strand_alpha_ref"),
        NamedIndex(KeyTextTransform("decision_type", "dm_decision"), name="dm_strand_decision_type"),
        NamedGinIndex(fields=["lesson_metadata"], name="dm_strand_lesson_metadata"),
    )


class TraderStrand(Strand):
    """What the trader says: orders, monitoring, fills, executions, closed positions."""

    module = models.TextField(db_default="tr")
    decision_id = text_column()
    order_spec = json_column()
    route_hint = text_column()
    tr_predict = json_column()
    fills = json_column()
    exec_metrics = json_column()
    position_data = json_column()
    monitoring_state = json_column()
    tr_execution = json_column()
    tr_outcome = json_column()
    tr_venue_performance = json_column()
    tr_slippage = json_column()
    tr_latency = json_column()
    tr_fills = json_column()

    Meta = _meta(
        "trader",
        "tr_strand",
        "orders and fills",
        NamedIndex(fields=["decision_id"], name="tr_strand_decision"),
        NamedIndex(KeyTextTransform("venue", "exec_metrics"), name="tr_strand_venue"),
        NamedIndex(KeyTextTransform("status", "exec_metrics"), name="tr_strand_status"),
        NamedGinIndex(fields=["lesson_metadata"], name="tr_strand_lesson_metadata"),
    )


class RiskStrand(Strand):
    """What the risk manager says: the state of the book and its limits."""

    module = models.TextField(db_default="risk")
    rm_risk_assessment = json_column()
    rm_portfolio_risk = json_column()
    rm_var_calculation = json_column()
    rm_stress_test = json_column()
    rm_risk_limits = json_column()
    rm_correlation = json_column()
    rm_volatility = json_column()
    rm_alert_data = json_column()

    Meta = _meta("risk", "rm_strand", "risk updates")


class MarketStrand(Strand):
    """What the market says: closed bars with their features, timers."""

    module = models.TextField(db_default="market")
    md_bar = json_column()
    md_features = json_column()
    md_timer = json_column()

    Meta = _meta("market", "md_strand", "market updates")


class VenueStrand(Strand):
    """What venues say of our orders: accepted, filled, cancelled, rejected, unknown."""

    module = models.TextField(db_default="venue")
    vn_update = json_column()

    Meta = _meta("venue", "vn_strand", "venue updates")


class PeopleStrand(Strand):
    """What people say: verdicts, halts, published policies, notes."""

    module = models.TextField(db_default="op")
    op_verdict = json_column()
    op_halt = json_column()
    op_policy = json_column()
    op_note = json_column()

    Meta = _meta("op", "op_strand", "words of people")


class CompanyStrand(Strand):
    """What the company says: verdicts of its roundtables, proposals."""

    module = models.TextField(db_default="company")
    co_verdict = json_column()
    co_proposal = json_column()

    Meta = _meta("company", "co_strand", "words of the company")


STRANDS: dict[str, type[Strand]] = {
    "alpha": AlphaStrand,
    "dm": DecisionStrand,
    "trader": TraderStrand,
    "risk": RiskStrand,
    "market": MarketStrand,
    "venue": VenueStrand,
    "op": PeopleStrand,
    "company": CompanyStrand,
}
