"""Reviews: plans that wait for people, one row each, with who may decide, until when, and what they said."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from strands.columns import Money, json_column, text_column
from strands.indexes import NamedIndex

_OF_MONEY = ("quantity", "entry_price", "stop_loss", "take_profit")


class Review(models.Model):
    """One plan that the decision maker asked people about, from the first question to its outcome.

    ``shown_id`` is the strand that holds what people see of it in this ``version``, ``hash`` what a verdict on it is
    bound to, ``due_id`` the strand that tells its deadline. ``may_decide`` are the people, null before the desk has
    told; ``have`` whose word counts so far; ``answers`` what became of every verdict, by the strand that tells it.
    ``outcome`` is null while it waits.
    """

    class Needs(models.TextChoices):
        ONE = "one"
        TWO = "two"

    class Outcome(models.TextChoices):
        APPROVED = "approved"
        CHANGED = "changed"
        REJECTED = "rejected"
        EXPIRED = "expired"
        WITHDRAWN = "withdrawn"

    id = models.TextField(primary_key=True, db_collation="C")
    plan_id = models.TextField()
    lifecycle_id = text_column()
    symbol = models.TextField()
    direction = models.TextField()
    regime = text_column()
    timeframe = text_column()
    confidence = models.FloatField(null=True, blank=True)
    size = models.FloatField(null=True, blank=True)
    quantity = Money(null=True, blank=True)
    entry_price = Money(null=True, blank=True)
    stop_loss = Money(null=True, blank=True)
    take_profit = Money(null=True, blank=True)
    asked_at = models.DateTimeField()
    deadline = models.DateTimeField()
    needs = models.TextField(choices=Needs)
    silence = models.TextField()
    version = models.IntegerField()
    hash = models.TextField()
    shown_id = models.TextField()
    due_id = text_column()
    have = json_column()
    authors = json_column()
    may_decide = json_column()
    answers = json_column()
    outcome = models.TextField(null=True, blank=True, choices=Outcome)
    ended_at = models.DateTimeField(null=True, blank=True)
    decision_id = text_column()

    class Meta:
        db_table = "dm_reviews"
        permissions = [("decide_review", "Can decide on plans that wait for people")]
        indexes = [
            NamedIndex(F("deadline"), F("id"), name="dm_reviews_waiting", condition=Q(outcome__isnull=True)),
            NamedIndex(F("asked_at").desc(), F("id").desc(), name="dm_reviews_asked_at"),
            NamedIndex(fields=["plan_id"], name="dm_reviews_plan"),
        ]
        constraints = [
            models.CheckConstraint(name="dm_reviews_needs_is_known", condition=Q(needs__in=["one", "two"])),
            models.CheckConstraint(
                name="dm_reviews_outcome_is_known",
                condition=Q(outcome__isnull=True)
                | Q(outcome__in=["approved", "changed", "rejected", "expired", "withdrawn"]),
            ),
            *Money.within_reach("dm_reviews", *_OF_MONEY),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.symbol} {self.outcome or 'waits'}"
