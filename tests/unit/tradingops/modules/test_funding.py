"""Funding is counted once in every book, and in the result of the position that paid it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portfolio import ledger
from strands import tags
from strands.strand import Strand
from strands.wires.memory import MemoryWire
from tests import instruments
from tests.trading import BTC, QUIET, Prices, a_bar, a_decision, round_trip
from tradingops import engine, environments
from tradingops.replay import report

START = datetime(2023, 5, 4, 7, 58, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FREE = {"name": "hyperliquid", "maker_bps": 0, "taker_bps": 0, "latency_ms": 5}
BARE = {f"venue.{name}": 0 for name in ("spread_floor_bps", "spread_range_share", "impact_linear", "impact_square")}


class Desk:
    """Venue, trader, risk manager and decision maker on one wire, told a bar a minute from just before eight on."""

    def __init__(self, *, kind: str | None = "perpetual", venue: dict[str, Any] | None = None, **instrument: Any):
        self.wire = MemoryWire()
        settings = {"venues": [{**FREE, **(venue or {})}], **BARE}
        made = environments.modules(settings)
        self.modules = [made[name] for name in ("venue", "trader", "risk", "dm")]
        self.now = START
        if kind:
            told = instruments.told(BTC, START, kind=kind, quote="USDC", tick="0.01", lot="0.001", **instrument)
            self.hears(told)

    def hears(self, *told: Strand) -> Desk:
        self.wire.publish(told)
        engine.drain(self.modules, self.wire, engine.market_time)
        assert [each.fault for each in self.wire.turns if each.fault] == []
        return self

    def minutes(self, *bars: Prices, rate: str | None = "0.001") -> Desk:
        for prices in bars:
            self.now += MINUTE
            bar = a_bar(prices, at=self.now)
            told = {**bar.payload["md_bar"], **({"funding_rate": rate} if rate else {})}
            heard = (*bar.tags, tags.RISK_MARKET_UPDATE, tags.DM_MARKET_UPDATE)
            self.hears(replace(bar, tags=heard, payload={**bar.payload, "md_bar": told}))
        return self

    def decides(self, **plan: Any) -> Desk:
        return self.hears(a_decision(at=self.now, time_horizon="1h", **plan))

    def said(self, kind: str) -> list[Strand]:
        return [each for each in self.wire.strands.values() if each.kind == kind]

    def state(self, name: str, partition: str = "") -> Any:
        module = next(each for each in self.modules if each.name == name)
        state = self.wire.states[name][partition]
        assert module.load(round_trip(module.dump(state))) == state
        return state

    @property
    def paid(self) -> list[str]:
        return [each.payload["vn_funding"]["paid"] for each in self.said("funding")]


LEFT: Prices = (100, "104.5", "99.9", 104)


def test_a_position_held_at_eight_pays_once_and_every_book_counts_it() -> None:
    desk = Desk().decides().minutes(QUIET, QUIET, QUIET, QUIET, LEFT)
    assert desk.paid == ["1"]
    [outcome] = (each.payload["tr_outcome"] for each in desk.said("position"))
    assert (outcome["gross_pnl"], outcome["funding"], outcome["pnl"], outcome["fees"]) == ("40", "1", "39", "0")
    trader, risk, dm = desk.state("trader", BTC).position, desk.state("risk").book, desk.state("dm").book
    assert (trader.funding, risk.funding, dm.funding) == (1, 1, 1)
    start = environments.policies()["risk"].initial_cash
    assert risk.cash == dm.cash == start + 39
    money = report.build(desk.wire.strands.values(), initial_cash=start).money
    assert (money.value, money.funding) == (start + 39, 1)
    assert desk.said("risk_update")[-1].payload["rm_portfolio_risk"]["funding"] == "1"


def test_a_short_receives_what_a_long_pays() -> None:
    desk = Desk().decides(direction="short").minutes(QUIET, QUIET, QUIET)
    assert desk.paid == ["-1"]
    assert desk.state("risk").book.funding == -1


@pytest.mark.parametrize("kind", ["spot", "future", None])
def test_what_is_no_perpetual_pays_none(kind: str | None) -> None:
    desk = Desk(kind=kind).decides().minutes(QUIET, QUIET, QUIET)
    assert desk.state("trader", BTC).position.quantity == 10
    assert desk.paid == []


def test_bars_that_tell_no_rate_charge_nothing() -> None:
    desk = Desk().decides().minutes(QUIET, QUIET, QUIET, rate=None)
    assert desk.state("trader", BTC).position.quantity == 10
    assert desk.paid == []


def test_a_position_opened_after_eight_or_left_before_owes_nothing() -> None:
    assert Desk().minutes(QUIET, QUIET).decides().minutes(QUIET, QUIET).paid == []
    assert Desk().decides().minutes(LEFT, QUIET, QUIET, QUIET).paid == []


def test_one_that_is_left_in_the_bar_of_eight_was_held_at_eight() -> None:
    desk = Desk().decides().minutes(QUIET, QUIET, LEFT)
    assert desk.paid == ["1"]
    [outcome] = (each.payload["tr_outcome"] for each in desk.said("position"))
    assert (outcome["funding"], outcome["pnl"]) == ("1", "39")


@pytest.mark.parametrize(
    ("venue", "instrument", "times"), [({}, {}, 1), ({"funding_hours": 1}, {}, 2), ({}, {"funding_hours": "0.5"}, 3)]
)
def test_the_instruments_interval_counts_before_the_venues(
    venue: dict[str, Any], instrument: dict[str, Any], times: int
) -> None:
    desk = Desk(venue=venue, **instrument).decides(valid_until=(START + 90 * MINUTE).isoformat())
    assert len(desk.minutes(*[QUIET] * 64).paid) == times


def test_a_settlement_is_told_under_the_lifecycle_of_the_position_that_paid_it() -> None:
    desk = Desk().decides().minutes(QUIET, QUIET, QUIET)
    [told], [fill] = desk.said("funding"), desk.said("fill")
    assert told.lifecycle_id == fill.lifecycle_id
    assert told.payload["vn_funding"] == {
        "venue": "hyperliquid",
        "settled_at": "2023-05-04T08:00:00+00:00",
        "rate": "0.001",
        "hours": "8",
        "quantity": "10",
        "price": "100",
        "paid": "1",
    }


def test_a_book_is_worth_what_it_was_less_what_was_paid() -> None:
    book = ledger.opening(Decimal(500)).settle(BTC, Decimal("0.25"))
    assert (book.cash, book.funding, book.fees, book.realized_pnl) == (Decimal("499.75"), Decimal("0.25"), 0, 0)
    assert ledger.book_from(book.to_json()) == book
