"""Intelligence: a bounded factor that is the product of its parts, the same for a long and for a mirrored short."""

from __future__ import annotations

import copy
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.unit.tradingops.modules.alpha.intelligence.tapes import (
    DOWN,
    LENGTH,
    POLICY,
    UP,
    a_tape,
    mirrored,
    read,
    seasons_of,
)
from tradingops.modules.alpha.intelligence.policy import IntelligencePolicy

SEEDS = st.integers(0, 10_000)
WEEK = 2016


def known_week(seed: int) -> tuple[list[list[float]], object]:
    """Return the tape at the end of a week with peers, and the week's seasons."""
    dice = np.random.default_rng(seed)
    rows = a_tape(seed=seed, bars=WEEK, peers=dice.normal(0, 0.001, WEEK))
    return rows[-LENGTH:], seasons_of(rows)


@given(seed=SEEDS, evidence=st.none() | st.floats(0, 1), gain=st.floats(0, 2))
def test_the_factor_is_the_product_of_its_parts_and_stays_within_its_bounds(seed, evidence, gain):
    policy = POLICY.model_copy(update={"residual_gain": gain, "kernel_gain": gain, "event_gain": gain})
    found = read(a_tape(seed=seed), evidence=evidence, policy=policy)
    assert policy.min_factor - 1e-6 <= found.factor <= policy.max_factor + 1e-6
    assert found.factor == pytest.approx(math.prod(found.parts.values()), abs=2e-6)


def test_a_bound_that_holds_the_factor_back_is_a_part_of_its_own():
    policy = POLICY.model_copy(update={"event_gain": 2.0})
    found = read(a_tape(), event_context={"event_resonance_boost": 1.4}, policy=policy)
    assert found.factor == policy.max_factor
    assert found.parts["bound"] < 1.0


@pytest.mark.parametrize("seed", range(6))
def test_a_short_in_the_mirrored_market_reads_as_a_long_does(seed):
    dice = np.random.default_rng(seed)
    rows = a_tape(seed=seed, bars=WEEK, peers=dice.normal(0, 0.001, WEEK))
    other = mirrored(rows)
    long = read(rows[-LENGTH:], seasons=seasons_of(rows))
    short = read(other[-LENGTH:], seasons=seasons_of(other), direction="short", features=DOWN)
    assert {"kalman", "seasonality", "cross_sectional", "volatility"} <= set(long.residuals)
    assert short.factor == pytest.approx(long.factor, abs=1e-5)
    assert short.agreement == pytest.approx(long.agreement, abs=1e-5)
    assert (short.module_boost, short.regime_adjustment) == pytest.approx((long.module_boost, long.regime_adjustment))
    assert short.absent == long.absent


def test_the_two_directions_of_one_market_agree_by_opposite_amounts():
    rows, seasons = known_week(3)
    long, short = read(rows, seasons=seasons), read(rows, seasons=seasons, direction="short")
    assert long.agreement == -short.agreement
    assert long.parts["residuals"] * short.parts["residuals"] == pytest.approx(1.0, abs=2e-6)
    assert long.regime_adjustment * short.regime_adjustment == pytest.approx(1.0, abs=2e-6)


@pytest.mark.parametrize(("move", "raises"), [(0.006, True), (-0.006, False)])
def test_a_residual_that_agrees_raises_and_one_that_opposes_lowers(move, raises):
    rows = a_tape(np.append(np.random.default_rng(5).normal(0, 0.001, LENGTH - 2), move))
    found = read(rows)
    assert found.residuals["kalman"]["bounded"] == math.copysign(POLICY.clamp, move)
    assert (found.parts["residuals"] > 1.0) is raises


def test_an_agreement_at_the_neutral_moves_nothing():
    rows = a_tape(seed=8)
    told = read(rows).agreement
    assert told
    neutral = POLICY.model_copy(update={"residual_neutral": told})
    assert read(rows, policy=neutral).parts["residuals"] == pytest.approx(1.0, abs=1e-6)


def test_boosts_are_those_of_the_formula_and_count_along_the_trend_alone():
    rows = a_tape(np.append(np.random.default_rng(5).normal(0, 0.001, LENGTH - 2), 0.006))
    along, against = read(rows), read(rows, features=DOWN)
    assert along.residuals["kalman"]["boost"] == pytest.approx((1 + 0.2 * 0.8) * (1 + 0.3 * 0.5))
    assert against.residuals["kalman"]["boost"] == pytest.approx(1 + 0.3 * 0.5)
    assert along.residuals["kalman"]["z"] == pytest.approx(3.0 * 1.16 * 1.15)


