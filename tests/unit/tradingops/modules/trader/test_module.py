"""The trader: approved plans become orders, fills and positions, and each has its report."""

from __future__ import annotations

import copy
import dataclasses
from decimal import Decimal
from typing import Any

import pytest

from portfolio import ledger
from portfolio.execution import fill as fills
from strands import strand, tags
from strands.given import Given
from strands.strand import Strand
from tests.trading import (
    BTC,
    CALM,
    MINUTE,
    NOON,
    QUIET,
    Trading,
    a_bar,
    flat,
    round_trip,
)
from tradingops.modules.trader.module import Trader

UP, DOWN = (100, 104.5, 99.9, 104), (100, 100.1, 97.5, 98)
WILD = (100, 105, 97, 100)


def booked(story: Trading) -> ledger.Book:
    """Return the book that the fills alone make."""
    book = ledger.opening(Decimal(0))
    for told in story.said("fill"):
        book = book.apply(fills.to_ledger(BTC, told["fills"][0]))
    return book


def test_an_approved_plan_is_ordered_at_once_and_filled_by_the_next_bar() -> None:
    story = Trading().decides()
    [order] = story.sent()
    assert order.tags == ("venue:submit_order",)
    assert order.payload["order_spec"]["side"] == "buy"
    assert order.payload["order_spec"]["quantity"] == "10"
    assert story.said("fill") == []
    story.minutes(QUIET)
    [fill] = story.strands("fill")
    assert fill.at == NOON + MINUTE
    assert fill.parent_id == order.id
    assert story.quantity == 10


def test_the_report_of_an_entry_measures_it_against_its_prediction() -> None:
    story = Trading().decides().minutes(QUIET)
    [report] = story.said("execution")
    metrics = report["exec_metrics"]
    assert (metrics["status"], metrics["intent"], metrics["venue"]) == ("filled", "entry", "binance")
    assert metrics["slip_real_bps"] == pytest.approx(report["tr_predict"]["slip_bps"], abs=1)
    assert 0.9 < metrics["execution_score"] <= 1
    assert metrics["adherence"] == 1


@pytest.mark.parametrize(
    ("direction", "bar", "reason", "result"),
    [
        ("long", DOWN, "stop_loss", "loss"),
        ("long", UP, "take_profit", "win"),
        ("long", WILD, "stop_loss", "loss"),
        ("short", UP, "stop_loss", "loss"),
        ("short", (100, 100.1, 95.5, 96), "take_profit", "win"),
        ("short", WILD, "stop_loss", "loss"),
    ],
)
def test_a_position_is_left_at_its_stop_or_target(direction: str, bar: tuple, reason: str, result: str) -> None:
    story = Trading().decides(direction=direction).minutes(QUIET, bar)
    [outcome] = story.outcomes
    assert story.quantity == 0
    assert story.orders() == ["entry"]
    assert (outcome["close_reason"], outcome["direction"], outcome["outcome"]) == (reason, direction, result)


@pytest.mark.parametrize(
    ("bar", "reason"), [(DOWN, "stop_loss"), (UP, "take_profit"), (WILD, "stop_loss")], ids=["stop", "target", "both"]
)
def test_where_a_venue_rests_nothing_the_trader_leaves_at_market_after_the_bar(bar: tuple, reason: str) -> None:
    story = Trading(protection="trader").decides().minutes(QUIET, bar)
    assert story.asked()[0]["order_spec"]["protection"] == "trader"
    assert story.asked()[-1]["order_spec"]["exit_reason"] == reason
    assert story.quantity != 0
    story.minutes((bar[3], bar[3] + 0.1, bar[3] - 0.1, bar[3]))
    assert story.quantity == 0
    assert story.outcomes[0]["unprotected_seconds"] == pytest.approx(story.outcomes[0]["hold_seconds"], abs=1)


