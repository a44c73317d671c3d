"""Fusion: alphas of one symbol as a confidence-weighted signed mean, each while its plan may be entered."""

from __future__ import annotations

import copy
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.plans.plan import Direction
from tests.factories import NOON, a_plan
from tradingops.modules.decision import fusion
from tradingops.modules.decision.fusion import AlphaFusionPolicy

SHARES = st.floats(0, 1)


def joined(alphas, *, plan_id="one", direction="long", sigma=0.6, confidence=0.8, minutes=15, now=NOON, **changes):
    plan = a_plan(
        plan_id=plan_id, direction=Direction(direction), valid_until=NOON + timedelta(minutes=minutes), **changes
    )
    return fusion.fuse(alphas, plan, sigma=sigma, confidence=confidence, now=now)


def test_an_alpha_alone_keeps_its_own_strength():
    alphas, fused = joined({}, sigma=0.643211)
    assert (fused.sigma, fused.own, fused.mean) == (0.643211, 0.643211, 0.643211)
    assert alphas == {"BTCUSDT": (fusion.Alpha("one", 1, 0.643211, 0.8, NOON + timedelta(minutes=15)),)}
    assert fused.to_json()["parts"] == [
        {"plan_id": "one", "sign": 1, "sigma": 0.643211, "confidence": 0.8, "until": "2022-01-03T12:15:00+00:00"}
    ]


def test_alphas_that_oppose_each_other_are_weighed_by_confidence():
    alphas, _ = joined({}, direction="long", sigma=0.8, confidence=0.6)
    _, fused = joined(alphas, plan_id="two", direction="short", sigma=0.6, confidence=0.9)
    # (0.48 - 0.54) / 1.5: short by 0.04.
    assert (fused.sigma, fused.own, fused.mean) == (pytest.approx(0.04), 0.6, pytest.approx(-0.04))
    _, beaten = joined(alphas, plan_id="two", direction="short", sigma=0.6, confidence=0.7)
    assert (beaten.sigma, beaten.mean) == (0.0, pytest.approx(0.06 / 1.3))
    assert [each["plan_id"] for each in beaten.to_json()["parts"]] == ["one", "two"]


def test_alphas_that_agree_meet_between_their_strengths():
    alphas, _ = joined({}, sigma=0.9, confidence=0.5)
    _, fused = joined(alphas, plan_id="two", sigma=0.6, confidence=1.0)
    assert fused.sigma == pytest.approx(0.7)


def test_alphas_of_other_symbols_and_alphas_that_are_over_have_no_say():
    alphas, _ = joined({}, plan_id="other", symbol="ETHUSDT", direction="short", minutes=60)
    alphas, _ = joined(alphas, plan_id="over", direction="short", minutes=5)
    alphas, fused = joined(alphas, plan_id="new", now=NOON + timedelta(minutes=5))
    assert fused.sigma == 0.6
    assert {symbol: [each.plan_id for each in held] for symbol, held in alphas.items()} == {
        "BTCUSDT": ["new"],
        "ETHUSDT": ["other"],
    }


def test_a_plan_that_comes_twice_counts_once():
    once, first = joined({})
    twice, second = joined(once)
    assert (twice, second) == (once, first)


def test_a_plan_that_cannot_be_judged_joins_nobody():
    alphas, _ = joined({})
    after, fused = fusion.fuse(alphas, None, sigma=0.0, confidence=0.0, now=NOON)
    assert (after, fused.sigma, fused.parts) == (alphas, 0.0, ())


def test_a_plan_that_was_over_when_it_came_is_judged_and_not_kept():
    alphas, fused = joined({}, minutes=-1)
    assert (alphas, fused.sigma) == ({}, 0.6)


def test_nobody_confident_leaves_a_plan_its_own_strength():
    alphas, _ = joined({}, direction="short", confidence=0.0)
    assert joined(alphas, plan_id="two", confidence=0.0)[1].sigma == 0.6


def test_the_oldest_are_let_go_where_there_are_too_many():
    alphas = {}
    for nth in range(6):
        plan = a_plan(plan_id=str(nth), valid_until=NOON + timedelta(hours=1))
        alphas, _ = fusion.fuse(
            alphas, plan, sigma=0.5, confidence=0.5, now=NOON, policy=AlphaFusionPolicy(most_alphas=3)
        )
    assert [each.plan_id for each in alphas["BTCUSDT"]] == ["3", "4", "5"]


ALPHAS = st.lists(st.tuples(st.sampled_from(["long", "short"]), SHARES, SHARES), min_size=1, max_size=6)


def joined_all(alphas):
    state, fused = {}, None
    for nth, (direction, sigma, confidence) in enumerate(alphas):
        state, fused = joined(state, plan_id=str(nth), direction=direction, sigma=sigma, confidence=confidence)
    return state, fused


@given(alphas=ALPHAS)
def test_the_strength_lies_between_0_and_the_strongest_and_the_alphas_are_kept_whole(alphas):
    state, fused = joined_all(alphas)
    assert 0.0 <= fused.sigma <= max(sigma for _, sigma, _ in alphas) + 1e-9
    kept = json.loads(json.dumps(fused.to_json(), allow_nan=False))
    assert tuple(map(fusion.load, kept["parts"])) == fused.parts == state["BTCUSDT"]


@given(alphas=ALPHAS)
def test_the_mirrored_alphas_are_fused_alike(alphas):
    other = {"long": "short", "short": "long"}
    _, fused = joined_all(alphas)
    _, mirrored = joined_all([(other[direction], sigma, confidence) for direction, sigma, confidence in alphas])
    assert (mirrored.sigma, mirrored.mean) == (fused.sigma, -fused.mean)


def test_the_state_before_is_not_changed():
    alphas, _ = joined({})
    before = copy.deepcopy(alphas)
    joined(alphas, plan_id="two", now=NOON + timedelta(hours=1))
    assert alphas == before
