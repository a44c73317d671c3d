"""Attached orders: stops and targets that sleep until the entry is filled that they are attached to."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from portfolio import ledger
from portfolio.execution import order, venue


def released(entry_id: str, quantity: Decimal, orders: Sequence[order.Order]) -> tuple[order.Order, ...]:
    """Return open orders after a quantity of an entry was filled: what is attached to it wakes for as much.

    Pairs take their share one after the other.
    """
    left: dict[order.OrderType, Decimal] = {}
    after = []
    for each in orders:
        if each.attached_to == entry_id and each.is_open:
            room = ledger.EXACT.subtract(each.quantity, each.released)
            share = min(left.setdefault(each.order_type, quantity), room)
            left[each.order_type] = ledger.EXACT.subtract(left[each.order_type], share)
            each = each.model_copy(update={"released": ledger.EXACT.add(each.released, share)})
        after.append(each)
    return tuple(after)


def after(
    ended: order.Order, orders: Sequence[order.Order]
) -> tuple[tuple[order.Order, ...], tuple[venue.Report, ...]]:
    """Return the open orders that are left once an order is over, and what there is to say of those that went with it.

    What is attached to an entry is no larger than what was filled of it, and is cancelled where that is nothing.
    """
    still, reports = [], []
    for each in orders:
        if each.id == ended.id or not each.is_open:
            continue
        if each.attached_to != ended.id or each.released == each.quantity:
            still.append(each)
        elif each.released:
            still.append(each.model_copy(update={"quantity": each.released}))
        else:
            reason = "the entry that it was attached to is over without a fill"
            reports.append(venue.Report(each.now(order.Status.CANCELLED), reason=reason))
    return tuple(still), tuple(reports)
