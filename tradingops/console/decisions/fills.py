"""The list of fills: what was done at a venue, at which price and fee, and what was held then."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from portfolio import ledger
from strands import figures, json_values
from tradingops.console.decisions import listing
from tradingops.console.decisions.listing import Told, amount
from tradingops.console.records import filters
from tradingops.console.showing import html


def _first(name: str) -> Any:
    return lambda row: figures.spaced(json_values.dig(row.fills, 0, name)) or None


def _all(row: Any, name: str) -> list[Decimal]:
    found = (figures.decimal(each.get(name)) for each in json_values.objects(row.fills))
    return [each for each in found if each is not None]


def _sum(name: str) -> Callable[[Any], Decimal | None]:
    def read(row: Any) -> Decimal | None:
        found = _all(row, name)
        return ledger.total(found) if found else None

    return read


def _price(row: Any) -> Decimal | None:
    """Return the mean price, weighted by the quantities."""
    pairs = list(zip(_all(row, "px"), _all(row, "qty"), strict=False))
    quantity = ledger.total(each for _, each in pairs)
    if not quantity:
        return None
    return ledger.QUOTIENT.divide(ledger.total(ledger.EXACT.multiply(*each) for each in pairs), quantity)


class FillsAdmin(listing.ToldAdmin):
    """Fills alone, the newest first."""

    title = "Fills"
    kind = "fill"
    nouns = ("fill", "fills")
    nothing_yet = "What a venue fills of an order appears here."
    columns = [
        listing.when(),
        Told("symbol", lambda row: row.symbol),
        Told("intent", _first("intent")),
        Told("side", _first("side"), shown=html.pill),
        Told("quantity", _sum("qty"), shown=amount(figures.quantity), by=listing.Number("fills", path="0,qty")),
        Told("price", _price, shown=amount(figures.price)),
        Told("fee", _sum("fee"), shown=amount(figures.money), by=listing.Number("fills", path="0,fee")),
        Told("liquidity", _first("liquidity")),
        Told("venue", _first("venue")),
        Told(
            "then held",
            lambda row: figures.decimal(json_values.dig(row.position_data, "quantity")),
            shown=amount(figures.quantity),
        ),
        Told(
            "earned so far",
            lambda row: figures.decimal(json_values.dig(row.position_data, "realized_pnl")),
            shown=html.gain,
        ),
    ]
    list_filter = [filters.exactly("symbol"), filters.day()]
