"""What every feed promises, held to each of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import chain, islice, pairwise

import pytest

from strands.market import reader
from strands.market.bar import Bar, Timeframe
from strands.market.feed import Feed
from strands.market.feeds import exchange, recorded, simulated
from tests.unit.strands.market import exchanges, walks

pytestmark = pytest.mark.in_memory

ENOUGH = 3000


def from_a_recording() -> Feed:
    bars = walks.without(walks.walk(rows=900), {5, 6, 300})
    halves = [
        reader.Recording(name="x", symbol="BTC", timeframe=Timeframe.M1, bars=half, bad=[], gaps=[])
        for half in (bars[400:], bars[:400])
    ]
    return recorded.Recorded(*halves, batch=100)


def from_a_simulation() -> Feed:
    return simulated.Simulated(["SOL-PERP", "BTC-PERP"], start=datetime(2026, 1, 1, tzinfo=UTC), seed=5)


def from_an_exchange() -> Feed:
    client = exchanges.Recorded(now=exchanges.OPENED + timedelta(minutes=3.5), hiccups=(3,))
    return exchange.Exchange(
        client, list(exchanges.RECORDED), clock=client.clock, wait=client.wait, transient=(exchanges.Hiccup,),
        policy=exchange.ExchangePolicy(history=3),
    )  # fmt: skip


@pytest.fixture(params=[from_a_recording, from_a_simulation, from_an_exchange])
def feed(request: pytest.FixtureRequest) -> Callable[[], Feed]:
    return request.param  # type: ignore[no-any-return]


def bars_of(feed: Feed) -> list[Bar]:
    return list(islice(chain.from_iterable(feed), ENOUGH))


def test_a_feed_names_the_series_that_come(feed: Callable[[], Feed]) -> None:
    told = feed()
    assert list(told.series) == sorted(told.series)
    assert {(bar.symbol, bar.timeframe) for bar in bars_of(told)} == set(told.series)


def test_bars_come_in_the_order_of_their_close_and_symbol_and_none_twice(feed: Callable[[], Feed]) -> None:
    order = [(bar.closed_at, bar.symbol) for bar in bars_of(feed())]
    assert order == sorted(set(order))


def test_no_moment_is_split_over_two_batches(feed: Callable[[], Feed]) -> None:
    batches = [batch for batch in islice(feed(), 20) if batch]
    assert all(before[-1].closed_at < after[0].closed_at for before, after in pairwise(batches))


def test_every_bar_keeps_the_rules_of_a_bar(feed: Callable[[], Feed]) -> None:
    for bar in bars_of(feed()):
        open_, high, low, close, volume = map(float, bar[3:8])
        assert 0 < low <= min(open_, close) <= max(open_, close) <= high
        assert volume >= 0
        assert bar.opened_at == bar.timeframe.floor(bar.opened_at)
        assert bar.opened_at.tzinfo is not None


def test_the_same_feed_made_again_tells_the_same(feed: Callable[[], Feed]) -> None:
    assert bars_of(feed()) == bars_of(feed())


def test_a_feed_without_a_network_tells_the_same_when_iterated_again() -> None:
    for each in (from_a_recording(), from_a_simulation()):
        assert bars_of(each) == bars_of(each)
