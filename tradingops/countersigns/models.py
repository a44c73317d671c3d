"""What waits for a second person, and above which size anything does: kept by the rules of the database alone."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from strands.indexes import NamedIndex


class Countersign(models.Model):
    """A closing that one person asked for, and what a second one answered.

    ``person`` and ``answered_by`` are ``user:KEY`` or ``account:NAME``, ``hash`` is of what was previewed. ``closed``
    are the symbols whose closing was said, all in the ``transaction`` of the answer.
    """

    request = models.TextField(primary_key=True)
    asked_at = models.DateTimeField()
    until = models.DateTimeField()
    person = models.TextField()
    name = models.TextField()
    hash = models.TextField()
    symbols = ArrayField(models.TextField())
    state = models.TextField(default="asked")
    answered_by = models.TextField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    transaction = models.TextField(null=True, blank=True)
    closed = ArrayField(models.TextField(), default=list, blank=True)

    class Meta:
        db_table = "countersigns"
        indexes = [NamedIndex(fields=["state", "until"], name="countersigns_state")]
        constraints = [
            models.CheckConstraint(
                name="countersigns_state_is_known", condition=models.Q(state__in=["asked", "confirmed", "declined"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.request} is {self.state}"


class SecondPerson(models.Model):
    """The size above which closing takes a second person, in the desk's currency, and for how long a request stands.

    One row, written by ``migrate`` from the environment; without a size nothing takes one.
    """

    id = models.SmallIntegerField(primary_key=True)
    above = models.DecimalField(max_digits=28, decimal_places=8, null=True, blank=True)
    minutes = models.IntegerField()

    class Meta:
        db_table = "second_person"

    def __str__(self) -> str:
        return f"above {self.above}"
