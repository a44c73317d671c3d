"""Rollups: shorter bars added up, exactly, into longer ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Context, Decimal
from functools import reduce
from typing import NamedTuple

from strands.market.bar import Bar, Timeframe

#: Sums keep every digit of volumes up to 1e40 with as many after the point.
_EXACT = Context(prec=100)

LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Rolled(NamedTuple):
    """A longer bar, and the place of the shorter bar by which it was known to be over."""

    place: int
    bar: Bar


class Rollup:
    """Adds one symbol's bars up into a longer timeframe, however they are cut into batches.

    A bucket is said as soon as its end has passed: with the bar that closes at its end or, when that one is missing,
    with the next bar that comes. ``parts`` tells how many bars it holds, so a bucket with a gap can be seen as one.
    A bucket whose end has not passed is never said. Bars of a session's grid, which begin between the multiples of
    their own timeframe, add up to nothing: no bucket would end where one of them does.
    """

    def __init__(self, timeframe: Timeframe) -> None:
        self.timeframe = timeframe
        self._held: list[Bar] = []
        self._ends_at = self._last_at = LONG_AGO
        self._on_grid = True

    def extend(self, bars: Iterable[Bar]) -> Iterator[Rolled]:
        """Yield each bucket that these bars prove over; bars come in order and follow those of earlier calls.

        Raises ValueError for a bar whose timeframe does not divide this one.
        """
        for place, bar in enumerate(bars):
            opened_at = bar.opened_at
            if opened_at >= self._ends_at:
                if self._held:
                    yield Rolled(place, self._close())
                self._open(bar)
            if not self._on_grid:
                continue
            self._held.append(bar)
            if opened_at >= self._last_at:
                yield Rolled(place, self._close())

    def _open(self, bar: Bar) -> None:
        if not self.timeframe.holds(bar.timeframe):
            raise ValueError(f"timeframe: bars of {bar.timeframe} do not add up to {self.timeframe}")
        self._ends_at = self.timeframe.floor(bar.opened_at) + self.timeframe.span
        self._on_grid = bar.timeframe.floor(bar.opened_at) == bar.opened_at
        self._last_at = self._ends_at - bar.timeframe.span

    def _close(self) -> Bar:
        bar = merge(self._held, timeframe=self.timeframe)
        self._held.clear()
        return bar


def merge(bars: Sequence[Bar], *, timeframe: Timeframe) -> Bar:
    """Return one bar of several: first open, highest high, lowest low, last close, volumes summed to the last digit.

    What else is told is what the last bar told.
    """
    symbols, _, opened, opens, highs, lows, closes, volumes, parts, extras = zip(*bars, strict=True)
    volume = reduce(_EXACT.add, map(Decimal, volumes))
    return Bar(
        symbol=symbols[0],
        timeframe=timeframe,
        opened_at=timeframe.floor(opened[0]),
        open=opens[0],
        high=max(highs, key=Decimal),
        low=min(lows, key=Decimal),
        close=closes[-1],
        volume=format(volume, "f"),
        parts=sum(parts),
        extras=extras[-1],
    )
