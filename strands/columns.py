"""Columns that many tables share: nullable text and JSON, scores between 0 and 1, money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q

from strands import json_values


def text_column() -> models.TextField:
    """Return the specification's plain ``TEXT``."""
    return models.TextField(null=True, blank=True)


class Document(models.JSONField):
    """``JSONB`` that anybody may have written: read as absent where it is nested too deep for Python."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Return the value as the feed reads it, too: one odd row takes no page with it."""
        try:
            return super().from_db_value(value, expression, connection)
        except (ValueError, RecursionError):
            return json_values.loads(value)

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


class Money(models.DecimalField):
    """An amount, a price or a quantity: ``DECIMAL(20,8)``."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_digits", 20)
        options.setdefault("decimal_places", 8)
        super().__init__(**options)


class Ratio(models.DecimalField):
    """A ratio at four decimals: ``DECIMAL(8,4)``."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_digits", 8)
        options.setdefault("decimal_places", 4)
        super().__init__(**options)
