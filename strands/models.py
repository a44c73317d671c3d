"""What the wire keeps: strands, deliveries, turns, the state of each module, who is at work."""

from __future__ import annotations

from django.contrib.postgres.functions import RandomUUID, TransactionNow
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.fields.json import KeyTextTransform

from strands import tables, tags, triggers
from strands.columns import Score, json_column, text_column
from strands.indexes import NamedGinIndex, NamedIndex


class NextSaid(Func):
    """The next number of the one sequence that all strand tables share."""

    template = "nextval('strands_said')"
    output_field = models.BigIntegerField()


class NextTurn(Func):
    """The next number in the order of finished turns."""

    template = "nextval('module_messages_sequence')"
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


def _meta(module: str, prefix: str, *extra: models.Index) -> type:
    """Return the Meta of a strand table: its name, its rules, and the indexes that documents 000 to 002 give it."""
    table = tables.TABLES[module]
    name = table.name
    rules = triggers.of_strands(table)
    tags_are_an_array = triggers.TagsAreAnArray()

    class Meta:
        abstract = False
        db_table = name
        verbose_name = f"{module} strand"
        triggers = rules
        constraints = [
            models.CheckConstraint(name=f"{name}_tags_are_an_array", condition=tags_are_an_array),
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

    Meta = _meta("alpha", "ad_strand")


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

    Meta = _meta("risk", "rm_strand")


class MarketStrand(Strand):
    """What the market says: closed bars with their features, timers."""

    module = models.TextField(db_default="market")
    md_bar = json_column()
    md_features = json_column()
    md_timer = json_column()

    Meta = _meta("market", "md_strand")


class VenueStrand(Strand):
    """What venues say of our orders: accepted, filled, cancelled, rejected, unknown."""

    module = models.TextField(db_default="venue")
    vn_update = json_column()

    Meta = _meta("venue", "vn_strand")


class PeopleStrand(Strand):
    """What people say: verdicts, halts, published policies, notes."""

    module = models.TextField(db_default="op")
    op_verdict = json_column()
    op_halt = json_column()
    op_policy = json_column()
    op_note = json_column()

    Meta = _meta("op", "op_strand")


class CompanyStrand(Strand):
    """What the company says: verdicts of its roundtables, proposals."""

    module = models.TextField(db_default="company")
    co_verdict = json_column()
    co_proposal = json_column()

    Meta = _meta("company", "co_strand")


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


class Module(models.Model):
    """A registered module: who may speak on the wire, and what it has learned (document 003)."""

    module_id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    module_type = models.CharField(max_length=50)
    module_version = models.CharField(max_length=20)
    parent_modules = json_column()
    offspring_modules = json_column()
    generational_depth = models.IntegerField(null=True, blank=True, db_default=0)
    learning_rate = Score(db_default="0.01")
    adaptation_threshold = Score(db_default="0.7")
    performance_history = json_column()
    learning_patterns = json_column()
    innovation_score = Score(db_default="0.0")
    specialization_index = Score(db_default="0.0")
    communication_latency_ms = models.IntegerField(null=True, blank=True, db_default=0)
    message_throughput_per_sec = models.IntegerField(null=True, blank=True, db_default=0)
    intelligence_sharing_rate = Score(db_default="0.0")
    collaboration_score = Score(db_default="0.0")
    peer_ratings = json_column()
    network_centrality = Score(db_default="0.0")
    replication_readiness = Score(db_default="0.0")
    parent_performance = json_column()
    mutation_rate = Score(db_default="0.1")
    recombination_rate = Score(db_default="0.1")
    offspring_count = models.IntegerField(null=True, blank=True, db_default=0)
    lifecycle_stage = models.CharField(max_length=20, null=True, blank=True, db_default="experimental")
    created_at = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())
    last_updated = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())
    status = models.CharField(max_length=20, null=True, blank=True, db_default="active")

    class Meta:
        db_table = "modules"
        constraints = [
            *Score.between_0_and_1(
                "modules",
                "learning_rate",
                "adaptation_threshold",
                "innovation_score",
                "specialization_index",
                "intelligence_sharing_rate",
                "collaboration_score",
                "network_centrality",
                "replication_readiness",
                "mutation_rate",
                "recombination_rate",
            ),
            models.CheckConstraint(
                name="modules_lifecycle_stage_is_known",
                condition=Q(lifecycle_stage__in=["experimental", "active", "deprecated", "archived"]),
            ),
            models.CheckConstraint(
                name="modules_status_is_known", condition=Q(status__in=["active", "inactive", "failed"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.module_type} {self.module_version} ({str(self.module_id)[:8]})"


class Message(models.Model):
    """The record of a finished turn (document 003's module_messages); a pending one lives in deliveries."""

    class Status(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        FAILED = "failed"
        EXPIRED = "expired"

    message_id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    sender_module = models.ForeignKey(
        Module, models.PROTECT, null=True, blank=True, related_name="sent", db_column="sender_module_id", db_index=False
    )
    receiver_module = models.ForeignKey(
        Module,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="received",
        db_column="receiver_module_id",
        db_index=False,
    )
    timestamp = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())
    message_type = models.CharField(max_length=50)
    message_data = models.JSONField()
    priority = models.IntegerField(null=True, blank=True, db_default=2)
    ttl_seconds = models.IntegerField(null=True, blank=True, db_default=3600)
    status = models.CharField(max_length=20, null=True, blank=True, choices=Status, db_default="pending")
    delivery_attempts = models.IntegerField(null=True, blank=True, db_default=0)
    last_delivery_attempt = models.DateTimeField(null=True, blank=True)
    error_message = text_column()
    listener = text_column()
    partition = text_column()
    tag = text_column()
    strand_table = text_column()
    strand_id = text_column()
    now = models.DateTimeField(null=True, blank=True)
    module_version = text_column()
    sequence = models.BigIntegerField(db_default=NextTurn(), editable=False)

    class Meta:
        db_table = "module_messages"
        indexes = [
            NamedIndex(F("sender_module"), F("timestamp").desc(), name="idx_module_messages_sender_timestamp"),
            NamedIndex(F("receiver_module"), F("timestamp").desc(), name="idx_module_messages_receiver_timestamp"),
            NamedIndex(fields=["message_type", "status"], name="idx_module_messages_type_status"),
            NamedIndex(fields=["listener", "sequence"], name="module_messages_listener_sequence"),
            NamedIndex(fields=["strand_id"], name="module_messages_strand"),
            NamedIndex(
                fields=["listener", "sequence"], name="module_messages_set_aside", condition=Q(status="failed")
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="module_messages_status_is_known",
                condition=Q(status__in=["pending", "delivered", "failed", "expired"]),
            ),
            models.CheckConstraint(
                name="module_messages_priority_is_1_to_3", condition=Q(priority__gte=1, priority__lte=3)
            ),
            models.CheckConstraint(name="module_messages_ttl_is_positive", condition=Q(ttl_seconds__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.tag} {self.strand_id} {self.status}"


class Delivery(models.Model):
    """A strand waiting for one listener; the row is gone when the turn is done."""

    seq = models.BigAutoField(primary_key=True)
    listener = models.TextField()
    strand_table = models.TextField()
    strand_id = models.TextField()
    tag = models.TextField()
    partition = models.TextField()
    lane = models.SmallIntegerField()
    priority = models.SmallIntegerField(db_default=tags.MEDIUM)
    ttl_seconds = models.IntegerField(db_default=3600)
    not_before = models.DateTimeField(db_default=TransactionNow())
    expires_at = models.DateTimeField(null=True, blank=True)
    attempts = models.SmallIntegerField(db_default=0)
    last_error = text_column()
    created_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        db_table = "deliveries"
        verbose_name_plural = "deliveries"
        indexes = [
            NamedIndex(fields=["listener", "priority", "seq"], name="deliveries_next"),
            NamedIndex(fields=["listener", "partition"], name="deliveries_tried", condition=Q(attempts__gt=0)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["strand_id", "listener"], name="deliveries_once_a_listener"),
        ]

    def __str__(self) -> str:
        return f"{self.tag} {self.strand_id}"


class ModuleState(models.Model):
    """The state of one partition of one listener: a cache of the fold of its turns, checked by refold.

    The text is JSON; text keeps the order of keys and the digits of numbers as the module left them.
    """

    id = models.TextField(primary_key=True, db_collation="C")
    listener = models.TextField()
    partition = models.TextField()
    state = models.TextField()
    turns = models.BigIntegerField(db_default=0)
    version = models.TextField(db_default="")
    updated_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        db_table = "module_states"

    def __str__(self) -> str:
        return self.id


class Worker(models.Model):
    """A process that runs listeners, by its heartbeat."""

    id = models.TextField(primary_key=True)
    listener = models.TextField()
    host = models.TextField()
    pid = models.IntegerField()
    version = models.TextField(db_default="")
    turns = models.BigIntegerField(db_default=0)
    faults = models.BigIntegerField(db_default=0)
    started_at = models.DateTimeField(db_default=TransactionNow())
    beat_at = models.DateTimeField(db_default=TransactionNow())
    last_turn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "workers"
        indexes = [NamedIndex(fields=["listener", "beat_at"], name="workers_listener_beat")]

    def __str__(self) -> str:
        return self.id
