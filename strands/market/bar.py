"""A Bar: what one symbol traded at during one timeframe."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple


class Timeframe(StrEnum):
    """The length of a bar; every bucket starts on a multiple of it since 1970 in UTC."""

    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"

    @cached_property
    def seconds(self) -> int:
        return _SECONDS[self.value]

    @cached_property
    def span(self) -> timedelta:
        return timedelta(seconds=self.seconds)

    __hash__ = str.__hash__

    def floor(self, moment: datetime) -> datetime:
        """Return the start of the bucket that an aware moment falls in."""
        seconds = int(moment.timestamp())
        return datetime.fromtimestamp(seconds - seconds % self.seconds, UTC)

    def holds(self, other: Timeframe) -> bool:
        """Say whether bars of another, shorter or equal timeframe add up to bars of this one."""
        return self.seconds % other.seconds == 0

    @classmethod
    def parse(cls, text: str) -> Timeframe:
        """Return the timeframe that a person wrote (``15m``, ``60min``); raises ValueError naming the known ones."""
        known: dict[str, Timeframe] = {each.value: each for each in cls}
        word = text.strip().lower()
        if found := known.get(_SPELLINGS.get(word, word)):
            return found
        raise ValueError(f"timeframe: {text!r} is not known; it is one of {', '.join(cls)}")

    @classmethod
    def of_seconds(cls, seconds: int) -> Timeframe | None:
        """Return the timeframe of this length, if there is one."""
        return next((each for each in cls if each.seconds == seconds), None)


_SECONDS = {"1m": 60, "5m": 300, "15m": 900, "1h": 3600, "4h": 14_400, "1d": 86_400}

_SPELLINGS = {
    "1min": "1m",
    "5min": "5m",
    "15min": "15m",
    "60m": "1h",
    "60min": "1h",
    "240m": "4h",
    "24h": "1d",
    "1440m": "1d",
}


class Bar(NamedTuple):
    """One OHLCV interval; prices and volume are decimal text, exactly as it was read.

    ``opened_at`` is aware and starts a bucket of the timeframe; the bar is known from ``closed_at`` on. ``parts`` is
    how many shorter bars it was rolled up from, 1 for a bar that was read. ``extras`` are what else a feed told of the
    interval, names and decimal text: open interest, funding, basis, depth.
    """

    symbol: str
    timeframe: Timeframe
    opened_at: datetime
    open: str
    high: str
    low: str
    close: str
    volume: str
    parts: int = 1
    extras: tuple[tuple[str, str], ...] = ()

    @property
    def closed_at(self) -> datetime:
        return self.opened_at + self.timeframe.span
