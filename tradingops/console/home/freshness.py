"""How old each symbol's market data is: by market time, and only while its market is open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from strands import figures
from strands.market import session_grid
from strands.telling import Tone
from tradingops.console.showing import moments

#: A bar later than so many of its own lengths is stale.
LATE_LENGTHS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """One symbol's newest bar: how far it lies behind the desk's present, and how long none has come, in seconds."""

    symbol: str
    at: datetime
    behind: float
    silent: float
    length: float

    @property
    def is_stale(self) -> bool:
        return max(self.behind, self.silent) > LATE_LENGTHS * self.length

    @property
    def told(self) -> str:
        """What is wrong, or that nothing is."""
        if not self.is_stale:
            return "fresh"
        if self.behind > LATE_LENGTHS * self.length:
            return f"stale: {figures.span(self.behind)} behind the market"
        return f"silent: no bar for {figures.span(self.silent)}"

    @property
    def tone(self) -> Tone:
        return Tone.BAD if self.is_stale else Tone.GOOD


def of(rows: Iterable[tuple[Any, ...]], *, present: datetime, now: datetime) -> list[Freshness]:
    """Return how fresh each symbol is, the stale first; rows are symbol, grid, timeframes, newest bar, written at."""
    found = [
        Freshness(
            symbol=symbol,
            at=at,
            behind=session_grid.open_seconds(grid, at, present),
            silent=session_grid.open_seconds(grid, written, now),
            length=min((moments.TIMEFRAMES[each].total_seconds() for each in frames if each in moments.TIMEFRAMES),
                       default=60.0),
        )
        for symbol, grid, frames, at, written in rows
    ]  # fmt: skip
    return sorted(found, key=lambda each: (not each.is_stale, each.symbol))
