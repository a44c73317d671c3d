"""An exchange's bars come closed, in order, once, without gaps it could fill, through failures of its network."""

from __future__ import annotations

import importlib.util
import sys
from datetime import timedelta
from decimal import Decimal
from itertools import chain, pairwise

import pytest
import structlog

from strands.market.bar import Bar, Timeframe
from strands.market.feeds import exchange
from tests.unit.strands.market import exchanges
from tradingops.modules.market.module import MarketData

SYMBOLS = ("BTC/USDT", "SHIB/USDT")


def feed(client: exchanges.Recorded, symbols: tuple[str, ...] = SYMBOLS, **options: object) -> exchange.Exchange:
    policy = options.pop("policy", exchange.ExchangePolicy(history=3))
    return exchange.Exchange(
        client, symbols, clock=client.clock, wait=client.wait, transient=(exchanges.Hiccup,), policy=policy, **options
    )  # type: ignore[arg-type]


def at(minutes: float, **options: object) -> exchanges.Recorded:
    return exchanges.Recorded(now=exchanges.OPENED + timedelta(minutes=minutes), **options)  # type: ignore[arg-type]


def bars_of(client: exchanges.Recorded, symbols: tuple[str, ...] = SYMBOLS, **options: object) -> list[Bar]:
    return list(chain.from_iterable(feed(client, symbols, **options)))


def minutes_of(bars: list[Bar], symbol: str = "BTC/USDT") -> list[int]:
    return [bar.opened_at.minute for bar in bars if bar.symbol == symbol]


def test_history_comes_first_and_then_each_bar_when_it_has_closed() -> None:
    client, seen = at(3.5), []
    for batch in feed(client):
        assert all(bar.closed_at <= client.now for bar in batch)
        seen += batch
    assert minutes_of(seen) == [0, 1, 2, 3, 4, 5]
    assert minutes_of(seen, "SHIB/USDT") == [0, 1, 3, 4, 5]


def test_prices_are_plain_decimal_text() -> None:
    bars = bars_of(at(3.5), ("SHIB/USDT",))
    assert bars[0][3:8] == ("0.00003341", "0.00003347", "0.00003338", "0.00003344", "1213394747")


def test_a_row_without_volume_is_no_bar() -> None:
    assert 2 not in minutes_of(bars_of(at(3.5)), "SHIB/USDT")


def test_a_feed_goes_on_after_the_last_bar_that_is_known() -> None:
    after = {"BTC/USDT": exchanges.OPENED + timedelta(minutes=2)}
    assert minutes_of(bars_of(at(3.5), ("BTC/USDT",), after=after)) == [2, 3, 4, 5]


def test_a_long_absence_is_made_up_page_by_page() -> None:
    client = at(6.5, page=2)
    assert minutes_of(list(next(iter(feed(client, ("BTC/USDT",), policy=exchange.ExchangePolicy(history=6)))))) == [
        0,
        1,
        2,
        3,
        4,
        5,
    ]


def test_failures_of_the_network_are_waited_out_longer_each_time_and_lose_nothing() -> None:
    client = at(3.5, hiccups=(2, 3, 4))
    assert minutes_of(bars_of(client, ("BTC/USDT",))) == [0, 1, 2, 3, 4, 5]
    assert client.waited[:3] == [1.0, 2.0, 4.0]


def test_a_network_that_never_comes_back_is_given_up() -> None:
    client = at(3.5, hiccups=range(1, 99))
    with pytest.raises(exchanges.Hiccup):
        bars_of(client, policy=exchange.ExchangePolicy(retries=3, first_backoff=0.1))
    assert client.asked == 4


def test_a_moment_waits_for_the_symbol_that_is_late() -> None:
    client = at(3.5, late={"SHIB/USDT": 70})
    batches = [batch for batch in feed(client) if batch]
    moments = [{bar.closed_at for bar in batch} for batch in batches]
    assert all(not one & other for one, other in pairwise(moments))
    assert minutes_of(list(chain(*batches)))[:3] == [0, 1, 2]


