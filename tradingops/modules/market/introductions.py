"""Introductions: what is told of each symbol's instrument before its bars."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from strands import strand, tags
from strands.market.bar import Bar
from strands.market.instruments import inferred
from strands.market.instruments.catalog import Lookup
from strands.market.instruments.instrument import Instrument, Source, laid
from strands.strand import Strand
from tradingops.modules.market.bar_strand import MODULE

KIND = "instrument"
#: Whoever acts on a bar has heard of its instrument: it is never taken after one.
TAGS = (
    *(tags.ALPHA_MARKET_UPDATE, tags.TRADER_MARKET_UPDATE, tags.VENUE_MARKET_UPDATE),
    *(tags.DM_MARKET_UPDATE, tags.RISK_MARKET_UPDATE),
    "priority:high",
)


class Introductions:
    """One symbol's instrument: what somebody knows of it, over what its name tells and its bars show.

    ``told`` are the instruments that are on the wire already, by symbol; without them whatever bars that are folded
    and not said again have shown counts as told.
    """

    def __init__(self, symbol: str, known: Lookup, *, told: Mapping[str, Instrument] | None = None) -> None:
        self.symbol = symbol
        self._known, self._trusts = known, told is None
        self._said = (told or {}).get(symbol)
        self._shown: inferred.Shown | None = None
        self._now: Instrument | None = None

    def before(self, bars: Sequence[Bar], *, after: datetime | None) -> Iterator[Strand]:
        """Yield what is to be told before some of these bars, those up to ``after`` being folded and not said."""
        stretches = [*self._begun(), *self._changes(bars)]
        if len(stretches) == 1 and stretches[0][1] == self._said:
            return
        first = 0 if after is None else bisect_right(bars, after, key=_closed_at)
        for (place, instrument), (end, _) in pairwise([*stretches, (len(bars), None)]):
            if self._trusts and place < first:
                self._said = instrument
            if max(place, first) < end and instrument is not None and instrument != self._said:
                yield strand_of(instrument, bars[max(place, first)].closed_at)
                self._said = instrument

    def _begun(self) -> list[tuple[int, Instrument | None]]:
        return [] if self._now is None else [(0, self._now)]

    def _changes(self, bars: Sequence[Bar]) -> Iterator[tuple[int, Instrument | None]]:
        """Yield each place from which on the instrument is another."""
        if self._now is not None and Source.INFERRED not in (self._now.sources.get("tick"), self._now.sources["lot"]):
            return
        for place, shown in inferred.finer(self._shown, bars):
            self._shown = shown
            now = laid(inferred.instrument(self.symbol, shown), self._known(self.symbol))
            if now != self._now:
                self._now = now
                yield place, now


def _closed_at(bar: Bar) -> datetime:
    return bar.closed_at


def strand_of(instrument: Instrument, at: datetime) -> Strand:
    """Return an instrument as it goes onto the wire at a moment."""
    payload = instrument.to_json()
    cause = tuple(f"{name}={value}" for name, value in payload.items())
    return strand.first(
        module=MODULE,
        kind=KIND,
        at=at,
        symbol=instrument.symbol,
        tags=TAGS,
        payload={"md_instrument": payload},
        cause=cause,
    )
