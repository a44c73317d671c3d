"""Interventions: what a person wants done about a position or an order, done or refused with the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from portfolio import ledger
from portfolio.plans import plan as plans
from strands.strand import Strand
from tradingops.modules.trader import entries, exits, legs, withdrawals
from tradingops.modules.trader.market import Market
from tradingops.modules.trader.placing import notices
from tradingops.modules.trader.sheet import Sheet
from tradingops.modules.trader.state import CloseReason, Holding, are_leaving

Says = Mapping[str, Any]


class Refused(ValueError):
    """An intervention that cannot be done: the message names the field, the value, the rule and the way out."""


def heed(sheet: Sheet, strand: Strand) -> None:
    """Do what a person wants; say what cannot be done, and why."""
    told = strand.payload.get("op_intervention")
    says: Says = told if isinstance(told, Mapping) else {}
    action = says.get("action")
    try:
        if action not in _ACTIONS:
            raise Refused(f"action: {action!r} is none; it is one of {', '.join(_ACTIONS)}")
        _ACTIONS[action](sheet, says)
    except Refused as why:
        notices.refused(sheet, reason=f"{says.get('by') or 'somebody'} wanted to {action} here: {why}")


def _close(sheet: Sheet, says: Says) -> None:
    """Leave what is held at market, and take back every entry that is out or waits."""
    by, is_held = f"closed by {says.get('by')}", bool(sheet.holding or sheet.at_venues)
    if not is_held and not _withdrawn(sheet, by):
        raise Refused(f"symbol: nothing is held or under way in {sheet.symbol}")
    if not is_held:
        return
    if are_leaving(sheet.executions):
        why = (sheet.holding and sheet.holding.exit_reason) or CloseReason.MANUAL
        raise Refused(f"symbol: {sheet.symbol} is being left already, because of {why}")
    _withdrawn(sheet, by)
    price = _price(says, "mark") or sheet.position.avg_price
    if sheet.holding is None or legs.lie_apart(sheet.at_venues):
        _close_legs(sheet, price)
    else:
        exits.leave(sheet, CloseReason.MANUAL, Market(price, {}))


def _close_legs(sheet: Sheet, price: Decimal) -> None:
    """Leave what each venue holds by an order of its own; say of which it cannot be."""
    if not price:
        raise Refused(f"mark: nothing tells a price of {sheet.symbol}; ask again once a bar of it has come")
    if unknown := legs.leave(sheet, Market(price, {})):
        raise Refused(f"venue: {', '.join(unknown)} is none that the trader knows; close it there")


def _move(sheet: Sheet, says: Says) -> None:
    """Let stop or target rest at another price."""
    held = sheet.holding
    if held is None or held.exit_reason is not None:
        raise Refused(f"symbol: nothing is held in {sheet.symbol} that is not being left already")
    stop, target = _price(says, "stop_loss"), _price(says, "take_profit")
    if stop is None and target is None:
        raise Refused("stop_loss, take_profit: neither is given; give the price that one of them is moved to")
    moved = replace(held, stop_loss=stop or held.stop_loss, take_profit=target or held.take_profit)
    _lies_right(moved, _price(says, "mark"), sheet.tick)
    sheet.holding = moved


def _lies_right(held: Holding, mark: Decimal | None, tick: Decimal | None) -> None:
    """Raise Refused where stop, price and target do not follow one another, or lie off the tick."""
    prices = (held.stop_loss, mark, held.take_profit) if mark is not None else (held.stop_loss, held.take_profit)
    rising = prices if held.direction is plans.Direction.LONG else prices[::-1]
    if any(below >= above for below, above in pairwise(rising)):
        told = " < ".join(map(str, rising))
        raise Refused(
            f"stop_loss, take_profit: {told} does not hold for a {held.direction}; one would be reached at once"
        )
    for name, price in (("stop_loss", held.stop_loss), ("take_profit", held.take_profit)):
        if tick and price % tick:
            raise Refused(f"{name}: {price} is no multiple of the tick {tick}")


def _cancel(sheet: Sheet, says: Says) -> None:
    """Take back the entry that an order belongs to, or the plan that waits to be entered."""
    wanted = says.get("order_id") or says.get("plan_id")
    for each in list(sheet.executions.values()):
        if wanted in (each.plan_id if each.is_entry else None, *each.orders):
            if not each.is_entry:
                raise Refused(f"order_id: {wanted!r} protects or leaves the position; move its stop, or close it")
            withdrawals.withdraw(sheet, each, reason=f"cancelled by {says.get('by')}")
            return
    if not entries.forget(sheet, lambda plan_id: plan_id == wanted, reason=f"cancelled by {says.get('by')}"):
        raise Refused(f"order_id: {wanted!r} is not open in {sheet.symbol}")


def _withdrawn(sheet: Sheet, reason: str) -> bool:
    """Take back every entry and forget every plan that waits; say whether there was any."""
    out = [each for each in sheet.executions.values() if each.is_entry]
    for each in out:
        withdrawals.withdraw(sheet, each, reason=reason)
    return entries.forget(sheet, lambda _: True, reason=reason) or bool(out)


def _price(says: Says, name: str) -> Decimal | None:
    given = says.get(name)
    if given is None:
        return None
    try:
        price = Decimal(given)
    except (InvalidOperation, TypeError, ValueError):
        price = ledger.ZERO
    if not price.is_finite() or price <= 0 or abs(price.adjusted()) > ledger.MAX_EXPONENT:
        raise Refused(f"{name}: {given!r} is no price; write a decimal number above zero")
    return price


_ACTIONS: dict[str, Callable[[Sheet, Says], None]] = {"close": _close, "move": _move, "cancel": _cancel}
