"""Detection: conditions, scores, and the mirror of every market."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.plans.plan import Direction
from tests.factories import BREAKING_UP, QUIET
from tradingops.modules.alpha import confirmation, detection, regimes
from tradingops.modules.alpha.policy import AlphaPolicy

POLICY = AlphaPolicy()
LONG, SHORT = Direction.LONG, Direction.SHORT

_MIRRORED_REGIME = {"trending_up": "trending_down", "trending_down": "trending_up"}


def mirrored(features: dict[str, Any]) -> dict[str, Any]:
    """Return the features of the market in which every rise is a fall."""
    regime = features["regime"]
    return {
        **features,
        "rsi_14": 100 - features["rsi_14"],
        "macd_hist": -features["macd_hist"],
        "breakout": -features["breakout"],
        "trend": -features["trend"],
        "regime": _MIRRORED_REGIME.get(regime, regime),
        "votes": {timeframe: -vote for timeframe, vote in features["votes"].items()},
    }


MARKETS = st.builds(
    lambda **features: {**BREAKING_UP, **features},
    rsi_14=st.integers(0, 400).map(lambda quarter: quarter / 4),
    macd_hist=st.integers(-64, 64).map(lambda each: each / 64),
    breakout=st.sampled_from([-2.0, -1.5, 0.0, 0.0, 1.5, 2.0]),
    volume_ratio=st.integers(0, 64).map(lambda each: each / 8),
    atr_14=st.sampled_from([0.25, 0.5, 1.0, 8.0]),
    trend=st.sampled_from([-0.7, 0.0, 0.7]),
    regime=st.sampled_from(["trending_up", "trending_down", "ranging", "ranging_quiet", "unknown"]),
    votes=st.dictionaries(st.sampled_from(["1m", "5m", "15m", "1h"]), st.sampled_from([-1, 0, 1])),
)


def test_a_breakout_with_macd_and_volume_is_enough():
    met = ("macd", "breakout", "volume")
    assert detection.detection_score(met, POLICY) == pytest.approx(0.2 * 0.9 + 0.3 * 0.9 + 0.2 * 0.8)
    assert detection.detection_score(met, POLICY) >= POLICY.min_detection


def test_everything_but_a_breakout_is_not_enough():
    assert POLICY.needs_breakout
    assert detection.detect({**BREAKING_UP, "breakout": 0.0, "rsi_14": 20.0}, POLICY) is None


def test_a_policy_may_detect_without_a_breakout():
    policy = AlphaPolicy(min_detection=0.5)
    assert not policy.needs_breakout
    found = detection.detect({**BREAKING_UP, "breakout": 0.0, "rsi_14": 20.0}, policy)
    assert found is not None
    assert found.met == ("rsi", "macd", "volume", "regime")


def test_confidence_and_strength_are_the_means_of_their_parts():
    found = detection.detect(BREAKING_UP, POLICY)
    assert found is not None
    # RSI 55, histogram of a quarter ATR, breakout, volume 2.5 times the usual, regime with it.
    assert found.confidence == pytest.approx((15 / 40 + 1 + 1 + 0.75 + 0.8) / 5)
    assert found.strength == pytest.approx((0 + 1 + 1 + 0.5) / 4)


@pytest.mark.parametrize(
    ("regime", "part"), [("trending_up", 0.8), ("ranging", 0.6), ("unknown", 0.6), ("trending_down", 0.0)]
)
def test_a_regime_helps_its_own_direction_most(regime, part):
    assert detection.regime_part(regimes.trend_of(regime), LONG, POLICY) == part


def test_the_scale_of_prices_does_not_matter():
    scaled = {**BREAKING_UP, "macd_hist": BREAKING_UP["macd_hist"] * 1024, "atr_14": BREAKING_UP["atr_14"] * 1024}
    assert detection.detect(scaled, POLICY) == detection.detect(BREAKING_UP, POLICY)


def test_when_both_directions_score_alike_neither_is_detected():
    generous = AlphaPolicy(min_detection=0.0)
    neither = {**QUIET, "macd_hist": 0.0, "rsi_14": 50.0, "volume_ratio": 3.0}
    assert detection.detect(neither, generous) is None


def test_the_higher_score_wins_where_both_are_enough():
    found = detection.detect({**QUIET, "rsi_14": 50.0}, AlphaPolicy(min_detection=0.0))
    assert found is not None
    assert found.direction is LONG


@given(
    MARKETS, st.sampled_from([POLICY, AlphaPolicy(min_detection=0.2), AlphaPolicy(rsi_oversold=40, rsi_overbought=60)])
)
def test_a_mirrored_market_gives_the_mirrored_detection(features, policy):
    found, opposite = detection.detect(features, policy), detection.detect(mirrored(features), policy)
    assert (found is None) == (opposite is None)
    if found and opposite:
        assert found.direction is not opposite.direction
        assert (found.score, found.met) == (opposite.score, opposite.met)
        assert (found.confidence, found.strength) == (opposite.confidence, opposite.strength)


@given(MARKETS)
def test_scores_lie_between_nought_and_one(features):
    for direction in Direction:
        measures = detection.seen_from(features, direction)
        assert 0 <= detection.confidence_of(measures, POLICY) <= 1
        assert 0 <= detection.strength_of(measures, POLICY) <= 1
        assert 0 <= detection.detection_score(detection.conditions_met(measures, POLICY), POLICY) <= 1


@pytest.mark.parametrize("name", ["close", "rsi_14", "macd_hist", "volume_ratio", "atr_14", "vol_20", "breakout"])
@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_features_with_a_hole_are_not_complete(name, value):
    assert not detection.is_complete({**BREAKING_UP, name: value})


def test_a_flat_market_is_not_complete():
    assert not detection.is_complete({**BREAKING_UP, "atr_14": 0.0})


@pytest.mark.parametrize(
    ("votes", "share"),
    [
        ({"1m": 1, "5m": 1, "15m": 1, "1h": 1}, 1.0),
        ({"1m": 1, "5m": 1, "15m": 1, "1h": -1}, 0.6),
        ({"5m": 1, "15m": 1, "1h": 0}, 0.5 / 0.9),
        ({"15m": 1, "1h": 1}, 1.0),
        ({"5m": 1, "1h": None}, 1.0),
        ({"4h": 1}, 0.0),
        ({}, 0.0),
    ],
)
def test_only_the_votes_that_exist_are_weighed(votes, share):
    assert confirmation.confirmed_share(votes, LONG, POLICY) == pytest.approx(share, abs=1e-6)


@given(st.dictionaries(st.sampled_from(["1m", "5m", "15m", "1h"]), st.sampled_from([-1, 0, 1])))
def test_long_and_short_never_share_a_vote(votes):
    both = sum(confirmation.confirmed_share(votes, each, POLICY) for each in Direction)
    assert 0 <= both <= 1 + 1e-6
