"""Windows and equity: returns on the grid of the bars, and what the book was worth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio import metrics
from strands.strand import Strand
from tests.factories import a_bar
from tradingops.modules.risk import equity as equities
from tradingops.modules.risk import windows

MORNING = datetime(2022, 1, 3, 6, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def bar(nth: int, close: float, *, timeframe: str = "15m") -> Strand:
    return a_bar(timeframe=timeframe, at=MORNING + nth * QUARTER, bar={"close": str(close)})


def window(*closes: tuple[int, float], keep: int = 100, timeframe: str = "15m") -> windows.Window:
    made = None
    for nth, close in closes:
        made = windows.extended(made, bar(nth, close, timeframe=timeframe), keep=keep)
    assert made is not None
    return made


def test_the_first_bar_has_no_return():
    assert window((0, 100)).returns == ()


def test_a_bar_of_another_length_begins_again():
    first = window((0, 100), (1, 101))
    again = windows.extended(first, bar(4, 110, timeframe="1h"), keep=100)
    assert (again.timeframe, again.returns) == ("1h", ())


def test_a_long_gap_never_outgrows_the_window():
    assert window((0, 100), (1000, 101), keep=20).returns == (None,) * 20


def test_columns_end_at_the_same_moment():
    panel = windows.panel_of({"A": window((0, 100), (1, 101), (2, 102.01)), "B": window((0, 100), (1, 102))})
    one, other = panel.together(["A", "B"])
    assert one.tolist() == [0.01]
    assert other.tolist() == [0.02]


def test_moments_that_one_symbol_missed_are_left_out_of_both():
    panel = windows.panel_of(
        {"A": window((0, 100), (1, 101), (2, 101), (3, 101)), "B": window((0, 100), (1, 102), (3, 102))}
    )
    one, other = panel.together(["A", "B"])
    assert one.tolist() == [0.01]
    assert other.tolist() == [0.02]
    assert panel.known("B").tolist() == [0.02]


def test_symbols_of_different_lengths_or_never_heard_have_nothing_together():
    panel = windows.panel_of({"A": window((0, 100), (1, 101)), "B": window((0, 100), (4, 102), timeframe="1h")})
    assert panel.together(["A", "B"]) == []
    assert panel.together(["A", "C"]) == []


def test_a_timeframe_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="7m"):
        windows.seconds_of("7m")


def folded(values: list[int], *, every: timedelta = QUARTER) -> equities.Equity:
    equity = equities.opening(Decimal(100))
    for nth, value in enumerate(values):
        equity = equities.marked(equity, Decimal(value), at=MORNING + nth * every, ends_a_period=True)
    return equity


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=50))
def test_the_fold_knows_peak_and_deepest_fall(values):
    equity = folded(values)
    assert equity.peak == max([100, *values])
    assert equity.max_drawdown == pytest.approx(metrics.max_drawdown([100.0, *map(float, values)]))
    assert 0 <= equity.drawdown <= equity.max_drawdown


@given(st.lists(st.integers(1, 1000), min_size=3, max_size=50))
def test_the_fold_counts_one_return_a_moment(values):
    moments = folded(values).returns
    returns = [later / earlier - 1 for earlier, later in zip([100, *values], values, strict=False)][:-1]
    assert moments.count == len(returns)
    assert moments.mean == pytest.approx(sum(returns) / len(returns))


def test_bars_that_close_together_make_one_return():
    equity = equities.opening(Decimal(100))
    for nth, value in ((0, 100), (1, 104), (1, 102), (2, 102), (3, 102)):
        equity = equities.marked(equity, Decimal(value), at=MORNING + nth * QUARTER, ends_a_period=True)
    moments = equity.returns
    assert (moments.count, moments.mean) == (3, pytest.approx(0.02 / 3))


def test_a_fill_changes_the_value_and_ends_no_period():
    equity = equities.marked(folded([100, 100]), Decimal(99), at=MORNING + QUARTER, ends_a_period=False)
    assert equity.last == 99
    assert equity.returns.count == 1


def test_a_new_day_starts_from_the_last_value():
    equity = folded([100, 90], every=timedelta(hours=24))
    assert equity.daily_pnl == -10
    assert equity.daily_loss == pytest.approx(0.1)


def test_a_day_that_began_with_nothing_has_no_share_to_lose():
    equity = folded([100])._replace(day_start=Decimal(0))
    assert equity.daily_loss == 0
