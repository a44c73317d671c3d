"""Peers: what the others did as of the moment before, in whatever order a moment is heard."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby, permutations
from typing import Any

import pytest

from strands.market.bar import Bar, Timeframe
from strands.market.peers import NOBODY, Means, Peers, Returns
from tradingops.modules.market.module import MarketData


def moments():
    """Return three moments of three symbols."""
    return [
        (300.0 * nth, [Returns(name, 0.001 * nth * k, 0.01 * k) for k, name in enumerate("ABC", 1)])
        for nth in range(1, 4)
    ]


def test_a_symbol_alone_has_no_peers():
    peers = Peers(stale_seconds=900)
    assert [peers.take(300.0 * nth, [Returns("A", 0.1, 0.1)]) for nth in range(3)] == [[NOBODY]] * 3


def test_means_are_those_of_the_others_a_moment_before():
    peers = Peers(stale_seconds=900)
    first, second, third = [peers.take(at, told) for at, told in moments()]
    assert first == [NOBODY] * 3
    assert second[0] == pytest.approx(Means(0.0025, 0.025))
    assert third == [
        pytest.approx(Means(0.005, 0.025)),
        pytest.approx(Means(0.004, 0.02)),
        pytest.approx(Means(0.003, 0.015)),
    ]
    assert third[0].as_features() == {"peers_ret_1": third[0].ret_1, "peers_ret_20": third[0].ret_20}


def test_the_order_of_symbols_within_a_moment_does_not_matter():
    heard = set()
    for order in permutations(range(3)):
        peers, means = Peers(stale_seconds=900), {}
        for at, told in moments():
            shuffled = [told[place] for place in order]
            means = {each.symbol: mean for each, mean in zip(shuffled, peers.take(at, shuffled), strict=True)}
        heard.add(tuple(sorted(means.items())))
    assert len(heard) == 1


def test_a_peer_that_fell_silent_and_one_without_a_number_do_not_count():
    peers = Peers(stale_seconds=600)
    peers.take(300.0, [Returns("A", 0.1, 0.1), Returns("B", 0.2, None), Returns("C", float("nan"), 0.4)])
    assert peers.take(900.0, [Returns("A", 0.1, 0.1)]) == [Means(0.2, 0.4)]
    assert peers.take(1200.0, [Returns("A", 0.1, 0.1)]) == [NOBODY]


@pytest.mark.parametrize("cut", [1, 7, 200])
def test_what_bars_are_told_of_their_peers_does_not_depend_on_how_they_were_batched(cut: int):
    alone, together = 30, 60
    series = {
        symbol: [_bar(symbol, nth) for nth in range(first, together)] for symbol, first in (("AAA", 0), ("BBB", alone))
    }
    bars = sorted((bar for told in series.values() for bar in told), key=lambda bar: (bar.opened_at, bar.symbol))
    whole = _features(MarketData(), [bars])
    moments = [list(same) for _, same in groupby(bars, key=lambda bar: bar.opened_at)]
    pieces = [[bar for moment in moments[at : at + cut] for bar in moment] for at in range(0, len(moments), cut)]
    assert _features(MarketData(), pieces) == whole
    assert "peers_ret_1" not in whole[("AAA", alone - 1)]
    assert whole[("AAA", together - 1)]["peers_ret_1"] is not None
    # The newcomer's first bar is told what the other did the moment before.
    assert whole[("BBB", alone)]["peers_ret_1"] == pytest.approx(whole[("AAA", alone - 1)]["ret_1"])


def _bar(symbol: str, nth: int) -> Bar:
    opened = datetime(2025, 6, 2, tzinfo=UTC) + nth * Timeframe.M5.span
    price = 100.0 + (nth * 7 % 11) + (3.0 if symbol == "BBB" else 0.0)
    return Bar(symbol, Timeframe.M5, opened, str(price), str(price + 2), str(price - 2), str(price + 1), "10")


def _features(market: MarketData, batches: list[list[Bar]]) -> dict[tuple[str, int], dict[str, Any]]:
    """Return the features of each base bar by symbol and place."""
    start = datetime(2025, 6, 2, tzinfo=UTC)
    return {
        (each.symbol or "", round((each.at - start) / Timeframe.M5.span) - 1): each.payload["md_features"]
        for _, strands in market.moments([batches])
        for each in strands
        if each.timeframe == "5m"
    }
