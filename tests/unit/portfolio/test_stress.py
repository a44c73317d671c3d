"""Stress: what bad days cost the book as it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio import stress
from portfolio.stress import Scenario, StressPolicy

POLICY = StressPolicy()
WEIGHTS = st.dictionaries(st.sampled_from(["BTC", "ETH", "SOL"]), st.floats(-1, 1))


def test_a_crash_costs_longs_what_a_rally_costs_shorts():
    long = stress.losses({"BTC": 0.5}, {}, POLICY)
    short = stress.losses({"BTC": -0.5}, {}, POLICY)
    assert long[Scenario.CRASH] == short[Scenario.RALLY] == pytest.approx(0.1)
    assert long[Scenario.RALLY] == short[Scenario.CRASH] == pytest.approx(-0.1)


def test_a_shock_moves_every_position_five_deviations_against_itself():
    losses = stress.losses({"BTC": 0.2, "ETH": -0.1}, {"BTC": 0.03, "ETH": 0.04}, POLICY)
    assert losses[Scenario.VOLATILITY_SHOCK] == pytest.approx(5 * (0.2 * 0.03 + 0.1 * 0.04))
    assert losses[Scenario.CORRELATION_ONE] == pytest.approx(1.645 * (0.2 * 0.03 + 0.1 * 0.04))


def test_a_symbol_not_known_yet_takes_the_policys_volatility():
    assert stress.losses({"NEW": 0.1}, {}, POLICY)[Scenario.VOLATILITY_SHOCK] == pytest.approx(5 * 0.1 * 0.05)


def test_a_gap_costs_both_sides_to_close():
    assert stress.losses({"BTC": 0.2, "ETH": -0.1}, {}, POLICY)[Scenario.LIQUIDITY_GAP] == pytest.approx(0.006)


def test_nothing_held_loses_nothing():
    assert set(stress.losses({}, {}, POLICY).values()) == {0}


@given(WEIGHTS)
def test_shocks_and_gaps_never_earn(weights):
    losses = stress.losses(weights, {}, POLICY)
    assert min(losses[Scenario.VOLATILITY_SHOCK], losses[Scenario.CORRELATION_ONE], losses[Scenario.LIQUIDITY_GAP]) >= 0


@given(WEIGHTS)
def test_the_mirrored_book_loses_in_a_rally_what_this_one_loses_in_a_crash(weights):
    mirrored = {symbol: -weight for symbol, weight in weights.items()}
    assert stress.losses(weights, {}, POLICY)[Scenario.CRASH] == pytest.approx(
        stress.losses(mirrored, {}, POLICY)[Scenario.RALLY]
    )
