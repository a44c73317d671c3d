"""The week of a market: at which times of it bars come, and at which the market rests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strands.market.bar import Bar
from strands.market.reading import moments

WEEK = 7 * 86_400
#: Weeks that bars must span before a time at which none came is one of rest.
LEAST_WEEKS = 2


class Week:
    """The slots of a week in which bars of one symbol and timeframe come; all of them where too few weeks are told."""

    def __init__(self, bars: Sequence[Bar]) -> None:
        self.seconds = bars[0].timeframe.seconds
        self.slots = WEEK // self.seconds
        self.open = np.ones(self.slots, dtype=bool)
        if (bars[-1].closed_at - bars[0].opened_at).total_seconds() >= LEAST_WEEKS * WEEK:
            self.open[:] = False
            self.open[[self._slot(bar) % self.slots for bar in bars]] = True
        self._before = np.concatenate([[0], np.cumsum(self.open)])

    def _slot(self, bar: Bar) -> int:
        return moments.of(bar.opened_at) // (self.seconds * moments.SECOND)

    def expected(self, bar: Bar, count: int) -> int:
        """Return how many of the next ``count`` bars after this one the market does not rest in."""
        weeks, first = count // self.slots, (self._slot(bar) + 1) % self.slots
        last = first + count % self.slots
        wrapped = self._before[min(last, self.slots)] - self._before[first] + self._before[max(0, last - self.slots)]
        return int(weeks * self._before[-1] + wrapped)

    def said(self) -> str:
        """Return the week in words; empty for a market that never rests."""
        open_ = int(self._before[-1])
        return (
            ""
            if open_ == self.slots
            else f"bars come at {open_:,} of {self.slots:,} times of the week; the rest is no gap"
        )
