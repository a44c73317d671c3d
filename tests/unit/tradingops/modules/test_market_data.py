"""Bars become strands: the same however they come, addressed to those who want them, each moment once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strands import strand
from strands.market.bar import Bar, Timeframe
from strands.strand import Strand
from tests.unit.strands.market import walks
from tradingops.modules.market.module import MarketData
from tradingops.modules.market.policy import MarketPolicy
from tradingops.modules.market.series import FAST_TAGS, SLOW_TAGS


def announce(bars: Sequence[Bar], **options: object) -> list[Strand]:
    return list(MarketData(**options).announce(bars))  # type: ignore[arg-type]


def whole(said: Iterable[Strand]) -> list[tuple[object, ...]]:
    return [
        (
            each.id,
            each.at,
            each.symbol,
            each.timeframe,
            each.tags,
            each.regime,
            each.session_bucket,
            json.dumps(each.payload),
        )
        for each in said
    ]


def of(said: Iterable[Strand], timeframe: str) -> list[Strand]:
    return [each for each in said if each.timeframe == timeframe]


def test_a_bar_is_said_when_it_closes_with_what_was_read() -> None:
    bar = walks.walk(rows=1)[0]
    (said,) = of(announce([bar]), "1m")
    assert said.at == bar.opened_at + timedelta(minutes=1)
    assert said.payload["md_bar"] == {
        "opened_at": bar.opened_at.isoformat(), "open": bar.open, "high": bar.high, "low": bar.low,
        "close": bar.close, "volume": bar.volume,
    }  # fmt: skip
    assert (said.module, said.kind, said.symbol, said.timeframe, said.regime) == (
        "market",
        "bar",
        "BTC",
        "1m",
        "unknown",
    )


def test_a_bar_is_the_strand_that_first_would_make() -> None:
    (said,) = of(announce(walks.walk(rows=1)), "1m")
    made = strand.first(
        module="market", kind="bar", at=said.at, symbol="BTC", timeframe="1m", tags=FAST_TAGS, payload=said.payload,
        regime="unknown", cause=(said.payload["md_bar"]["opened_at"],),
    )  # fmt: skip
    assert all(getattr(said, name) == getattr(made, name) for name in Strand.__slots__)


@given(seed=st.integers(0, 1000), places=walks.cuts(400), gone=st.sets(st.integers(0, 399), max_size=40))
@settings(max_examples=15)
def test_batches_of_any_size_give_the_strands_of_the_whole(seed: int, places: list[int], gone: set[int]) -> None:
    bars = walks.without(walks.walk(rows=400, seed=seed), gone)
    market = MarketData()
    pieces = [
        each for piece in walks.pieces(bars, [p for p in places if p < len(bars)]) for each in market.announce(piece)
    ]
    assert whole(pieces) == whole(announce(bars))


@given(place=st.integers(0, 399), seed=st.integers(0, 1000))
@settings(max_examples=15)
def test_what_comes_later_changes_nothing_that_was_said_before(place: int, seed: int) -> None:
    bars, other = walks.walk(rows=400, seed=seed), walks.walk(rows=400, seed=seed + 1)
    end = bars[place].closed_at
    altered = announce(bars[: place + 1] + other[place + 1 :])
    assert whole(each for each in altered if each.at <= end) == whole(each for each in announce(bars) if each.at <= end)


def test_base_bars_go_to_the_fast_and_quarters_to_the_slow() -> None:
    said = announce(walks.walk(rows=60))
    assert {each.tags for each in of(said, "1m")} == {FAST_TAGS}
    assert [each.tags for each in of(said, "15m")] == [SLOW_TAGS] * 4
    assert [each.tags for each in of(said, "1h")] == [()]
    assert of(said, "5m") == []


@pytest.mark.parametrize("timeframe", [Timeframe.M15, Timeframe.H1, Timeframe.D1])
def test_base_bars_of_a_quarter_or_longer_go_to_everybody(timeframe: Timeframe) -> None:
    said = announce(walks.walk(rows=3, timeframe=timeframe))
    assert [each.tags for each in of(said, timeframe.value)] == [FAST_TAGS + SLOW_TAGS] * 3


def test_a_rolled_up_bar_is_said_with_the_bar_that_completed_it_and_tells_how_many_it_holds() -> None:
    said = announce(walks.without(walks.walk(rows=31), {3}))
    assert [(each.at.minute, each.payload["md_bar"]["bars"]) for each in of(said, "15m")] == [(15, 14), (30, 15)]


def test_two_buckets_that_are_over_at_one_moment_are_two_strands() -> None:
    bars = walks.without(walks.walk(rows=30), {*range(14, 29)})
    first, second = of(announce(bars), "15m")
    assert first.at == second.at
    assert first.id != second.id
    assert [each.payload["md_bar"]["opened_at"][14:16] for each in (first, second)] == ["00", "15"]


def test_votes_are_those_of_the_last_completed_bars_of_the_base_timeframe_and_longer() -> None:
    said = announce(walks.walk(rows=400, timeframe=Timeframe.M5, size=0.01))
    rows = of(said, "5m")
    assert set(rows[0].payload["md_features"]["votes"]) == {"5m", "15m", "1h"}
    assert set(of(said, "15m")[0].payload["md_features"]["votes"]) == {"15m", "1h"}
    slow = {each.at: each.payload["md_features"]["votes"]["15m"] for each in of(said, "15m")}
    for row in rows[3:]:
        last = max(at for at in slow if at <= row.at)
        assert row.payload["md_features"]["votes"]["15m"] == slow[last]
    assert {row.payload["md_features"]["votes"]["15m"] for row in rows} == {-1, 0, 1}


def test_a_bar_tells_the_ranges_of_the_longer_timeframes_as_of_their_last_completed_bars() -> None:
    said = announce(walks.walk(rows=400, timeframe=Timeframe.M5, size=0.01))
    rows = of(said, "5m")
    assert list(rows[0].payload["md_features"]["atrs"]) == ["15m", "1h", "4h"]
    assert list(of(said, "15m")[0].payload["md_features"]["atrs"]) == ["1h", "4h"]
    slow = {each.at: each.payload["md_features"]["atr_14"] for each in of(said, "1h")}
    for row in rows[12:]:
        last = max(at for at in slow if at <= row.at)
        assert row.payload["md_features"]["atrs"]["1h"] == slow[last]
    assert {None} < {row.payload["md_features"]["atrs"]["1h"] for row in rows}


def test_payloads_are_plain_json() -> None:
    for said in announce(walks.walk(rows=330)):
        assert json.loads(json.dumps(said.payload, allow_nan=False)) == said.payload


def test_what_was_said_before_is_not_said_again_but_counts() -> None:
    bars = walks.walk(rows=400)
    until = bars[350].closed_at
    again = announce(bars, said={"BTC": until})
    assert whole(again) == whole(each for each in announce(bars) if each.at > until)


def test_moments_of_several_feeds_come_in_order_with_all_their_symbols() -> None:
    one = walks.walk(rows=40)
    two = [bar._replace(symbol="ADA") for bar in walks.walk(rows=50, seed=2)][10:]
    moments = list(MarketData().moments([[one[:17], one[17:]], [two]]))
    assert [at for at, _ in moments] == sorted({at for at, _ in moments})
    assert all(each.at == at for at, said in moments for each in said)
    assert [each.symbol for each in moments[20][1]] == ["ADA", "BTC"]
    assert sum(len(said) for _, said in moments) == len(announce(one)) + len(announce(two))


def test_the_moments_of_one_feed_are_there_as_soon_as_its_batch_is() -> None:
    bars, taken = walks.walk(rows=4), []

    def feed() -> Iterable[list[Bar]]:
        for place in (0, 2):
            taken.append(place)
            yield bars[place : place + 2]

    moments = MarketData().moments([feed()])
    assert [next(moments)[0].minute for _ in range(2)] == [1, 2]
    assert taken == [0]


def test_a_desk_chooses_what_is_rolled_up() -> None:
    said = announce(
        walks.walk(rows=60), policy=MarketPolicy(rolled_up=(Timeframe.M5,), voting=(Timeframe.M1,), ranges=())
    )
    assert {each.timeframe for each in said if each.kind == "bar"} == {"1m", "5m"}
    assert list(of(said, "5m")[0].payload["md_features"]["votes"]) == []
    assert of(said, "1m")[0].payload["md_features"]["atrs"] == {}
