"""Steps: prices on a tick and quantities in lots, exactly, whatever the step."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Context, Decimal

#: Room for every digit of a number below 1e40 with as many after its point.
_EXACT = Context(prec=100)


def down(value: Decimal, step: Decimal) -> Decimal:
    """Return the largest multiple of a step that is not above a value; raises ValueError for a step not above zero."""
    return _stepped(value, step, ROUND_FLOOR)


def up(value: Decimal, step: Decimal) -> Decimal:
    """Return the smallest multiple of a step that is not below a value; raises ValueError for a step not above zero."""
    return _stepped(value, step, ROUND_CEILING)


def against(price: Decimal, tick: Decimal, *, side: int) -> Decimal:
    """Return a price on the tick that is no better for whoever buys (``side`` +1) or sells (-1) at it."""
    return up(price, tick) if side > 0 else down(price, tick)


def is_multiple(value: Decimal, step: Decimal) -> bool:
    """Say whether a value is a whole number of steps."""
    return down(value, step) == value


def to_figures(value: Decimal, *, figures: int) -> Decimal:
    """Return a number cut, towards zero, to so many figures that count."""
    if not value:
        return value
    return value.quantize(Decimal(1).scaleb(value.adjusted() - figures + 1), rounding=ROUND_DOWN, context=_EXACT)


def _stepped(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    if not step.is_finite() or step <= 0:
        raise ValueError(f"step: {step} is not a positive number; give the least difference between two values")
    whole = _EXACT.divide(value, step).to_integral_value(rounding=rounding)
    return _EXACT.multiply(whole, step)