def test_a_position_expires_after_its_holding_horizon() -> None:
    story = Trading(trader={"holding_horizons": 1}).decides().minutes(*[QUIET] * 5)
    assert len(story.asked()) == 1
    story.minutes(QUIET, QUIET)
    assert [each["close_reason"] for each in story.outcomes] == ["expiry"]


def test_an_outcome_is_what_the_book_earned() -> None:
    story = Trading().decides().minutes(QUIET, UP, (104, 104.2, 103.8, 104))
    [outcome], book = story.outcomes, booked(story)
    assert Decimal(outcome["pnl"]) == book.cash
    assert Decimal(outcome["pnl"]) == Decimal(outcome["gross_pnl"]) - Decimal(outcome["fees"])
    entry, exit_ = story.said("execution")
    impacts = [Decimal(each["tr_execution"]["pnl_impact"]) for each in (entry, exit_)]
    assert sum(impacts) == book.cash
    assert exit_["exec_metrics"]["feedback_score"] > 0.8
    assert outcome["r_multiple"] == pytest.approx(float(book.cash) / 20, rel=0.02)
    assert outcome["hold_seconds"] == pytest.approx(120, abs=1)


def test_only_one_exit_is_out_at_a_time_and_one_undone_is_sent_again() -> None:
    story = Trading(trader={"exit_seconds": 60}, protection="trader").decides().minutes(QUIET, DOWN)
    story.minutes(DOWN, volume="0")
    statuses = [each["exec_metrics"]["status"] for each in story.said("execution")]
    assert statuses == ["filled", "expired"]
    assert len(story.asked()) == 3
    story.minutes((98, 98, 98, 98))
    assert story.quantity == 0
    assert story.outcomes[0]["close_reason"] == "stop_loss"


def test_an_exit_filled_in_parts_goes_on_with_the_rest() -> None:
    story = Trading(protection="trader").decides().minutes(QUIET, DOWN)
    story.minutes((98, 98, 98, 98), (98, 98, 98, 98), volume="40")
    assert story.quantity == 2
    story.minutes((98, 98, 98, 98), volume="40")
    assert story.quantity == 0
    assert len([each for each in story.said("execution") if each["exec_metrics"]["intent"] == "exit"]) == 1
    assert Decimal(story.outcomes[0]["pnl"]) == booked(story).cash


def test_what_is_not_filled_in_time_is_reported_partial() -> None:
    story = Trading().decides().minutes(*[QUIET] * 5, volume="10")
    [report] = story.said("execution")
    assert report["exec_metrics"]["status"] == "partial"
    assert report["exec_metrics"]["adherence"] == 0.5
    assert story.quantity == 5


def test_a_refused_order_goes_to_the_next_venue() -> None:
    tight = [
        {"name": "hyperliquid", "maker_bps": "0.5", "taker_bps": "0.5", "latency_ms": 5},
        {"name": "binance", "maker_bps": "0.1", "taker_bps": "0.1", "latency_ms": 15, "max_notional": "10"},
    ]
    story = Trading(paper={"venues": tight}).decides()
    assert [each["route_hint"] for each in story.asked()] == ["binance", "coinbase", "hyperliquid"]
    story.minutes(QUIET)
    [report] = story.said("execution")
    assert report["exec_metrics"]["venue"] == "hyperliquid"
    assert [each["status"] for each in report["tr_execution"]["attempts"]] == ["rejected", "rejected", "filled"]


def test_an_order_that_every_venue_refuses_has_failed() -> None:
    tiny = [{"name": "nowhere", "maker_bps": "1", "taker_bps": "1", "latency_ms": 5}]
    story = Trading(paper={"venues": tiny}).decides()
    [report] = story.said("execution")
    assert len(story.asked()) == 3
    assert report["exec_metrics"]["status"] == "failed"
    assert "'coinbase' is not configured" in report["tr_execution"]["attempts"][1]["reason"]
    assert report["exec_metrics"]["execution_score"] == 0


def test_a_route_hint_pins_the_first_venue() -> None:
    story = Trading().decides(told={"execution_instructions": {"route_hint": "coinbase"}})
    assert story.asked()[0]["route_hint"] == "coinbase"


