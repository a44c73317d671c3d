"""Plan making: stops and targets on the right side, sizes within their caps, whatever the market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from math import sqrt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portfolio.plans.plan import Direction, Tier, TradingPlan
from strands.strand import Strand
from tests.factories import BREAKING_UP, NOON, a_bar
from tradingops.modules.alpha import voices
from tradingops.modules.alpha.detection import Detection
from tradingops.modules.alpha.planning import plan_making
from tradingops.modules.alpha.policy import AlphaPolicy

POLICY = AlphaPolicy()
FOUND = Detection(Direction.LONG, 0.68, 0.78, 0.625, ("macd", "breakout", "volume", "regime"))


def plan_of(
    bar: Strand | None = None,
    *,
    found: Detection = FOUND,
    policy: AlphaPolicy = POLICY,
    atrs: Mapping[str, float | None] = plan_making.NO_ATRS,
) -> TradingPlan | None:
    bar = bar or a_bar(features=BREAKING_UP)
    return plan_making.make_plan(
        bar, detection=found, voices=voices.SILENT, metadata={}, policy=policy, now=bar.at, atrs=atrs
    )


def made(bar: Strand | None = None, **given_: object) -> TradingPlan:
    plan = plan_of(bar, **given_)  # type: ignore[arg-type]
    assert plan is not None
    return plan


def test_the_example_by_hand():
    plan = made(a_bar(features={**BREAKING_UP, "vol_20": 0.002}))
    assert (plan.entry_price, plan.stop_loss, plan.take_profit) == (
        Decimal("101.00"),
        Decimal("99.80"),
        Decimal("103.40"),
    )
    assert plan.risk_reward_ratio == 2.0
    assert (plan.tier, plan.order_type, plan.max_position_size) == ("medium", "limit", 0.10)
    volatility = 0.002 * sqrt(105_120)
    assert plan.position_size == pytest.approx(0.05 * 0.625 / volatility / 0.7, abs=1e-6)
    assert (plan.time_horizon, plan.valid_until) == ("15m", NOON + timedelta(minutes=15))


def test_the_same_bar_gives_the_same_plan_id():
    assert made().plan_id == made().plan_id
    assert made().plan_id != made(found=replace(FOUND, direction=Direction.SHORT)).plan_id


@pytest.mark.parametrize(
    ("strength", "tier", "cap", "risk", "atrs"),
    [(0.85, Tier.STRONG, 0.15, 0.03, 2.0), (0.7, Tier.MEDIUM, 0.10, 0.02, 1.5), (0.55, Tier.WEAK, 0.05, 0.01, 1.0)],
)
def test_strength_decides_what_a_plan_may_ask(strength, tier, cap, risk, atrs):
    plan = made(found=replace(FOUND, strength=strength))
    assert (plan.tier, plan.max_position_size, plan.risk_per_trade) == (tier, cap, risk)
    assert plan.entry_price - plan.stop_loss == Decimal(str(atrs)) * Decimal("0.8")


def test_a_calm_market_is_held_back_by_the_tiers_cap():
    assert made(a_bar(features={**BREAKING_UP, "vol_20": 0.00001})).position_size == 0.10


def test_a_wide_stop_is_held_back_by_the_risk_per_trade():
    plan = made(a_bar(features={**BREAKING_UP, "atr_14": 30.0, "vol_20": 0.00001}))
    assert plan.position_size * plan.stop_fraction <= plan.risk_per_trade
    assert plan.position_size == pytest.approx(0.02 / plan.stop_fraction, abs=1e-6)


def test_prices_keep_the_ticks_of_the_bar():
    plan = made(
        a_bar(
            bar={"open": "0.69", "high": "0.6912", "low": "0.6", "close": "0.6913"},
            features={**BREAKING_UP, "close": 0.6913, "atr_14": 0.00123},
        )
    )
    assert {price.as_tuple().exponent for price in (plan.stop_loss, plan.take_profit)} == {-4}


def test_an_atr_below_the_tick_still_leaves_a_stop_and_a_sound_ratio():
    plan = made(a_bar(features={**BREAKING_UP, "atr_14": 0.0001}))
    assert plan.stop_loss < plan.entry_price < plan.take_profit
    assert 1 <= plan.risk_reward_ratio <= 10


def test_a_target_below_zero_makes_no_plan():
    bar = a_bar(features={**BREAKING_UP, "atr_14": 40.0})
    assert plan_of(bar, found=replace(FOUND, direction=Direction.SHORT)) is None


def test_a_timeframe_without_a_horizon_makes_no_plan():
    assert plan_of(a_bar(timeframe="3m", features=BREAKING_UP)) is None


def test_entry_conditions_frame_the_close():
    band = {each["type"]: each["value"] for each in made().entry_conditions if "observed" not in each}
    # The stop lies 1.20 away, and three tenths of that are 0.36.
    assert band == {"price_above": "100.64", "price_below": "101.36"}


def test_entry_conditions_tell_what_was_seen_to_hold():
    seen = {each["type"]: each["observed"] for each in made().entry_conditions if "observed" in each}
    assert seen == {
        "volume_confirmation": 2.5,
        "confidence_threshold": 0.78,
        "pattern_confirmation": 100.5,
        "regime_alignment": 0.8,
    }


def test_a_ranging_market_aligns_with_nothing():
    types = [each["type"] for each in made(a_bar(features={**BREAKING_UP, "regime": "ranging"})).entry_conditions]
    assert "regime_alignment" not in types


def test_silent_voices_leave_strength_and_confidence_alone():
    assert voices.curated_strength(0.625, voices.SILENT) == 0.625
    assert voices.plan_confidence(0.625, voices.SILENT, POLICY) == 0.625
    assert set(voices.SILENT.absent) == {"dsi", "module_intelligence", "regime", "lessons", "curators"}


def test_voices_that_speak_are_heard_and_no_longer_absent():
    said = voices.Voices(evidence=1.0, module_boost=1.1, nudges=(0.1, -0.05))
    assert voices.plan_confidence(0.5, said, POLICY) == pytest.approx(0.5 * 1.3 * 1.1)
    assert voices.curated_strength(0.5, said) == pytest.approx(0.525636, abs=1e-6)
    assert said.absent == ("regime", "lessons")


@given(
    close=st.integers(1, 10_000_000),
    decimals=st.integers(0, 5),
    atr_share=st.floats(1e-7, 0.3),
    vol=st.floats(0, 0.2),
    strength=st.floats(0.5, 1),
    direction=st.sampled_from(Direction),
    timeframe=st.sampled_from(["1m", "5m", "15m", "1h", "4h", "1d"]),
)
def test_every_plan_is_sound(close, decimals, atr_share, vol, strength, direction, timeframe):
    text = f"{Decimal(close).scaleb(-decimals):f}"
    price = float(text)
    features = {**BREAKING_UP, "close": price, "atr_14": price * atr_share, "vol_20": vol}
    bar = a_bar(timeframe=timeframe, bar=dict.fromkeys(("open", "high", "low", "close"), text), features=features)
    plan = plan_of(bar, found=replace(FOUND, strength=strength, direction=direction))
    assume(plan is not None)
    assert plan is not None
    assert plan.problems() == ()
    assert plan.position_size * plan.stop_fraction <= plan.risk_per_trade + 1e-9


@given(atr=st.floats(0.001, 20), strength=st.floats(0.5, 1))
def test_a_short_is_the_mirror_of_a_long(atr, strength):
    bar = a_bar(features={**BREAKING_UP, "atr_14": atr})
    long, short = (made(bar, found=replace(FOUND, strength=strength, direction=direction)) for direction in Direction)
    assert long.entry_price - long.stop_loss == short.stop_loss - short.entry_price
    assert long.take_profit - long.entry_price == short.entry_price - short.take_profit
    assert (long.position_size, long.risk_reward_ratio) == (short.position_size, short.risk_reward_ratio)


def test_tiers_must_fall_to_nought():
    with pytest.raises(ValueError, match="from_strength"):
        AlphaPolicy(tiers=POLICY.tiers[:2])


def test_a_tier_must_leave_room_below_the_largest_ratio():
    with pytest.raises(ValueError, match="min_risk_reward"):
        AlphaPolicy(max_risk_reward=2.5)
