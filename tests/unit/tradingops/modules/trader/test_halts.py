"""Halts: under one that concerns it nothing that adds to a position is sent, and what reduces one goes on."""

from __future__ import annotations

from typing import Any

import pytest

from strands import strand, tags
from strands.rulings.fold import Rulings
from strands.strand import Strand
from tests.trading import BTC, DOWN, MINUTE, NOON, QUIET, Trading, a_bar, a_decision, a_halt
from tradingops.modules.trader.module import Trader

SCOPES = ["desk", "module:trader", f"symbol:{BTC}"]
STATES = ["reduce-only", "halted"]
WAITS = [{"type": "price_below", "value": "99.5"}]
BELOW = (100, 100, 99.2, 99.3)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_decision_under_a_halt_is_rejected_with_its_scope_and_state(scope: str, state: str) -> None:
    story = Trading().halts(scope, state).decides()
    assert story.orders() == []
    assert story.reports() == [("entry", "rejected", f"halted: {scope} is {state}")]
    [report] = story.strands("execution")
    assert tags.DM_EXECUTION_FEEDBACK in report.tags
    assert report.lifecycle_id == story.strands("decision")[0].lifecycle_id
    assert report.payload["order_spec"]["plan_id"] == "PLAN"


@pytest.mark.parametrize("scope", ["module:alpha", "symbol:ETH-PERP", "venue:binance"])
def test_a_halt_of_somebody_else_stops_no_entry(scope: str) -> None:
    assert Trading().halts(scope, "halted").decides().orders() == ["entry"]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_turn_is_given_the_halt_by_its_rulings(scope: str, state: str) -> None:
    trader, decision = Trader(), a_decision()
    given = Rulings([a_halt(scope, state)]).given(NOON, "trader", BTC)
    after, [report] = trader.handle(trader.start(BTC), decision, given)
    assert report.kind == "execution"
    assert not after.is_busy


def test_the_strictest_scope_gives_the_reason() -> None:
    story = Trading().halts("desk", "reduce-only").halts(f"symbol:{BTC}", "halted").decides()
    assert story.reports()[0][2] == f"halted: symbol:{BTC} is halted"


def test_after_active_again_new_decisions_pass_and_the_refused_one_stays_refused() -> None:
    story = Trading().halts().decides().halts(state="active").decides(nth=1)
    assert story.orders() == []
    story.decides(plan_id="OTHER", nth=2).minutes(QUIET)
    assert story.orders() == ["entry"]
    assert story.quantity == 10


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_position_is_left_at_its_stop_under_a_halt(scope: str, state: str) -> None:
    story = Trading().decides().minutes(QUIET).halts(scope, state).minutes(DOWN, (98, 98, 98, 98))
    assert story.orders() == ["entry"]
    assert [each["close_reason"] for each in story.outcomes] == ["stop_loss"]
    assert story.quantity == 0


def test_a_position_expires_under_reduce_only_and_in_a_halted_scope_when_that_is_resumed() -> None:
    def expiring(scope: str, state: str) -> Trading:
        story = Trading(trader={"holding_horizons": 1}).decides().minutes(QUIET).halts(scope, state)
        return story.minutes(*[QUIET] * 7)

    for scope in (*SCOPES, "venue:binance"):
        assert [each["close_reason"] for each in expiring(scope, "reduce-only").outcomes] == ["expiry"]
        halted = expiring(scope, "halted")
        assert halted.outcomes == []
        assert len(halted.resting()) == 2
        resumed = halted.halts(scope, "active").minutes(QUIET, QUIET)
        assert [each["close_reason"] for each in resumed.outcomes] == ["expiry"]


@pytest.mark.parametrize("scope", [*SCOPES, "venue:binance"])
def test_where_no_venue_works_the_stop_the_trader_does_in_a_halted_scope_too(scope: str) -> None:
    story = Trading(protection="trader").decides().minutes(QUIET).halts(scope, "halted")
    story.minutes(DOWN, (98, 98, 98, 98))
    assert [each["close_reason"] for each in story.outcomes] == ["stop_loss"]
    assert story.quantity == 0


def test_a_waiting_plan_waits_for_the_end_of_the_halt_as_for_one_more_condition() -> None:
    story = Trading().decides(entry_conditions=WAITS).minutes(QUIET).halts().minutes(BELOW, BELOW)
    assert story.orders() == []
    fails = [each["monitoring_state"]["fails"] for each in story.said("monitoring")]
    assert fails == [["price_below"], ["halted: desk is reduce-only"]]
    story.halts(state="active").minutes(BELOW)
    assert story.orders() == ["entry"]


