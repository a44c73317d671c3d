"""A trading plan: the rules it keeps, and its way through JSON."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.plans import plan as plans
from tests.factories import NOON, a_plan


def broken(plan: plans.TradingPlan) -> list[str]:
    return [problem.field for problem in plan.problems()]


def test_a_sound_plan_has_no_problems():
    assert a_plan().problems() == ()


def test_a_sound_short_plan_has_no_problems():
    short = a_plan(direction=plans.Direction.SHORT, stop_loss=Decimal("102"), take_profit=Decimal("96"))
    assert short.problems() == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("symbol", "BT"),
        ("entry_conditions", ()),
        ("entry_conditions", ({"value": "1"},)),
        ("entry_price", Decimal("0")),
        ("stop_loss", Decimal("101")),
        ("stop_loss", Decimal("-1")),
        ("take_profit", Decimal("99")),
        ("risk_reward_ratio", 0.5),
        ("risk_reward_ratio", 11.0),
        ("risk_reward_ratio", 3.0),
        ("position_size", 0.0),
        ("position_size", 0.2),
        ("max_position_size", 1.5),
        ("risk_per_trade", 0.5),
        ("slippage_tolerance", 0.5),
        ("confidence_score", 1.1),
        ("strength_score", -0.1),
        ("time_horizon", "2m"),
        ("valid_until", NOON),
    ],
)
def test_a_broken_rule_names_its_field(field, value):
    assert field in broken(a_plan(**{field: value}))


def test_a_problem_names_field_value_and_rule():
    (problem,) = a_plan(stop_loss=Decimal("101")).problems()
    assert str(problem) == "stop_loss: 101 is not below the entry price 100 of a long"


def test_a_short_stop_must_lie_above_the_entry():
    assert "stop_loss" in broken(a_plan(direction=plans.Direction.SHORT, take_profit=Decimal("96")))


def test_json_undoes_to_payload():
    plan = a_plan()
    assert plans.plan_from(json.loads(json.dumps(plan.to_json()))) == plans.plan_from(plan.to_json()) == plan


def test_prices_travel_as_decimal_strings_and_moments_with_their_zone():
    payload = a_plan(entry_price=Decimal("46319.50")).to_json()
    assert (payload["entry_price"], payload["created_at"]) == ("46319.50", "2022-01-03T12:00:00+00:00")


def test_keys_that_are_no_field_are_left_out():
    assert plans.plan_from({**a_plan().to_json(), "quantity": "1"}) == a_plan()


def test_a_missing_field_is_named_with_its_rule():
    payload = a_plan().to_json()
    del payload["stop_loss"]
    with pytest.raises(plans.InvalidPlan, match="stop_loss: nothing is given; it must be a decimal string"):
        plans.plan_from(payload)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("entry_price", "NaN"),
        ("entry_price", "cheap"),
        ("entry_price", 100.0),
        ("position_size", "0.1"),
        ("position_size", float("inf")),
        ("position_size", True),
        ("direction", "neutral"),
        ("valid_until", "2022-01-03T12:00:00"),
        ("symbol", ""),
        ("entry_conditions", ["price_above"]),
        ("entry_conditions", {}),
        ("market_context", []),
        ("venue_preferences", [1]),
        ("venue_preferences", "binance"),
    ],
)
def test_a_value_that_cannot_be_read_is_named(field: str, value: Any):
    with pytest.raises(plans.InvalidPlan, match=field):
        plans.plan_from({**a_plan().to_json(), field: value})


@given(
    entry=st.decimals("0.01", "100000", places=4),
    risk=st.integers(1, 50),
    ratio=st.integers(1, 10),
    direction=st.sampled_from(plans.Direction),
)
def test_a_plan_and_its_mirror_are_judged_alike(entry, risk, ratio, direction):
    step = entry / 1000
    plan = a_plan(
        direction=direction,
        entry_price=entry,
        stop_loss=entry - direction.sign * risk * step,
        take_profit=entry + direction.sign * ratio * risk * step,
        risk_reward_ratio=float(ratio),
        valid_until=NOON + timedelta(hours=1),
    )
    assert plan.problems() == ()
    swapped = a_plan(direction=direction, entry_price=entry, stop_loss=plan.take_profit, take_profit=plan.stop_loss)
    assert {"stop_loss", "take_profit"} <= set(broken(swapped))
