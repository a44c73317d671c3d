"""Flat is what the venue says: nothing held, nothing working, after every leg was asked for once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from portfolio.execution import venue
from portfolio.execution.venues.paper import PaperVenue
from strands.given import HaltState
from strands.models import ModuleState, PeopleStrand, TraderStrand
from strands.strand import Strand
from strands.wires.postgres import PostgresWire, Projection
from tests import instruments
from tests.trading import BTC, MINUTE, NOON, QUIET, Prices, a_bar, a_decision
from tradingops import connections, engine
from tradingops.modules.trader import kept
from tradingops.modules.trader.module import Trader
from tradingops.modules.trader.policy import TraderPolicy
from tradingops.modules.trader.state import TraderState
from tradingops.modules.venue import state as venues
from tradingops.modules.venue.module import VenueModule
from tradingops.modules.venue.state import VenueState
from tradingops.people import acts, flattening, halting, say
from tradingops.policies import closing, versions

WAITS = [{"type": "price_below", "value": "99.5"}]


class Desk:
    """Trader and venue over a real wire, minute by minute."""

    def __init__(self, projections: Sequence[Projection] = ()) -> None:
        self.modules, self.now = [Trader(), VenueModule(venue=PaperVenue())], NOON
        keepers = {each.name: each for each in self.modules}
        opened = partial(connections.wire, durable=False)
        self.wire = PostgresWire(opened, keepers=keepers, projections=projections)

    def hears(self, *told: Strand) -> None:
        self.wire.publish(told)
        self.goes_on()

    def goes_on(self) -> None:
        engine.drain(self.modules, self.wire, engine.market_time)

    def minutes(self, *bars: Prices, volume: str = "1000") -> None:
        for prices in bars:
            self.now += MINUTE
            self.hears(a_bar(prices, at=self.now, volume=volume))


@pytest.fixture
def desk(transactional_db: None) -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.wire.close()


def flatten(*options: str) -> dict[str, str]:
    out = StringIO()
    call_command("flatten", *options, "--json", "--wait", "0", stdout=out, stderr=StringIO())
    found: dict[str, str] = json.loads(out.getvalue())
    return found


def test_a_flat_desk_is_flat(desk: Desk) -> None:
    assert flattening.legs() == []
    assert flatten("--yes") == {}
    assert not PeopleStrand.objects.exists()


def test_a_leg_tells_what_is_held_what_it_may_cost_and_what_works(desk: Desk) -> None:
    desk.hears(a_decision())
    desk.minutes(QUIET)
    [leg] = flattening.legs()
    assert (leg.symbol, float(leg.quantity), float(leg.value), leg.orders) == (BTC, 10, 1000, 2)
    assert {name: float(held) for name, held in leg.at_venues.items()} == {"hyperliquid": 10}
    assert float(closing.cost(leg)) == pytest.approx(1000 * (4.5 + 0.5) / 10_000)


def test_what_closing_may_cost_is_reckoned_by_the_traders_policy_in_force_for_the_symbol(desk: Desk) -> None:
    desk.hears(a_decision())
    desk.minutes(QUIET)
    [leg], dearer = flattening.legs(), [{**venue.PROFILES[0].model_dump(mode="json"), "taker_bps": "30"}]
    published({"spread_floor_bps": "5"}, since=NOON)
    published({"venues": dearer}, since=NOON, symbol=BTC)
    published({"venues": dearer, "spread_floor_bps": "50"}, since=NOON, symbol="ANOTHER-PERP")
    published({"spread_floor_bps": "50"}, since=desk.now + MINUTE)
    assert float(closing.cost(leg)) == pytest.approx(1000 * (30 + 2.5) / 10_000)
    desk.minutes(QUIET)
    assert float(closing.cost(leg)) == pytest.approx(1000 * (30 + 25) / 10_000)


def published(content: dict[str, Any], *, since: datetime, symbol: str = "") -> None:
    """Put a version of the trader's policy in force from a moment on."""
    asked = say.asked(by="ada", reason="dearer")
    version = versions.draft("trader", content, own=TraderPolicy(), at=since, reason="dearer", symbol=symbol)
    versions.publish(version, asked=asked, term=acts.Term(begins=since))