def test_a_bar_that_never_comes_holds_nobody_up_beyond_patience() -> None:
    client = at(3.5)
    client.gone = {("SHIB/USDT", exchanges.RECORDED["SHIB/USDT"][4][0])}
    bars = bars_of(client)
    assert minutes_of(bars) == [0, 1, 2, 3, 4, 5]
    assert minutes_of(bars, "SHIB/USDT") == [0, 1, 3, 5]


@pytest.mark.parametrize("tells", ["asked", "dates", "nothing"])
@pytest.mark.parametrize("ahead", [5, 30, -30])
def test_only_bars_that_the_exchanges_clock_has_finished_are_said_however_ours_goes(ahead: float, tells: str) -> None:
    client, seen = at(3.5, ahead=ahead, tells=tells), []
    for batch in feed(client, ("BTC/USDT",)):
        assert all(bar.closed_at <= client.now for bar in batch)
        seen += batch
    last = 5 if tells != "nothing" else 4
    assert minutes_of(seen)[-3:] == [last - 2, last - 1, last]


def test_the_difference_of_clocks_is_told_once() -> None:
    with structlog.testing.capture_logs() as logs:
        bars_of(at(3.5, ahead=30))
    told = [each for each in logs if each["event"] == "our clock is not the exchange's"]
    assert [each["ours_ahead_seconds"] for each in told] == [30.0]


def test_clocks_that_agree_are_not_spoken_of() -> None:
    with structlog.testing.capture_logs() as logs:
        bars_of(at(3.5, ahead=0.4))
    assert [each for each in logs if "clock" in each["event"]] == []


def test_an_unknown_symbol_is_refused_with_its_neighbours() -> None:
    with pytest.raises(exchange.Unavailable, match=r"does not list 'BTC/USD'; is it BTC/USDT"):
        bars_of(at(3.5), ("BTC/USD",))


def test_an_unknown_timeframe_is_refused_with_those_there_are() -> None:
    with pytest.raises(exchange.Unavailable, match="has no 15m; it has 1m, 1h"):
        bars_of(at(3.5), timeframe=Timeframe.M15)


def test_without_ccxt_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ccxt", None)
    with pytest.raises(exchange.NotInstalled, match=r"pip install 'tradingops\[live\]'"):
        exchange.connect("binance")


@pytest.mark.skipif(importlib.util.find_spec("ccxt") is None, reason="the extra live is not installed")
class TestWithCcxt:
    def test_an_exchange_that_ccxt_does_not_know_is_refused(self) -> None:
        with pytest.raises(exchange.Unavailable, match="is it binance"):
            exchange.connect("binanc")

    def test_ccxt_reads_an_answer_as_recorded(self) -> None:
        client, _ = exchange.connect("binance")
        answer = [[1640995200000, "46216.93", "46271.08", "46208.37", "46250.00", "40.57574", 1640995259999]]
        parsed = client.parse_ohlcvs(answer, {"symbol": "BTC/USDT"}, "1m")  # type: ignore[attr-defined]
        assert parsed == [exchanges.RECORDED["BTC/USDT"][0]]


def test_an_exchange_tells_of_its_instruments_once_its_markets_were_read() -> None:
    told = feed(at(3.5))
    assert told.instrument("SHIB/USDT") is None
    next(iter(told))
    found = told.instrument("SHIB/USDT")
    assert found is not None
    assert (found.tick, found.lot, found.least_notional) == (Decimal("1e-8"), 1, 5)
    assert told.instrument("DOGE/USDT") is None
    first = next(iter(MarketData(instruments=told.instrument).announce(bars_of(at(3.5), ("SHIB/USDT",)))))
    assert first.payload["md_instrument"]["sources"]["tick"] == "exchange"
