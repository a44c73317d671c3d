"""An order that may only reduce is held to what its venue holds as it fills, not as it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from portfolio.execution.venues.paper import PaperVenue
from strands.given import Given, HaltState
from strands.strand import Strand
from tests.trading import MINUTE, NOON, Prices, Trading, a_bar
from tests.unit.tradingops.modules.test_venue_module import an_order_strand
from tradingops.modules.venue.module import VenueModule
from tradingops.modules.venue.state import VenueState
from tradingops.people import acts

VENUE = VenueModule(venue=PaperVenue())
PATIENT = {"execution_instructions": {"urgency": "low"}}
ASKED = acts.Asked(by="ada", reason="a drill", at=NOON, asked_at=NOON)
AT_THE_LIMIT: Prices = (100, "103.5", "99.8", 103)


def sold(nth: int, quantity: str, **spec: Any) -> Strand:
    """Return an order to sell that may only reduce, told apart by its number."""
    asked = {"side": "sell", "quantity": quantity, "intent": "exit", "reduce_only": True, **spec}
    return replace(an_order_strand(**asked), id=f"ORDER-{nth}")


def heard(held: str, told: Sequence[Strand]) -> tuple[Decimal, dict[str, tuple[str, str, str]]]:
    """Return what is held after strands, and by order its last status, what was filled and what remains of it."""
    state, last = VenueState(positions={"binance": Decimal(held)}), dict[str, tuple[str, str, str]]()
    for each in told:
        state, answers = VENUE.handle(state, each, Given(each.at))
        for one in answers:
            update = one.payload["vn_update"]
            last[update["order_id"]] = (update["status"], update["filled_quantity"], update["remaining"])
    return state.positions.get("binance", Decimal(0)), last


def bars(*prices: Prices, volume: str = "100000") -> list[Strand]:
    return [a_bar(each, at=NOON + nth * MINUTE, volume=volume) for nth, each in enumerate(prices, start=1)]


def test_what_another_exit_left_meanwhile_is_not_sold_again_by_the_order_that_rests() -> None:
    rests = sold(1, "0.268", order_type="limit", limit_price="103")
    quiet, reached = bars((100, 101, 100, 100), AT_THE_LIMIT)
    held, last = heard("0.268", [rests, sold(2, "0.134"), quiet, reached])
    assert held == 0
    assert last["ORDER-2"][:2] == ("filled", "0.134")
    assert last["ORDER-1"][1] == "0.134"


@pytest.mark.parametrize("volume", ["100000", "600"])
def test_an_order_for_more_than_is_held_ends_at_nothing_held_in_however_many_pieces(volume: str) -> None:
    asked = sold(1, "362", order_type="stop", stop_price="99")
    falls = bars((100, 100, "98.5", 99), *[(99, 99, 98, 98)] * 4, volume=volume)
    held, last = heard("121", [asked, *falls])
    assert held == 0
    status, filled, _ = last["ORDER-1"]
    assert (status, filled) in {("filled", "121"), ("cancelled", "121")}


def test_what_was_cut_to_what_is_held_is_over_and_nothing_of_it_works_on() -> None:
    held, last = heard("2", [sold(1, "5"), *bars((100, 100, 100, 100), (100, 100, 100, 100))])
    status, filled, _ = last["ORDER-1"]
    assert (held, filled) == (0, "2")
    assert status in {"filled", "cancelled"}


def test_an_entry_that_fills_after_it_was_asked_back_under_a_halt_is_protected_in_the_same_turn() -> None:
    story = Trading(trader={"retry_seconds": 3600}).decides(order_type="limit", told=PATIENT)
    [entry] = story.sent()
    # The venue fills it in the very bar by which the trader hears of the halt, before it hears that it is asked back.
    story.wire.publish([acts.halt("desk", HaltState.HALTED, asked=ASKED)])
    story.minutes((100, "100.1", "98.5", "99.9"))
    assert story.quantity > 0
    assert {kind for kind, _, _ in story.resting()} == {"stop", "limit"}
    assert {each.lifecycle_id for each in story.strands("fill")} == {entry.lifecycle_id}
