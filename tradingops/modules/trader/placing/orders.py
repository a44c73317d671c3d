"""Orders: how an execution reaches a venue, and the next one when a venue says no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from portfolio import ledger
from portfolio.execution import order, prediction
from tradingops.modules.trader.market import Market
from tradingops.modules.trader.placing import notices, parts, protection, strategy, venue_choice
from tradingops.modules.trader.sheet import Sheet
from tradingops.modules.trader.state import Execution, Terms, Working


def venues(sheet: Sheet, execution: Execution) -> list[str]:
    """Return the venues that an order of an execution may go to, best first: an entry to none that is halted."""
    known = {each.name for each in sheet.policy.venues}
    named = [name for name, _ in execution.ranked if name in known]
    if not execution.is_entry:
        return named
    return [] if sheet.halt else [name for name in named if name not in sheet.closed]


def begin(sheet: Sheet, execution: Execution, *, quantity: Decimal, terms: Terms, market: Market) -> Execution:
    """Send one order of an execution to the first of its venues, and keep it; there must be one."""
    venue = venues(sheet, execution)[0]
    predicted = predict(sheet, execution, quantity=quantity, terms=terms, market=market)
    working = Working(venue=venue, quantity=quantity, terms=terms, expected_price=market.price, predict=predicted)
    unsent = ledger.EXACT.subtract(execution.unsent, quantity)
    return _send(sheet, replace(execution, unsent=unsent, predict=execution.predict or predicted), working)


class Share(NamedTuple):
    """How much of an exit goes to which venue, and whether it is known to be held there."""

    venue: str
    quantity: Decimal
    held: bool


def leave(sheet: Sheet, execution: Execution, shares: Sequence[Share], *, market: Market) -> Execution:
    """Send an exit to where the position is held, in orders that those venues take, and keep it."""
    execution = replace(execution, unsent=ledger.ZERO)
    for routed, quantity, held in shares:
        for part in parts.split(sheet, quantity, price=market.price, venue=routed):
            terms = Terms(order.OrderType.MARKET)
            predicted = predict(sheet, execution, quantity=part, terms=terms, market=market)
            execution = replace(execution, predict=execution.predict or predicted)
            out = Working(
                venue=routed,
                quantity=part,
                terms=terms,
                expected_price=market.price,
                predict=predicted,
                reduce_only=held,
            )
            execution = _send(sheet, execution, out)
    return execution


def shares(sheet: Sheet, execution: Execution, *, protects: bool) -> list[Share]:
    """Return how much of an exit may go to which venue.

    What no configured venue is known to hold goes to the first of its venues, and may open what it does not close: not
    under a halt. To a halted venue goes only what protects.
    """
    found = [
        Share(name or venues(sheet, execution)[0], quantity, held=bool(name))
        for name, quantity in _where_held(sheet, execution)
    ]
    return [
        each
        for each in found
        if (each.held or not (sheet.halt or each.venue in sheet.closed))
        and (protects or not (sheet.standstill or each.venue in sheet.still))
    ]


def _where_held(sheet: Sheet, execution: Execution) -> list[tuple[str, Decimal]]:
    """Return how much of an exit is held at which venue; under no name what none is known to hold."""
    left, shares = execution.quantity, list[tuple[str, Decimal]]()
    for name, held in sheet.at_venues.items():
        known = parts.profile(sheet.policy.venues, name) is not None
        share = min(left, held.copy_abs()) if known and held * execution.side.sign < 0 else ledger.ZERO
        left = ledger.EXACT.subtract(left, share)
        shares += [(name, share)] if share else []
    return [*shares, ("", left)] if left else shares


def resend(sheet: Sheet, execution: Execution, refused: Working) -> Execution | None:
    """Send an order that a venue refused in another shape, and keep it; None when nothing is left to try.

    An exit is halved at the venue that holds the position, then goes elsewhere, where it would open what it does not
    close: not under a halt. An entry goes to the next venue.
    """
    if refused.reduce_only and (halves := _halves(sheet, refused)):
        for each in halves:
            execution = _send(sheet, execution, each)
        return execution
    refused = replace(refused, reduce_only=False)
    if sheet.halt and not execution.is_entry:
        return None
    left = [name for name in venues(sheet, execution) if name not in refused.tried and name not in sheet.closed]
    return _send(sheet, execution, replace(refused, venue=left[0])) if left else None


def cancel(sheet: Sheet, execution: Execution) -> Execution:
    """Ask for what is out at venues back, and send no more of it; return the execution as it is kept."""
    asked = dict(execution.orders)
    for order_id, out in execution.orders.items():
        if not _is_to_be_asked(sheet, out):
            continue
        asked[order_id] = replace(out, asks=out.asks + 1, asked_at=sheet.now)
        spec = {"order_id": order_id, "plan_id": execution.plan_id, "symbol": sheet.symbol}
        sheet.say(
            "cancel",
            {"decision_id": execution.decision_id, "order_spec": spec},
            parent_id=order_id,
            lifecycle_id=execution.lifecycle_id,
        )
        if out.asks + 1 == sheet.policy.most_asks:
            notices.silent(sheet, execution, order_id, out)
    stopped = replace(execution, orders=asked, slices_left=0)
    sheet.put(stopped)
    return stopped


def _is_to_be_asked(sheet: Sheet, out: Working) -> bool:
    """Say whether an order is to be asked back now: once, then after waits that double, and not for ever."""
    if out.asked_at is None:
        return True
    wait = timedelta(seconds=sheet.policy.retry_seconds * 2 ** (out.asks - 1))
    return out.asks < sheet.policy.most_asks and sheet.now >= out.asked_at + wait


def _halves(sheet: Sheet, refused: Working) -> list[Working]:
    """Return a refused exit as two smaller ones; none where it cannot be halved any more."""
    half = strategy.stepped(refused.quantity / 2, sheet.lot)
    if parts.is_too_small(sheet, half, price=refused.expected_price):
        return []
    known = parts.profile(sheet.policy.venues, refused.venue) is not None
    if not known or half <= 0 or refused.halvings >= sheet.policy.exit_halvings:
        return []
    rest = ledger.EXACT.subtract(refused.quantity, half)
    return [replace(refused, quantity=each, halvings=refused.halvings + 1, tried=()) for each in (half, rest)]


def ask_back_overdue(sheet: Sheet) -> None:
    """Ask again for orders of which no end was said long after their time; the venue says what it knows of them."""
    for each in list(sheet.executions.values()):
        if each.orders and not each.rests and is_overdue(each.valid_until, sheet.now, sheet.policy.overdue_seconds):
            cancel(sheet, each)


def is_overdue(valid_until: datetime, now: datetime, grace_seconds: int) -> bool:
    """Say whether an order's end lies longer ago than the grace."""
    return now > valid_until + timedelta(seconds=grace_seconds)


