"""Session grid: when an instrument is traded, and what that makes of an age and of a year.

A grid is ``24x7``, or hours with their zone, ``09:15-15:30 Asia/Kolkata``, which are open on Monday to Friday. Hours
that end no later than they begin, ``17:00-17:00 America/New_York``, run over midnight and belong to the day they end
on; ``24:00`` is the end of a day. Holidays are in no grid.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from math import ceil
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

#: A rest longer than this is told as this long: nobody needs to know it closer.
MOST_DAYS = 14
_GRID = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d) (\S+)")
_WEEKDAYS, _WEEK, _YEAR = 5, 7, 365
_DAY_MINUTES = 24 * 60


class Hours(NamedTuple):
    """When a session opens and closes [minutes since midnight of the day that it ends on], and in which zone."""

    opens: int
    closes: int
    zone: ZoneInfo

    def on(self, day: date) -> tuple[datetime, datetime]:
        """Return when the session that ends on a day begins and ends."""
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  (on the wall of its zone, which comes next)
        begins, ends = (midnight + timedelta(minutes=each) for each in (self.opens, self.closes))
        return begins.replace(tzinfo=self.zone).astimezone(UTC), ends.replace(tzinfo=self.zone).astimezone(UTC)


def open_seconds(grid: str | None, since: datetime, until: datetime) -> float:
    """Return for how long a market was open between two moments [s], of the last two weeks; 0 where they are reversed.

    A market without a grid, or with one that cannot be read, never closes.
    """
    since = max(since, until - timedelta(days=MOST_DAYS))
    hours = hours_of(grid)
    if hours is None or until <= since:
        return max(0.0, (until - since).total_seconds())
    day, last, found = since.astimezone(hours.zone).date(), until.astimezone(hours.zone).date(), 0.0
    # A session over midnight may have begun on the day before the one it ends on.
    while day <= last + timedelta(days=1):
        if day.weekday() < _WEEKDAYS:
            begins, ends = hours.on(day)
            found += max(0.0, (min(ends, until) - max(begins, since)).total_seconds())
        day += timedelta(days=1)
    return found


@lru_cache(maxsize=1024)
def bars_a_year(grid: str | None, seconds: int) -> float | None:
    """Return how many bars of a length [s] a year of 365 days has; None where the market never closes.

    A session's last bar counts whole; bars longer than a day are those of the calendar.
    """
    a_session = bars_a_session(grid, seconds)
    if a_session is None:
        return None
    return _YEAR * a_session if a_session < 1 else _YEAR * _WEEKDAYS / _WEEK * a_session


@lru_cache(maxsize=1024)
def bars_a_session(grid: str | None, seconds: int) -> float | None:
    """Return how many bars of a length [s] a session has, part of one that is longer than a day; None as above."""
    hours = hours_of(grid)
    if hours is None:
        return None
    day = _DAY_MINUTES * 60
    return day / seconds if seconds > day else ceil((hours.closes - hours.opens) * 60 / seconds)


@lru_cache(maxsize=1024)
def together(grids: frozenset[str]) -> float:
    """Return for how many times as long any of some markets that close is open as the one that is open longest.

    It is 1 where their sessions lie within that one's, and 2 for two as long of which one begins when the other ends.
    A winter's week and a summer's stand for a year. Each grid must be one that can be read.
    """
    weeks = [datetime(2026, month, 5, tzinfo=UTC) for month in (1, 7)]
    hours = [found for grid in sorted(grids) if (found := hours_of(grid)) is not None]
    each = [[_in_week(one, week) for week in weeks] for one in hours]
    longest = max(sum(_length(week) for week in weeks) for weeks in each)
    return sum(_length([span for weeks in each for span in weeks[nth]]) for nth in range(len(weeks))) / longest


def _in_week(hours: Hours, week: datetime) -> list[tuple[datetime, datetime]]:
    """Return the sessions that end within seven days."""
    days = (week.date() + timedelta(days=nth) for nth in range(_WEEK))
    return [hours.on(day) for day in days if day.weekday() < _WEEKDAYS]


def _length(spans: list[tuple[datetime, datetime]]) -> float:
    """Return how long at least one of some spans lasts [s]."""
    found, until = 0.0, datetime.min.replace(tzinfo=UTC)
    for begins, ends in sorted(spans):
        found += max(0.0, (ends - max(begins, until)).total_seconds())
        until = max(until, ends)
    return found


@lru_cache(maxsize=1024)
def hours_of(grid: str | None) -> Hours | None:
    """Return when a grid opens and closes; None for one that never does, and for one that cannot be read."""
    found = _GRID.fullmatch(grid or "")
    if found is None:
        return None
    first, second, third, fourth = map(int, found.groups()[:4])
    opens, closes = first * 60 + second, third * 60 + fourth
    try:
        zone = ZoneInfo(found[5])
    except (ValueError, ZoneInfoNotFoundError):
        return None
    if max(second, fourth) > 59 or opens >= _DAY_MINUTES or closes > _DAY_MINUTES:
        return None
    return Hours(opens if opens < closes else opens - _DAY_MINUTES, closes, zone)
