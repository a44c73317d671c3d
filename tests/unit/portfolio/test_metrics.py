"""Metrics: worked examples, and what holds for all numbers."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portfolio import metrics

RETURNS = st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=200)
AMOUNTS = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=20)
VALUES = st.lists(st.floats(0, 1e9), min_size=1, max_size=50)


def tail(returns: list[float], least: int = 1) -> metrics.Tail:
    found = metrics.historical_tail(returns, share=0.05, least=least)
    assert found is not None
    return found


def test_var_is_the_return_at_a_twentieth_of_the_way():
    returns = [n / 1000 for n in range(-50, 50)]
    assert tail(returns).var == pytest.approx(0.045)


def test_cvar_is_the_mean_of_the_returns_up_to_that_one():
    returns = [n / 1000 for n in range(-50, 50)]
    assert tail(returns).cvar == pytest.approx((0.050 + 0.049 + 0.048 + 0.047 + 0.046 + 0.045) / 6)


def test_a_tail_of_gains_loses_nothing():
    assert tail([0.01] * 40) == metrics.Tail(0.0, 0.0, 40)


def test_too_few_returns_have_no_tail():
    assert metrics.historical_tail([-0.1] * 19, share=0.05, least=20) is None
    assert metrics.historical_tail([], share=0.05, least=0) is None


def test_a_tail_grows_with_the_root_of_time():
    assert metrics.Tail(0.01, 0.02, 100).over(4) == metrics.Tail(0.02, 0.04, 100)


@given(RETURNS)
def test_var_never_exceeds_cvar_nor_cvar_the_worst_return(returns):
    found = tail(returns)
    assert 0 <= found.var <= found.cvar <= max(0.0, -min(returns)) + 1e-12


@given(RETURNS, st.randoms())
def test_the_order_of_returns_does_not_matter_to_the_tail(returns, shuffler):
    shuffled = list(returns)
    shuffler.shuffle(shuffled)
    assert tail(shuffled) == tail(returns)


def test_a_fall_from_120_to_90_is_a_quarter():
    assert metrics.drawdown(peak=120, value=90) == 0.25


def test_a_book_worth_less_than_nothing_has_fallen_further_than_all_the_way():
    assert metrics.drawdown(peak=100, value=-5) == 1.05


def test_no_peak_no_fall():
    assert metrics.drawdown(peak=0, value=-5) == 0.0


def test_the_deepest_fall_is_found_after_its_peak():
    assert metrics.max_drawdown([100, 120, 90, 130, 117]) == 0.25


@given(VALUES)
def test_a_drawdown_lies_between_none_and_all(values):
    assert 0 <= metrics.max_drawdown(values) <= 1


@given(VALUES)
def test_rising_values_never_fall(values):
    assert metrics.max_drawdown(sorted(values)) == 0


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=60))
def test_moments_seen_one_at_a_time_are_those_of_all(numbers):
    seen = metrics.Moments()
    for number in numbers:
        seen = seen.including(number)
    assert seen.count == len(numbers)
    assert seen.mean == pytest.approx(statistics.fmean(numbers), abs=1e-12)
    assert seen.deviation == pytest.approx(statistics.stdev(numbers), abs=1e-9)


def test_sharpe_is_the_excess_over_the_deviation_annualised():
    moments = metrics.Moments(count=101, mean=0.001, squares=0.0001 * 100)
    expected = (0.001 - 0.02 / 365) / 0.01 * math.sqrt(365)
    assert metrics.sharpe(moments, periods_a_year=365, risk_free=0.02) == pytest.approx(expected)


def test_without_deviation_there_is_no_sharpe():
    assert metrics.sharpe(metrics.Moments(), periods_a_year=365, risk_free=0.02) is None
    assert metrics.sharpe(metrics.Moments(5, 0.0, 0.0), periods_a_year=365, risk_free=0.02) is None


def test_equal_amounts_have_the_least_concentration():
    assert metrics.herfindahl([5, -5, 5, 5]) == 0.25


def test_nothing_held_is_not_concentrated():
    assert metrics.herfindahl([]) == metrics.herfindahl([0.0, 0.0]) == 0.0


@given(AMOUNTS)
def test_concentration_lies_between_one_over_n_and_one(amounts):
    assume(any(amounts))
    assert 1 / len(amounts) - 1e-12 <= metrics.herfindahl(amounts) <= 1


@given(AMOUNTS)
def test_signs_do_not_matter_to_concentration(amounts):
    assert metrics.herfindahl(amounts) == metrics.herfindahl([-each for each in amounts])


def test_volatility_is_the_sample_deviation():
    assert metrics.volatility([0.01, -0.01, 0.02]) == pytest.approx(statistics.stdev([0.01, -0.01, 0.02]))
    assert metrics.volatility([0.01]) is None


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=2, max_size=60))
def test_correlation_is_symmetric_and_bounded(pairs):
    one, other = zip(*pairs, strict=True)
    rho = metrics.correlation(one, other)
    assert rho == metrics.correlation(other, one)
    assert rho is None or -1 <= rho <= 1


@given(st.lists(st.integers(-1000, 1000), min_size=3, max_size=60))
def test_a_series_is_one_with_itself_and_opposed_to_its_mirror(numbers):
    assume(len(set(numbers)) > 1)
    column = np.array(numbers) / 1000
    assert metrics.correlation(column, column) == pytest.approx(1)
    assert metrics.correlation(column, 2 - 3 * column) == pytest.approx(-1)


def test_a_side_that_never_moves_has_no_correlation():
    assert metrics.correlation([0.01] * 5, [1, 2, 3, 4, 5]) is None
    assert metrics.correlation([0.01], [0.02]) is None
