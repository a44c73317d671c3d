"""When something is due: every so often, or at an hour of a zone's clock; once for all that was missed.

An occurrence is due where it lies after the last one that was handled and not after now, however rarely somebody looks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

#: An occurrence that comes late is let go where the next one is due within this share of what lies between two.
NEARLY_DUE = 0.1


class Occurrence(NamedTuple):
    """One moment at which something was due, and how many before it were missed; a late one may be ``skipped``."""

    due: datetime
    missed: int = 0
    skipped: bool = False


def every(interval: timedelta, *, last: datetime, now: datetime) -> Occurrence | None:
    """Return what is due by now since the last occurrence, or since the moment the rule was enabled; None for nothing.

    Of several it is the newest, the others are missed; with others missed, and the next nearly due, it is skipped.
    """
    count = math.floor((now - last) / interval)
    if count < 1:
        return None
    due = last + interval * count
    left = due + interval - now
    return Occurrence(due, missed=count - 1, skipped=count > 1 and left <= interval * NEARLY_DUE)


def changed(interval: timedelta, *, last: datetime, now: datetime) -> datetime:
    """Return when a rule counts as last handled once its interval is changed: it is next due at the earliest now."""
    return max(last, now - interval)


@dataclass(frozen=True)
class Hour:
    """An hour of a zone's clock on some days of the week (0 is Monday), as people keep it.

    An hour that the clock skips is when it goes on; one that it shows twice is the first.
    """

    at: time
    zone: str
    days: frozenset[int] = frozenset(range(7))

    def on(self, day: date) -> datetime | None:
        """Return the moment on a day of the zone in UTC, None where it is no day of it."""
        if day.weekday() not in self.days:
            return None
        zone = ZoneInfo(self.zone)
        local = datetime.combine(day, self.at, zone)
        moment = local.astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
            return moment
        return _gap_ends(local, zone)

    def since(self, last: datetime, now: datetime) -> Iterator[datetime]:
        """Yield every moment after the last and not after now, oldest first."""
        zone = ZoneInfo(self.zone)
        day, end = last.astimezone(zone).date(), now.astimezone(zone).date()
        while day <= end:
            moment = self.on(day)
            if moment is not None and last < moment <= now:
                yield moment
            day += timedelta(days=1)

    def due(self, *, last: datetime, now: datetime) -> Occurrence | None:
        """Return what is due by now, the newest where there are several; None for nothing."""
        found = list(self.since(last, now))
        return Occurrence(found[-1], missed=len(found) - 1) if found else None


def _gap_ends(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment at which a clock that skips a local time goes on."""
    before = local.replace(fold=1).astimezone(UTC)
    after = local.replace(fold=0).astimezone(UTC)
    low, high = min(before, after), max(before, after)
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == offset else (low, middle)
    return high.replace(microsecond=0)
