"""What is in force: policies, the rules that make proposals of events, and reactions of agents to one another."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.db import models

from strands.columns import Document, text_column
from strands.indexes import NamedIndex
from tradingops.company.models.row import KEY, Row, choice, name_column, object_column, one_of, touched
from tradingops.company.models.work import Event


class Policy(Row):
    """A value that the company goes by, under its key: limits, permissions, who its agents are."""

    key = models.CharField(max_length=KEY, unique=True)
    value = Document()
    description = text_column()
    version = models.IntegerField(null=True, blank=True, db_default=1)
    updated_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        db_table = "ops_policy"
        verbose_name_plural = "policies"
        triggers = touched()

    def __str__(self) -> str:
        return self.key


class TriggerRule(Row):
    """An event, conditions over what it says, and the proposal that is made where they hold."""

    name = models.CharField(max_length=KEY, unique=True)
    trigger_event = models.CharField(max_length=KEY)
    conditions = Document()
    action_config = Document()
    cooldown_minutes = models.IntegerField(db_default=60)
    fire_count = models.IntegerField(null=True, blank=True, db_default=0)
    last_fired_at = models.DateTimeField(null=True, blank=True)
    enabled = models.BooleanField(null=True, blank=True, db_default=True)
    description = text_column()
    updated_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        db_table = "ops_trigger_rules"
        triggers = touched()
        constraints = [
            models.CheckConstraint(name="ops_trigger_rules_cooldown", condition=models.Q(cooldown_minutes__gte=0)),
            models.CheckConstraint(name="ops_trigger_rules_fire_count", condition=models.Q(fire_count__gte=0)),
        ]
        indexes = [
            NamedIndex(fields=["enabled"], name="ops_trigger_rules_enabled"),
            NamedIndex(fields=["trigger_event"], name="ops_trigger_rules_trigger_event"),
        ]

    def __str__(self) -> str:
        return self.name


class ReactionStatus(models.TextChoices):
    QUEUED = "queued"
    PROCESSING = "processing"
    PROCESSED = "processed"
    FAILED = "failed"


class Reaction(Row):
    """That one agent is to react to what happened to another, queued for the next heartbeat."""

    source_agent = name_column()
    target_agent = name_column()
    reaction_type = name_column()
    trigger_event = models.ForeignKey(
        Event, models.CASCADE, null=True, blank=True, related_name="reactions", db_constraint=False
    )
    status = choice(ReactionStatus, ReactionStatus.QUEUED)
    processed_at = models.DateTimeField(null=True, blank=True)
    metadata = object_column()

    class Meta:
        db_table = "ops_agent_reactions"
        constraints = [one_of("ops_agent_reactions", "status", ReactionStatus)]
        indexes = [
            NamedIndex(fields=["source_agent", "target_agent"], name="ops_agent_reactions_agents"),
            NamedIndex(fields=["status"], name="ops_agent_reactions_status"),
        ]

    def __str__(self) -> str:
        return f"{self.reaction_type} of {self.target_agent}"
