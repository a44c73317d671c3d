"""An exchange that answers from recorded rows, at a clock of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

#: Rows as an exchange sent them: milliseconds, open, high, low, close, volume.
RECORDED: dict[str, list[list[Any]]] = {
    "BTC/USDT": [
        [1640995200000, 46216.93, 46271.08, 46208.37, 46250.0, 40.57574],
        [1640995260000, 46250.01, 46344.23, 46234.39, 46312.76, 42.38106],
        [1640995320000, 46312.76, 46381.69, 46292.75, 46368.73, 51.29955],
        [1640995380000, 46368.73, 46391.49, 46314.26, 46331.08, 30.45894],
        [1640995440000, 46331.07, 46336.1, 46300.0, 46321.34, 20.96029],
        [1640995500000, 46321.34, 46443.56, 46280.0, 46436.03, 35.86682],
    ],
    "SHIB/USDT": [
        [1640995200000, 3.341e-05, 3.347e-05, 3.338e-05, 3.344e-05, 1213394747],
        [1640995260000, 3.344e-05, 3.353e-05, 3.344e-05, 3.35e-05, 862344441],
        [1640995320000, 3.35e-05, 3.356e-05, 3.348e-05, 3.353e-05, None],
        [1640995380000, 3.351e-05, 3.353e-05, 3.348e-05, 3.349e-05, 534823671],
        [1640995440000, 3.349e-05, 3.35e-05, 3.346e-05, 3.348e-05, 297911218],
        [1640995500000, 3.348e-05, 3.36e-05, 3.345e-05, 3.359e-05, 774619374],
    ],
}
OPENED = datetime(2022, 1, 1, tzinfo=UTC)


class Hiccup(Exception):
    """The network failed, and may not the next time."""


class Recorded:
    """A ccxt exchange as far as a feed knows one; ``hiccups`` says which of its answers fail.

    ``ahead`` is how far our clock is ahead of the exchange's, ``tells`` how it tells its time: asked, by the date of
    its answers, or not at all.
    """

    timeframes = {"1m": "1m", "1h": "1h"}

    def __init__(
        self,
        *,
        now: datetime,
        hiccups: Sequence[int] = (),
        late: dict[str, int] | None = None,
        page: int = 1000,
        ahead: float = 0,
        tells: str = "asked",
    ) -> None:
        self.ahead, self.tells = timedelta(seconds=ahead), tells
        self.has = {"fetchTime": tells == "asked"}
        self.now, self.hiccups, self.late, self.page = now, set(hiccups), late or {}, page
        self.symbols: Sequence[str] | None = None
        self.markets: dict[str, Any] | None = None
        self.precisionMode = 4
        self.asked = 0
        self.waited: list[float] = []
        self.gone: set[tuple[str, int]] = set()

    def load_markets(self) -> dict[str, Any]:
        self._answer()
        self.symbols = list(RECORDED)
        steps = {"BTC/USDT": (0.01, 1e-05), "SHIB/USDT": (1e-08, 1.0)}
        self.markets = {
            symbol: {"type": "spot", "precision": {"price": tick, "amount": lot}, "limits": {"cost": {"min": 5.0}}}
            for symbol, (tick, lot) in steps.items()
        }
        return {}

    def fetch_time(self) -> int | None:
        self._answer()
        return int(self.now.timestamp() * 1000)

    @property
    def last_response_headers(self) -> dict[str, str]:
        return {"Date": format_datetime(self.now, usegmt=True)} if self.tells == "dates" else {}

    def fetch_ohlcv(self, symbol: str, timeframe: str, since: int | None, limit: int | None) -> list[list[Any]]:
        """Return rows from ``since`` on, the one still open among them, as exchanges do."""
        self._answer()
        begun = (self.now - timedelta(seconds=self.late.get(symbol, 0))).timestamp() * 1000
        rows = [
            row for row in RECORDED[symbol] if (since or 0) <= row[0] <= begun and (symbol, row[0]) not in self.gone
        ]
        return rows[: min(limit or self.page, self.page)]

    def _answer(self) -> None:
        self.asked += 1
        if self.asked in self.hiccups:
            raise Hiccup("timed out")

    def clock(self) -> datetime:
        """Return our time, which may not be the exchange's."""
        return self.now + self.ahead

    def wait(self, seconds: float) -> bool:
        """Let so many seconds pass; the day is over when there is nothing more recorded."""
        self.waited.append(seconds)
        self.now += timedelta(seconds=seconds)
        return self.now > OPENED + timedelta(minutes=8)
