"""Orders: how an execution reaches a venue, and the next one when a venue says no."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from portfolio import ledger
from portfolio.execution import order, prediction
from tradingops.modules.trader import venue_choice
from tradingops.modules.trader.market import Market
from tradingops.modules.trader.sheet import Sheet
from tradingops.modules.trader.state import Execution, Working
from tradingops.modules.trader.strategy import Terms


def begin(sheet: Sheet, execution: Execution, *, quantity: Decimal, terms: Terms, market: Market) -> Execution:
    """Send one order of an execution to the venue that ranks first, and keep it."""
    predicted = predict(sheet, execution, quantity=quantity, terms=terms, market=market).to_json()
    priced = {**terms.to_json(), "expected_price": ledger.text(market.price)}
    working = Working(venue="", quantity=quantity, terms=priced, predict=predicted, tried=[])
    unsent = ledger.EXACT.subtract(execution.unsent, quantity)
    sent = execution.model_copy(update={"unsent": unsent, "predict": execution.predict or predicted})
    return _send(sheet, sent, working, venue=execution.ranked[0][0])


def resend(sheet: Sheet, execution: Execution, refused: Working) -> Execution | None:
    """Send an order that a venue refused to the next venue, and keep it; None when every venue was tried."""
    left = [name for name, _ in execution.ranked if name not in refused.tried]
    return _send(sheet, execution, refused, venue=left[0]) if left else None


def cancel(sheet: Sheet, execution: Execution) -> None:
    """Ask for what is out at venues back, and send no more of it."""
    for order_id in execution.orders:
        spec = {"order_id": order_id, "plan_id": execution.plan_id, "symbol": sheet.symbol}
        sheet.say(
            "cancel",
            {"decision_id": execution.decision_id, "order_spec": spec},
            parent_id=order_id,
            lifecycle_id=execution.lifecycle_id,
        )
    sheet.put(execution.model_copy(update={"slices_left": 0}))


def ask_back_overdue(sheet: Sheet) -> None:
    """Ask again for orders of which no end was heard long after their time; the venue says what it knows of them."""
    for each in list(sheet.executions.values()):
        if each.orders and is_overdue(each.valid_until, sheet.now, sheet.policy.overdue_seconds):
            cancel(sheet, each)


def is_overdue(valid_until: datetime, now: datetime, grace_seconds: int) -> bool:
    """Say whether an order's end lies longer ago than the grace."""
    return now > valid_until + timedelta(seconds=grace_seconds)


def predict(
    sheet: Sheet, execution: Execution, *, quantity: Decimal, terms: Terms, market: Market
) -> prediction.Prediction:
    """Return what an order is expected to meet at the venue that ranks first."""
    rules = sheet.policy
    latency = venue_choice.latency_ms(execution.ranked[0][0], rules)
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


def _send(sheet: Sheet, execution: Execution, working: Working, *, venue: str) -> Execution:
    latency = venue_choice.latency_ms(venue, sheet.policy)
    predicted = {**working.predict, "latency_ms": latency}
    said = sheet.say(
        "order",
        {
            "decision_id": execution.decision_id,
            "order_spec": _spec(sheet, execution, working),
            "tr_predict": predicted,
            "route_hint": venue,
        },
        parent_id=execution.decision_id,
        lifecycle_id=execution.lifecycle_id,
    )
    out = working.model_copy(update={"venue": venue, "tried": [*working.tried, venue], "predict": predicted})
    sent = execution.model_copy(update={"orders": {**execution.orders, said.id: out}})
    sheet.put(sent)
    return sent


def _spec(sheet: Sheet, execution: Execution, working: Working) -> dict[str, Any]:
    return {
        **execution.spec,
        **working.terms,
        "side": execution.side.value,
        "intent": execution.intent.value,
        "quantity": ledger.text(working.quantity),
        "valid_until": execution.valid_until.isoformat(),
        "created_at": sheet.now.isoformat(),
    }
