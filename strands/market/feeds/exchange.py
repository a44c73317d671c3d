"""Closed bars of a real exchange, polled through ccxt (extra ``live``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from functools import partial
from typing import Any, Protocol

import structlog
from pydantic import BaseModel, ConfigDict, Field

from strands.market import reader
from strands.market.bar import Bar, Timeframe
from strands.market.feeds import clocks
from strands.market.instruments import markets
from strands.market.instruments.instrument import Instrument
from strands.market.reading import moments
from strands.market.reading.table import Table

log = structlog.get_logger("tradingops.feed.exchange")

MILLISECOND = timedelta(milliseconds=1)


class Client(clocks.Teller, Protocol):
    """The little of a ccxt exchange that a feed needs."""

    symbols: Sequence[str] | None
    markets: Mapping[str, Any] | None
    precisionMode: int
    timeframes: Mapping[str, Any] | None

    def load_markets(self) -> Any: ...
    def fetch_ohlcv(self, symbol: str, timeframe: str, since: int | None, limit: int | None) -> list[list[Any]]: ...


class ExchangePolicy(BaseModel):
    """How an exchange is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    history: int = Field(500, ge=0, le=100_000, description="bars fetched before the first live one [bars]")
    page: int = Field(500, ge=1, le=5000, description="bars asked for at once [bars]")
    settle: float = Field(2.0, ge=0, le=60, description="how long after a close it is asked for [seconds]")
    clock_tolerance: float = Field(
        1.0, ge=0, le=600, description="how far our clock may be from the exchange's before it is told [seconds]"
    )
    again: float = Field(2.0, gt=0, le=60, description="wait before asking again for a bar that is not there [seconds]")
    patience: float = Field(20.0, ge=0, le=600, description="how long after its close a bar may still come [seconds]")
    retries: int = Field(8, ge=0, le=100, description="tries after a failure of the network, in a row [count]")
    first_backoff: float = Field(1.0, gt=0, le=60, description="wait after the first failure; it doubles [seconds]")
    most_backoff: float = Field(60.0, gt=0, le=3600, description="longest wait after a failure [seconds]")


class NotInstalled(ImportError):
    """Bars of a real exchange need ccxt."""

    def __init__(self) -> None:
        super().__init__("ccxt is not installed; install the extra: pip install 'tradingops[live]'")


class Unavailable(ValueError):
    """An exchange has no such symbol or timeframe, or is not known at all."""


def connect(name: str) -> tuple[Client, tuple[type[Exception], ...]]:
    """Return a client of an exchange by its ccxt name, and the faults of its network that pass.

    Raises NotInstalled, and Unavailable for a name that ccxt does not know.
    """
    try:
        import ccxt
    except ImportError as fault:
        raise NotInstalled from fault
    if name not in ccxt.exchanges:
        raise Unavailable(f"ccxt:{name}: no such exchange{_near(name, ccxt.exchanges)}")
    return getattr(ccxt, name)({"enableRateLimit": True}), (ccxt.NetworkError,)


def _near(word: str, known: Sequence[str]) -> str:
    near = [each for each in known if each.upper() == word.upper()]
    near = near or get_close_matches(word, known, n=3, cutoff=0.5)
    return f"; is it {' or '.join(near)}?" if near else ""