def test_a_plan_waits_until_all_of_its_conditions_hold() -> None:
    band = [{"type": "price_above", "value": "99"}, {"type": "price_below", "value": "99.5"}]
    story = Trading().decides(entry_conditions=band).minutes(QUIET)
    assert story.asked() == []
    waiting = [each["monitoring_state"]["fails"] for each in story.said("monitoring")]
    assert waiting == [["price_above", "price_below"], ["price_below"]]
    story.minutes((100, 100, 99.2, 99.3))
    assert len(story.asked()) == 1
    assert story.said("monitoring")[-1]["monitoring_state"]["state"] == "entering"


def test_a_plan_that_waits_too_long_is_reported_expired() -> None:
    story = Trading().decides(entry_conditions=[{"type": "price_below", "value": "90"}]).minutes(*[QUIET] * 5)
    [report] = story.said("execution")
    assert report["exec_metrics"]["status"] == "expired"
    assert "price_below" in report["exec_metrics"]["reason"]
    assert len(story.said("monitoring")) == 1
    assert not story.state.is_busy


def test_a_second_decision_about_a_plan_is_ignored() -> None:
    story = Trading().decides().decides(nth=2)
    assert len(story.asked()) == 1
    story.minutes(QUIET).decides(nth=3)
    assert len(story.asked()) == 1
    assert len(story.said("execution")) == 1


def test_a_plan_that_is_under_way_is_never_forgotten() -> None:
    story = Trading(trader={"plans_remembered": 1}).decides(order_type="limit").decides(plan_id="OTHER", nth=1)
    story.decides(order_type="limit", nth=2)
    assert [each["order_spec"]["plan_id"] for each in story.asked()] == ["PLAN", "OTHER"]


@pytest.mark.parametrize(
    ("plan", "told", "field"),
    [
        ({"quantity": "0"}, {}, "plan.quantity"),
        ({"quantity": "none"}, {}, "plan.quantity"),
        ({"quantity": "1e-9"}, {}, "quantity"),
        ({"valid_until": NOON.isoformat()}, {}, "valid_until"),
        ({}, {"valid_until": NOON.isoformat()}, "valid_until"),
        ({"symbol": "ETHUSDT"}, {}, "symbol"),
        ({"entry_conditions": [{"type": "full_moon"}]}, {}, "entry_conditions"),
        ({"direction": "sideways"}, {}, "plan: direction"),
        ({"time_horizon": "2y"}, {}, "time_horizon"),
        ({}, {"execution_instructions": {"urgency": "panic"}}, "urgency"),
        ({}, {"gates": [{"gate": "exposure", "severity": "hard", "passed": False}]}, "gates: exposure"),
        ({}, {"risk_parameters": {"max_slippage": "much"}}, "risk_parameters.max_slippage"),
        ({}, {"decision_type": "reject"}, "decision.decision_type"),
    ],
)
def test_a_decision_that_cannot_be_carried_out_is_reported_rejected(plan: dict, told: dict, field: str) -> None:
    story = Trading().decides(told=told, **plan)
    [report] = story.said("execution")
    assert report["exec_metrics"]["status"] == "rejected"
    assert report["exec_metrics"]["reason"].startswith(field)
    assert story.asked() == []


def test_a_decision_against_the_position_leaves_it_first() -> None:
    story = Trading().decides().minutes(QUIET).decides(direction="short", plan_id="OTHER", quantity="4")
    assert [each["order_spec"]["intent"] for each in story.asked()] == ["entry", "exit", "entry"]
    story.minutes(QUIET)
    assert [each["close_reason"] for each in story.outcomes] == ["signal"]
    assert story.quantity == -4
    assert story.state.holding.plan_id == "OTHER"


