"""The metadata of exchanges, as ccxt gives it, becomes instruments in units of the base."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from strands.market.instruments import markets
from strands.market.instruments.instrument import Sort, Source


def a_market(**changed: Any) -> dict[str, Any]:
    """Return a market as ccxt tells it, of no exchange in particular."""
    told = {
        "symbol": "ABC/USDT",
        "base": "ABC",
        "quote": "USDT",
        "type": "spot",
        "contract": False,
        "contractSize": None,
        "precision": {"price": 0.01, "amount": 1e-05},
        "limits": {
            "amount": {"min": 1e-05, "max": 9000.0},
            "price": {"min": 0.01, "max": 1000000.0},
            "cost": {"min": 5.0, "max": 9000000.0},
        },
    }
    return {**told, **changed}


def perpetual(**changed: Any) -> dict[str, Any]:
    return a_market(type="swap", contract=True, contractSize=1.0, inverse=False, **changed)


def test_a_spot_market_tells_all_its_steps_and_bounds() -> None:
    found = markets.instrument("ABC/USDT", a_market())
    assert dict(found.told()) == {
        "base": "ABC",
        "quote": "USDT",
        "kind": Sort.SPOT,
        "tick": Decimal("0.01"),
        "lot": Decimal("0.00001"),
        "least_quantity": Decimal("0.00001"),
        "greatest_quantity": Decimal(9000),
        "least_notional": Decimal(5),
        "greatest_notional": Decimal(9000000),
        "fee_class": "spot",
        "session_grid": "24x7",
    }
    assert set(found.sources.values()) == {Source.EXCHANGE}


def test_a_linear_perpetual_is_one_with_its_contract() -> None:
    found = markets.instrument("ABC/USDT:USDT", perpetual())
    assert (found.kind, found.fee_class, found.contract_size) == (Sort.PERPETUAL, "perpetual", 1)


def test_contracts_of_many_units_are_counted_in_units() -> None:
    limits = {"amount": {"min": 1, "max": 500}, "cost": {"min": None, "max": None}}
    market = {**perpetual(precision={"price": 1e-08, "amount": 1.0}, limits=limits), "contractSize": 1000.0}
    found = markets.instrument("PEP/USDT:USDT", market)
    assert (found.lot, found.least_quantity, found.greatest_quantity) == (1000, 1000, 500_000)
    assert (found.tick, found.least_notional) == (Decimal("1e-8"), None)


def test_what_an_exchange_does_not_tell_stays_untold() -> None:
    bare = a_market(precision={"price": None, "amount": 0.1}, limits={"amount": {"min": None}})
    assert dict(markets.instrument("X", bare).told()).keys() == {
        *("base", "quote", "kind", "lot", "fee_class", "session_grid")
    }
    assert markets.instrument("X", {}).tick is None


def test_a_precision_told_as_decimals_is_a_step_and_one_told_as_figures_is_none() -> None:
    market = a_market(precision={"price": 4, "amount": 0})
    of_decimals = markets.instrument("ABC/USDT", market, precision_mode=markets.DECIMAL_PLACES)
    assert (of_decimals.tick, of_decimals.lot) == (Decimal("0.0001"), 1)
    assert markets.instrument("ABC/USDT", market, precision_mode=markets.SIGNIFICANT_DIGITS).tick is None


@pytest.mark.parametrize("odd", [float("nan"), "much", -1, True, {}])
def test_an_odd_number_tells_nothing_and_spoils_nothing(odd: object) -> None:
    found = markets.instrument("ABC/USDT", a_market(precision={"price": odd, "amount": 1}))
    assert (found.tick, found.lot) == (None, 1)


@pytest.mark.parametrize(
    ("kind", "sort"), [("swap", Sort.PERPETUAL), ("future", Sort.FUTURE), ("margin", Sort.SPOT), ("option", None)]
)
def test_kinds_of_markets_are_kinds_of_instruments(kind: str, sort: Sort | None) -> None:
    assert markets.instrument("X", a_market(type=kind)).kind is sort
