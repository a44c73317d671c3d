"""Anomalies and events: what a bar did."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.plans.plan import Direction
from tests.factories import BAR, BREAKING_UP, QUIET
from tradingops.modules.alpha import anomalies, events
from tradingops.modules.alpha.policy import AlphaPolicy, AnomalyLimits

LIMITS = AnomalyLimits()
POLICY = AlphaPolicy()


def seen(bar: dict[str, str] | None = None, **features: Any) -> dict[str, anomalies.Anomaly]:
    found = anomalies.seen_in({**BAR, **(bar or {})}, {**QUIET, **features}, LIMITS)
    return {each.type.value: each for each in found}


def test_a_usual_bar_is_no_anomaly():
    assert seen() == {}


@pytest.mark.parametrize("z", [-6.5, 6.5])
def test_a_large_return_of_either_sign_is_a_price_move(z):
    assert seen(anomaly_z=z)["price_move"].value == z


def test_eight_times_the_volume_is_the_limit_and_not_beyond():
    assert seen(volume_ratio=8.0) == {}
    assert seen(volume_ratio=8.1)["volume_spike"].limit == 8.0


def test_a_range_of_more_than_five_atrs_is_a_shock():
    assert seen({"high": "104.00"})["range_shock"].value == pytest.approx(4.1 / 0.8)


def test_an_open_far_from_the_close_before_is_a_gap():
    # A close of 101 after a return of 1 % follows one of 100; an open of 98 lies 10 deviations below it.
    gap = seen({"open": "98.00"}, ret_1=0.01)["gap"]
    assert gap.value == pytest.approx(-10.0)


def test_one_bar_may_be_unlike_in_several_ways():
    assert set(seen({"high": "110.00"}, anomaly_z=9.0, volume_ratio=20.0)) == {
        "price_move",
        "volume_spike",
        "range_shock",
    }


@pytest.mark.parametrize("name", ["close", "ret_1", "anomaly_z", "volume_ratio", "atr_14", "vol_100"])
@pytest.mark.parametrize("value", [None, math.nan])
def test_what_is_not_known_says_nothing(name, value):
    assert seen(**{name: value}) == {}


def test_infinity_is_not_told():
    assert seen(volume_ratio=math.inf, anomaly_z=-math.inf) == {}


@given(st.floats(0.001, 1e6), st.floats(0.001, 1e3))
def test_a_score_lies_between_a_half_and_one_beyond_the_limit(beyond, limit):
    score = anomalies.Anomaly(anomalies.AnomalyType.GAP, -(limit + beyond), limit).score
    assert 0.5 <= score <= 1


def context(bar: dict[str, str], direction: Direction = Direction.LONG, **features: Any) -> dict[str, Any]:
    return events.context_of({**BAR, **bar}, {**BREAKING_UP, **features}, direction, POLICY)


def test_a_close_back_inside_the_band_is_a_bounce():
    told = context({"open": "99.00", "low": "97.50", "close": "98.50"}, breakout=0.0)
    assert told["bounce"] is True


def test_opening_below_a_level_and_closing_above_reclaims_it():
    told = context({"open": "99.50", "close": "101.00"})
    assert told["reclaim"] == ["breakout_level", "bb_middle"]


def test_going_beyond_a_level_and_closing_short_of_it_fails():
    told = context({"open": "101.00", "high": "102.00", "close": "101.20"})
    assert told["failed"] == ["bb_upper"]


def test_zones_are_stronger_the_nearer():
    zones = {zone["source"]: zone for zone in context({})["zones"]}
    assert zones["breakout_level"]["side"] == "support"
    assert zones["bb_upper"]["side"] == "resistance"
    assert zones["breakout_level"]["strength"] > zones["bb_middle"]["strength"] > zones["bb_lower"]["strength"] == 0


def test_events_resonate_by_their_weights():
    told = context({"open": "99.50", "close": "101.00"})
    strongest = max(zone["strength"] for zone in told["zones"])
    assert told["event_resonance_boost"] == pytest.approx(0.4 + 0.5 + 0.2 * strongest)


def test_a_short_sees_the_mirrored_bar():
    bar = {"open": "101.90", "high": "102.50", "low": "101.00", "close": "101.20"}
    told = context(bar, Direction.SHORT, breakout=0.0)
    assert told["bounce"] is True
    assert told["reclaim"] == ["bb_upper"]
    assert told["breakout"] == 0.0


def test_without_an_atr_there_are_no_zones():
    assert context({}, atr_14=None)["zones"] == []


def test_levels_that_are_not_known_are_left_out():
    unknown = dict.fromkeys(("breakout_level", "bb_lower", "bb_middle", "bb_upper"))
    assert context({}, **unknown)["zones"] == []
