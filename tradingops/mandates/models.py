"""Mandates as they are kept: each bounds one person, or the members of one group."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from tradingops.mandates import mandate


class Mode(models.TextChoices):
    """What a desk trades in."""

    PAPER = "paper"
    LIVE = "live"


class Mandate(models.Model):
    """What a person, or the members of a group, may see and act on; an empty field bounds nothing."""

    name = models.CharField(max_length=100, unique=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="mandates")
    group = models.ForeignKey("auth.Group", models.CASCADE, null=True, blank=True, related_name="mandates")
    symbols = ArrayField(models.TextField(), default=list, blank=True, help_text="Separated by commas; empty is all.")
    venues = ArrayField(models.TextField(), default=list, blank=True, help_text="Separated by commas; empty is all.")
    modes = ArrayField(
        models.TextField(choices=Mode), default=list, blank=True, help_text="paper, live or both; empty is both."
    )
    most_notional = models.DecimalField(
        "greatest notional",
        max_digits=28,
        decimal_places=8,
        null=True,
        blank=True,
        help_text="The largest position that may be closed or moved, in the desk's currency; empty is any.",
    )

    class Meta:
        db_table = "mandates"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="mandates_of_one",
                condition=models.Q(person__isnull=False, group__isnull=True)
                | models.Q(person__isnull=True, group__isnull=False),
                violation_error_message="person, group: a mandate bounds one of them; give the one and leave the other",
            ),
            models.CheckConstraint(
                name="mandates_size",
                condition=models.Q(most_notional__isnull=True) | models.Q(most_notional__gt=0),
                violation_error_message="greatest notional: give an amount above 0, or leave it empty",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse empty names in a list: they would bound to a symbol that there is not."""
        for field in ("symbols", "venues"):
            named = [each.strip() for each in getattr(self, field) or ()]
            if not all(named):
                raise ValidationError({field: f"{field}: an empty name is none; leave the commas out"})
            setattr(self, field, named)

    def bounds(self) -> mandate.Mandate:
        """Return it as the value that decides."""
        return mandate.Mandate(
            name=self.name,
            symbols=frozenset(self.symbols),
            venues=frozenset(self.venues),
            modes=frozenset(self.modes),
            most_notional=self.most_notional,
        )