def test_a_plan_whose_time_ends_under_a_halt_says_so() -> None:
    story = Trading().decides(entry_conditions=WAITS).halts().minutes(*[QUIET] * 5)
    [(_, ending, reason)] = story.reports()
    assert ending == "expired"
    assert "halted: desk is reduce-only" in str(reason)


def test_no_further_slices_are_sent_and_what_is_filled_is_reported() -> None:
    story = Trading().decides(quantity="200").minutes(QUIET)
    sent = len(story.orders())
    story.halts().minutes(QUIET, QUIET, QUIET)
    assert len(story.orders()) == sent
    [(intent, ending, reason)] = story.reports()
    assert (intent, ending, reason) == ("entry", "partial", "halted: desk is reduce-only")
    assert 0 < story.quantity < 200


@pytest.mark.parametrize("scope", [*SCOPES, "venue:binance"])
def test_an_entry_out_at_a_venue_is_asked_back_once_on_the_next_turn(scope: str) -> None:
    patient = {"execution_instructions": {"urgency": "low"}}
    story = Trading().decides(order_type="limit", told=patient).halts(scope, "halted")
    assert story.strands("cancel") == []
    still = (101, 101, 101, 101)
    story.minutes(still, still)
    [cancel] = story.strands("cancel")
    assert cancel.parent_id == story.sent()[0].id
    assert story.reports() == [("entry", "cancelled", f"halted: {scope} is halted")]
    assert not story.state.is_busy


def test_an_entry_asked_back_is_not_asked_for_again_while_the_venue_is_silent() -> None:
    trader = Trader()
    known = Rulings([a_halt()])
    state, _ = trader.handle(trader.start(BTC), a_decision(), Rulings().given(NOON, "trader", BTC))
    kinds = []
    for nth in (1, 2, 3):
        bar = a_bar(at=NOON + nth * MINUTE)
        state, answers = trader.handle(state, bar, known.given(bar.at, "trader", BTC))
        kinds.append([each.kind for each in answers])
    assert kinds == [["cancel"], [], []]


def test_a_halted_venue_is_passed_over_where_another_is_allowed() -> None:
    story = Trading().halts("venue:binance").decides()
    assert [each["route_hint"] for each in story.asked()] == ["coinbase"]


@pytest.mark.parametrize("state", STATES)
def test_a_plan_that_may_go_to_halted_venues_alone_is_rejected(state: str) -> None:
    story = Trading().halts("venue:binance", state).decides(venue_preferences=["binance"])
    assert story.reports() == [("entry", "rejected", f"halted: venue:binance is {state}")]
    assert story.orders() == []


def test_an_entry_refused_by_its_venue_goes_to_no_halted_one() -> None:
    tight = [{"name": "hyperliquid", "maker_bps": "0.5", "taker_bps": "0.5", "latency_ms": 5}]
    story = Trading(paper={"venues": tight}).halts("venue:coinbase").decides()
    assert [each["route_hint"] for each in story.asked()] == ["binance", "hyperliquid"]


def test_slices_go_on_at_a_venue_that_is_not_halted() -> None:
    story = Trading().decides(quantity="200").minutes(QUIET)
    entry = story.state.executions["PLAN"]
    for order_id in entry.orders:
        story.hears(an_end(order_id))
    story.halts("venue:binance").minutes(QUIET)
    assert story.asked()[-1]["route_hint"] != "binance"


def an_end(order_id: str) -> Strand:
    """Return a venue's word that an order is over without a fill."""
    update: dict[str, Any] = {"order_id": order_id, "status": "cancelled", "reason": "lost", "fill": None}
    return strand.first(
        module="venue", kind="order_update", at=NOON + MINUTE, symbol=BTC, tags=(tags.ORDER_UPDATE,),
        payload={"vn_update": update},
    )  # fmt: skip


def test_an_exit_goes_to_the_venue_that_holds_the_position_also_when_that_only_reduces() -> None:
    story = Trading(trader={"holding_horizons": 1}).decides().minutes(QUIET).halts("venue:binance", "reduce-only")
    story.minutes(*[QUIET] * 7)
    assert [each["route_hint"] for each in story.asked()] == ["binance", "binance"]
    assert [each["close_reason"] for each in story.outcomes] == ["expiry"]
    assert story.quantity == 0
