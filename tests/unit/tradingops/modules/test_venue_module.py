"""The venue module: takes orders once, works them in bars, and says every change."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest

from portfolio.execution.venues.paper import PaperVenue
from strands import strand, tags
from strands.given import Given
from strands.rulings.fold import Rulings
from strands.strand import Strand
from tests.trading import BTC, MINUTE, NOON, a_bar, a_halt, round_trip
from tradingops.modules.venue.module import VenueModule
from tradingops.modules.venue.state import VenueState
from tradingops.people import acts

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


def hear(*told: Strand) -> tuple[VenueState, list[Strand]]:
    """Return the state and all answers of a venue module that heard these strands."""
    module = VenueModule(venue=PaperVenue())
    state, answers = module.start(BTC), []
    for each in told:
        before = copy.deepcopy(state)
        after, said = module.handle(state, each, Given(each.at))
        assert state == before
        assert module.load(round_trip(module.dump(after))) == after
        state, answers = after, [*answers, *said]
    return state, answers


def updates(answers: list[Strand]) -> list[tuple[str, str]]:
    return [(each.payload["vn_update"]["status"], each.payload["vn_update"]["filled_quantity"]) for each in answers]


def test_an_order_is_accepted_and_then_filled_by_the_bars_that_follow() -> None:
    order = an_order_strand()
    state, answers = hear(order, a_bar(at=NOON + MINUTE), a_bar(at=NOON + 2 * MINUTE))
    assert updates(answers) == [("accepted", "0"), ("partially_filled", "100"), ("filled", "150")]
    assert state == VenueState(positions={"binance": Decimal(150)})


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
    assert state == VenueState()


def test_an_order_strand_cannot_say_that_it_is_filled_already() -> None:
    _, answers = hear(an_order_strand(filled="150", status="filled"), a_bar(at=NOON + MINUTE))
    assert updates(answers) == [("accepted", "0"), ("partially_filled", "100")]


def test_a_cancelled_order_is_worked_no_more() -> None:
    order = an_order_strand()
    state, answers = hear(order, a_bar(at=NOON + MINUTE), a_cancel(order.id), a_bar(at=NOON + 2 * MINUTE))
    assert updates(answers)[-1] == ("cancelled", "100")
    assert state.open == ()


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


@pytest.mark.parametrize("state", ["reduce-only", "halted"])
@pytest.mark.parametrize("scope", ["desk", "module:venue", f"symbol:{BTC}", "venue:binance"])
@pytest.mark.parametrize(
    ("spec", "passing"),
    [
        ({"intent": "entry"}, ()),
        ({"intent": "exit"}, ()),
        ({"intent": "exit", "reduce_only": True, "exit_reason": "expiry"}, ("reduce-only",)),
        ({"intent": "exit", "reduce_only": True, "exit_reason": "stop_loss"}, ("reduce-only", "halted")),
        ({"intent": "exit", "reduce_only": True, "exit_reason": "manual"}, ("reduce-only", "halted")),
        ({"intent": "exit", "reduce_only": True, "group": "pair"}, ("reduce-only", "halted")),
    ],
)
def test_under_a_halt_a_new_order_is_rejected_but_what_reduces_or_protects(
    scope: str, state: str, spec: dict[str, Any], passing: tuple[str, ...]
) -> None:
    module, known = VenueModule(venue=PaperVenue()), Rulings([a_halt(scope, state)])
    order = an_order_strand(**spec)
    _, [answer] = module.handle(module.start(BTC), order, known.given(order.at, "venue", BTC))
    update = answer.payload["vn_update"]
    expected = ("accepted", None) if state in passing else ("rejected", f"halted: {scope} is {state}")
    assert (update["order_id"], update["status"], update["reason"]) == (order.id, *expected)


def test_an_order_that_names_no_venue_is_kept_by_the_halt_of_any() -> None:
    module, known = VenueModule(venue=PaperVenue()), Rulings([a_halt("venue:coinbase", "halted")])
    order = an_order_strand(route=None)
    assert updates(module.handle(module.start(BTC), order, known.given(order.at, "venue", BTC))[1]) == [
        ("rejected", "0")
    ]


@pytest.mark.parametrize("scope", ["module:trader", "symbol:ETH-PERP", "venue:coinbase"])
def test_a_halt_of_somebody_else_rejects_no_order(scope: str) -> None:
    module, order = VenueModule(venue=PaperVenue()), an_order_strand()
    given = Rulings([a_halt(scope)]).given(order.at, "venue", BTC)
    assert updates(module.handle(module.start(BTC), order, given)[1]) == [("accepted", "0")]


def test_an_open_order_is_worked_on_under_a_halt() -> None:
    module, order = VenueModule(venue=PaperVenue()), an_order_strand()
    state, _ = module.handle(module.start(BTC), order, Given(order.at))
    bar = a_bar(at=NOON + MINUTE)
    _, answers = module.handle(state, bar, Rulings([a_halt()]).given(bar.at, "venue", BTC))
    assert updates(answers) == [("partially_filled", "100")]


def test_a_changed_policy_is_in_force_for_every_symbol_and_what_it_leaves_without_a_venue_is_cancelled() -> None:
    module, order = VenueModule(venue=PaperVenue()), an_order_strand()
    state, _ = module.handle(module.start(BTC), order, Given(order.at))
    bar = a_bar(at=NOON + MINUTE)
    asked = acts.Asked(by="ada", reason="a test", at=NOON, asked_at=NOON)

    def worked(**changed: Any) -> list[tuple[str, str]]:
        known = Rulings([acts.policy("venue", changed, asked=asked)])
        return updates(module.handle(state, bar, known.given(bar.at, "venue", BTC))[1])

    assert worked(participation="0.05") == [("partially_filled", "50")]
    assert worked(venues=[{"name": "coinbase", "maker_bps": "0", "taker_bps": "0", "latency_ms": 5}]) == [
        ("cancelled", "0")
    ]
