"""The core loop: what agents propose, the missions that come of it, their steps, and the events of it all."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Func, Q, Value

from strands.columns import Document, Money, text_column
from strands.indexes import NamedGinIndex, NamedIndex
from tradingops.company.models.row import (
    TITLE,
    Row,
    choice,
    list_column,
    name_column,
    object_column,
    one_of,
    touched,
    words_column,
)

#: How long a step may take before it is given up.
STEP_MINUTES = 30


class ProposalStatus(models.TextChoices):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class Proposal(Row):
    """What an agent, a rule, a reaction or a person wants done, in one to twenty steps."""

    agent_id = name_column()
    title = models.CharField(max_length=TITLE)
    signal_type = name_column()
    entry_price = Money(null=True, blank=True)
    target_price = Money(null=True, blank=True)
    stop_loss = Money(null=True, blank=True)
    status = choice(ProposalStatus, ProposalStatus.PENDING)
    proposed_steps = list_column()
    accepted_at = models.DateTimeField(null=True, blank=True)
    rejected_at = models.DateTimeField(null=True, blank=True)
    rejected_reason = text_column()
    metadata = object_column()
    updated_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        db_table = "ops_trading_proposals"
        triggers = touched()
        constraints = [
            one_of("ops_trading_proposals", "status", ProposalStatus),
            *Money.within_reach("ops_trading_proposals", "entry_price", "target_price", "stop_loss"),
        ]
        indexes = [
            NamedIndex(fields=["status"], name="ops_trading_proposals_status"),
            NamedIndex(fields=["agent_id"], name="ops_trading_proposals_agent_id"),
            NamedIndex(F("created_at").desc(), name="ops_trading_proposals_created_at"),
        ]

    def __str__(self) -> str:
        return self.title


class MissionStatus(models.TextChoices):
    APPROVED = "approved"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class MissionType(models.TextChoices):
    ENTRY = "entry"
    EXIT = "exit"
    SCALE = "scale"
    HEDGE = "hedge"
    ANALYSIS = "analysis"
    MONITOR = "monitor"


class Mission(Row):
    """An accepted proposal at work; it failed where one of its steps did."""

    title = models.CharField(max_length=TITLE)
    status = choice(MissionStatus, MissionStatus.APPROVED)
    created_by = name_column()
    mission_type = choice(MissionType)
    proposal = models.ForeignKey(
        Proposal, models.SET_NULL, null=True, blank=True, related_name="missions", db_constraint=False
    )
    priority = models.IntegerField(null=True, blank=True, db_default=5)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    metadata = object_column()
    updated_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        db_table = "ops_missions"
        triggers = touched()
        constraints = [
            one_of("ops_missions", "status", MissionStatus),
            one_of("ops_missions", "mission_type", MissionType),
        ]
        indexes = [
            NamedIndex(fields=["status"], name="ops_missions_status"),
            NamedIndex(fields=["mission_type"], name="ops_missions_mission_type"),
            NamedIndex(fields=["created_by"], name="ops_missions_created_by"),
        ]

    def __str__(self) -> str:
        return self.title


class StepKind(models.TextChoices):
    """What a step does on the desk."""

    ANALYZE = "analyze"
    EXECUTE_TRADE = "execute_trade"
    MONITOR = "monitor"
    CLOSE = "close"
    CALCULATE_RISK = "calculate_risk"
    ROUNDTABLE = "roundtable_conversation", "roundtable conversation"


class InMinutes(Func):
    """The moment some minutes after the transaction began."""

    template = "now() + make_interval(mins => %(expressions)s)"
    output_field = models.DateTimeField()


class StepStatus(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Step(Row):
    """One thing that a mission does, claimed by one worker at a time."""

    mission = models.ForeignKey(Mission, models.CASCADE, related_name="steps", db_index=False, db_constraint=False)
    kind = choice(StepKind)
    status = choice(StepStatus, StepStatus.QUEUED)
    payload = object_column()
    result = Document(null=True, blank=True)
    error = text_column()
    assigned_to = name_column(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    timeout_at = models.DateTimeField(null=True, blank=True, db_default=InMinutes(Value(STEP_MINUTES)))
    updated_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        db_table = "ops_mission_steps"
        triggers = touched()
        constraints = [
            one_of("ops_mission_steps", "kind", StepKind),
            one_of("ops_mission_steps", "status", StepStatus),
        ]
        indexes = [
            NamedIndex(fields=["mission"], name="ops_mission_steps_mission_id"),
            NamedIndex(fields=["status"], name="ops_mission_steps_status"),
            NamedIndex(fields=["kind"], name="ops_mission_steps_kind"),
            NamedIndex(fields=["assigned_to"], name="ops_mission_steps_assigned_to"),
        ]

    def __str__(self) -> str:
        return self.kind


class Event(Row):
    """What happened in the company or on the desk, with the tags that rules and reactions look for."""

    agent_id = name_column()
    kind = name_column()
    title = models.CharField(max_length=TITLE)
    summary = models.TextField()
    tags = words_column(db_default=[])
    trade_id = models.UUIDField(null=True, blank=True)
    pnl = Money(null=True, blank=True)
    pnl_percent = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    metadata = object_column()

    class Meta:
        db_table = "ops_agent_events"
        constraints = Money.within_reach("ops_agent_events", "pnl")
        indexes = [
            NamedIndex(fields=["agent_id"], name="ops_agent_events_agent_id"),
            NamedIndex(fields=["kind"], name="ops_agent_events_kind"),
            NamedIndex(F("created_at").desc(), name="ops_agent_events_created_at"),
            NamedGinIndex(fields=["tags"], name="ops_agent_events_tags"),
        ]

    def __str__(self) -> str:
        return self.title


class ActionType(models.TextChoices):
    HEARTBEAT = "heartbeat"
    TRIGGER_EVAL = "trigger_eval"
    WORKER = "worker"
    ROUNDTABLE = "roundtable"
    MEMORY_PROMOTION = "memory_promotion"
    LEARNING = "learning"


class ActionStatus(models.TextChoices):
    SUCCESS = "success"
    PARTIAL_FAILURE = "partial_failure"
    COMPLETE_FAILURE = "complete_failure"


class ActionRun(Row):
    """One run of a duty: how long it took, and what went wrong."""

    action_type = choice(ActionType)
    duration_ms = models.IntegerField()
    errors = words_column()
    status = choice(ActionStatus)
    metadata = object_column()

    class Meta:
        db_table = "ops_action_runs"
        constraints = [
            one_of("ops_action_runs", "action_type", ActionType),
            one_of("ops_action_runs", "status", ActionStatus),
            models.CheckConstraint(name="ops_action_runs_duration_ms", condition=Q(duration_ms__gte=0)),
        ]
        indexes = [
            NamedIndex(fields=["action_type"], name="ops_action_runs_action_type"),
            NamedIndex(fields=["status"], name="ops_action_runs_status"),
        ]

    def __str__(self) -> str:
        return f"{self.action_type} {self.status}"
