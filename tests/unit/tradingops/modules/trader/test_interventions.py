"""Interventions: what a person wants done about a position or an order is done, or refused with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from strands.strand import Strand
from tests.trading import BTC, NOON, QUIET, Trading
from tradingops.people import acts

WAITS = [{"type": "price_below", "value": "99.5"}]
ASKED = acts.Asked(by="ada", reason="a look at the tape", at=NOON, asked_at=NOON)


def wants(action: str, **wanted: Any) -> Strand:
    return acts.intervention(BTC, action, asked=ASKED, **wanted)


def refusals(story: Trading) -> list[str]:
    found = [each["monitoring_state"] for each in story.said("monitoring")]
    return [each["reason"] for each in found if each["state"] == "refused"]


def held(**paper: Any) -> Trading:
    return Trading(**paper).decides().minutes(QUIET)


def test_a_position_is_closed_with_the_person_as_the_reason_and_nothing_rests() -> None:
    story = held()
    story.hears(wants("close", mark="100")).minutes(QUIET, QUIET)
    assert [each["close_reason"] for each in story.outcomes] == ["manual"]
    assert story.quantity == 0
    assert story.resting() == []
    assert refusals(story) == []


@pytest.mark.parametrize("state", ["reduce-only", "halted"])
@pytest.mark.parametrize("scope", ["desk", f"symbol:{BTC}", "module:trader", "venue:binance"])
def test_a_person_closes_under_a_halt_too(scope: str, state: str) -> None:
    story = held().halts(scope, state)
    story.hears(wants("close", mark="100")).minutes(QUIET, QUIET)
    assert [each["close_reason"] for each in story.outcomes] == ["manual"]


def test_closing_twice_sends_one_set_of_orders_and_says_so() -> None:
    story = held()
    story.hears(wants("close")).hears(wants("close", mark="100"))
    assert story.orders() == ["entry", "exit"]
    assert refusals(story) == [
        f"ada wanted to close here: symbol: {BTC} is being left already, because of manual",
    ]


def test_closing_takes_back_what_waits_to_be_entered() -> None:
    story = Trading().decides(entry_conditions=WAITS).minutes(QUIET)
    story.hears(wants("close"))
    assert story.reports() == [("entry", "cancelled", "closed by ada")]
    story.minutes((100, 100, 99.2, 99.3), QUIET)
    assert story.orders() == []


def test_where_nothing_is_held_or_under_way_a_close_is_refused() -> None:
    story = Trading()
    story.hears(wants("close"))
    assert refusals(story) == [f"ada wanted to close here: symbol: nothing is held or under way in {BTC}"]


def test_a_moved_stop_rests_at_its_new_price_and_the_position_leaves_there() -> None:
    story = held()
    story.hears(wants("move", stop_loss="99", mark="100")).minutes(QUIET)
    assert [(float(price)) for _, price, _ in story.resting() if price < 100] == [99]
    story.minutes((100, 100, 98.9, 98.9), QUIET)
    assert [each["close_reason"] for each in story.outcomes] == ["stop_loss"]
    assert float(story.outcomes[0]["exit_price"]) == pytest.approx(99, abs=0.1)


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ({}, "neither is given"),
        ({"stop_loss": "101", "mark": "100"}, "would be reached at once"),
        ({"take_profit": "97"}, "would be reached at once"),
        ({"stop_loss": "never"}, "stop_loss: 'never' is no price"),
        ({"stop_loss": "-1"}, "stop_loss: '-1' is no price"),
        ({"stop_loss": "1e999"}, "is no price"),
        ({"stop_loss": ["99"]}, "is no price"),
    ],
)
def test_a_move_that_cannot_be_changes_nothing(wanted: dict[str, Any], why: str) -> None:
    story = held()
    before = story.resting()
    story.hears(wants("move", **wanted))
    [said] = refusals(story)
    assert why in said
    assert story.resting() == before
    assert story.quantity == 10


def test_an_entry_that_is_out_is_cancelled_and_reported() -> None:
    story = Trading().decides()
    [order_id] = story.state.executions["PLAN"].orders
    story.hears(wants("cancel", order_id=order_id)).minutes(QUIET)
    assert story.reports() == [("entry", "cancelled", "cancelled by ada")] or story.reports()[0][1] == "cancelled"
    assert story.quantity == 0


def test_what_protects_is_not_cancelled() -> None:
    story = held()
    order_id = next(iter(next(each for each in story.state.executions.values() if each.rests).orders))
    story.hears(wants("cancel", order_id=order_id))
    assert "protects or leaves the position" in refusals(story)[0]
    assert len(story.resting()) == 2


@pytest.mark.parametrize("says", [None, [], {"action": "forget"}, {"action": None}, {}])
def test_what_is_no_intervention_is_refused_and_the_trader_goes_on(says: Any) -> None:
    story = held()
    word = wants("close")
    story.hears(Strand(**{**{n: getattr(word, n) for n in Strand.__slots__}, "payload": {"op_intervention": says}}))
    assert "is none; it is one of close, move, cancel" in refusals(story)[0]
    assert story.quantity == 10
