"""The list of orders: what was sent to a venue and why, and what the venue said to it last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from strands import figures, json_values
from strands.models import VenueStrand
from tradingops.console.decisions import listing
from tradingops.console.decisions.listing import Told, amount
from tradingops.console.records import filters
from tradingops.console.showing import html


def _spec(name: str) -> Any:
    return lambda row: json_values.dig(row.order_spec, name)


def _number(*names: str) -> Any:
    """Return the first of these numbers of an order that there is."""

    def read(row: Any) -> Any:
        found = (figures.decimal(json_values.dig(row.order_spec, name)) for name in names)
        return next((each for each in found if each is not None), None)

    return read


def _words(name: str) -> Any:
    return lambda row: figures.spaced(json_values.dig(row.order_spec, name)) or None


class OrdersAdmin(listing.ToldAdmin):
    """Orders alone, the newest first."""

    title = "Orders"
    kind = "order"
    nouns = ("order", "orders")
    nothing_yet = "The trader sends an order for every plan that was let pass: it appears here."
    columns = [
        listing.when(),
        Told("symbol", lambda row: row.symbol),
        Told("intent", _words("intent")),
        Told("side", _spec("side"), shown=html.pill),
        Told("type", _words("order_type")),
        Told(
            "quantity",
            _number("quantity"),
            shown=amount(figures.quantity),
            by=listing.Number("order_spec", path="quantity"),
        ),
        Told("price", _number("limit_price", "stop_price"), shown=amount(figures.price)),
        Told("expected", _number("expected_price"), shown=amount(figures.price)),
        Told("reason", _words("exit_reason"), shown=listing.clipped),
        Told("status", lambda row: row.status, shown=html.pill),
        Told("venue said", lambda row: row.answer, shown=listing.clipped),
    ]
    list_filter = [filters.exactly("symbol"), filters.day()]

    def follow(self, rows: Sequence[Any]) -> None:
        """Put to each order what the venue said to it last: its status, and the reason where it gave one."""
        stories = {each.lifecycle_id for each in rows if each.lifecycle_id}
        heard = VenueStrand.objects.filter(lifecycle_id__in=stories, kind="order_update").order_by("said")
        last = {}
        for parent, update in heard.values_list("parent_id", "vn_update"):
            last[figures.word(json_values.dig(update, "order_id")) or parent] = update
        for each in rows:
            update = last.get(each.pk)
            each.status = figures.spaced(json_values.dig(update, "status")) or "submitted"
            each.answer = figures.spaced(json_values.dig(update, "reason"))
