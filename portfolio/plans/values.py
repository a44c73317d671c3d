"""JSON values as a plan's values.

Each reader returns what it read, and raises TypeError or ValueError (decimal.InvalidOperation for text that is no
number) for anything else; whoever reads names the field.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any


def text(value: object) -> str:
    """Return text that is not empty."""
    if not isinstance(value, str) or not value:
        raise TypeError(value)
    return value


def money(value: object) -> Decimal:
    """Return the finite number that a decimal string writes."""
    number = Decimal(text(value))
    if not number.is_finite():
        raise ValueError(value)
    return number


def number(value: object) -> float:
    """Return a finite number; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise TypeError(value)
    return float(value)


def moment(value: object) -> datetime:
    """Return the moment that ISO text with a zone writes."""
    at = datetime.fromisoformat(text(value))
    if at.tzinfo is None:
        raise ValueError(value)
    return at


def mapping(value: object) -> dict[str, Any]:
    """Return a JSON object."""
    if not isinstance(value, dict):
        raise TypeError(value)
    return value


def mappings(value: object) -> tuple[dict[str, Any], ...]:
    """Return a list of JSON objects."""
    if not isinstance(value, list):
        raise TypeError(value)
    return tuple(mapping(each) for each in value)


def texts(value: object) -> tuple[str, ...]:
    """Return a list of texts, none of them empty."""
    if not isinstance(value, list):
        raise TypeError(value)
    return tuple(text(each) for each in value)
