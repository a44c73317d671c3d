"""What agents remember, what they say to one another, and how they stand to one another."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q

from strands.columns import Score
from strands.indexes import NamedGinIndex, NamedIndex
from tradingops.company.models.row import (
    NAME,
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

LEAST_AFFINITY, MOST_AFFINITY = Decimal("0.10"), Decimal("0.95")


class MemoryType(models.TextChoices):
    INSIGHT = "insight"
    PATTERN = "pattern"
    STRATEGY = "strategy"
    PREFERENCE = "preference"
    LESSON = "lesson"


class Memory(Row):
    """One thing that an agent remembers, as sure as what came of it makes it; promoted ones influence decisions."""

    agent_id = name_column()
    type = choice(MemoryType)
    content = models.TextField()
    confidence = Score(required=True)
    tags = words_column()
    source_trace_id = models.UUIDField(null=True, blank=True)
    promoted = models.BooleanField(null=True, blank=True, db_default=False)
    metadata = object_column()
    updated_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        db_table = "ops_agent_memory"
        verbose_name_plural = "memories"
        triggers = touched()
        constraints = [
            one_of("ops_agent_memory", "type", MemoryType),
            *Score.between_0_and_1("ops_agent_memory", "confidence"),
        ]
        indexes = [
            NamedIndex(fields=["agent_id", "type"], name="ops_agent_memory_agent_id_type"),
            NamedIndex(F("confidence").desc(), name="ops_agent_memory_confidence"),
            NamedGinIndex(fields=["tags"], name="ops_agent_memory_tags"),
        ]

    def __str__(self) -> str:
        return self.content


class Format(models.TextChoices):
    """How a roundtable is held."""

    MORNING_STANDUP = "morning_standup", "morning standup"
    POSITION_REVIEW = "position_review", "position review"
    POST_MORTEM = "post_mortem", "post-mortem"
    DEBATE = "debate"
    STRATEGY_SESSION = "strategy_session", "strategy session"
    WATERCOOLER = "watercooler"


class RoundtableStatus(models.TextChoices):
    PENDING = "pending"
    ACTIVE = "active"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Roundtable(Row):
    """A conversation of agents: who takes part, about what, and every turn of it."""

    format = choice(Format)
    participants = ArrayField(models.CharField(max_length=NAME))
    topic = models.CharField(max_length=TITLE)
    status = choice(RoundtableStatus, RoundtableStatus.PENDING)
    conversation_history = list_column()
    scheduled_for = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    metadata = object_column()
    updated_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        db_table = "ops_roundtable_queue"
        triggers = touched()
        constraints = [
            one_of("ops_roundtable_queue", "format", Format),
            one_of("ops_roundtable_queue", "status", RoundtableStatus),
        ]
        indexes = [
            NamedIndex(fields=["status"], name="ops_roundtable_queue_status"),
            NamedIndex(fields=["format"], name="ops_roundtable_queue_format"),
        ]

    def __str__(self) -> str:
        return self.topic


class Relationship(Row):
    """How two agents stand to each other, the names in alphabetical order; ``drift_log`` tells the last changes."""

    agent_a = name_column()
    agent_b = name_column()
    affinity = models.DecimalField(max_digits=3, decimal_places=2)
    total_interactions = models.IntegerField(null=True, blank=True, db_default=0)
    drift_log = list_column()
    last_interaction_at = models.DateTimeField(null=True, blank=True)
    metadata = object_column()
    updated_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        db_table = "ops_agent_relationships"
        triggers = touched()
        constraints = [
            models.UniqueConstraint(fields=["agent_a", "agent_b"], name="ops_agent_relationships_pair"),
            models.CheckConstraint(
                name="ops_agent_relationships_affinity",
                condition=Q(affinity__gte=LEAST_AFFINITY, affinity__lte=MOST_AFFINITY),
            ),
            models.CheckConstraint(name="ops_agent_relationships_order", condition=Q(agent_a__lt=F("agent_b"))),
        ]

    def __str__(self) -> str:
        return f"{self.agent_a} and {self.agent_b}"
