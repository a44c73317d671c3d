"""Silence: what a live feed tells when its market says nothing, so that the desk knows how old its data is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from strands import strand, tags
from strands.market.bar import Timeframe
from strands.strand import Strand
from tradingops.modules.market import bar_strand

#: A bar that is later than so many of its own lengths is told of as late.
LATE_LENGTHS = 2


@dataclass
class Silence:
    """Who of a feed's symbols brought its last bar when; ``timer`` is what is to be told where one is late.

    ``newest`` holds, by symbol, when the last bar closed that is on the wire.
    """

    timeframe: Timeframe
    clock: Callable[[], datetime]
    newest: dict[str, datetime] = field(default_factory=dict)
    _told: datetime | None = None

    def hear(self, strands: Iterable[Strand]) -> None:
        """Take note of the bars of a moment."""
        for each in strands:
            if each.kind == bar_strand.KIND and each.timeframe == self.timeframe.value and each.symbol:
                self.newest[each.symbol] = each.at

    def timer(self) -> Strand | None:
        """Return the timer of the present where a symbol is late, at most one a bar's length; None where none is."""
        at = self.timeframe.floor(self.clock())
        late = at - LATE_LENGTHS * self.timeframe.span
        if at == self._told or not any(each < late for each in self.newest.values()):
            return None
        self._told = at
        return timer(at, self.newest, self.timeframe)


def timer(at: datetime, newest: Mapping[str, datetime], timeframe: Timeframe) -> Strand:
    """Return the strand that tells that it is a moment, and which bars were the last of each symbol."""
    told = {symbol: [newest[symbol].isoformat(), timeframe.value] for symbol in sorted(newest)}
    cause = ("silence", timeframe.value, *(f"{symbol}={each}" for symbol, (each, _) in told.items()))
    return strand.first(
        module=bar_strand.MODULE,
        kind="timer",
        at=at,
        tags=(tags.RISK_MARKET_UPDATE,),
        payload={"md_timer": {"name": "silence", "due_at": at.isoformat(), "newest": told}},
        cause=cause,
    )
