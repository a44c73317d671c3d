"""The trader's choices: conditions, strategy, prices, slices and venues."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.execution.order import OrderType
from portfolio.execution.venue import Profile
from portfolio.plans import plan as plans
from tests.trading import CALM, MINUTE, NOON, VENUES, a_trading_plan
from tradingops.modules.trader import entry_conditions
from tradingops.modules.trader.market import Market
from tradingops.modules.trader.placing import strategy, venue_choice
from tradingops.modules.trader.placing.strategy import Strategy
from tradingops.modules.trader.policy import TraderPolicy
from tradingops.modules.trader.state import EntryPlan, Record

RULES = TraderPolicy(venues=VENUES)
AT_100 = Market(Decimal(100), CALM)


def a_plan(**changed: Any) -> plans.TradingPlan:
    return plans.plan_from(a_trading_plan(**changed))


def approved(**changed: Any) -> EntryPlan:
    told = {
        "plan_id": "PLAN",
        "decision_id": "DECISION",
        "lifecycle_id": "LIFE",
        "plan": a_plan(),
        "quantity": "10",
        "valid_until": NOON + 5 * MINUTE,
        "max_slippage": 0.01,
        "max_latency_ms": 1000,
    }
    chosen = {**told, **changed}
    return EntryPlan(**{**chosen, "quantity": Decimal(chosen["quantity"])})


def market(price: str = "100", **features: Any) -> Market:
    return Market(Decimal(price), {**CALM, **features})


@pytest.mark.parametrize(
    ("condition", "seen", "holds"),
    [
        ({"type": "price_above", "value": "100"}, market("100"), True),
        ({"type": "price_above", "value": "100"}, market("99.99"), False),
        ({"type": "price_below", "value": "100"}, market("100"), True),
        ({"type": "price_below", "value": "100"}, market("100.01"), False),
        ({"type": "volume_spike", "value": 2.0}, market(volume_ratio=2.0), True),
        ({"type": "volume_spike", "value": 2.0}, market(volume_ratio=1.9), False),
        ({"type": "volume_confirmation", "value": True}, market(volume_ratio=1.3), True),
        ({"type": "volume_confirmation", "value": True}, market(volume_ratio=1.1), False),
        ({"type": "volume_confirmation", "value": 1.2}, market(volume_ratio=None), False),
        ({"type": "volatility_threshold", "value": 0.01}, market(vol_20=0.01), True),
        ({"type": "volatility_threshold", "value": 0.01}, market(vol_20=0.02), False),
        ({"type": "pattern_confirmation", "value": "breakout"}, market(breakout=1.5), True),
        ({"type": "pattern_confirmation", "value": "breakout"}, market(breakout=-1.5), False),
        ({"type": "pattern_confirmation", "value": "breakout"}, market(divergence=0.5), False),
        ({"type": "pattern_confirmation"}, market(divergence=0.5), True),
        ({"type": "regime_alignment", "value": 0.6}, market(regime="trending_up"), True),
        ({"type": "regime_alignment", "value": 0.6}, market(regime="ranging"), True),
        ({"type": "regime_alignment", "value": 0.6}, market(regime="trending_down"), False),
        ({"type": "confidence_threshold", "value": 0.8}, market(), True),
        ({"type": "confidence_threshold", "value": 0.81}, market(), False),
        ({"type": "volume_spike", "value": 9.0, "observed": 9.5}, market(), True),
    ],
)
def test_a_condition_holds_as_documented(condition: dict, seen: Market, holds: bool) -> None:
    failing = entry_conditions.failing(a_plan(entry_conditions=[condition]), seen, RULES)
    assert failing == (() if holds else (condition["type"],))


def test_a_short_wants_patterns_and_regimes_that_fall() -> None:
    wants = [{"type": "pattern_confirmation"}, {"type": "regime_alignment", "value": 0.7}]
    short = a_plan(direction="short", entry_conditions=wants)
    assert entry_conditions.failing(short, market(breakout=-1, regime="trending_down"), RULES) == ()
    assert len(entry_conditions.failing(short, market(breakout=1, regime="trending_up"), RULES)) == 2


@pytest.mark.parametrize(
    ("wanted", "plan", "chosen"),
    [
        ({}, {"order_type": "limit"}, Strategy.LIMIT),
        ({}, {"order_type": "stop"}, Strategy.STOP),
        ({"urgency": "high"}, {"order_type": "limit"}, Strategy.MARKET),
        ({"quantity": "100.01"}, {"order_type": "limit"}, Strategy.TWAP),
        ({"use_vwap": True}, {}, Strategy.VWAP),
        ({"use_vwap": True, "quantity": "101"}, {}, Strategy.TWAP),
        ({"adaptive": True, "quantity": "1000"}, {"order_type": "market"}, Strategy.LIMIT),
        ({"adaptive": True, "quantity": "150"}, {}, Strategy.TWAP),
        ({"adaptive": True, "quantity": "150"}, {"time_horizon": "4h"}, Strategy.VWAP),
    ],
)
def test_the_strategy_follows_urgency_size_and_wish(wanted: dict, plan: dict, chosen: Strategy) -> None:
    assert strategy.choose(approved(plan=a_plan(**plan), **wanted), AT_100, level="ok", rules=RULES) is chosen


def test_a_horizon_under_a_minute_trades_at_market() -> None:
    patient = TraderPolicy(market_horizon_seconds=301)
    limit = approved(plan=a_plan(order_type="limit"))
    assert strategy.choose(limit, AT_100, level="ok", rules=patient) is Strategy.MARKET


def test_an_adaptive_choice_goes_to_market_under_stress_and_waits_in_a_wild_market() -> None:
    wanted = approved(adaptive=True)
    assert strategy.choose(wanted, AT_100, level="breach", rules=RULES) is Strategy.MARKET
    assert strategy.choose(wanted, market(vol_20=0.06), level="warning", rules=RULES) is Strategy.LIMIT


@pytest.mark.parametrize(
    ("chosen", "direction", "urgency", "price"),
    [
        (Strategy.LIMIT, "long", "high", "99.99"),
        (Strategy.LIMIT, "long", "low", "99.95"),
        (Strategy.LIMIT, "short", "low", "100.05"),
        (Strategy.STOP, "long", "medium", "100.03"),
        (Strategy.STOP, "short", "medium", "99.97"),
        (Strategy.MARKET, "long", "medium", None),
    ],
)
def test_limits_wait_and_stops_lie_a_share_of_the_spread_away(
    chosen: Strategy, direction: str, urgency: str, price: str | None
) -> None:
    plan = a_plan(direction=direction, entry_price="100.00")
    terms = strategy.terms(chosen, plan, market(atr_14=2.0), urgency=urgency, rules=RULES)
    assert terms.price == (price and Decimal(price))
    assert terms.order_type is (OrderType(chosen) if price else OrderType.MARKET)


@given(
    quantity=st.decimals(min_value=Decimal("1e-8"), max_value=1000, places=8),
    ratios=st.lists(st.none() | st.floats(0, 50), min_size=10, max_size=10),
    chosen=st.sampled_from((Strategy.TWAP, Strategy.VWAP)),
)
def test_slices_add_up_to_the_whole(quantity: Decimal, ratios: list[float | None], chosen: Strategy) -> None:
    unsent = quantity
    for left, ratio in zip(range(10, 0, -1), ratios, strict=True):
        part = strategy.slice_of(
            chosen, unsent=unsent, slices_left=left, volume_ratio=ratio, rules=RULES, lot=RULES.quantity_step
        )
        assert 0 <= part <= unsent
        unsent -= part
    assert unsent == 0


@pytest.mark.parametrize(("left", "slices"), [(1, 1), (2, 2), (4, 4), (50, 4)])
def test_each_slice_has_a_bar_left_to_fill_in(left: int, slices: int) -> None:
    given_time = timedelta(minutes=left)
    assert strategy.slices(Strategy.TWAP, left=given_time, bar=MINUTE, rules=RULES) == slices
    assert strategy.slices(Strategy.MARKET, left=given_time, bar=MINUTE, rules=RULES) == 1


def ranked(**asked: Any) -> list[str]:
    told: dict[str, Any] = {
        "quantity": Decimal(10),
        "depth": Decimal(100),
        "records": {},
        "preferences": [],
        "route_hint": None,
        "rules": RULES,
    }
    return [name for name, _ in venue_choice.ranked(**{**told, **asked})]


def test_the_cheapest_of_equally_deep_venues_comes_first() -> None:
    assert ranked() == ["binance", "coinbase", "hyperliquid"]


def test_preferences_leave_out_the_others_and_a_hint_comes_first() -> None:
    assert ranked(preferences=["hyperliquid", "coinbase"]) == ["coinbase", "hyperliquid"]
    assert ranked(preferences=["nowhere"]) == ranked()
    assert ranked(preferences=["binance"], route_hint="hyperliquid") == ["hyperliquid", "binance"]


def test_a_bad_record_costs_a_venue_its_place() -> None:
    records = {"binance": Record(executions=10, successes=0), "coinbase": Record(executions=10, successes=10)}
    assert ranked(records=records)[0] == "coinbase"


def test_a_venue_score_weighs_depth_fee_latency_and_record() -> None:
    profile = Profile(name="x", maker_bps=Decimal(5), taker_bps=Decimal(5), latency_ms=500)
    asked = {"quantity": Decimal(10), "depth": Decimal(6), "records": {}, "rules": RULES}
    assert venue_choice.score(profile, **asked) == pytest.approx(0.4 * 0.5 + 0.3 * 0.5 + 0.2 * 0.5 + 0.1 * 0.5)


def test_no_more_venues_are_named_than_may_be_tried() -> None:
    assert len(ranked(rules=TraderPolicy(max_venues=2))) == 2


def test_closed_venues_come_last_even_those_hinted_at():
    assert ranked(closed={"binance"}) == ["coinbase", "hyperliquid", "binance"]
    assert ranked(preferences=["binance"], route_hint="hyperliquid", closed={"hyperliquid"}) == [
        "binance",
        "hyperliquid",
    ]
    assert ranked(rules=TraderPolicy(max_venues=2, venues=VENUES), closed={"binance"}) == ["coinbase", "hyperliquid"]
