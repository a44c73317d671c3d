"""The exchange's clock, by which alone a bar is known to have closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import structlog

from strands.market.reading import moments

log = structlog.get_logger("tradingops.feed.exchange")

MILLISECOND = timedelta(milliseconds=1)


class Teller(Protocol):
    """What of a ccxt exchange tells its time."""

    has: Mapping[str, Any]

    def fetch_time(self) -> int | None: ...


class ExchangeClock:
    """What time an exchange says it is, asked anew for every round of bars.

    ``ours`` tells our own time; where the two are further apart than ``tolerance``, that is logged, and again when it
    has changed by as much. An exchange that cannot be asked is believed by the date of its answers, and one that gives
    none is not: then only a later bar shows that one has closed.
    """

    def __init__(self, client: Teller, *, ours: Callable[[], datetime], tolerance: timedelta) -> None:
        self.client, self.ours, self.tolerance = client, ours, tolerance
        self.said: datetime | None = None
        self.ahead = timedelta(0)
        self._told = timedelta(0)

    @property
    def is_told(self) -> bool:
        """Say whether the exchange tells its time at all."""
        return self.said is not None

    def now(self) -> datetime:
        """Return our best guess of the exchange's time: good enough to wait by."""
        return self.ours() - self.ahead

    def is_past(self, moment: datetime) -> bool:
        """Say whether the exchange itself has said that a moment is over."""
        return self.said is not None and moment <= self.said

    def ask(self) -> None:
        """Ask the exchange for its time; whatever its network raises is raised."""
        before = self.ours()
        said = self._ask()
        if said is None:
            return
        middle = before + (self.ours() - before) / 2
        self.said, self.ahead = said, middle - said
        if abs(self.ahead - self._told) > self.tolerance:
            self._told = self.ahead
            log.warning("our clock is not the exchange's", ours_ahead_seconds=round(self.ahead.total_seconds(), 3))

    def _ask(self) -> datetime | None:
        if self.client.has.get("fetchTime"):
            milliseconds = self.client.fetch_time()
            return None if milliseconds is None else moments.EPOCH + milliseconds * MILLISECOND
        headers: Mapping[str, str] = getattr(self.client, "last_response_headers", None) or {}
        date = next((text for name, text in headers.items() if name.lower() == "date"), None)
        return parsedate_to_datetime(date) if date else None
