"""Series: one symbol's bars, rolled up to every longer timeframe, each with its features and the votes of its time."""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice, repeat
from math import isfinite
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

import numpy as np

from strands import tags
from strands.market import features, rollup, window
from strands.market.bar import Bar, Timeframe
from strands.strand import Strand
from tradingops.modules.market import bar_strand
from tradingops.modules.market.policy import MarketPolicy

#: Who hears every bar, and who hears only the slower ones.
FAST_TAGS = (tags.ALPHA_MARKET_UPDATE, tags.TRADER_MARKET_UPDATE, tags.VENUE_MARKET_UPDATE)
SLOW_TAGS = (tags.DM_MARKET_UPDATE, tags.RISK_MARKET_UPDATE)


Held = TypeVar("Held")

_ATR = f"atr_{features.ATR}"


class Run(NamedTuple):
    """Bars of one timeframe with their features, and the index of the base bar by which each was known."""

    timeframe: Timeframe
    known_at: Sequence[int]
    bars: Sequence[Bar]
    features: features.Features


class Series:
    """One symbol's bars: their own window, and a rollup with a window for each longer timeframe.

    ``skipped`` is the moment [epoch seconds] and the features of the last bar that was folded and not said.
    """

    def __init__(self, symbol: str, timeframe: Timeframe, policy: MarketPolicy) -> None:
        self.symbol, self.timeframe, self.policy = symbol, timeframe, policy
        wanted = {*policy.voting, *policy.rolled_up, *policy.ranges, policy.slow}
        longer = sorted((each for each in wanted if each.seconds > timeframe.seconds), key=_seconds)
        self._rollups = {each: rollup.Rollup(each) for each in longer}
        self._windows = {each: window.Window(each, policy.feature) for each in (timeframe, *longer)}
        self.skipped: tuple[float, dict[str, Any]] | None = None
        self._ranges: dict[Timeframe, float | None] = {each: None for each in longer if each in policy.ranges}
        self._votes = {each: 0 for each in (timeframe, *longer) if each is timeframe or each in policy.voting}

    def extend(self, bars: Sequence[Bar], *, after: datetime | None) -> Iterator[Strand]:
        """Return the strands of these bars and of the buckets they complete, those up to ``after`` left out."""
        base = self._run(self.timeframe, range(len(bars)), bars)
        longer = []
        for timeframe, rolling in self._rollups.items():
            done = list(rolling.extend(bars))
            longer.append(self._run(timeframe, [each.place for each in done], [each.bar for each in done]))
        votes = self._cast([base, *longer], len(bars))
        ranges = self._ranged(longer, len(bars))
        moments = [bar.closed_at for bar in bars]
        first = 0 if after is None else bisect_right(moments, after)
        if first:
            self.skipped = (moments[first - 1].timestamp(), next(base.features.after(first - 1).rows()))
        rolled = [
            zip(
                run.known_at[bisect_left(run.known_at, first) :],
                self._strands(run, moments, votes, ranges, first),
                strict=True,
            )
            for run in longer
            if run.timeframe in self.policy.rolled_up
        ]
        return _interleaved(
            first, self._strands(base, moments, votes, ranges, first), list(heapq.merge(*rolled, key=itemgetter(0)))
        )

    def _run(self, timeframe: Timeframe, known_at: Sequence[int], bars: Sequence[Bar]) -> Run:
        return Run(timeframe, known_at, bars, self._windows[timeframe].extend(bars))

    def _cast(self, runs: Sequence[Run], size: int) -> dict[Timeframe, list[int]]:
        """Return, for each voting timeframe, its last completed bar's vote as of every base bar."""
        cast = {}
        for run in runs:
            if run.timeframe in self._votes:
                held = [self._votes[run.timeframe], *run.features.votes]
                cast[run.timeframe] = _as_of(run, held, size)
                self._votes[run.timeframe] = held[-1]
        return cast

    def _ranged(self, longer: Sequence[Run], size: int) -> dict[Timeframe, list[float | None]]:
        """Return, for each longer timeframe that is asked for, its last completed bar's ATR as of every base bar."""
        ranged = {}
        for run in longer:
            if run.timeframe in self._ranges:
                atrs = run.features.numbers[_ATR].tolist()
                held = [self._ranges[run.timeframe], *(each if isfinite(each) else None for each in atrs)]
                ranged[run.timeframe] = _as_of(run, held, size)
                self._ranges[run.timeframe] = held[-1]
        return ranged

    def _strands(
        self,
        run: Run,
        moments: Sequence[datetime],
        votes: Mapping[Timeframe, list[int]],
        ranges: Mapping[Timeframe, list[float | None]],
        first: int,
    ) -> Iterator[Strand]:
        """Yield the strands of a run whose moment is that of base bar ``first`` or later."""
        skipped = bisect_left(run.known_at, first)
        heading = bar_strand.heading(
            self.symbol, run.timeframe, tags=self._tags(run.timeframe), rolled=run.timeframe is not self.timeframe
        )
        voters = [each for each in votes if each.seconds >= run.timeframe.seconds]
        names = [each.value for each in voters]
        ballots = list(zip(*(votes[each] for each in voters), strict=True))
        atrs = _by_name({each.value: ranges[each] for each in ranges if each.seconds > run.timeframe.seconds}, moments)
        for index, bar, row in zip(
            run.known_at[skipped:], run.bars[skipped:], run.features.after(skipped).rows(), strict=True
        ):
            row["votes"] = dict(zip(names, ballots[index], strict=True)) if names else {}
            row["atrs"] = atrs[index]
            yield bar_strand.strand_of(bar, moments[index], row, heading)

    def _tags(self, timeframe: Timeframe) -> tuple[str, ...]:
        fast = FAST_TAGS if timeframe is self.timeframe else ()
        slow = max(self.timeframe, self.policy.slow, key=_seconds)
        return fast + SLOW_TAGS if timeframe is slow else fast


def _seconds(timeframe: Timeframe) -> int:
    return timeframe.seconds


def _as_of(run: Run, held: Sequence[Held], size: int) -> list[Held]:
    """Return what a run held as of every base bar, the first of ``held`` being from before it."""
    places = np.searchsorted(np.asarray(run.known_at, dtype=int), np.arange(size), side="right")
    return [held[place] for place in places.tolist()]


def _by_name(columns: Mapping[str, list[float | None]], moments: Sequence[datetime]) -> list[dict[str, float | None]]:
    """Return the columns as one object a base bar; as they hardly change, bars that agree have the same one."""
    names, rows = list(columns), zip(*columns.values(), strict=True) if columns else repeat((), len(moments))
    told: list[dict[str, float | None]] = []
    last: tuple[float | None, ...] | None = None
    for row in rows:
        told.append(told[-1] if row == last else dict(zip(names, row, strict=True)))
        last = row
    return told


def _interleaved(first: int, base: Iterator[Strand], rolled: list[tuple[int, Strand]]) -> Iterator[Strand]:
    """Yield each base bar's strand, and after it the longer bars that were known with it."""
    start = first
    for place, longer in rolled:
        yield from islice(base, place + 1 - start)
        start = place + 1
        yield longer
    yield from base
