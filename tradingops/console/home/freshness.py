"""How old each symbol's market data is: by market time, and only while its market is open."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from strands import figures
from strands.telling import Tone
from tradingops.console.showing import moments

#: A bar later than so many of its own lengths is stale.
LATE_LENGTHS = 2
#: A rest longer than this is told as this long: nobody needs to know it closer.
MOST_DAYS = 14
_GRID = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d) (\S+)")
_MONDAY_TO_FRIDAY = 5


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
            behind=open_seconds(grid, at, present),
            silent=open_seconds(grid, written, now),
            length=min((moments.TIMEFRAMES[each].total_seconds() for each in frames if each in moments.TIMEFRAMES),
                       default=60.0),
        )
        for symbol, grid, frames, at, written in rows
    ]  # fmt: skip
    return sorted(found, key=lambda each: (not each.is_stale, each.symbol))


def open_seconds(grid: str | None, since: datetime, until: datetime) -> float:
    """Return for how long a market was open between two moments [s]: always, but for a grid such as
    ``09:15-15:30 Asia/Kolkata``, which is open on those hours of Monday to Friday.
    """
    since = max(since, until - timedelta(days=MOST_DAYS))
    hours = _hours(grid)
    if hours is None or until <= since:
        return max(0.0, (until - since).total_seconds())
    opens, closes, zone = hours
    day, last, found = since.astimezone(zone).date(), until.astimezone(zone).date(), 0.0
    while day <= last:
        if day.weekday() < _MONDAY_TO_FRIDAY:
            begins, ends = (datetime.combine(day, each, tzinfo=zone).astimezone(UTC) for each in (opens, closes))
            found += max(0.0, (min(ends, until) - max(begins, since)).total_seconds())
        day += timedelta(days=1)
    return found


def _hours(grid: str | None) -> tuple[time, time, ZoneInfo] | None:
    """Return when a grid opens and closes; None for one that never does, and for one that is not readable."""
    found = _GRID.fullmatch(grid or "")
    if found is None:
        return None
    try:
        first, second, third, fourth = map(int, found.groups()[:4])
        return time(first, second), time(third, fourth), ZoneInfo(found[5])
    except (ValueError, ZoneInfoNotFoundError):
        return None
