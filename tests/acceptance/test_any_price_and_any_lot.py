"""Results in per cent do not depend on the unit of price, and every order keeps to the steps of its instrument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from strands.market.bar import Bar
from strands.market.instruments import steps
from strands.market.instruments.instrument import Source, made
from strands.strand import Strand
from tests.acceptance import learning, markets
from tradingops import environments

pytestmark = pytest.mark.in_memory

SYMBOL = "ABC-PERP"


@pytest.fixture(scope="module")
def at_654() -> list[Bar]:
    """A lively market that begins at 654, its prices with two decimals and its volumes with one."""
    told = markets.simulated(SYMBOL, moments=3_000, seed=markets.LIVELY)
    factor = Decimal(654) / Decimal(told[0].open)
    return [
        bar._replace(
            **{name: f"{Decimal(getattr(bar, name)) * factor:.2f}" for name in ("open", "high", "low", "close")},
            volume=f"{Decimal(bar.volume) / factor:.1f}",
        )
        for bar in told
    ]


def in_units(bars: Sequence[Bar], exponent: int) -> list[Bar]:
    """Return a market priced in units ten to an exponent as small, of which as many more are traded."""

    def scaled(text: str, by: int) -> str:
        return format(Decimal(text).scaleb(by), "f")

    return [
        bar._replace(
            **{name: scaled(getattr(bar, name), exponent) for name in ("open", "high", "low", "close")},
            volume=scaled(bar.volume, -exponent),
        )
        for bar in bars
    ]


def played(bars: Sequence[Bar], settings: Mapping[str, Any] | None = None, **options: Any) -> list[Strand]:
    replay = environments.replay({**learning.EAGER, **(settings or {})}, **options)
    replay.run([[bars]])
    return list(replay.wire.strands.values())


def of(said: Sequence[Strand], kind: str, column: str) -> list[Any]:
    return [each.payload[column] for each in said if each.kind == kind]


def returns(said: Sequence[Strand]) -> list[float]:
    """Return what each position earned, in per cent of what it was worth."""
    return [float(each["pnl_percent"]) * 100 for each in of(said, "position", "tr_outcome")]


def prices_of(said: Sequence[Strand]) -> list[Decimal]:
    plans = of(said, "signal", "trading_plan")
    fills = [fill for fills in of(said, "fill", "fills") for fill in fills]
    planned = [Decimal(each[name]) for each in plans for name in ("entry_price", "stop_loss", "take_profit")]
    return [*planned, *(Decimal(each["px"]) for each in fills)]


@pytest.mark.parametrize("exponent", [-9, -10, -11])
def test_the_same_money_earns_the_same_in_per_cent_at_any_price(at_654: list[Bar], exponent: int) -> None:
    usual, small = played(at_654), played(in_units(at_654, exponent))
    assert len(returns(usual)) > 3
    assert returns(small) == pytest.approx(returns(usual), abs=0.01 / 6.54)
    assert min(prices_of(small)) > 0
    whole, tiny = (of(each, "signal", "trading_plan") for each in (usual, small))
    stops = [[each[name] for name in ("stop_loss", "take_profit")] for each in whole]
    assert [[Decimal(each[name]).scaleb(-exponent) for name in ("stop_loss", "take_profit")] for each in tiny] == [
        [Decimal(each) for each in pair] for pair in stops
    ]


LOT = "0.001"
LOTS: dict[str, dict[str, Any]] = {
    "one setting": {"settings": {f"instruments.{SYMBOL}.lot": LOT}},
    "one file": {"listed": {SYMBOL: made(SYMBOL, {"lot": LOT}, source=Source.FILE)}},
}


@pytest.mark.parametrize("how", LOTS)
def test_lots_that_are_asked_for_are_kept_by_every_order_and_stop_no_plan(at_654: list[Bar], how: str) -> None:
    said = played(at_654, **LOTS[how])
    orders = [Decimal(each["quantity"]) for each in of(said, "order", "order_spec")]
    assert len(orders) > 3
    assert all(steps.is_multiple(each, Decimal(LOT)) for each in orders)
    usual = of(played(at_654), "decision", "dm_decision")
    decided = of(said, "decision", "dm_decision")
    assert [each["decision_type"] for each in decided] == [each["decision_type"] for each in usual]
    assert not [each for each in of(said, "order_update", "vn_update") if each["status"] == "rejected"]


def test_plans_keep_to_a_tick_that_is_asked_for(at_654: list[Bar]) -> None:
    said = played(at_654, {f"instruments.{SYMBOL}.tick": "0.25"})
    plans = of(said, "signal", "trading_plan")
    assert len(plans) > 3
    for each in plans:
        bands = [one["value"] for one in each["entry_conditions"] if one["type"] in ("price_above", "price_below")]
        for price in (each["entry_price"], each["stop_loss"], each["take_profit"], *bands):
            assert steps.is_multiple(Decimal(price), Decimal("0.25"))


def test_no_order_is_larger_or_smaller_than_the_instrument_takes(at_654: list[Bar]) -> None:
    bounds = {f"instruments.{SYMBOL}.greatest_notional": "1010", f"instruments.{SYMBOL}.least_notional": "900"}
    said = played(at_654, bounds)
    passed = [each for each in of(said, "decision", "dm_decision") if each["decision_type"] != "reject"]
    assert passed
    for each in passed:
        assert 900 <= Decimal(each["plan"]["quantity"]) * Decimal(each["plan"]["entry_price"]) <= 1010
