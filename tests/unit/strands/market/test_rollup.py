"""Rollups are exact, say a bucket once and in time, and do not care how bars are cut into batches."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands.market import rollup
from strands.market.bar import Bar, Timeframe
from tests.unit.strands.market import walks


def roll(bars: list[Bar], timeframe: Timeframe = Timeframe.M15) -> list[rollup.Rolled]:
    return list(rollup.Rollup(timeframe).extend(bars))


@given(
    seed=st.integers(0, 1000),
    places=walks.cuts(200),
    gone=st.sets(st.integers(0, 199), max_size=60),
    timeframe=st.sampled_from([Timeframe.M5, Timeframe.M15, Timeframe.H1]),
)
def test_batches_of_any_size_give_the_bars_of_the_whole(
    seed: int, places: list[int], gone: set[int], timeframe: Timeframe
) -> None:
    bars = walks.without(walks.walk(rows=200, seed=seed), gone)
    rolling = rollup.Rollup(timeframe)
    pieces = [
        each.bar for piece in walks.pieces(bars, [p for p in places if p < len(bars)]) for each in rolling.extend(piece)
    ]
    assert pieces == [each.bar for each in roll(bars, timeframe)]


@given(seed=st.integers(0, 1000), gone=st.sets(st.integers(0, 199), max_size=100))
def test_a_bucket_is_first_highest_lowest_last_and_the_exact_sum(seed: int, gone: set[int]) -> None:
    bars = walks.without(walks.walk(rows=200, seed=seed), gone)
    for _, bar in roll(bars):
        held = [each for each in bars if bar.opened_at <= each.opened_at < bar.closed_at]
        assert (bar.open, bar.close, bar.parts) == (held[0].open, held[-1].close, len(held))
        assert Decimal(bar.high) == max(Decimal(each.high) for each in held)
        assert Decimal(bar.low) == min(Decimal(each.low) for each in held)
        assert Decimal(bar.volume) == sum(Decimal(each.volume) for each in held)


def test_volumes_are_summed_to_the_last_digit() -> None:
    bars = [
        bar._replace(volume=text)
        for bar, text in zip(walks.walk(rows=5), ["0.1", "0.2", "99999999999.00000001", "0", "1e3"], strict=True)
    ]
    assert roll(bars, Timeframe.M5)[0].bar.volume == "100000000999.30000001"


def test_a_bucket_is_said_with_the_bar_that_closes_at_its_end() -> None:
    assert [each.place for each in roll(walks.walk(rows=31))] == [14, 29]


def test_a_bucket_whose_last_bar_is_missing_is_said_with_the_next_bar() -> None:
    found = roll(walks.without(walks.walk(rows=20), {13, 14}))
    assert [(each.place, each.bar.parts) for each in found] == [(13, 13)]


def test_a_bucket_that_has_not_ended_is_not_said() -> None:
    assert roll(walks.walk(rows=14)) == []


def test_bars_that_do_not_divide_the_bucket_are_refused() -> None:
    with pytest.raises(ValueError, match="bars of 1h do not add up to 15m"):
        roll(walks.walk(rows=2, timeframe=Timeframe.H1))