def test_events_raise_beyond_a_breakouts_own_weight_and_a_failed_level_lowers():
    rows = a_tape()
    parts = {
        name: read(rows, event_context=context).parts["events"]
        for name, context in {
            "breakout": {"event_resonance_boost": 0.5},
            "more": {"event_resonance_boost": 1.4},
            "beyond": {"event_resonance_boost": 1e308},
            "failed": {"event_resonance_boost": 0.5, "failed": ["bb_upper"]},
        }.items()
    }
    assert parts == pytest.approx(
        {"breakout": 1.0, "more": math.exp(0.09), "beyond": math.exp(0.09), "failed": math.exp(-0.02)}, abs=1e-6
    )


def test_the_regime_adjusts_by_trend_and_certainty():
    assert read(a_tape(), features=UP).regime_adjustment == pytest.approx(math.exp(0.1 * 0.7 * 0.8), abs=1e-6)
    assert read(a_tape(), features={}).regime_adjustment is None


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "0 believable rows"),
        (a_tape()[-59:], "59 believable rows on the tape of the 60 needed"),
        (a_tape(np.zeros(LENGTH - 1)), "the price on the tape never moved"),
        ([[row[0] + (row[0] % 1500 == 0) * 60, *row[1:]] for row in a_tape()], "are gaps"),
    ],
)
def test_a_tape_that_tells_nothing_leaves_a_factor_of_one_with_the_reason(rows, reason):
    found = read(rows)
    assert (found.factor, found.module_boost, found.regime_adjustment, dict(found.parts)) == (1.0, None, None, {})
    assert len(found.absent) == 1
    assert reason in found.absent[0]


def test_what_nobody_feeds_is_absent_by_name_and_never_zero():
    found = read(a_tape(), evidence=None)
    absent = {each.partition(":")[0] for each in found.absent}
    unfed = {"lead_lag", "cross_sectional", "order_flow", "basis_carry", "vol_surface", "breadth", "dsi", "learning"}
    assert unfed | {"seasonality", "kernel"} == absent
    assert set(found.residuals) == {"kalman", "volatility"}
    assert (found.kernel, found.module_boost) == (None, None)
    assert "kernel" not in found.parts


def test_intelligence_that_is_switched_off_says_so():
    found = read(a_tape(), policy=IntelligencePolicy(enabled=False))
    assert (found.factor, found.absent) == (1.0, ("intelligence: switched off",))


def test_an_unknown_direction_is_refused():
    with pytest.raises(ValueError, match="neutral"):
        read(a_tape(), direction="neutral")


BAD = st.sampled_from([math.nan, math.inf, -math.inf, None, -1.0, 0.0, 1e308, 1e-300, "12", "x"])


@given(seed=SEEDS, spoiled=st.lists(st.tuples(st.integers(0, LENGTH - 1), st.integers(0, 6), BAD), max_size=4))
def test_no_number_on_the_tape_leaks_what_json_cannot_hold(seed, spoiled):
    rows = a_tape(seed=seed, peers=np.random.default_rng(seed).normal(0, 0.001, LENGTH))
    for row, field, value in spoiled:
        rows[row][field] = value
    json.dumps(read(rows).to_json(), allow_nan=False)


@given(trend=BAD, confidence=BAD, regime=st.sampled_from(["trending_up", None, 3]), evidence=BAD, resonance=BAD)
def test_no_feature_leaks_what_json_cannot_hold(trend, confidence, regime, evidence, resonance):
    found = read(
        a_tape(),
        features={"trend": trend, "regime_confidence": confidence, "regime": regime},
        evidence=evidence,
        event_context={"event_resonance_boost": resonance},
    )
    json.dumps(found.to_json(), allow_nan=False)
    assert POLICY.min_factor <= found.factor <= POLICY.max_factor


def test_learning_that_is_told_raises_det_enhanced_sigma_alone():
    rows, seasons = known_week(4)
    plain = read(rows, seasons=seasons)
    learned = read(rows, seasons=seasons, learning={"learning_rate": 1.0, "innovation": 0.5, "collaboration": math.nan})
    assert learned.kernel.learning == pytest.approx(1 + 0.2 * (0.5 + 0.3 * 0.5))
    assert learned.kernel.det_enhanced_sigma == pytest.approx(plain.kernel.det_enhanced_sigma * learned.kernel.learning)
    assert learned.module_boost == plain.module_boost


def test_reading_changes_neither_tape_nor_seasons():
    rows, seasons = known_week(6)
    before = json.dumps([rows, seasons])
    assert read(rows, seasons=seasons) == read(copy.deepcopy(rows), seasons=copy.deepcopy(seasons))
    assert json.dumps([rows, seasons]) == before


@pytest.mark.parametrize(
    "changes",
    [{"warm_rows": 20}, {"min_rows": 40}, {"max_lag": 30}, {"accuracy_weight": 0, "precision_weight": 0}],
)
def test_windows_that_do_not_fit_and_weights_of_nothing_are_refused(changes):
    with pytest.raises(ValidationError):
        IntelligencePolicy(**changes)


def test_every_number_is_described():
    assert [name for name, each in IntelligencePolicy.model_fields.items() if not each.description] == []
