"""Versions of policies as they are kept, who wrote them, and who approved them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Coalesce

from strands.columns import Document


class State(models.TextChoices):
    """Where a version stands in its life."""

    DRAFT = "draft"
    REVIEW = "review", "in review"
    PUBLISHED = "published"
    RETIRED = "retired"
    DECLINED = "declined"


class Version(models.Model):
    """A numbered content of a policy, of all symbols or of one; the code's defaults are version 0, which has no row.

    The database numbers versions, keeps who wrote them, and lets nobody publish one but by its strand.
    """

    policy = models.TextField()
    symbol = models.TextField(default="", blank=True)
    number = models.IntegerField(default=0)
    state = models.TextField(choices=State, default=State.DRAFT)
    content = Document(default=dict)
    hash = models.TextField()
    #: The version that was in force when this one was begun; 0 for the defaults.
    base = models.IntegerField(default=0)
    reason = models.TextField(default="", blank=True)
    #: Why it was declined.
    answer = models.TextField(default="", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    #: What the database fills in when the strand that publishes it is said.
    publication = models.TextField(null=True, blank=True)
    said = models.BigIntegerField(null=True, blank=True)
    begins = models.DateTimeField(null=True, blank=True)
    ends = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    #: Published by one person alone where a second one is needed; an approval confirms it afterwards.
    urgent = models.BooleanField(default=False, db_default=False)
    #: The strand that withdrew its publication before it counted.
    withdrawn = models.TextField(null=True, blank=True)

    class Meta:
        db_table = "policy_versions"
        ordering = ["policy", "symbol", "-number"]
        permissions = [
            ("draft_version", "Can draft versions of policies"),
            ("publish_version", "Can approve, decline, publish and withdraw versions of policies"),
            ("urgent_version", "Can tighten a policy alone, to be confirmed afterwards"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["policy", "symbol", "number"], name="policy_versions_number"),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="policy_versions_state"),
        ]
        indexes = [models.Index(fields=["policy", "symbol", "-said"], name="policy_versions_said")]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"

    @property
    def name(self) -> str:
        """The policy's name: ``alpha``, or ``alpha of BTC-PERP``."""
        return f"{self.policy} of {self.symbol}" if self.symbol else self.policy

    @property
    def is_unconfirmed(self) -> bool:
        """Whether one person put it in force alone, and no second one has confirmed it."""
        return self.urgent and not self.approvals.all()


class Author(models.Model):
    """Who wrote any of a version's content; a person by their key, the command line by name alone.

    Kept by the database.
    """

    version = models.ForeignKey(Version, models.PROTECT, related_name="authors")
    person = models.BigIntegerField(null=True)
    name = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "policy_authors"
        ordering = ["pk"]
        constraints = [
            # By an expression: whether nulls may be equal Django asks a server, which may not be there yet.
            models.UniqueConstraint("version", Coalesce("person", models.Value(0)), "name", name="policy_authors_once")
        ]

    def __str__(self) -> str:
        return self.name


class Approval(models.Model):
    """That somebody who wrote none of a version approves the content that has this hash."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="approvals")
    person = models.BigIntegerField()
    name = models.TextField()
    hash = models.TextField()
    note = models.TextField(default="", blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "policy_approvals"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["version", "person"], name="policy_approvals_once")]

    def __str__(self) -> str:
        return self.name
