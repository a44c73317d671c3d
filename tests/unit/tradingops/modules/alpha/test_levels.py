"""Levels: stop and target lie as far apart as trading costs ask, by the shortest timeframe that will do."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from math import floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.execution import costs, venue
from portfolio.plans.plan import Direction
from tests.factories import BREAKING_UP, NOON, a_bar
from tests.unit.tradingops.modules.alpha.test_plan_making import made, plan_of
from tradingops.modules.alpha.planning import levels
from tradingops.modules.alpha.policy import AlphaPolicy

POLICY = AlphaPolicy()
#: A quiet minute at 101: its own stop, 1.5 ATRs of 0.02 away, risks 3 bps, and the round trip costs 10.
QUIET = a_bar(timeframe="1m", features={**BREAKING_UP, "atr_14": 0.02})
ATRS = {"4h": 2.0, "5m": 0.05, "15m": 0.3, "1h": 0.7}
TIMEFRAMES = ("1m", "5m", "15m", "1h", "4h")


def charging(bps: str) -> AlphaPolicy:
    """Return a policy whose one venue charges this for taking."""
    profile = venue.Profile(name="only", maker_bps=Decimal(0), taker_bps=Decimal(bps), latency_ms=5)
    return AlphaPolicy(cost=costs.CostPolicy(venues=(profile,)))


def borne(bar: Any = QUIET, atrs: Any = ATRS, policy: AlphaPolicy = POLICY, tier: int = 1) -> levels.Levels:
    found = levels.bearing(bar, atrs, direction=Direction.LONG, tier=policy.tiers[tier], policy=policy)
    assert found is not None
    return found


def test_prices_without_a_fraction_have_a_tick_of_one():
    bar = a_bar(bar={"open": "100", "high": "101", "low": "99", "close": "100"})
    assert levels.tick_of(bar, None) == 1


def test_without_an_atr_stop_and_target_are_fractions_of_the_price():
    found = levels.price_levels(
        a_bar(features=BREAKING_UP),
        None,
        tick=Decimal("0.01"),
        direction=Direction.LONG,
        tier=POLICY.tiers[1],
        policy=POLICY,
    )
    assert found == (Decimal("101.00"), Decimal("98.98"), Decimal("105.04"))


def test_the_shortest_timeframe_whose_stop_bears_the_cost_decides():
    plan = made(QUIET, atrs=ATRS)
    assert plan.market_context["atr_timeframe"] == "15m"
    assert (plan.market_context["atr"], plan.market_context["stop_atr"]) == (0.02, 0.3)
    assert plan.entry_price - plan.stop_loss == Decimal("0.45")
    assert plan.take_profit - plan.entry_price == Decimal("0.90")
    assert plan.market_context["cost_of_risk"] == pytest.approx(0.001 / (0.45 / 101), abs=1e-6)


def test_a_plan_may_be_entered_as_long_as_its_signal_is_good_and_is_held_for_the_horizon_of_its_stop():
    plan = made(QUIET, atrs=ATRS)
    assert (plan.timeframe, plan.valid_until) == ("1m", NOON + timedelta(minutes=5))
    assert plan.time_horizon == "1h"


def test_a_bar_whose_own_range_bears_the_cost_asks_no_longer_one():
    plan = made(a_bar(timeframe="1m", features=BREAKING_UP), atrs=ATRS)
    assert (plan.market_context["atr_timeframe"], plan.time_horizon) == ("1m", "5m")


def test_where_none_bears_the_cost_the_longest_known_decides_and_says_so():
    plan = made(QUIET, atrs=ATRS, policy=charging("150"))
    assert plan.market_context["atr_timeframe"] == "4h"
    assert plan.market_context["cost_of_risk"] > POLICY.cost.max_cost_of_risk


@pytest.mark.parametrize("atrs", [{}, {"15m": None, "1h": 0.0}, {"1m": 9.0, "3m": 9.0}])
def test_where_no_longer_range_is_known_the_bars_own_decides(atrs: Any):
    assert made(QUIET, atrs=atrs).market_context["atr_timeframe"] == "1m"


def test_a_stop_nearer_by_its_tier_needs_a_longer_timeframe():
    atrs = {"5m": 0.2, "15m": 0.41}
    assert [borne(atrs=atrs, tier=tier).horizon.timeframe for tier in (0, 1, 2)] == ["15m", "15m", "15m"]
    assert [borne(atrs={"5m": 0.3, "15m": 0.41}, tier=tier).horizon.timeframe for tier in (0, 1, 2)] == [
        "5m",
        "5m",
        "15m",
    ]


@given(
    ranges=st.lists(st.floats(0.011, 30), min_size=5, max_size=5),
    fee=st.integers(0, 300),
    tier=st.sampled_from([0, 1, 2]),
)
def test_no_shorter_timeframe_bears_the_cost_and_the_chosen_one_does_or_none(ranges, fee, tier):
    policy = charging(str(fee))
    bar = a_bar(timeframe="1m", features={**BREAKING_UP, "atr_14": ranges[0]})
    found = borne(bar, dict(zip(TIMEFRAMES[1:], ranges[1:], strict=True)), policy, tier)
    cost = costs.round_trip(price=found.entry, atr=ranges[0], policy=policy.cost)
    stops = [floor(policy.tiers[tier].stop_atrs * each * 100 + 1e-9) / 100 for each in ranges]
    bears = [name for name, stop in zip(TIMEFRAMES, stops, strict=True) if cost.total * 101 <= 0.25 * stop * (1 + 1e-9)]
    assert found.horizon.timeframe == (bears[0] if bears else "4h")


def test_a_range_that_would_put_the_target_below_zero_is_not_taken():
    found = levels.bearing(
        QUIET, {"5m": 0.05, "4h": 60.0}, direction=Direction.SHORT, tier=POLICY.tiers[1], policy=POLICY
    )
    assert found is not None
    assert found.horizon.timeframe == "5m"


@pytest.mark.parametrize("places", [-8, 0, 4])
def test_the_timeframe_and_the_cost_in_risk_do_not_depend_on_the_unit_of_price(places: int):
    def price(text: str) -> str:
        return format(Decimal(text).scaleb(places), "f")

    bar = a_bar(
        timeframe="1m",
        bar={name: price(QUIET.payload["md_bar"][name]) for name in ("open", "high", "low", "close")},
        features={**BREAKING_UP, "close": float(price("101")), "atr_14": float(price("0.02"))},
    )
    plan = plan_of(bar, atrs={name: float(price(str(atr))) for name, atr in ATRS.items()})
    assert plan is not None
    here = made(QUIET, atrs=ATRS).market_context
    assert plan.market_context["atr_timeframe"] == here["atr_timeframe"]
    assert plan.market_context["cost_of_risk"] == pytest.approx(here["cost_of_risk"], rel=0.03)
