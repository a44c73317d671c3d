"""Seasons: every return is counted once, in the hour and on the day it traded, and never before its hour is over."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.tradingops.modules.alpha.intelligence.tapes import LENGTH, MONDAY, POLICY, a_tape, seasons_of
from tradingops.modules.alpha.intelligence import seasons
from tradingops.modules.alpha.intelligence.seasons import Cell

HOUR = 3600


def returns_of(rows, seconds=300):
    """Return each return in basis points with the hour it traded in, over neighbouring rows."""
    return [
        (seasons.hour_of(after[0]), 1e4 * math.log(after[4] / before[4]))
        for before, after in pairwise(rows)
        if after[0] - before[0] == seconds
    ]


@pytest.mark.parametrize(
    ("seconds", "timeframe"), [(60, "1m"), (300, "5m"), (900, "15m"), (3600, "1h"), (14_400, "4h")]
)
def test_every_return_is_counted_once_but_those_of_the_hour_that_is_not_over(seconds, timeframe):
    rows = a_tape(bars=700, seconds=seconds)
    kept = seasons_of(rows, timeframe=timeframe)[timeframe]
    first, newest = seasons.hour_of(rows[0][0]), seasons.hour_of(rows[-1][0])
    told = [(hour, each) for hour, each in returns_of(rows, seconds) if first <= hour < newest]
    for place, cells in ((0, kept.hours), (1, kept.days)):
        for nth, (count, mean, squares) in enumerate(cells):
            mine = [each for hour, each in told if seasons.places(hour)[place] == nth]
            assert count == len(mine)
            if mine:
                average = sum(mine) / len(mine)
                assert mean == pytest.approx(average, abs=1e-4)
                assert squares == pytest.approx(sum((each - average) ** 2 for each in mine), rel=1e-4, abs=1e-3)


def test_the_newest_bar_is_never_in_its_own_yardstick():
    rows = a_tape(bars=13 * 12)
    for end in range(2, len(rows)):
        kept = seasons_of(rows[:end])["5m"]
        assert kept.hour == seasons.hour_of(rows[end - 1][0])
    wild = [*rows[:-1], [*rows[-1][:4], rows[-1][4] * 2, rows[-1][5]]]
    assert seasons_of(wild) == seasons_of(rows)


def test_a_bar_that_closes_on_the_hour_traded_before_it():
    assert seasons.places(seasons.hour_of(MONDAY)) == (23, 6)
    assert seasons.places(seasons.hour_of(MONDAY + 300)) == (0, 0)
    assert seasons.places(seasons.hour_of(MONDAY + HOUR)) == (0, 0)


def test_two_cells_make_the_cell_of_both():
    # 0 and 2, then 4 and 6: a mean of 3, and 9 + 1 + 1 + 9 of squares about it.
    assert seasons.merged(Cell(2, 1.0, 2.0), Cell(2, 5.0, 2.0), memory=100) == Cell(4, 3.0, 20.0)


def test_beyond_its_memory_a_cell_keeps_its_spread_and_forgets_its_weight():
    assert seasons.merged(Cell(2, 1.0, 2.0), Cell(2, 5.0, 2.0), memory=2) == Cell(2, 3.0, 10.0)


def test_a_return_over_a_gap_belongs_to_no_hour():
    rows = a_tape(bars=30)
    late = rows[:6] + [[row[0] + 600, *row[1:]] for row in rows[6:]]
    assert sum(cell.returns for cell in seasons_of(late)["5m"].hours) == len(
        [hour for hour, _ in returns_of(late) if hour < seasons.hour_of(late[-1][0])]
    )


@given(seed=st.integers(0, 1000))
def test_json_undoes_to_json_without_negative_zeros(seed):
    kept = seasons_of(a_tape(seed=seed, bars=300))
    assert seasons.from_json(json.loads(json.dumps(seasons.to_json(kept), allow_nan=False))) == kept
    numbers = [each for cell in (*kept["5m"].hours, *kept["5m"].days) for each in cell]
    assert [each for each in numbers if each == 0 and math.copysign(1, each) < 0] == []


def test_seasons_are_not_changed_in_place_and_are_the_same_until_an_hour_begins():
    rows = a_tape()
    before = seasons_of(rows[:20])
    kept = json.dumps(seasons.to_json(before))
    assert seasons.extended(before, rows[:21], "5m", POLICY) is before
    after = seasons.extended(before, rows[:26], "5m", POLICY)
    assert after is not before
    assert json.dumps(seasons.to_json(before)) == kept


def test_timeframes_are_kept_apart():
    rows = a_tape()
    kept = seasons.extended(seasons_of(rows), a_tape(seconds=60)[:LENGTH], "1m", POLICY)
    assert sorted(kept) == ["1m", "5m"]
