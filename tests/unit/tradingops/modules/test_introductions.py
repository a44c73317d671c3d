"""Of each symbol's instrument the market tells before its first bar, and again when a value changes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from strands import tags
from strands.market.bar import Bar, Timeframe
from strands.market.instruments.instrument import Source, made
from strands.strand import Strand
from tests.unit.strands.market import walks
from tradingops.modules import instruments
from tradingops.modules.market.module import MarketData


def bars(*prices: str, symbol: str = "ABC") -> list[Bar]:
    return [
        Bar(symbol, Timeframe.M1, walks.START + nth * Timeframe.M1.span, *[price] * 4, "1.5")
        for nth, price in enumerate(prices)
    ]


def told(strands: list[Strand]) -> list[Strand]:
    return [each for each in strands if each.kind == instruments.KIND]


def tick_of(strand: Strand) -> str:
    return str(strand.payload["md_instrument"]["tick"])


def test_it_comes_before_the_first_bar_to_all_who_hear_bars_and_before_anything_else_that_waits() -> None:
    first, second, *_ = MarketData().announce(bars("10.5"))
    assert (first.kind, second.kind, first.at) == ("instrument", "bar", second.at)
    assert {tag for tag in first.tags if tag in tags.TAGS} == set(tags.addressed("market_update")[:5])
    assert {each.priority for each in tags.addresses(first.tags)} == {tags.HIGH}
    assert first.payload["md_instrument"]["sources"] == {"tick": "inferred", "lot": "inferred"}


def test_it_comes_again_with_the_bar_that_shows_a_finer_step() -> None:
    said = list(MarketData().announce(bars("10.5", "11", "10.25", "10.1")))
    assert [(tick_of(each), each.at.minute) for each in told(said)] == [("0.1", 1), ("0.01", 3)]


def test_what_somebody_knows_counts_before_what_bars_show() -> None:
    known = {"ABC": made("ABC", {"tick": "0.5"}, source=Source.FILE)}
    said = told(list(MarketData(instruments=known.get).announce(bars("10.25", "10.125"))))
    assert [tick_of(each) for each in said] == ["0.5"]
    assert said[0].payload["md_instrument"]["sources"] == {"tick": "file", "lot": "inferred"}


@given(places=walks.cuts(60), skipped=st.integers(0, 60), seed=st.integers(0, 99))
@settings(max_examples=30)
def test_batches_of_any_size_and_a_feed_that_goes_on_tell_the_same(places: list[int], skipped: int, seed: int) -> None:
    walk = walks.walk(rows=60, seed=seed)
    whole = list(MarketData().announce(walk))
    market = MarketData()
    assert [each.id for piece in walks.pieces(walk, places) for each in market.announce(piece)] == [
        each.id for each in whole
    ]
    after = walk[0].opened_at + timedelta(minutes=skipped)
    goes_on = MarketData(said={"BTC": after})
    assert [each.id for piece in walks.pieces(walk, places) for each in goes_on.announce(piece)] == [
        each.id for each in whole if each.at > after
    ]


def test_a_wire_that_never_heard_of_it_is_told_by_a_feed_that_goes_on() -> None:
    walk = bars("10.5", "10.25", "10.1")
    after = walk[1].closed_at
    said = list(MarketData(said={"ABC": after}, told={}).announce(walk))
    assert [(each.kind, each.at) for each in said] == [(kind, walk[2].closed_at) for kind in ("instrument", "bar")]
    known = {"ABC": instruments.hear({}, said[0])["ABC"]}
    assert told(list(MarketData(said={"ABC": after}, told=known).announce(walk))) == []


def test_peers_are_joined_at_moments_at_which_instruments_are_told_too() -> None:
    feeds: list[Any] = [[walks.walk(rows=3, symbol=symbol, seed=nth)] for nth, symbol in enumerate(("AAA", "BBB"))]
    moments = list(MarketData().moments(feeds))
    assert [each.kind for each in moments[0][1]] == ["instrument", "bar", "instrument", "bar"]
    assert all("peers" in "".join(each.payload["md_features"]) for each in moments[2][1] if each.kind == "bar")


def test_modules_keep_the_last_they_heard_of_a_symbol() -> None:
    said = told(list(MarketData().announce(bars("10.5", "10.25"))))
    known = instruments.NONE
    for each in said:
        known = instruments.hear(known, each)
    found = instruments.of(known, "ABC")
    assert found is not None
    assert (found.tick, found.lot) == (Decimal("0.01"), Decimal("0.1"))
    assert instruments.hear(known, said[-1]) is known
    assert instruments.from_json(instruments.to_json(known)) == known
    assert instruments.of(known, "XYZ") is None
