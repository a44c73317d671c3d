"""What the wire keeps: what waits, what happened, the state of each module, who is at work."""

from __future__ import annotations

from django.contrib.postgres.functions import RandomUUID, TransactionNow
from django.db import models
from django.db.models import F, Func, Q

from strands import tags, triggers
from strands.columns import Document, text_column
from strands.indexes import NamedIndex
from strands.models.registry import Module


class NextTurn(Func):
    """The next number in the order of finished turns."""

    template = "nextval('module_messages_sequence')"
    output_field = models.BigIntegerField()


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
    message_data = Document()
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
    #: The last ruling known to the turn, empty for none; NULL in turns recorded before turns were given any.
    given = text_column()
    module_version = text_column()
    sequence = models.BigIntegerField(db_default=NextTurn(), editable=False)

    class Meta:
        db_table = "module_messages"
        triggers = [triggers.TurnsTellWhatTheyWereGiven(), *triggers.of_records("turn records")]
        indexes = [
            NamedIndex(F("sender_module"), F("timestamp").desc(), name="idx_module_messages_sender_timestamp"),
            NamedIndex(F("receiver_module"), F("timestamp").desc(), name="idx_module_messages_receiver_timestamp"),
            NamedIndex(fields=["message_type", "status"], name="idx_module_messages_type_status"),
            NamedIndex(fields=["listener", "sequence"], name="module_messages_listener_sequence"),
            NamedIndex(fields=["strand_id"], name="module_messages_strand"),
            NamedIndex(fields=["listener", "sequence"], name="module_messages_set_aside", condition=Q(status="failed")),
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
        triggers = [triggers.StatesTakenOverAreKept()]

    def __str__(self) -> str:
        return self.id


class ModuleTakeover(models.Model):
    """The state of a partition as one version of its module took it over from another."""

    listener = models.TextField()
    partition = models.TextField()
    state = models.TextField()
    from_version = models.TextField()
    to_version = models.TextField()
    created_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        db_table = "module_takeovers"
        triggers = triggers.of_records("states taken over")
        indexes = [NamedIndex(fields=["listener", "partition", "id"], name="module_takeovers_partition")]

    def __str__(self) -> str:
        return f"{self.listener} {self.partition} {self.from_version} to {self.to_version}"


class Halt(models.Model):
    """What a halt puts in force over a scope, from one moment of market time to another; the one said last counts."""

    said = models.BigIntegerField(primary_key=True)
    ruling = models.TextField()
    scope = models.TextField()
    state = models.TextField()
    begins = models.DateTimeField(null=True, blank=True)
    ends = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "halts"
        permissions = [("intervene", "Can close positions, move their stops and take orders back")]
        indexes = [NamedIndex(fields=["scope", "said"], name="halts_scope")]

    def __str__(self) -> str:
        return f"{self.scope} is {self.state}"


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
