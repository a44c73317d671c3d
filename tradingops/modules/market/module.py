"""Market data: bars in, bar strands with their features out."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from strands.market.bar import Bar, Timeframe
from strands.market.instruments.catalog import Lookup, nobody_knows
from strands.market.instruments.instrument import Instrument
from strands.strand import Strand
from tradingops.modules.market import bar_strand
from tradingops.modules.market.introductions import Introductions
from tradingops.modules.market.peering import Peering
from tradingops.modules.market.policy import MarketPolicy
from tradingops.modules.market.series import Series


class MarketData:
    """Turns bars into strands; batches of any size, one bar or a year, give the same strands with the same ids.

    ``said`` names, by symbol, the last moment that is already on the wire: bars up to it are folded into the windows
    and not said again. ``instruments`` tells what is known of a symbol beside its bars; ``told`` are the instruments
    already on the wire.
    """

    name = bar_strand.MODULE
    version = "3"

    def __init__(
        self,
        policy: MarketPolicy | None = None,
        *,
        said: Mapping[str, datetime] | None = None,
        instruments: Lookup = nobody_knows,
        told: Mapping[str, Instrument] | None = None,
    ) -> None:
        self.policy = policy or MarketPolicy()
        self._said = dict(said or {})
        self._instruments, self._told = instruments, told
        self._introductions: dict[tuple[str, Timeframe], Introductions] = {}
        #: The moments of which an instrument is to be told.
        self._introduced: set[datetime] = set()
        self._series: dict[tuple[str, Timeframe], Series] = {}
        self._peering = Peering(stale_bars=self.policy.peers_stale_bars, skipped=self._skipped)

    def announce(self, bars: Sequence[Bar]) -> Iterator[Strand]:
        """Return the strands of bars that follow those given before, by moment, then symbol, then timeframe.

        The bars are taken in at once; the strands are made as they are asked for.
        """
        runs: list[Iterator[Strand]] = []
        for key, few in _by_series(bars):
            after = self._said.get(key[0])
            runs.append(self._series_of(key).extend(few, after=after))
            if introduced := list(self._introductions_of(key).before(few, after=after)):
                self._introduced.update(each.at for each in introduced)
                runs.append(iter(introduced))
        return runs[0] if len(runs) == 1 else heapq.merge(*runs, key=_place)

    def moments(self, feeds: Sequence[Iterable[Sequence[Bar]]]) -> Iterator[tuple[datetime, list[Strand]]]:
        """Yield every moment at which bars closed, with all its strands; feeds are merged by moment.

        A feed is an iterable of batches, and never splits a moment over two of them. A single feed's moments are
        yielded as soon as its batch is there; several wait for the slowest.
        """
        streams = [self._moments_of(feed) for feed in feeds]
        if len(streams) == 1:
            for at, strands in streams[0]:
                yield at, self._joined(at, strands)
            return
        merged = heapq.merge(*streams, key=_moment)
        for at, same in groupby(merged, key=_moment):
            yield at, self._joined(at, sorted((each for _, strands in same for each in strands), key=_place))

    def _joined(self, at: datetime, strands: list[Strand]) -> list[Strand]:
        """Return a moment's strands, its bars with what their peers did."""
        if at not in self._introduced:
            return self._peering.join(strands)
        self._introduced.discard(at)
        if bars := [each for each in strands if each.kind == bar_strand.KIND]:
            self._peering.join(bars)
        return strands

    def _introductions_of(self, key: tuple[str, Timeframe]) -> Introductions:
        found = self._introductions.get(key)
        if found is None:
            found = self._introductions[key] = Introductions(key[0], self._instruments, told=self._told)
        return found

    def _series_of(self, key: tuple[str, Timeframe]) -> Series:
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = Series(*key, self.policy)
        return series

    def _moments_of(self, feed: Iterable[Sequence[Bar]]) -> Iterator[tuple[datetime, list[Strand]]]:
        for batch in feed:
            for at, strands in groupby(self.announce(batch), key=attrgetter("at")):
                yield at, list(strands)

    def _skipped(self, timeframe: Timeframe) -> Iterator[tuple[float, str, Mapping[str, Any]]]:
        for (symbol, base), series in sorted(self._series.items()):
            if base is timeframe and series.skipped is not None:
                at, features = series.skipped
                yield at, symbol, features


def _moment(pair: tuple[datetime, list[Strand]]) -> datetime:
    return pair[0]


def _place(bar: Strand) -> tuple[datetime, str, int]:
    return bar.at, bar.symbol or "", _ORDER[bar.timeframe or ""]


#: Of one symbol and moment its instrument first, then the bars from the shortest up.
_ORDER = {"": 0, **{timeframe.value: timeframe.seconds for timeframe in Timeframe}}


def _by_series(bars: Sequence[Bar]) -> Iterable[tuple[tuple[str, Timeframe], Sequence[Bar]]]:
    """Return the bars of each symbol and timeframe, in the order in which these first appear."""
    if len({bar[0] for bar in bars}) == 1 == len({bar[1] for bar in bars}):
        return [((bars[0].symbol, bars[0].timeframe), bars)]
    series: dict[tuple[str, Timeframe], list[Bar]] = {}
    for bar in bars:
        series.setdefault((bar.symbol, bar.timeframe), []).append(bar)
    return series.items()
