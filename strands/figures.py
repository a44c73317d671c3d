"""Numbers as people read them: thousands apart, no digits that say nothing, a dash for what is absent."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

ABSENT = "—"
#: Digits after the point of a price from this magnitude on; smaller prices show more.
_PRICE_DIGITS = ((1000, 2), (10, 3), (1, 4), (0, 8))


def decimal(value: Any) -> Decimal | None:
    """Return a finite number as a Decimal, None for anything else; text counts when it is a decimal literal."""
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def money(value: Any, *, signed: bool = False) -> str:
    """Return an amount with two digits: ``1,234.50``; ``signed`` puts a plus before a gain."""
    return _fixed(value, digits=2, signed=signed)


def price(value: Any) -> str:
    """Return a price with as many digits as its size makes meaningful: ``46,319.50``, ``0.2481``."""
    number = decimal(value)
    if number is None:
        return ABSENT
    digits = next(digits for least, digits in _PRICE_DIGITS if abs(number) >= least)
    return _trimmed(number, digits=digits, least=2 if digits < 8 else 0)


def quantity(value: Any) -> str:
    """Return a quantity with all its digits but trailing zeros: ``0.125``."""
    number = decimal(value)
    return ABSENT if number is None else _trimmed(number, digits=8, least=0)


def percent(value: Any, *, digits: int = 2, signed: bool = False) -> str:
    """Return a fraction as a percentage: 0.0125 is ``1.25 %``."""
    number = decimal(value)
    return ABSENT if number is None else f"{_fixed(number * 100, digits=digits, signed=signed)} %"


def score(value: Any) -> str:
    """Return a score between 0 and 1 with two digits."""
    return _fixed(value, digits=2, signed=False)


def count(value: Any) -> str:
    """Return a whole number with its thousands apart."""
    return _fixed(value, digits=0, signed=False)


def plain(value: Any, *, figures: int = 6) -> str:
    """Return any number with at most so many significant figures after its whole part; other values as text."""
    if value is None:
        return ABSENT
    number = decimal(value)
    if number is None:
        return "yes" if value is True else "no" if value is False else str(value)
    digits = max(0, figures - max(1, number.adjusted() + 1)) if number else 0
    return _trimmed(number, digits=digits, least=0)


def _fixed(value: Any, *, digits: int, signed: bool) -> str:
    number = decimal(value)
    if number is None:
        return ABSENT
    rounded = round(number, digits) + 0
    return f"{rounded:+,.{digits}f}" if signed and rounded else f"{rounded:,.{digits}f}"


def _trimmed(number: Decimal, *, digits: int, least: int) -> str:
    whole, point, rest = f"{number:,.{digits}f}".partition(".")
    rest = rest.rstrip("0").ljust(least, "0")
    text = f"{whole}.{rest}" if point and rest else whole
    return "0" if text == "-0" else text
