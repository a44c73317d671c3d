"""Columns that many tables share: nullable text and JSON, scores between 0 and 1, money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.checks import CheckMessage
from django.db import models
from django.db.models import Q

from strands import json_values


def text_column() -> models.TextField:
    """Return the specification's plain ``TEXT``."""
    return models.TextField(null=True, blank=True)


class Document(models.JSONField):
    """``JSONB`` that anybody may have written: read as unreadable where it is nested too deep for Python."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Return the value as the feed reads it, too: one odd row takes no page with it."""
        try:
            return super().from_db_value(value, expression, connection)
        except (ValueError, RecursionError):
            return json_values.loads(value, field=self.attname)

    def deconstruct(self) -> Any:
        """Be a plain JSONField to migrations: the column is the same."""
        name, _, positional, options = super().deconstruct()
        return name, "django.db.models.JSONField", positional, options


def json_column() -> models.JSONField:
    """Return the specification's plain ``JSONB``."""
    return Document(null=True, blank=True)


class Score(models.DecimalField):
    """A share between 0 and 1 at two decimals: ``DECIMAL(3,2)``; pass ``required=True`` for NOT NULL."""

    def __init__(self, *, required: bool = False, **options: Any) -> None:
        options.setdefault("max_digits", 3)
        options.setdefault("decimal_places", 2)
        options.setdefault("null", not required)
        options.setdefault("blank", not required)
        if "db_default" in options:
            options["db_default"] = Decimal(options["db_default"])
        super().__init__(**options)

    def deconstruct(self) -> Any:
        """Say ``null`` always: a migration builds the field anew, where leaving it out would mean nullable."""
        name, path, positional, options = super().deconstruct()
        return name, path, positional, {**options, "null": self.null, "blank": self.blank}

    @staticmethod
    def between_0_and_1(table: str, *columns: str) -> list[models.CheckConstraint]:
        """Return a readable CHECK for each column."""
        return [
            models.CheckConstraint(
                name=f"{table}_{column}_is_0_to_1", condition=Q(**{f"{column}__gte": 0, f"{column}__lte": 1})
            )
            for column in columns
        ]


#: The power of ten that no amount reaches: the ledger takes prices and quantities below 1e40.
MOST_DIGITS = 100


class Money(models.DecimalField):
    """An amount, a price or a quantity with every digit it comes with: ``NUMERIC`` without bounds.

    ``max_digits`` and ``decimal_places`` bound it, as in migrations from before.
    """

    def check(self, **options: Any) -> list[CheckMessage]:
        """Ask for no bounds: PostgreSQL's NUMERIC needs none."""
        return [each for each in super().check(**options) if each.id not in _ASKS_FOR_BOUNDS]

    def db_type(self, connection: Any) -> str | None:
        """Return the column's type."""
        return super().db_type(connection) if self.max_digits else "numeric"

    def to_python(self, value: Any) -> Decimal | None:
        """Return a number with all its digits; a float is the decimal that it is written as."""
        number: Decimal | None = super().to_python(repr(value) if isinstance(value, float) else value)
        return number

    @staticmethod
    def within_reach(table: str, *columns: str) -> list[models.CheckConstraint]:
        """Return a CHECK for each column that keeps out NaN, infinities and numbers of more digits than any money."""
        most = Decimal(10) ** MOST_DIGITS
        return [
            models.CheckConstraint(
                name=f"{table}_{column}_is_a_number", condition=Q(**{f"{column}__gt": -most, f"{column}__lt": most})
            )
            for column in columns
        ]


#: Django's checks ``decimal_places`` and ``max_digits`` must be given.
_ASKS_FOR_BOUNDS = ("fields.E130", "fields.E132")


class Ratio(models.DecimalField):
    """A ratio at four decimals: ``DECIMAL(8,4)``."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_digits", 8)
        options.setdefault("decimal_places", 4)
        super().__init__(**options)
