"""An exchange's own metadata of a market, as ccxt gives it, read as an instrument."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from strands.market.instruments.instrument import Instrument, Sort, Source, made

#: What ccxt calls the three ways to tell a precision.
DECIMAL_PLACES, SIGNIFICANT_DIGITS, TICK_SIZE = 2, 3, 4

_SORTS = {"spot": Sort.SPOT, "margin": Sort.SPOT, "swap": Sort.PERPETUAL, "future": Sort.FUTURE}
ALWAYS = "24x7"


def instrument(symbol: str, market: Mapping[str, Any], *, precision_mode: int = TICK_SIZE) -> Instrument:
    """Return the instrument of one of ccxt's ``markets``; what an exchange does not tell stays untold.

    ccxt counts contracts where one stands for several units: quantities are turned into units of the base. Numbers
    come as floats and are taken as the shortest text that reads back the same. ``precision_mode`` is the exchange's.
    """
    precision, limits = _part(market, "precision"), _part(market, "limits")
    sort, size = _SORTS.get(str(market.get("type") or "")), _number(market.get("contractSize"))
    units = size if size and market.get("contract") and not market.get("inverse") else Decimal(1)
    lot = _step(precision.get("amount"), precision_mode)
    values = {
        "base": market.get("base"),
        "quote": market.get("quote"),
        "kind": sort,
        "tick": _step(precision.get("price"), precision_mode),
        "lot": lot * units if lot else None,
        "least_quantity": _times(_part(limits, "amount").get("min"), units),
        "greatest_quantity": _times(_part(limits, "amount").get("max"), units) or None,
        "least_notional": _number(_part(limits, "cost").get("min")),
        "greatest_notional": _number(_part(limits, "cost").get("max")) or None,
        "contract_size": size if market.get("contract") else None,
        "fee_class": sort,
        "session_grid": ALWAYS,
    }
    return made(symbol, values, source=Source.EXCHANGE)


def _part(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = of.get(name)
    return found if isinstance(found, Mapping) else {}


def _number(value: object) -> Decimal | None:
    """Return a finite number of zero or more; None for anything else."""
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(repr(value) if isinstance(value, float) else str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None


def _times(value: object, units: Decimal) -> Decimal | None:
    number = _number(value)
    return None if number is None else number * units


def _step(value: object, precision_mode: int) -> Decimal | None:
    """Return a step as a number, told as itself or as how many decimals there are; None where it depends on the price.

    Significant digits are no step: which decimal they reach is another at every price.
    """
    number = _number(value)
    if number is None or precision_mode == SIGNIFICANT_DIGITS:
        return None
    if precision_mode == DECIMAL_PLACES:
        return Decimal(1).scaleb(-int(number))
    return number or None
