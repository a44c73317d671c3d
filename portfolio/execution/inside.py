"""Inside a bar: where a stop or a target that rests at a venue is reached, read from four prices.

A bar tells its prices, not their order. Where that order matters the worse reading counts: of stop and target in one
bar the stop; and in the bar of the entry itself, where the entry came after the open, no price before it helps.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

#: Decimal where money is booked, float where it is only estimated.
Price = TypeVar("Price", Decimal, float)


class Entered(StrEnum):
    """When, seen from a bar, the position was entered that a stop or a target protects."""

    BEFORE = "before"
    AT_OPEN = "at_open"
    INSIDE = "inside"


def stopped(*, sign: int, stop: Price, open: Price, low: Price, high: Price, entered: Entered) -> Price | None:
    """Return the price at which a bar reaches a stop, None where it does not: the stop's own, beyond a gap the open.

    ``sign`` is +1 for a long position, -1 for a short one.
    """
    if not (low <= stop if sign > 0 else high >= stop):
        return None
    if entered is Entered.INSIDE:
        return stop
    return min(open, stop) if sign > 0 else max(open, stop)


def reached(
    *, sign: int, target: Price, open: Price, low: Price, high: Price, close: Price, entered: Entered
) -> Price | None:
    """Return the price at which a bar reaches a target, None where it does not: its own, beyond a gap the open.

    It rests in the book, so the market must trade through it; of a position entered inside the bar only the close is
    known to come after the entry.
    """
    best = close if entered is Entered.INSIDE else high if sign > 0 else low
    if not (best > target if sign > 0 else best < target):
        return None
    if entered is not Entered.BEFORE:
        return target
    return max(open, target) if sign > 0 else min(open, target)
