"""Orders: how an execution reaches a venue, and the next one when a venue says no."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from portfolio import ledger
from portfolio.execution import order, prediction
from tradingops.modules.trader import venue_choice
from tradingops.modules.trader.market import Market
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


def resend(sheet: Sheet, execution: Execution, refused: Working) -> Execution | None:
    """Send an order that a venue refused to the next venue, and keep it; None when every venue was tried."""
    left = [name for name in venues(sheet, execution) if name not in refused.tried]
    return _send(sheet, execution, replace(refused, venue=left[0])) if left else None


def cancel(sheet: Sheet, execution: Execution) -> Execution:
    """Ask for what is out at venues back, and send no more of it; return the execution as it is kept."""
    for order_id in execution.orders:
        spec = {"order_id": order_id, "plan_id": execution.plan_id, "symbol": sheet.symbol}
        sheet.say(
            "cancel",
            {"decision_id": execution.decision_id, "order_spec": spec},
            parent_id=order_id,
            lifecycle_id=execution.lifecycle_id,
        )
    stopped = replace(execution, slices_left=0)
    sheet.put(stopped)
    return stopped


def ask_back_overdue(sheet: Sheet) -> None:
    """Ask again for orders of which no end was said long after their time; the venue says what it knows of them."""
    for each in list(sheet.executions.values()):
        if each.orders and is_overdue(each.valid_until, sheet.now, sheet.policy.overdue_seconds):
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
    out = replace(working, tried=(*working.tried, working.venue), predict=replace(working.predict, latency_ms=latency))
    said = sheet.say(
        "order",
        {
            "decision_id": execution.decision_id,
            "order_spec": _spec(sheet, execution, working),
            "tr_predict": out.predict.to_json(),
            "route_hint": working.venue,
        },
        parent_id=execution.decision_id,
        lifecycle_id=execution.lifecycle_id,
    )
    sent = replace(execution, orders={**execution.orders, said.id: out})
    sheet.put(sent)
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
    }
