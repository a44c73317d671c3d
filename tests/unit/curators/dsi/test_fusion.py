"""Fusion against figures worked out by hand; weights, thresholds and survival as outcomes come in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curators.dsi import expert, fusion
from curators.dsi.expert import Expert, ExpertSaid
from curators.dsi.policy import FusionPolicy

POLICY = FusionPolicy()
NAMES = [each.value for each in Expert]
EVEN = dict.fromkeys(NAMES, 0.25)
SHARES = st.floats(0.0, 1.0)


def panel(*pairs):
    return {name: ExpertSaid(evidence=e, confidence=c) for name, (e, c) in zip(NAMES, pairs, strict=False)}


def test_evidence_confidence_and_interval_are_as_worked_out_by_hand():
    fused = fusion.fuse(panel((0.8, 0.5), (0.6, 1.0), (0.9, 0.5), (0.0, 0.0)), weights=EVEN, policy=POLICY)
    # (.8*.5 + .6*1 + .9*.5) / 2 = .725; 2/4 = .5; variance (.5*.075^2 + .125^2 + .5*.175^2) / 2 = .016875
    assert (fused.evidence, fused.confidence, fused.confirm) == (0.725, 0.5, True)
    half = 1.96 * (0.016875 / 4) ** 0.5
    assert fused.interval == pytest.approx((0.725 - half, 0.725 + half), abs=1e-6)
    assert (fused.confirm_rate, fused.boost) == (0.5, 1.3625)


def test_unequal_weights_pull_as_they_weigh():
    weights = {**EVEN, "grammar": 0.75}
    fused = fusion.fuse(panel((1.0, 0.8), (0.0, 0.4)), weights=weights, policy=POLICY)
    assert fused.evidence == pytest.approx(0.75 * 0.8 / (0.75 * 0.8 + 0.25 * 0.4), abs=1e-6)
    assert fused.confidence == pytest.approx((0.75 * 0.8 + 0.25 * 0.4) / 1.0)


def test_full_confidence_is_possible_under_even_weights():
    assert fusion.fuse(panel(*[(0.5, 1.0)] * 4), weights=EVEN, policy=POLICY).confidence == 1.0


def test_without_any_confidence_there_is_no_evidence():
    fused = fusion.fuse(panel((0.9, 0.0)), weights=EVEN, policy=POLICY)
    assert (fused.evidence, fused.confidence, fused.boost) == (0.0, 0.0, 1.0)


def test_nobody_to_fuse_is_said_so():
    with pytest.raises(ValueError, match="experts: none judged"):
        fusion.fuse({}, weights=EVEN, policy=POLICY)


@pytest.mark.parametrize(
    ("formula", "evidence", "factor"),
    [("dsi", 0.8, 1.4), ("dsi", 0.7, 0.86), ("dsi", 0.0, 1.0), ("kernel", 0.8, 1.24), ("kernel", 0.2, 1.06)],
)
def test_the_boost_follows_the_formula_that_was_chosen(formula, evidence, factor):
    assert fusion.boost(evidence, policy=FusionPolicy(boost=formula)) == factor


def test_a_weight_moves_by_a_hundredth_of_what_accuracy_exceeds_a_half():
    after = fusion.learn(fusion.start(POLICY), {"grammar": 0.9}, won=True, policy=POLICY)
    # .25 + .01 * (.9 - .5) = .254, and then all are scaled to sum to 1 again.
    assert after["grammar"]["weight"] == pytest.approx(0.254 / 1.004, abs=1e-6)
    assert after["anomaly"]["weight"] == pytest.approx(0.25 / 1.004, abs=1e-6)
    assert (after["grammar"]["n"], after["anomaly"]["n"]) == (1, 0)


def _after(count, heard, *, won=True, policy=POLICY):
    standing = fusion.start(policy)
    for _ in range(count):
        standing = fusion.learn(standing, heard, won=won, policy=policy)
    return standing


def test_a_threshold_waits_for_ten_outcomes_and_then_moves_within_its_bounds():
    assert _after(9, {"grammar": 1.0})["grammar"]["threshold"] == 0.7
    assert _after(10, {"grammar": 1.0})["grammar"]["threshold"] == 0.69
    assert _after(60, {"grammar": 1.0})["grammar"]["threshold"] == 0.5
    assert _after(60, {"grammar": 1.0}, won=False)["grammar"]["threshold"] == 0.9


def test_confidence_is_unknown_for_four_outcomes_and_then_follows_the_errors():
    assert fusion.confidence(_after(4, {"grammar": 0.9})["grammar"], policy=POLICY) == 0.5
    assert fusion.confidence(_after(5, {"grammar": 0.9})["grammar"], policy=POLICY) == 0.9
    assert fusion.confidence(_after(5, {"grammar": 1.0}, won=False)["grammar"], policy=POLICY) == 0.1


def test_an_expert_that_weighs_too_little_does_not_survive():
    harsh = FusionPolicy(survival_share=0.9, learning_rate=0.1)
    standing = _after(3, {"grammar": 0.0, "anomaly": 1.0}, policy=harsh)
    assert fusion.survival_rates(standing)["grammar"] < 1.0 == fusion.survival_rates(standing)["anomaly"]
    assert fusion.survival_rate(standing) < 1.0 == fusion.survival_rate(fusion.start(POLICY))


def test_learning_changes_nothing_in_place_and_refuses_strangers():
    standing = fusion.start(POLICY)
    before = json.dumps(standing)
    fusion.learn(standing, {"grammar": 0.9}, won=True, policy=POLICY)
    assert json.dumps(standing) == before
    with pytest.raises(ValueError, match="oracle"):
        fusion.learn(standing, {"oracle": 0.9}, won=True, policy=POLICY)


@given(st.lists(st.tuples(st.dictionaries(st.sampled_from(NAMES), SHARES), st.booleans()), max_size=60))
def test_whatever_is_learned_weights_sum_to_one_and_state_is_bounded_plain_json(outcomes):
    standing = fusion.start(POLICY)
    for heard, won in outcomes:
        standing = fusion.learn(standing, heard, won=won, policy=POLICY)
    assert json.loads(json.dumps(standing, allow_nan=False)) == standing
    assert sum(fusion.weights(standing).values()) == pytest.approx(1.0, abs=1e-5)
    assert all(0.0 < weight < 1.0 for weight in fusion.weights(standing).values())
    assert all(len(each["errors"]) <= 10 and len(each["survived"]) <= 50 for each in standing.values())


@given(st.lists(st.tuples(SHARES, SHARES.map(expert.share)), min_size=1, max_size=4))
def test_fused_evidence_lies_among_what_was_said(pairs):
    fused = fusion.fuse(panel(*pairs), weights=EVEN, policy=POLICY)
    trusted = [evidence for evidence, confidence in pairs if confidence > 0.0] or [0.0]
    assert min(trusted) - 1e-6 <= fused.evidence <= max(trusted) + 1e-6
    assert 0.0 <= fused.interval[0] <= fused.evidence <= fused.interval[1] <= 1.0
