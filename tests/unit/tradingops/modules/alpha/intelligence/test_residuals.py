"""Residuals: each model's number checked by hand or against the model written out in full."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.tradingops.modules.alpha.intelligence.tapes import LENGTH, POLICY, a_tape, seasons_of
from tradingops.modules.alpha.intelligence import seasons
from tradingops.modules.alpha.intelligence.residuals import (
    flow,
    kalman,
    peers,
    regression,
    seasonality,
    series,
    volatility,
)
from tradingops.modules.alpha.intelligence.residuals.residual import Absent
from tradingops.modules.alpha.intelligence.seasons import Cell, Season

SEEDS = st.integers(0, 10_000)


def of(rows):
    return series.of_rows(rows, POLICY)


# --- the tape


@pytest.mark.parametrize(
    ("field", "value"), [(0, 0.0), (4, math.nan), (4, None), (1, 0.0), (2, 1.0), (5, -1.0), (5, math.inf)]
)
def test_what_lies_up_to_the_last_row_that_cannot_be_believed_is_left_out(field, value):
    rows = a_tape()
    rows[40][field] = value
    read = of(rows)
    assert read.closed_at[0] == rows[40 if field == 0 else 41][0]
    assert len(read.returns) == len(read.closed_at) - 1


def test_rows_that_began_to_tell_of_peers_later_are_read_all_the_same():
    rows = a_tape()
    rows = rows[:100] + [[*row, 0.001] for row in rows[100:]]
    read = of(rows)
    assert np.isnan(read.peers[:100]).all()
    assert (read.peers[100:] == 0.001).all()
    with pytest.raises(Absent, match="100 rows of the tape do not tell"):
        peers.cross_sectional(read, POLICY)


# --- kalman


@given(seed=SEEDS)
def test_the_filter_is_the_three_state_filter_written_out_in_full(seed):
    read = of(a_tape(seed=seed))
    step, seen = np.diag([1.0, 1.0, 0.95]), np.array([1.0, 1.0, 0.0])
    state, known = np.zeros(3), np.eye(3)
    expected, squares = [], []
    for reading in read.returns / read.deviation:
        state, known = step @ state, step @ known @ step.T + 0.01 * np.eye(3)
        variance = seen @ known @ seen + 0.1
        expected.append((seen @ state, variance))
        squares.append((reading - seen @ state) ** 2 / variance)
        gain = known @ seen / variance
        state, known = state + gain * (reading - seen @ state), known - np.outer(gain, seen @ known)
    found = kalman.read(read, POLICY)
    prediction, variance = expected[-1]
    assert found.prediction == pytest.approx(prediction * read.deviation)
    assert found.std == pytest.approx(math.sqrt(variance * np.mean(squares[:-1])) * read.deviation)


def test_the_first_gain_is_what_the_matrices_give_by_hand():
    gains, spreads = kalman._course(1, 0.01, 0.1, 0.95)
    assert gains[0] == pytest.approx(2.02 / 2.12)
    assert spreads[0] == pytest.approx(math.sqrt(2.12))


@given(seed=SEEDS, scale=st.floats(0.01, 20))
def test_a_residual_does_not_depend_on_how_wild_the_market_is(seed, scale):
    returns = np.random.default_rng(seed).normal(0, 0.001, LENGTH - 1)
    calm, wild = (kalman.read(of(a_tape(each)), POLICY) for each in (returns, scale * returns))
    assert wild.z == pytest.approx(calm.z, abs=1e-6)


# --- volatility


def test_volatility_sets_a_size_against_a_normal_size():
    size = 0.001
    returns = size * np.where(np.arange(LENGTH - 1) % 2, 1.0, -1.0)
    returns[-1] = 2 * size
    found = volatility.read(of(a_tape(returns)), POLICY)
    assert found.prediction == pytest.approx(size * 0.797885, rel=1e-5)
    assert found.z == pytest.approx((2 - 0.797885) / 0.602810, rel=1e-5)
    assert found.history is None


# --- seasonality


def test_seasonality_is_the_hours_mean_and_what_the_day_adds():
    rows = a_tape()
    hour, day = seasons.places(seasons.hour_of(rows[-1][0]))
    hours, days = [Cell(40, 1.0, 40 * 25.0)] * 24, [Cell(40, 1.0, 0.0)] * 7
    hours[hour], days[day] = Cell(50, 3.0, 50 * 16.0), Cell(40, 8.0, 0.0)
    found = seasonality.read(of(rows), {"5m": Season(0, tuple(hours), tuple(days))}, POLICY)
    # The mean of all days is (6 x 1 + 8) / 7 = 2 basis points.
    assert found.prediction == pytest.approx((3.0 + 8.0 - 2.0) / 1e4)
    assert found.std == pytest.approx(4.0 / 1e4)
    assert found.z == pytest.approx((math.log(rows[-1][4] / rows[-2][4]) - 9e-4) / 4e-4)


def test_an_hour_of_which_too_little_is_known_is_absent():
    rows = a_tape()
    with pytest.raises(Absent, match="of the 30 needed"):
        seasonality.read(of(rows), seasons_of(rows), POLICY)
    with pytest.raises(Absent, match="no season was kept of bars of 300 s"):
        seasonality.read(of(rows), {"1m": Season(0)}, POLICY)


# --- regression


def test_the_ridge_shrinks_the_slope_and_not_the_level():
    line = regression.fitted(np.array([9.0, 11.0]), np.array([4.0, 6.0]), ridge=0.1)
    assert line.slope == pytest.approx(1 / 1.05)
    assert line.at(np.array([10.0]))[0] == pytest.approx(5.0)
    assert line.std == pytest.approx(1 - 1 / 1.05)


@given(seed=SEEDS)
def test_correlation_is_numpys(seed):
    x, y = np.random.default_rng(seed).normal(size=(2, 50))
    assert regression.correlation(x, y) == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert regression.correlation(x, np.ones(50)) == 0.0


# --- peers


@pytest.mark.parametrize("lag", [1, 3, 5])
def test_a_lead_is_found_at_its_lag(lag):
    dice = np.random.default_rng(lag)
    told = dice.normal(0, 0.001, LENGTH)
    led = np.concatenate([np.zeros(lag), told])[2 : LENGTH + 1]
    returns = 0.9 * led + dice.normal(0, 0.0002, LENGTH - 1)
    found = peers.lead_lag(of(a_tape(returns, peers=told)), POLICY)
    assert found.prediction == pytest.approx(0.9 * led[-1], abs=1e-4)
    assert found.std == pytest.approx(0.0002, rel=0.3)


def test_peers_that_lead_nowhere_are_absent():
    with pytest.raises(Absent, match="peers lead at no lag to 5"):
        peers.lead_lag(of(a_tape(peers=np.random.default_rng(9).normal(0, 0.001, LENGTH))), POLICY)
    with pytest.raises(Absent, match="no other symbol is fed"):
        peers.lead_lag(of(a_tape()), POLICY)
    with pytest.raises(Absent, match="never moves"):
        peers.cross_sectional(of(a_tape(peers=np.zeros(LENGTH))), POLICY)


@pytest.mark.parametrize("drift", [0.0004, -0.0004])
def test_a_symbol_that_leaves_its_peers_behind_stands_out_to_that_side(drift):
    dice = np.random.default_rng(2)
    common = dice.normal(0, 0.001, LENGTH - 1)
    own = common + dice.normal(0, 0.0003, LENGTH - 1)
    own[-21:-1] += drift
    # A row tells what the peers did a moment before it: while the symbol made the return before last.
    told = np.concatenate([[0.0, 0.0], common[:-1]])
    found = peers.cross_sectional(of(a_tape(own, peers=told)), POLICY)
    assert found.z * drift > 0
    assert abs(found.z) > 1.5
    assert found.prediction == pytest.approx(common[-21:-1].sum(), abs=0.003)


@given(seed=SEEDS, move=st.floats(-0.05, 0.05))
def test_the_newest_return_does_not_move_what_was_expected_of_it(seed, move):
    dice = np.random.default_rng(seed)
    returns, told = dice.normal(0, 0.001, LENGTH - 1), dice.normal(0, 0.001, LENGTH)
    other = np.append(returns[:-1], move)
    one, two = (of(a_tape(each, seed=seed, peers=told)) for each in (returns, other))
    for expect in (kalman.read, volatility.read, peers.cross_sectional):
        assert expect(one, POLICY).prediction == pytest.approx(expect(two, POLICY).prediction, rel=1e-6, abs=1e-12)


# --- order flow


def trades(count: int, *, seed: int = 1, price: float = 100.0) -> list[dict[str, object]]:
    """Return trades in which buyers push the price up and sellers push it down."""
    told = []
    dice = np.random.default_rng(seed)
    lean = np.repeat(dice.uniform(0.2, 0.8, count // 20 + 1), 20)
    for nth in range(count):
        side = "buy" if dice.random() < lean[nth] else "sell"
        price *= 1.0001 if side == "buy" else 1 / 1.0001
        told.append({"px": str(price), "qty": "1.5", "side": side})
    return told


def test_order_flow_explains_a_market_that_is_its_flow():
    told = trades(400)
    found = flow.order_flow(told, POLICY)
    newest = math.log(float(told[-1]["px"]) / float(told[379]["px"]))
    assert found.prediction == pytest.approx(newest, abs=4 * found.std)
    assert found.std < 0.0006


def test_order_flow_needs_enough_trades_that_can_be_believed():
    spoiled = [{**each, "px": "nan"} for each in trades(250)]
    with pytest.raises(Absent, match="0 trades of the 200 needed"):
        flow.order_flow(spoiled, POLICY)


def test_quantities_beyond_all_number_leave_no_order_flow():
    with pytest.raises(Absent):
        flow.order_flow([{**each, "qty": 1e308} for each in trades(250)], POLICY)