def test_a_second_plan_the_same_way_adds_and_its_stop_rules() -> None:
    story = Trading().decides().minutes(QUIET).decides(plan_id="OTHER", stop_loss="99", nth=2).minutes(QUIET)
    assert story.quantity == 20
    assert story.state.holding.plan_ids == ("PLAN", "OTHER")
    story.minutes((100, 100, 98.9, 99), (99, 99, 99, 99))
    [outcome] = story.outcomes
    assert (outcome["plan_id"], outcome["close_reason"]) == ("PLAN", "stop_loss")
    assert Decimal(outcome["pnl"]) == booked(story).cash


def test_a_large_entry_is_sliced_over_the_bars() -> None:
    story = Trading().decides(quantity="200").minutes(QUIET, QUIET, QUIET)
    assert [each["order_spec"]["quantity"] for each in story.asked()] == ["50"] * 4
    story.minutes(QUIET)
    [report] = story.said("execution")
    assert story.quantity == 200
    assert (report["exec_metrics"]["status"], report["tr_execution"]["strategy"]) == ("filled", "twap")
    assert len(report["fills"]) == 4


def test_slices_by_volume_follow_the_volume() -> None:
    story = Trading().decides(told={"execution_instructions": {"use_vwap": True}})
    assert story.asked()[0]["order_spec"]["quantity"] == "3.75"
    story.minutes(*[QUIET] * 4, features={"volume_ratio": 0.1})
    sent = [Decimal(each["order_spec"]["quantity"]) for each in story.asked()]
    assert sent[1] < sent[0]
    assert sum(sent) == 10


def test_an_exit_takes_back_what_is_left_of_the_entry() -> None:
    story = Trading().decides(quantity="200").minutes(QUIET, DOWN)
    assert story.orders() == ["entry", "entry"]
    story.minutes((98, 98, 98, 98), (98, 98, 98, 98))
    assert story.quantity == 0
    assert story.resting() == []
    assert [each["close_reason"] for each in story.outcomes] == ["stop_loss"]
    entry, *exits = story.said("execution")
    assert entry["exec_metrics"]["status"] == "partial"
    assert {each["exec_metrics"]["status"] for each in exits} == {"filled"}


def test_an_exit_asks_for_an_unfilled_entry_back() -> None:
    story = Trading().decides(order_type="limit", told={"execution_instructions": {"urgency": "low"}})
    story.minutes(QUIET, volume="50").minutes(DOWN, volume="1")
    [cancel] = story.strands("cancel")
    assert cancel.payload["order_spec"]["order_id"] == story.sent()[0].id
    assert story.said("order_update")[-1]["vn_update"]["status"] == "cancelled"
    story.minutes((98, 98, 98, 98))
    assert story.quantity == 0
    assert [each["exec_metrics"]["status"] for each in story.said("execution")] == ["partial", "filled"]


def test_an_order_that_never_reached_its_venue_is_asked_back_and_its_exit_sent_again() -> None:
    story = Trading(trader={"exit_seconds": 60, "overdue_seconds": 60}, protection="trader")
    story.decides().minutes(QUIET, DOWN)
    story.wire.states["venue"][BTC] = story.venue.start(BTC)
    story.minutes((98, 98, 98, 98), (98, 98, 98, 98))
    assert story.said("cancel") == []
    story.minutes((98, 98, 98, 98))
    assert len(story.said("cancel")) == 1
    assert story.said("order_update")[-1]["vn_update"]["final"]
    story.minutes((98, 98, 98, 98), (98, 98, 98, 98))
    assert story.quantity == 0
    assert [each["close_reason"] for each in story.outcomes] == ["stop_loss"]
    statuses = [each["exec_metrics"]["status"] for each in story.said("execution")]
    assert statuses == ["filled", "cancelled", "filled"]


def test_the_position_data_of_a_fill_is_the_ledgers() -> None:
    story = Trading().decides().minutes(QUIET, UP, (104, 104.2, 103.8, 104))
    held, told = booked(story).positions[BTC], story.said("fill")[-1]["position_data"]
    assert {name: Decimal(told[name]) for name in ("quantity", "realized_pnl", "fees")} == {
        "quantity": held.quantity,
        "realized_pnl": held.realized_pnl,
        "fees": held.fees,
    }