class Exchange:
    """A feed of closed bars, without gaps that the exchange could fill, until ``wait`` says to stop.

    A bar has closed when the exchange's own clock says so, or when the exchange has a later one. ``clock`` tells our
    time, by which it is waited. ``wait`` sleeps so many seconds and returns whether to stop. ``after`` names, by
    symbol, when the last bar that is already known closed; without it the feed begins with some history. A moment's
    bars are given when every symbol has one; after ``patience`` without those that have none, and they are not given
    later.
    """

    def __init__(
        self,
        client: Client,
        symbols: Sequence[str],
        *,
        timeframe: Timeframe = Timeframe.M1,
        clock: Callable[[], datetime],
        wait: Callable[[float], bool],
        after: Mapping[str, datetime] | None = None,
        transient: tuple[type[Exception], ...] = (),
        policy: ExchangePolicy | None = None,
    ) -> None:
        self.client, self.symbols, self.timeframe = client, tuple(sorted(set(symbols))), timeframe
        self.wait, self.transient = wait, transient
        self.policy = policy or ExchangePolicy()
        self.time = clocks.ExchangeClock(client, ours=clock, tolerance=timedelta(seconds=self.policy.clock_tolerance))
        self._after = dict(after or {})
        self._failures = 0

    @property
    def series(self) -> tuple[tuple[str, Timeframe], ...]:
        return tuple((symbol, self.timeframe) for symbol in self.symbols)

    def instrument(self, symbol: str) -> Instrument | None:
        """Return what the exchange itself tells of a symbol; None before its markets were read, or for one it lacks."""
        market = (self.client.markets or {}).get(symbol)
        if market is None:
            return None
        return markets.instrument(symbol, market, precision_mode=self.client.precisionMode)

    def __iter__(self) -> Iterator[Sequence[Bar]]:
        """Yield what closed since the last batch; raises Unavailable, and the network's fault after too many tries."""
        if not (self._patiently(self._check) and self._patiently(self.time.ask)):
            return
        first = self.timeframe.floor(self.time.now()) - self.policy.history * self.timeframe.span
        expected = {symbol: self._after.get(symbol, first) for symbol in self.symbols}
        pending: dict[str, list[Bar]] = {symbol: [] for symbol in self.symbols}
        while self._patiently(self.time.ask):
            for symbol in self.symbols:
                fresh: list[Bar] = []
                if not self._patiently(partial(self._fetch, symbol, expected[symbol], fresh)):
                    return
                pending[symbol] += fresh
                if fresh:
                    expected[symbol] = fresh[-1].closed_at
            yield self._ready(pending, expected)
            if self.wait(self._pause(expected)):
                return

    def _check(self) -> None:
        self.client.load_markets()
        known = self.client.symbols or []
        for symbol in self.symbols:
            if symbol not in known:
                raise Unavailable(f"symbol: the exchange does not list {symbol!r}{_near(symbol, known)}")
        offered = self.client.timeframes or {}
        if self.timeframe.value not in offered:
            raise Unavailable(f"timeframe: the exchange has no {self.timeframe}; it has {', '.join(offered) or 'none'}")

    def _patiently(self, ask: Callable[[], None]) -> bool:
        """Ask until it succeeds, waiting longer after each failure; return False when told to stop meanwhile."""
        while True:
            try:
                ask()
            except self.transient as fault:
                self._failures += 1
                if self._failures > self.policy.retries:
                    raise
                pause = min(self.policy.first_backoff * 2 ** (self._failures - 1), self.policy.most_backoff)
                log.warning("exchange did not answer", error=str(fault), again_in=pause)
                if self.wait(pause):
                    return False
            else:
                self._failures = 0
                return True

    def _fetch(self, symbol: str, since: datetime, into: list[Bar]) -> None:
        """Fetch the closed bars from a moment on, page by page, until the exchange has no more."""
        into.clear()
        while since + self.timeframe.span <= self.time.now():
            asked = (since - moments.EPOCH) // MILLISECOND
            rows = self.client.fetch_ohlcv(symbol, self.timeframe.value, asked, self.policy.page)
            bars = self._closed([bar for bar in self._bars(symbol, rows) if bar.opened_at >= since])
            into += bars
            if not bars:
                return
            since = bars[-1].closed_at

    def _closed(self, bars: list[Bar]) -> list[Bar]:
        """Return those bars that are certain to be finished: the exchange's clock, or a later bar, says so."""
        return [bar for bar in bars if self.time.is_past(bar.closed_at) or bar.closed_at <= bars[-1].opened_at]

    def _bars(self, symbol: str, rows: list[list[Any]]) -> list[Bar]:
        columns = [[_text(row[place]) for row in rows] for place in range(6)]
        bars, bad = reader.accept(
            Table(columns, list(range(1, len(rows) + 1))), symbol=symbol, timeframe=self.timeframe
        )
        for row in bad:
            log.warning("exchange sent a row that is no bar", symbol=symbol, row=str(row))
        return bars

    def _ready(self, pending: dict[str, list[Bar]], expected: dict[str, datetime]) -> list[Bar]:
        """Take out the bars of the moments that are complete, in order; nobody is waited for beyond patience."""
        overdue = self.time.now() - timedelta(seconds=self.policy.patience)
        until = min(expected.values())
        if self.time.is_told:
            until = max(until, self.timeframe.floor(overdue))
        ready = [bar for bars in pending.values() for bar in bars if bar.closed_at <= until]
        for symbol, bars in pending.items():
            pending[symbol] = [bar for bar in bars if bar.closed_at > until]
            expected[symbol] = max(expected[symbol], until)
        return sorted(ready, key=lambda bar: (bar.closed_at, bar.symbol))

    def _pause(self, expected: Mapping[str, datetime]) -> float:
        """Return how long to wait: until the next close has settled, or a little when one is late."""
        due = min(expected.values()) + self.timeframe.span + timedelta(seconds=self.policy.settle)
        return max((due - self.time.now()).total_seconds(), self.policy.again)


def _text(value: Any) -> str:
    """Return a number of ccxt as decimal text; a missing volume is none."""
    return "" if value is None else format(Decimal(repr(value)) if isinstance(value, float) else Decimal(value), "f")