def test_without_the_word_yes_nothing_is_closed(desk: Desk) -> None:
    desk.hears(a_decision())
    desk.minutes(QUIET)
    with pytest.raises(CommandError, match="--yes"):
        flatten()
    flatten("--dry-run")
    assert not PeopleStrand.objects.exists()


def test_a_leg_is_closing_until_the_venue_has_said_zero(desk: Desk) -> None:
    desk.hears(a_decision())
    desk.minutes(QUIET)
    before = flattening.legs()
    with pytest.raises(CommandError, match=f"Not flat: {BTC}"):
        flatten("--yes")
    desk.goes_on()
    asked = say.asked(by="ada", reason="a look")
    [waiting] = flattening.outcomes(before, since=asked)
    assert waiting.result is flattening.Result.CLOSING
    desk.minutes(QUIET)
    [done] = flattening.outcomes(before, since=asked)
    assert done.result is flattening.Result.FLAT
    assert flattening.legs() == []
    closed = TraderStrand.objects.get(kind="position")
    assert closed.tr_outcome["close_reason"] == "manual"


def test_what_was_filled_in_part_is_said_to_be(desk: Desk) -> None:
    desk.hears(a_decision())
    desk.minutes(QUIET)
    before, asked = flattening.legs(), say.asked(by="ada", reason="out")
    flattening.close(before, asked=asked)
    desk.goes_on()
    desk.minutes(QUIET, volume="40")
    [part] = flattening.outcomes(before, since=asked)
    assert part.result is flattening.Result.PART
    assert part.reason == "6 left"


@pytest.mark.parametrize(
    ("told", "why", "changes"),
    [
        ({"least_quantity": "20"}, "quantity: 10 is below the 20", {"least_quantity": "5"}),
        ({"least_notional": "1050"}, "notional: 1000 is below the 1050", {}),
    ],
)
def test_what_is_less_than_a_venue_takes_is_left_and_said_to_be_until_that_changes(
    desk: Desk, client: Client, told: dict[str, str], why: str, changes: dict[str, str]
) -> None:
    desk.hears(a_decision())
    desk.minutes(QUIET)
    desk.hears(instruments.told(BTC, desk.now, **told))
    before, asked = flattening.legs(), say.asked(by="ada", reason="out")
    flattening.close(before, asked=asked)
    desk.goes_on()
    desk.minutes(QUIET, QUIET, QUIET)
    [left] = flattening.outcomes(before, since=asked)
    assert left.result is flattening.Result.TOO_SMALL
    assert left.reason.startswith(f"10 left below the venue's minimum ({why}"), left.reason
    assert float(left.leg.value) == 1000
    exits = TraderStrand.objects.filter(kind="order", order_spec__exit_reason="manual")
    assert not exits.exists()
    client.force_login(User.objects.create_superuser("chief"))
    assert why in client.get(reverse("admin:console_trades")).content.decode()
    with pytest.raises(CommandError, match=f"Not flat: {BTC}"):
        flatten("--yes")
    if changes:
        desk.hears(instruments.told(BTC, desk.now, **changes))
    desk.minutes((105, 106, 105, 106), QUIET)
    assert exits.count() == 1
    assert flattening.legs() == []


def test_asking_twice_sends_one_set_of_orders(desk: Desk) -> None:
    desk.hears(a_decision())
    desk.minutes(QUIET)
    legs = flattening.legs()
    for _ in range(2):
        flattening.close(legs, asked=say.asked(by="ada", reason="out"))
        desk.goes_on()
    exits = TraderStrand.objects.filter(kind="order", order_spec__exit_reason="manual")
    assert exits.count() == 1
    desk.minutes(QUIET)
    assert flattening.legs() == []


