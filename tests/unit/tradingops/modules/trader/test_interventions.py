"""Interventions: what a person wants done about a position or an order is done, or refused with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from strands.strand import Strand
from tests.trading import BTC, NOON, QUIET, Trading, round_trip
from tradingops.modules.trader import kept
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


APART = {"binance": Decimal(10), "hyperliquid": Decimal(-10)}


def apart(at_venues: Mapping[str, Decimal] = APART) -> Trading:
    """Return a desk of which venues hold a symbol on both sides, which comes to nothing together."""
    story = Trading().minutes(QUIET)
    story.wire.states["trader"][BTC] = replace(story.state, at_venues=dict(at_venues))
    story.wire.states["venue"][BTC] = story.wire.states["venue"][BTC]._replace(positions=dict(at_venues))
    return story


def sides(story: Trading) -> dict[str, tuple[str, str, bool]]:
    """Return what was sent to each venue: its side, how much, and whether it may only reduce."""
    specs = {each["route_hint"]: each["order_spec"] for each in story.asked()}
    return {name: (each["side"], each["quantity"], each["reduce_only"]) for name, each in specs.items()}


def at_venues(story: Trading) -> dict[str, Decimal]:
    positions = story.wire.states["venue"][BTC].positions
    return {name: held for name, held in positions.items() if held}


@pytest.mark.parametrize("halted", [False, True])
def test_legs_that_come_to_nothing_together_are_left_at_each_venue_at_once(halted: bool) -> None:
    story = apart()
    if halted:
        story.halts("desk", "halted")
    story.hears(wants("close", mark="100"))
    assert sides(story) == {"binance": ("sell", "10", True), "hyperliquid": ("buy", "10", True)}
    story.minutes(QUIET, QUIET)
    assert (at_venues(story), story.state.at_venues, story.quantity, story.state.holding) == ({}, {}, 0, None)
    assert (story.resting(), refusals(story), len(story.asked())) == ([], [], 2)
    [outcome] = story.outcomes
    assert (outcome["close_reason"], outcome["r_multiple"]) == ("manual", None)


def test_closing_legs_twice_sends_one_set_of_orders() -> None:
    story = apart().hears(wants("close", mark="100")).hears(wants("close", mark="100.1"))
    assert len(story.asked()) == 2
    assert refusals(story) == [f"ada wanted to close here: symbol: {BTC} is being left already, because of manual"]


def test_a_leg_that_fills_before_the_other_is_left_by_what_is_out_and_by_nothing_more() -> None:
    story = apart({"binance": Decimal(10), "hyperliquid": Decimal(-10)}).hears(wants("close", mark="100"))
    story.minutes(QUIET, volume="60")
    assert len(story.asked()) == 2
    story.minutes(QUIET, QUIET)
    assert (at_venues(story), story.quantity, len(story.asked())) == ({}, 0, 2)


def test_a_position_of_which_another_venue_holds_the_other_side_is_left_at_both() -> None:
    story = held()
    [(name, _)] = story.state.at_venues.items()
    other = next(each for each in ("binance", "coinbase") if each != name)
    both = {name: Decimal(10), other: Decimal(-4)}
    position = replace(story.state.position, quantity=Decimal(6))
    story.wire.states["trader"][BTC] = replace(story.state, at_venues=both, position=position)
    story.wire.states["venue"][BTC] = story.wire.states["venue"][BTC]._replace(positions=dict(both))
    story.hears(wants("close", mark="100")).minutes(QUIET, QUIET)
    assert (at_venues(story), story.quantity, story.resting()) == ({}, 0, [])
    assert all(each["close_reason"] == "manual" for each in story.outcomes)


def test_legs_of_which_nothing_tells_a_price_or_a_venue_are_refused_with_the_way_out() -> None:
    story = apart()
    story.hears(wants("close"))
    assert [each.partition(": ")[2] for each in refusals(story)] == [
        f"mark: nothing tells a price of {BTC}; ask again once a bar of it has come"
    ]
    story = apart({**APART, "elsewhere": Decimal(3), "nowhere": Decimal(-3)}).hears(wants("close", mark="100"))
    assert sides(story).keys() == APART.keys()
    assert "venue: elsewhere, nowhere is none that the trader knows" in refusals(story)[0]


def test_legs_under_way_are_kept_and_read_again() -> None:
    state = apart().hears(wants("close", mark="100")).state
    assert {each.key for each in state.executions.values()} == {"exit:binance", "exit:hyperliquid"}
    assert kept.load(round_trip(kept.dump(state))) == state
