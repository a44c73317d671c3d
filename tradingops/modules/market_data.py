"""Market data: bars in, bar strands with their features out."""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby, islice
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from strands import ids, strand, tags
from strands.market import features, peers, rollup, window
from strands.market.bar import Bar, Timeframe
from strands.strand import Strand

MODULE, KIND = "market", "bar"

#: Who hears every bar, and who hears only the slower ones.
FAST_TAGS = (tags.ALPHA_MARKET_UPDATE, tags.TRADER_MARKET_UPDATE, tags.VENUE_MARKET_UPDATE)
SLOW_TAGS = (tags.DM_MARKET_UPDATE, tags.RISK_MARKET_UPDATE)


class MarketPolicy(BaseModel):
    """What is made of the bars that come in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    voting: tuple[Timeframe, ...] = Field(
        (Timeframe.M1, Timeframe.M5, Timeframe.M15, Timeframe.H1),
        description="timeframes that vote, from the base one up",
    )
    rolled_up: tuple[Timeframe, ...] = Field(
        (Timeframe.M15, Timeframe.H1), description="rolled-up timeframes that become strands of their own"
    )
    slow: Timeframe = Field(Timeframe.M15, description="timeframe whose bars wake risk and decision maker")
    peers_stale_bars: int = Field(
        3, ge=1, le=1000, description="bars after which a symbol that is silent is no peer any more [count]"
    )
    feature: features.FeaturePolicy = Field(
        default_factory=features.FeaturePolicy, description="numbers of the features"
    )


class MarketData:
    """Turns bars into strands; batches of any size, one bar or a year, give the same strands with the same ids.

    ``said`` names, by symbol, the last moment that is already on the wire: bars up to it are folded into the windows
    and not said again.
    """

    name = MODULE
    version = "1"

    def __init__(self, policy: MarketPolicy | None = None, *, said: Mapping[str, datetime] | None = None) -> None:
        self.policy = policy or MarketPolicy()
        self._said = dict(said or {})
        self._folds: dict[tuple[str, Timeframe], _Fold] = {}
        self._peers: dict[Timeframe, peers.Peers] = {}
        self._sole: Strand | None = None
        self._company = False

    def announce(self, bars: Sequence[Bar]) -> Iterator[Strand]:
        """Return the strands of bars that follow those given before, by moment, then symbol, then timeframe.

        The bars are taken in at once; the strands are made as they are asked for.
        """
        told = [self._fold(key).extend(few, after=self._said.get(key[0])) for key, few in _by_series(bars)]
        return told[0] if len(told) == 1 else heapq.merge(*told, key=_place)

    def _fold(self, key: tuple[str, Timeframe]) -> _Fold:
        fold = self._folds.get(key)
        if fold is None:
            fold = self._folds[key] = _Fold(*key, self.policy)
        return fold

    def moments(self, feeds: Sequence[Iterable[Sequence[Bar]]]) -> Iterator[tuple[datetime, list[Strand]]]:
        """Yield every moment at which bars closed, with all its strands; feeds are merged by moment.

        A feed is an iterable of batches, and never splits a moment over two of them. A single feed's moments are
        yielded as soon as its batch is there; several wait for the slowest.
        """
        streams = [self._moments_of(feed) for feed in feeds]
        if len(streams) == 1:
            for at, strands in streams[0]:
                yield at, self._told_of_peers(strands)
            return
        merged = heapq.merge(*streams, key=_moment)
        for at, same in groupby(merged, key=_moment):
            yield at, self._told_of_peers(sorted((each for _, strands in same for each in strands), key=_place))

    def _told_of_peers(self, strands: list[Strand]) -> list[Strand]:
        """Return a moment's strands, each base bar told what the other symbols of its timeframe did a moment before.

        Nothing is told before another symbol was heard of: what a bar says must not depend on how bars were batched.
        """
        if self._is_alone(strands):
            return strands
        bars = [each for each in strands if tags.ALPHA_MARKET_UPDATE in each.tags]
        for timeframe in sorted({each.timeframe or "" for each in bars}):
            of_it = [each for each in bars if each.timeframe == timeframe]
            told = [_told(each.symbol or "", each.payload["md_features"]) for each in of_it]
            means = self._peers_of(Timeframe(timeframe)).hear(of_it[0].at.timestamp(), told)
            for each, mean in zip(of_it, means, strict=True):
                if mean is not peers.NOBODY:
                    each.payload["md_features"].update(mean.as_features())
        return strands

    def _is_alone(self, strands: list[Strand]) -> bool:
        """Whether no second series was heard of yet; the last bar of the only one is kept for the moment there is."""
        if self._company:
            return False
        first, *others = strands
        sole = self._sole or first
        same = (first.symbol, first.timeframe) == (sole.symbol, sole.timeframe)
        if same and not any(tags.ALPHA_MARKET_UPDATE in each.tags for each in others):
            self._sole = first
            return True
        self._company = True
        if self._sole is not None:
            told = [_told(sole.symbol or "", sole.payload["md_features"])]
            self._peers_of(Timeframe(sole.timeframe or "")).hear(sole.at.timestamp(), told)
        return False

    def _peers_of(self, timeframe: Timeframe) -> peers.Peers:
        known = self._peers.get(timeframe)
        if known is None:
            known = self._peers[timeframe] = peers.Peers(stale_seconds=self.policy.peers_stale_bars * timeframe.seconds)
            # What was folded and not said again is remembered too, so that a feed goes on as it would have.
            for (symbol, base), fold in sorted(self._folds.items()):
                if base is timeframe and fold.skipped is not None:
                    at, row = fold.skipped
                    known.hear(at, [_told(symbol, row)])
        return known

    def _moments_of(self, feed: Iterable[Sequence[Bar]]) -> Iterator[tuple[datetime, list[Strand]]]:
        for batch in feed:
            for at, strands in groupby(self.announce(batch), key=attrgetter("at")):
                yield at, list(strands)


def _told(symbol: str, row: Mapping[str, Any]) -> peers.Told:
    return peers.Told(symbol, row.get("ret_1"), row.get("ret_20"))


def _moment(pair: tuple[datetime, list[Strand]]) -> datetime:
    return pair[0]


def _place(said: Strand) -> tuple[datetime, str, int]:
    return said.at, said.symbol or "", _ORDER[said.timeframe or ""]


def _seconds(timeframe: Timeframe) -> int:
    return timeframe.seconds


_ORDER = {timeframe.value: timeframe.seconds for timeframe in Timeframe}


def _by_series(bars: Sequence[Bar]) -> Iterable[tuple[tuple[str, Timeframe], Sequence[Bar]]]:
    """Return the bars of each symbol and timeframe, in the order in which these first appear."""
    if len({bar[0] for bar in bars}) == 1 == len({bar[1] for bar in bars}):
        return [((bars[0].symbol, bars[0].timeframe), bars)]
    series: dict[tuple[str, Timeframe], list[Bar]] = {}
    for bar in bars:
        series.setdefault((bar.symbol, bar.timeframe), []).append(bar)
    return series.items()


class _Run(NamedTuple):
    """Bars of one timeframe with their features, and the index of the base bar by which each was known."""

    timeframe: Timeframe
    known_at: Sequence[int]
    bars: Sequence[Bar]
    features: features.Features


class _Fold:
    """One symbol's bars: their own window, and a rollup with a window for each longer timeframe."""

    def __init__(self, symbol: str, timeframe: Timeframe, policy: MarketPolicy) -> None:
        self.symbol, self.timeframe, self.policy = symbol, timeframe, policy
        wanted = {*policy.voting, *policy.rolled_up, policy.slow}
        longer = sorted((each for each in wanted if each.seconds > timeframe.seconds), key=_seconds)
        self._rollups = {each: rollup.Rollup(each) for each in longer}
        self._windows = {each: window.Window(each, policy.feature) for each in (timeframe, *longer)}
        self.skipped: tuple[float, dict[str, Any]] | None = None
        self._votes = {each: 0 for each in (timeframe, *longer) if each is timeframe or each in policy.voting}

    def extend(self, bars: Sequence[Bar], *, after: datetime | None) -> Iterator[Strand]:
        """Return the strands of these bars and of the buckets they complete, those up to ``after`` left out."""
        base = self._run(self.timeframe, range(len(bars)), bars)
        longer = []
        for timeframe, rolling in self._rollups.items():
            done = list(rolling.extend(bars))
            longer.append(self._run(timeframe, [each.place for each in done], [each.bar for each in done]))
        votes = self._cast([base, *longer], len(bars))
        moments = [bar.closed_at for bar in bars]
        first = 0 if after is None else bisect_right(moments, after)
        if first:
            self.skipped = (moments[first - 1].timestamp(), next(base.features.after(first - 1).rows()))
        rolled = [
            zip(run.known_at[bisect_left(run.known_at, first) :], self._say(run, moments, votes, first), strict=True)
            for run in longer
            if run.timeframe in self.policy.rolled_up
        ]
        return _interleaved(
            first, self._say(base, moments, votes, first), list(heapq.merge(*rolled, key=itemgetter(0)))
        )

    def _run(self, timeframe: Timeframe, known_at: Sequence[int], bars: Sequence[Bar]) -> _Run:
        return _Run(timeframe, known_at, bars, self._windows[timeframe].extend(bars))

    def _cast(self, runs: Sequence[_Run], size: int) -> dict[Timeframe, list[int]]:
        """Return, for each voting timeframe, its last completed bar's vote as of every base bar."""
        cast = {}
        for run in runs:
            if run.timeframe in self._votes:
                held = [self._votes[run.timeframe], *run.features.votes]
                places = np.searchsorted(np.asarray(run.known_at, dtype=int), np.arange(size), side="right")
                cast[run.timeframe] = [held[place] for place in places.tolist()]
                self._votes[run.timeframe] = held[-1]
        return cast

    def _say(
        self, run: _Run, moments: Sequence[datetime], votes: Mapping[Timeframe, list[int]], first: int
    ) -> Iterator[Strand]:
        """Yield the strands of a run whose moment is that of base bar ``first`` or later."""
        skipped = bisect_left(run.known_at, first)
        spoken = _Spoken(
            run.timeframe.value,
            self._tags(run.timeframe),
            run.timeframe is not self.timeframe,
            ids.joined("", MODULE, KIND, self.symbol, run.timeframe.value),
        )
        voters = [each for each in votes if each.seconds >= run.timeframe.seconds]
        names = [each.value for each in voters]
        ballots = list(zip(*(votes[each] for each in voters), strict=True))
        for index, bar, row in zip(
            run.known_at[skipped:], run.bars[skipped:], run.features.after(skipped).rows(), strict=True
        ):
            row["votes"] = dict(zip(names, ballots[index], strict=True)) if names else {}
            yield _strand(bar, moments[index], row, spoken)

    def _tags(self, timeframe: Timeframe) -> tuple[str, ...]:
        heard = FAST_TAGS if timeframe is self.timeframe else ()
        slow = max(self.timeframe, self.policy.slow, key=_seconds)
        return heard + SLOW_TAGS if timeframe is slow else heard