def test_plans_that_wait_are_legs_too(desk: Desk) -> None:
    desk.hears(a_decision(entry_conditions=WAITS))
    [leg] = flattening.legs()
    assert (float(leg.quantity), leg.waiting) == (0, 1)
    flattening.close([leg], asked=say.asked(by="ada", reason="out"))
    desk.goes_on()
    assert flattening.legs() == []


@pytest.mark.parametrize("state", list(HaltState))
def test_a_halted_desk_is_flattened_and_stays_as_it_was(desk: Desk, state: HaltState) -> None:
    desk.hears(a_decision())
    desk.minutes(QUIET)
    halting.halt("desk", state, asked=say.asked(by="ada", reason="a drill"))
    before = {each.scope: each.state for each in halting.standing()}
    flattening.close(flattening.legs(), asked=say.asked(by="ada", reason="out"))
    desk.goes_on()
    desk.minutes(QUIET)
    assert flattening.legs() == []
    assert {each.scope: each.state for each in halting.standing()} == before
    said = PeopleStrand.objects.get(kind="intervention").op_intervention
    assert said["halts"] == {scope: str(state) for scope, state in before.items()}


def test_with_halt_nothing_enters_any_more(desk: Desk) -> None:
    desk.hears(a_decision())
    desk.minutes(QUIET)
    with pytest.raises(CommandError):
        flatten("--yes", "--halt")
    assert [(each.scope, each.state) for each in halting.standing()] == [("desk", HaltState.REDUCE_ONLY)]


@pytest.mark.parametrize(
    ("scope", "found"), [(f"symbol:{BTC}", 1), ("symbol:ETH", 0), ("venue:hyperliquid", 1), ("venue:x", 0)]
)
def test_a_scope_has_the_legs_that_it_names(desk: Desk, scope: str, found: int) -> None:
    desk.hears(a_decision())
    desk.minutes(QUIET)
    assert len(flattening.legs(scope)) == found


@pytest.mark.parametrize("scope", ["module:trader", "symbol:", "everything", ""])
def test_a_scope_that_cannot_be_flattened_is_refused(desk: Desk, scope: str) -> None:
    with pytest.raises(CommandError, match="cannot be flattened"):
        flatten(scope, "--yes")


def apart() -> dict[str, Decimal]:
    """Let two venues hold a symbol on both sides, so that it comes to nothing; return what each holds."""
    held = {"binance": Decimal(-10), "hyperliquid": Decimal(10)}
    trader = replace(TraderState(), at_venues=held)
    states = {"trader": kept.dump(trader), "venue": venues.dump(VenueState(positions=held))}
    for listener, state in states.items():
        ModuleState.objects.update_or_create(
            id=f"{listener}:{BTC}", defaults={"listener": listener, "partition": BTC, "state": json.dumps(state)}
        )
    return held


def test_what_comes_to_nothing_but_lies_at_two_venues_is_shown_leg_by_leg_and_flattened(desk: Desk) -> None:
    held = apart()
    desk.minutes(QUIET)
    [leg] = before = flattening.legs()
    assert (leg.quantity, leg.at_venues, float(leg.value), closing.cost(leg) > 0) == (0, held, 2_000, True)
    err = StringIO()
    call_command("flatten", "--dry-run", stderr=err)
    assert "close -10 at binance and 10 at hyperliquid worth 2,000" in err.getvalue()
    asked = say.asked(by="ada", reason="out")
    flattening.close(before, asked=asked)
    desk.goes_on()
    desk.minutes(QUIET, volume="60")
    [part] = flattening.outcomes(before, since=asked)
    assert part.result is flattening.Result.PART
    assert all(name in part.reason for name in held)
    desk.minutes(QUIET, QUIET)
    [done] = flattening.outcomes(before, since=asked)
    assert (done.result, flattening.legs()) == (flattening.Result.FLAT, [])
    sent = TraderStrand.objects.filter(kind="order", order_spec__exit_reason="manual").values_list(
        "route_hint", flat=True
    )
    assert sorted(sent) == sorted(held)