def predict(
    sheet: Sheet, execution: Execution, *, quantity: Decimal, terms: Terms, market: Market
) -> prediction.Prediction:
    """Return what an order is expected to meet at the first of its venues."""
    rules = sheet.policy
    latency = venue_choice.latency_ms(venues(sheet, execution)[0], rules)
    depth, spread = market.depth(rules), market.spread_bps(rules)
    if terms.price is None or terms.order_type is order.OrderType.MARKET:
        return prediction.taking(quantity=quantity, depth=depth, spread_bps=spread, latency_ms=latency, policy=rules)
    return prediction.resting(
        side=execution.side,
        price=terms.price,
        expected=market.price,
        quantity=quantity,
        depth=depth,
        wait_seconds=float(execution.spec["bar_seconds"]),
        decay_seconds=rules.fill_decay_seconds,
        latency_ms=latency,
    )


def _send(sheet: Sheet, execution: Execution, working: Working) -> Execution:
    """Send an order to the venue that it names."""
    latency = venue_choice.latency_ms(working.venue, sheet.policy)
    predicted = working.predict and replace(working.predict, latency_ms=latency)
    out = replace(working, tried=(*working.tried, working.venue), predict=predicted)
    said = sheet.say(
        "order",
        {
            "decision_id": execution.decision_id,
            "order_spec": _spec(sheet, execution, working),
            "tr_predict": out.predict and out.predict.to_json(),
            "route_hint": working.venue,
        },
        parent_id=execution.decision_id,
        lifecycle_id=execution.lifecycle_id,
    )
    sent = replace(execution, orders={**execution.orders, said.id: out})
    sheet.put(sent)
    if sent.is_entry:
        protection.attach(sheet, sent, said.id, out)
    return sent


def _spec(sheet: Sheet, execution: Execution, working: Working) -> dict[str, Any]:
    return {
        **execution.spec,
        **working.terms.to_json(),
        "expected_price": ledger.text(working.expected_price),
        "side": execution.side.value,
        "intent": execution.intent.value,
        "quantity": ledger.text(working.quantity),
        "valid_until": execution.valid_until.isoformat(),
        "created_at": sheet.now.isoformat(),
        "reduce_only": working.reduce_only,
        "held": ledger.text(sheet.at_venues.get(working.venue, ledger.ZERO)),
        **(_of_entry(sheet, execution, working) if execution.is_entry else {}),
    }


def _of_entry(sheet: Sheet, execution: Execution, working: Working) -> dict[str, Any]:
    """Return what the orders of an entry say besides: the worst price they accept, who works its stop and target."""
    tolerance = execution.spec.get("slippage_tolerance")
    reference = working.terms.stop_price or working.expected_price
    worst = tolerance and ledger.EXACT.multiply(reference, 1 + execution.side.sign * Decimal(repr(tolerance)))
    return {
        "worst_price": worst and ledger.text(worst),
        "protection": protection.means(sheet, working.venue).value,
    }
