"""Candlesticks: the shapes of the last three bars, and the direction in which each is told to lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from curators.roster.policy import PatternCuratorPolicy

BARS = 3
LONG, SHORT, EITHER = 1, -1, 0


@dataclass(frozen=True, slots=True)
class Candle:
    """One bar; ``body`` and ``span`` are never negative, ``sign`` is +1 for a bar that rose."""

    open: float
    high: float
    low: float
    close: float

    @property
    def body(self) -> float:
        return abs(self.close - self.open)

    @property
    def span(self) -> float:
        return self.high - self.low

    @property
    def sign(self) -> int:
        return (self.close > self.open) - (self.close < self.open)

    @property
    def upper(self) -> float:
        return self.high - max(self.open, self.close)

    @property
    def lower(self) -> float:
        return min(self.open, self.close) - self.low


@dataclass(frozen=True, slots=True)
class Pattern:
    """A shape that was found; ``leads`` is the direction it is told to lead in, ``sure`` how clear the shape is."""

    name: str
    leads: int
    sure: float


def found(rows: Sequence[Sequence[float]], policy: PatternCuratorPolicy) -> list[Pattern]:
    """Return the shapes that the last three bars show, by the textbook's geometry; none with fewer bars."""
    if len(rows) < BARS:
        return []
    first, middle, last = (Candle(*row[1:5]) for row in rows[-BARS:])
    if last.span <= 0 or middle.span <= 0:
        return []
    each = (_doji(last, policy), _tailed(last, policy), _pair(middle, last), _star(first, middle, last, policy))
    return [pattern for pattern in each if pattern is not None]


def _doji(last: Candle, policy: PatternCuratorPolicy) -> Pattern | None:
    """A body next to nothing: neither side won."""
    share = last.body / last.span
    return Pattern("doji", EITHER, 1.0 - share / policy.doji_body) if share < policy.doji_body else None


def _tailed(last: Candle, policy: PatternCuratorPolicy) -> Pattern | None:
    """A long shadow on one side and hardly any on the other: below a hammer, above a shooting star."""
    if last.body <= 0:
        return None
    for name, leads, tail, other in (
        ("hammer", LONG, last.lower, last.upper),
        ("shooting_star", SHORT, last.upper, last.lower),
    ):
        if tail >= policy.long_shadow * last.body and other <= policy.short_shadow * last.body:
            return Pattern(name, leads, tail / last.span)
    return None


def _pair(middle: Candle, last: Candle) -> Pattern | None:
    """A body that holds the one before it, or is held by it, the other way round."""
    if not middle.sign or last.sign != -middle.sign:
        return None
    top, bottom = max(last.open, last.close), min(last.open, last.close)
    above, below = max(middle.open, middle.close), min(middle.open, middle.close)
    if top >= above and bottom <= below and last.body > middle.body:
        return Pattern("engulfing", last.sign, min(1.0, 1.0 - middle.body / last.body + 0.5))
    if top <= above and bottom >= below and last.body < middle.body:
        return Pattern("harami", last.sign, 1.0 - last.body / middle.body)
    return None


def _star(first: Candle, middle: Candle, last: Candle, policy: PatternCuratorPolicy) -> Pattern | None:
    """A long fall, a small bar, and a rise beyond the middle of the fall."""
    if first.sign >= 0 or last.sign <= 0 or first.span <= 0 or middle.body > policy.small_body * first.body:
        return None
    half = (first.open + first.close) / 2
    if last.close <= half:
        return None
    return Pattern("morning_star", LONG, min(1.0, (last.close - half) / (first.body / 2)))
