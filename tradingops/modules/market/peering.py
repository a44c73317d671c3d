"""Peering: what each base bar is given of the other symbols of its timeframe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from strands import tags
from strands.market import peers
from strands.market.bar import Timeframe
from strands.strand import Strand

#: Of a timeframe, the moment [epoch seconds], symbol and features of each bar that was folded and not said.
Skipped = Callable[[Timeframe], Iterable[tuple[float, str, Mapping[str, Any]]]]


class Peering:
    """The symbols heard of, by timeframe.

    Nothing is given before a second one was heard of: what a bar says must not depend on how bars were batched.
    """

    def __init__(self, *, stale_bars: int, skipped: Skipped) -> None:
        self._stale_bars, self._skipped = stale_bars, skipped
        self._peers: dict[Timeframe, peers.Peers] = {}
        self._sole: Strand | None = None
        self._has_others = False

    def join(self, strands: list[Strand]) -> list[Strand]:
        """Return a moment's strands, the features of base bars with what their peers did a moment before."""
        if self._is_alone(strands):
            return strands
        bars = [each for each in strands if tags.ALPHA_MARKET_UPDATE in each.tags]
        for timeframe in sorted({each.timeframe or "" for each in bars}):
            of_it = [each for each in bars if each.timeframe == timeframe]
            means = self._peers_of(Timeframe(timeframe)).take(of_it[0].at.timestamp(), [*map(_returns, of_it)])
            for each, mean in zip(of_it, means, strict=True):
                if mean is not peers.NOBODY:
                    each.payload["md_features"].update(mean.as_features())
        return strands

    def _is_alone(self, strands: list[Strand]) -> bool:
        """Whether no second series was heard of yet; the last bar of the only one is kept for the moment there is."""
        if self._has_others:
            return False
        first, *others = strands
        sole = self._sole or first
        same = (first.symbol, first.timeframe) == (sole.symbol, sole.timeframe)
        if same and not any(tags.ALPHA_MARKET_UPDATE in each.tags for each in others):
            self._sole = first
            return True
        self._has_others = True
        if self._sole is not None:
            self._peers_of(Timeframe(sole.timeframe or "")).take(sole.at.timestamp(), [_returns(sole)])
        return False

    def _peers_of(self, timeframe: Timeframe) -> peers.Peers:
        known = self._peers.get(timeframe)
        if known is None:
            known = self._peers[timeframe] = peers.Peers(stale_seconds=self._stale_bars * timeframe.seconds)
            # What was folded and not said again is remembered too, so that a feed goes on as it would have.
            for at, symbol, features in self._skipped(timeframe):
                known.take(at, [peers.returns_of(symbol, features)])
        return known


def _returns(bar: Strand) -> peers.Returns:
    return peers.returns_of(bar.symbol or "", bar.payload["md_features"])