def test_every_strand_about_a_plan_shares_its_decisions_lifecycle() -> None:
    story = Trading().decides().minutes(QUIET, UP, (104, 104.2, 103.8, 104))
    kinds = ("order", "order_update", "fill", "execution", "position")
    lifecycles = {each.lifecycle_id for kind in kinds for each in story.strands(kind)}
    assert lifecycles == {story.strands("decision")[0].lifecycle_id}


def test_a_bar_that_matters_to_nobody_changes_nothing() -> None:
    trader = Trader()
    state = trader.start(BTC)
    after, said = trader.handle(state, a_bar(), Given(NOON))
    assert after is state
    assert list(said) == []


def a_risk_update(level: str) -> Strand:
    return strand.first(
        module="risk",
        kind="risk_update",
        at=NOON,
        symbol=BTC,
        tags=(tags.TRADER_RISK_UPDATE,),
        payload={"rm_risk_assessment": {"level": level}},
    )


def test_an_adaptive_trader_goes_to_market_while_a_risk_limit_is_broken() -> None:
    calm = Trading(trader={"adaptive": True}).hears(a_risk_update("ok")).decides(order_type="limit")
    nobody_stops_it = {"adaptive": True, "curators": {"risk": {"enabled": False}}}
    stressed = Trading(trader=nobody_stops_it).hears(a_risk_update("breach")).decides(order_type="limit")
    chosen = [story.asked()[0]["order_spec"]["execution_strategy"] for story in (calm, stressed)]
    assert chosen == ["limit", "market"]


def test_a_risk_update_that_changes_nothing_returns_the_state_itself() -> None:
    trader = Trader()
    state = trader.start(BTC)
    assert trader.handle(state, a_risk_update("ok"), Given(NOON))[0] is state


def test_handling_changes_no_state_in_place_and_goes_on_alike_from_a_kept_one() -> None:
    story = Trading().decides(quantity="200").minutes(QUIET, QUIET)
    trader, before = story.trader, copy.deepcopy(story.state)
    bar = a_bar(DOWN, at=NOON + 3 * MINUTE)
    after, said = trader.handle(story.state, bar, Given(bar.at))
    assert story.state == before
    again, repeated = trader.handle(trader.load(round_trip(trader.dump(before))), bar, Given(bar.at))
    assert again == after
    assert flat(repeated) == flat(said)


def test_an_unknown_feature_lets_a_condition_fail() -> None:
    bare = {**CALM, "volume_ratio": None}
    waits = [{"type": "volume_spike", "value": 1.2}]
    story = Trading().decides(entry_conditions=waits, market_context=bare)
    assert story.asked() == []


def test_what_is_said_up_to_a_bar_does_not_depend_on_later_bars() -> None:
    one = Trading().decides().minutes(QUIET, QUIET, UP)
    two = Trading().decides().minutes(QUIET, QUIET, DOWN)
    until = NOON + 2 * MINUTE
    told = [flat(each for each in story.wire.strands.values() if each.at <= until) for story in (one, two)]
    assert told[0] == told[1]


def a_policy_change(**fields: Any) -> Strand:
    return strand.first(
        module="op",
        kind="policy_changed",
        at=NOON,
        symbol=BTC,
        tags=("trader:policy_changed",),
        payload={"op_policy": fields},
    )


def test_a_changed_policy_is_in_force_from_then_on() -> None:
    story = Trading().hears(a_policy_change(slices=2)).decides(quantity="200").minutes(QUIET)
    assert [each["order_spec"]["quantity"] for each in story.asked()] == ["100", "100"]


def test_a_changed_policy_of_the_trader_holds_for_every_symbol() -> None:
    everywhere = dataclasses.replace(a_policy_change(slices=2), symbol=None)
    story = Trading().hears(everywhere).decides(quantity="200")
    assert story.asked()[0]["order_spec"]["quantity"] == "100"
