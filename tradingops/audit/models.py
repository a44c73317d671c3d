"""The chain of audit records, and where it ends."""

from __future__ import annotations

from django.db import models

from strands.columns import Document
from strands.indexes import NamedIndex


class AuditRecord(models.Model):
    """One change: who, what, from where, before and after; chained to the record before it when it was committed.

    ``role`` is the database's own name of who was connected; ``actor``, ``address`` and ``path`` are what the desk said
    of the person. ``before`` and ``after`` hold the columns that changed.
    """

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.TextField()
    actor_id = models.BigIntegerField(null=True)
    address = models.TextField()
    path = models.TextField()
    role = models.TextField()
    action = models.TextField()
    about = models.TextField()
    key = models.TextField()
    before = Document(null=True)
    after = Document(null=True)
    previous = models.TextField(unique=True)
    hash = models.TextField(unique=True)

    class Meta:
        db_table = "audit_records"
        indexes = [
            NamedIndex(fields=["actor", "number"], name="audit_records_actor"),
            NamedIndex(fields=["about", "number"], name="audit_records_about"),
            NamedIndex(fields=["action", "number"], name="audit_records_action"),
            NamedIndex(fields=["at"], name="audit_records_at"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.action} {self.about} {self.key}"


class AuditHead(models.Model):
    """Where the chain ends: a record cut off its end is missed by this."""

    id = models.SmallIntegerField(primary_key=True)
    number = models.BigIntegerField()
    hash = models.TextField()

    class Meta:
        db_table = "audit_head"

    def __str__(self) -> str:
        return f"{self.number} {self.hash}"
