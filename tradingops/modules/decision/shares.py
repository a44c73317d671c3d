"""Shares: money over money as floats that compare and print alike everywhere."""

from __future__ import annotations

from decimal import Decimal

#: Digits of a share that count; beyond them lies the noise of adding floats.
DIGITS = 9

#: A portfolio worth less than this is weighed as if it were worth this [currency]; a share of nothing has no meaning.
LEAST_VALUE = Decimal(1)


def share(amount: Decimal, *, of: Decimal) -> float:
    """Return an amount as a rounded share of a portfolio's value."""
    return rounded(float(amount / max(of, LEAST_VALUE)))


def rounded(number: float) -> float:
    """Return a number without the noise of its last digits."""
    return round(number, DIGITS)


def clamped(number: float) -> float:
    """Return a score between 0 and 1, rounded."""
    return rounded(min(max(number, 0.0), 1.0))
