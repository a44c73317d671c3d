"""The venue module: takes orders once, works them in bars, and says every change."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from portfolio.execution.desk import VenueModule
from portfolio.execution.venues.paper import PaperVenue
from strands import strand, tags
from strands.given import Given
from strands.strand import Strand
from tests.trading import BTC, MINUTE, NOON, a_bar, round_trip

SPEC = {"symbol": BTC, "side": "buy", "order_type": "market", "quantity": "150", "intent": "entry"}


def an_order_strand(*, route: str | None = "binance", **spec: Any) -> Strand:
    return strand.first(
        module="trader",
        kind="order",
        at=NOON,
        symbol=BTC,
        tags=(tags.SUBMIT_ORDER,),
        payload={"order_spec": {**SPEC, **spec}, "route_hint": route},
    )


def a_cancel(order_id: str) -> Strand:
    return strand.first(
        module="trader",
        kind="cancel",
        at=NOON,
        symbol=BTC,
        tags=(tags.CANCEL_ORDER,),
        payload={"order_spec": {"order_id": order_id}},
    )


def hear(*told: Strand) -> tuple[dict, list[Strand]]:
    """Return the state and all answers of a venue module that heard these strands."""
    module = VenueModule(venue=PaperVenue())
    state, answers = module.start(BTC), []
    for each in told:
        before = copy.deepcopy(state)
        after, said = module.handle(state, each, Given(each.at))
        assert state == before
        assert round_trip(after) == after
        state, answers = after, [*answers, *said]
    return state, answers


def updates(answers: list[Strand]) -> list[tuple[str, str]]:
    return [(each.payload["vn_update"]["status"], each.payload["vn_update"]["filled_quantity"]) for each in answers]


def test_an_order_is_accepted_and_then_filled_by_the_bars_that_follow() -> None:
    order = an_order_strand()
    state, answers = hear(order, a_bar(at=NOON + MINUTE), a_bar(at=NOON + 2 * MINUTE))
    assert updates(answers) == [("accepted", "0"), ("partially_filled", "100"), ("filled", "150")]
    assert state == {"open": []}


def test_an_update_belongs_to_its_order_and_comes_from_its_bar() -> None:
    order, bar = an_order_strand(), a_bar(at=NOON + MINUTE)
    update = hear(order, bar)[1][-1]
    assert (update.parent_id, update.lifecycle_id, update.at) == (order.id, order.lifecycle_id, bar.at)
    assert update.tags == (tags.ORDER_UPDATE,)


def test_the_bar_that_caused_an_order_does_not_fill_it() -> None:
    assert updates(hear(an_order_strand(), a_bar(at=NOON))[1]) == [("accepted", "0")]


def test_an_order_heard_twice_is_taken_once() -> None:
    assert updates(hear(an_order_strand(), an_order_strand())[1]) == [("accepted", "0")]


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"quantity": "-1"}, "quantity"),
        ({"quantity": "NaN"}, "quantity"),
        ({"side": "hold"}, "side"),
        ({"order_type": "limit"}, "limit_price"),
        ({"order_type": "stop"}, "stop_price"),
        ({"order_type": "limit", "limit_price": "0"}, "limit_price"),
        ({"quantity": None}, "quantity"),
    ],
)
def test_a_bad_order_is_rejected_by_its_field(spec: dict[str, Any], field: str) -> None:
    order = an_order_strand(**spec)
    state, [answer] = hear(order)
    update = answer.payload["vn_update"]
    assert (update["status"], update["order_id"]) == ("rejected", order.id)
    assert field in update["reason"]
    assert state == {"open": []}


def test_an_order_strand_cannot_say_that_it_is_filled_already() -> None:
    _, answers = hear(an_order_strand(filled="150", status="filled"), a_bar(at=NOON + MINUTE))
    assert updates(answers) == [("accepted", "0"), ("partially_filled", "100")]


def test_a_cancelled_order_is_worked_no_more() -> None:
    order = an_order_strand()
    state, answers = hear(order, a_bar(at=NOON + MINUTE), a_cancel(order.id), a_bar(at=NOON + 2 * MINUTE))
    assert updates(answers)[-1] == ("cancelled", "100")
    assert state == {"open": []}


def test_of_an_order_that_is_not_open_nothing_is_known() -> None:
    [answer] = hear(a_cancel("GONE"))[1]
    assert answer.payload["vn_update"]["status"] == "unknown"
    assert "GONE" in answer.payload["vn_update"]["reason"]


def test_a_fill_and_an_expiry_in_one_bar_are_two_strands() -> None:
    order = an_order_strand(valid_until=(NOON + MINUTE).isoformat())
    answers = hear(order, a_bar(at=NOON + MINUTE))[1]
    assert updates(answers) == [("accepted", "0"), ("partially_filled", "100"), ("expired", "100")]
    assert len({each.id for each in answers}) == 3


def test_a_bar_without_open_orders_returns_the_state_itself() -> None:
    module = VenueModule(venue=PaperVenue())
    state = module.start(BTC)
    after, said = module.handle(state, a_bar(), Given(NOON))
    assert after is state
    assert list(said) == []
