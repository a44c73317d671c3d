"""What a plan that nobody entered would have come to."""

import json
from decimal import Decimal

import pytest

from portfolio.execution import counterfactual
from portfolio.execution.counterfactual import CounterfactualPolicy, Span
from portfolio.plans.plan import Direction, OrderType
from tests import factories

POLICY = CounterfactualPolicy()


def followed(order_type=OrderType.MARKET, direction=Direction.LONG):
    plan = factories.a_plan(
        direction=direction,
        entry_price=Decimal(100),
        stop_loss=Decimal(98 if direction is Direction.LONG else 102),
        take_profit=Decimal(104 if direction is Direction.LONG else 96),
        order_type=order_type,
    )
    return counterfactual.follow(plan), plan.created_at.timestamp()


def bars(start, *prices):
    """Return minute bars (open, high, low, close) from a moment on."""
    return [Span(start + 60 * nth, start + 60 * (nth + 1), *map(float, each)) for nth, each in enumerate(prices)]


def played(each, spans, cost=0.0):
    for span in spans:
        each, result = counterfactual.step(each, span, POLICY, cost=cost)
        if result is not None:
            return result
    return None


def test_a_market_plan_enters_at_the_next_open_and_leaves_at_its_target_inside_the_bar():
    each, start = followed()
    result = played(each, bars(start, (100, 101, 99.5, 101), (101, 104.5, 101, 104)))
    assert result.close_reason == "take_profit"
    assert result.pnl_percent == pytest.approx(0.04)
    assert result.r_multiple == pytest.approx(2)


@pytest.mark.parametrize(("opens", "reason", "pnl"), [(95, "stop_loss", -0.05), (106, "take_profit", 0.06)])
def test_a_gap_beyond_stop_or_target_leaves_at_the_open(opens, reason, pnl):
    each, start = followed()
    result = played(each, bars(start, (100, 101, 99.5, 101), (opens, opens + 1, opens - 1, opens)))
    assert (result.close_reason, result.pnl_percent) == (reason, pytest.approx(pnl))


@pytest.mark.parametrize("opens", [97, 105])
def test_a_plan_whose_open_lies_beyond_its_stop_or_target_is_never_entered(opens):
    each, start = followed()
    assert played(each, bars(start, (opens, 106, 96, 100))).close_reason == counterfactual.NEVER_ENTERED


def test_a_bar_that_reaches_stop_and_target_counts_as_the_stop():
    each, start = followed()
    result = played(each, bars(start, (100, 105, 97, 100)))
    assert result.close_reason == "stop_loss"
    assert result.pnl_percent == pytest.approx(-0.02)


def test_a_short_earns_what_a_mirrored_long_loses():
    long, start = followed()
    short, _ = followed(direction=Direction.SHORT)
    up = bars(start, (100, 101, 100, 101), (103, 103, 103, 103), (106, 106, 106, 106))
    assert played(short, up).pnl_percent == pytest.approx(-0.03)
    assert played(long, up).pnl_percent == pytest.approx(0.06)


def test_a_limit_waits_for_its_price_and_never_enters_after_its_time():
    each, start = followed(OrderType.LIMIT)
    hour = [(101, 102, 100.5, 101)] * 70
    result = played(each, bars(start, *hour))
    assert result.close_reason == counterfactual.NEVER_ENTERED
    assert (result.pnl_percent, result.r_multiple) == (None, None)


def test_a_stop_order_enters_at_its_price_or_worse():
    each, start = followed(OrderType.STOP)
    entered, result = counterfactual.step(each, bars(start, (101, 101.5, 100.8, 101))[0], POLICY, cost=0.0)
    assert result is None
    assert entered.entered == 101.0


def test_an_undecided_plan_expires_after_its_horizons():
    each, start = followed()
    quiet = [(100, 100.5, 99.5, 100)] * 182
    result = played(each, bars(start, *quiet))
    assert result.close_reason == "expiry"
    assert result.pnl_percent == pytest.approx(0.0)


def test_costs_are_taken_on_both_sides():
    each, start = followed()
    quiet = bars(start, *[(100, 100.5, 99.5, 100)] * 182)
    assert played(each, quiet, cost=0.001).pnl_percent == pytest.approx(-0.002)


def test_the_bar_that_a_plan_was_made_on_is_not_followed():
    each, start = followed()
    early = Span(start - 60, start, 100.0, 200.0, 1.0, 100.0)
    assert counterfactual.step(each, early, POLICY, cost=0.0) == (each, None)


@pytest.mark.parametrize("reached", [0, 1, 2])
def test_json_undoes_to_json_at_every_stage(reached):
    each, start = followed()
    for span in bars(start, (100, 101, 99.5, 101), (101, 104.5, 101, 104))[:reached]:
        each, _ = counterfactual.step(each, span, POLICY, cost=0.0)
    assert counterfactual.from_json(json.loads(json.dumps(each.to_json()))) == each


def test_what_has_not_happened_to_a_plan_is_null_in_json():
    each, _ = followed()
    assert [name for name, value in each.to_json().items() if value is None] == ["entered", "opened_at", "reason"]


def test_the_cost_of_a_side_goes_with_what_executions_cost_and_never_below_nothing():
    dear = counterfactual.learned_cost(None, slip_bps=25, policy=POLICY)
    assert dear == pytest.approx(0.9 * POLICY.cost + 0.1 * 0.0025)
    assert counterfactual.learned_cost(0.0, slip_bps=-30, policy=POLICY) == 0.0
    charged = counterfactual.learned_cost(None, slip_bps=25, fee=0.00045, policy=POLICY)
    assert charged == pytest.approx(dear + 0.1 * 0.00045)
    assert counterfactual.learned_cost(0.0, slip_bps=-30, fee=-0.0001, policy=POLICY) == 0.0
