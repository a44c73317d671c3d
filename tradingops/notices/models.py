"""Notices as they are kept: the ways to a person, what waits to go out, and how far was looked for what is new."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from strands.columns import Document


class Way(models.Model):
    """A way to a person, and the events they want to hear of by it.

    The bell needs no address and has all events without a row. A webhook's secret is derived from the desk's own key
    and ``salt``, so that it is kept nowhere.
    """

    class Sort(models.TextChoices):
        BELL = "bell"
        EMAIL = "email", "e-mail"
        WEBHOOK = "webhook"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    sort = models.TextField(choices=Sort)
    address = models.TextField(default="", blank=True)
    events: Any = Document(default=list, blank=True)
    salt = models.TextField(default="", blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "notice_ways"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "sort", "address"], name="notice_ways_once"),
            models.CheckConstraint(
                condition=Q(sort__in=["bell", "email", "webhook"]), name="notice_ways_sort_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sort} {self.address}".strip()


class Notice(models.Model):
    """One thing told to one person by one way, the bell where there is none; ``key`` names what is told of."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        DEAD = "dead"
        BELL = "bell"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    way = models.ForeignKey(Way, models.CASCADE, null=True, blank=True, related_name="+")
    event = models.TextField()
    key = models.TextField()
    words = models.TextField()
    path = models.TextField(default="", blank=True)
    about: Any = Document(default=dict, blank=True)
    state = models.TextField(choices=State)
    attempts = models.IntegerField(default=0)
    not_before = models.DateTimeField(db_default=Now())
    last_error = models.TextField(default="", blank=True)
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "notices"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "way", "key"], name="notices_told_once"),
            models.UniqueConstraint(fields=["person", "key"], condition=Q(way=None), name="notices_on_the_bell_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sent", "dead", "bell"]), name="notices_state_is_known"
            ),
        ]
        indexes = [
            models.Index(F("not_before"), F("id"), name="notices_waiting", condition=Q(state="waiting")),
            models.Index(F("person"), F("id").desc(), name="notices_of_a_person", condition=Q(way=None)),
            models.Index(F("person"), name="notices_unseen", condition=Q(way=None) & Q(seen_at=None)),
        ]

    def __str__(self) -> str:
        return self.words


class Place(models.Model):
    """How far what was said has been looked through: from ``floor`` on, and all up to ``said`` but what came late."""

    table = models.TextField(primary_key=True)
    floor = models.BigIntegerField()
    said = models.BigIntegerField()

    class Meta:
        db_table = "notice_places"

    def __str__(self) -> str:
        return f"{self.table} {self.said}"