def _interleaved(first: int, base: Iterator[Strand], rolled: list[tuple[int, Strand]]) -> Iterator[Strand]:
    """Yield each base bar's strand, and after it the longer bars that were known with it."""
    start = first
    for place, strand_ in rolled:
        yield from islice(base, place + 1 - start)
        start = place + 1
        yield strand_
    yield from base


class _Spoken(NamedTuple):
    """What all strands of one run have in common, and the part of their cause that is."""

    timeframe: str
    tags: tuple[str, ...]
    rolled: bool
    cause: str


def _strand(bar: Bar, at: datetime, row: dict[str, Any], spoken: _Spoken) -> Strand:
    """Return what ``strand.first`` would make of a bar, without asking it for what every bar has in common."""
    symbol, _, opened_at, open_, high, low, close, volume, parts, extras = bar
    timeframe, heard, rolled, cause = spoken
    opened = opened_at.isoformat()
    identity = ids.strand_id(at, 0, cause, opened)
    read: dict[str, Any] = {
        "opened_at": opened,
        "open": open_,
        "high": high,
        "low": low,
        "close": close,
        "volume": volume,
    }
    if extras:
        read.update(extras)
    if rolled:
        read["bars"] = parts
    return Strand(
        id=identity,
        module=MODULE,
        kind=KIND,
        at=at,
        symbol=symbol,
        timeframe=timeframe,
        tags=heard,
        lifecycle_id=identity,
        session_bucket=strand.session_bucket(at),
        regime=row["regime"],
        payload={"md_bar": read, "md_features": row},
    )
