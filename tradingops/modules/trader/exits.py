"""Exits: a position is left whole, at market, when its stop, target or horizon is reached."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from portfolio import ledger
from portfolio.execution import order, traded
from tradingops.modules.trader import orders, reports, venue_choice
from tradingops.modules.trader.holdings import CloseReason
from tradingops.modules.trader.market import Market
from tradingops.modules.trader.sheet import Sheet
from tradingops.modules.trader.state import EXIT, Execution, Holding
from tradingops.modules.trader.strategy import Strategy, Terms


def reason(
    *, direction: str, stop: Decimal, target: Decimal, expires_at: datetime, bar: traded.Traded
) -> CloseReason | None:
    """Return why a position is to be left after a bar, or None; a bar that reached stop and target counts as the stop.

    Expiry is reached by a bar that closes at or after ``expires_at``.
    """
    long = direction == "long"
    if bar.low <= stop if long else bar.high >= stop:
        return CloseReason.STOP_LOSS
    if bar.high >= target if long else bar.low <= target:
        return CloseReason.TAKE_PROFIT
    return CloseReason.EXPIRY if bar.closed_at >= expires_at else None


def watch(sheet: Sheet, bar: traded.Traded, market: Market) -> None:
    """Leave the position when a bar reached an exit, and again when an earlier exit was left undone."""
    held = sheet.holding
    if held is None or EXIT in sheet.executions:
        return
    if held.exit_reason is not None:
        leave(sheet, CloseReason(held.exit_reason), market)
        return
    reached = reason(
        direction=held.direction, stop=held.stop_loss, target=held.take_profit, expires_at=held.expires_at, bar=bar
    )
    if reached is not None:
        leave(sheet, reached, market)


def leave(sheet: Sheet, why: CloseReason, market: Market) -> None:
    """Send a market order for the whole position, and take back entries that would add to it."""
    held = sheet.holding
    if held is None or EXIT in sheet.executions:
        return
    sheet.holding = held = held.model_copy(update={"exit_reason": why.value, "exits": held.exits + 1})
    side = order.Side.SELL if held.direction == "long" else order.Side.BUY
    _stop_entries(sheet, side.opposite, why)
    execution = _exit_of(sheet, held, side, market)
    orders.begin(sheet, execution, quantity=execution.quantity, terms=Terms(order.OrderType.MARKET), market=market)


def _stop_entries(sheet: Sheet, side: order.Side, why: CloseReason) -> None:
    """Take back what entries of a side have out, and send no more of them."""
    for each in list(sheet.executions.values()):
        if each.intent is order.Intent.ENTRY and each.side is side:
            orders.cancel(sheet, each)
            if not each.orders:
                del sheet.executions[each.key]
                stopped = each.model_copy(update={"slices_left": 0})
                ending = reports.ending(stopped, order.Status.CANCELLED)
                reports.execution(sheet, stopped, status=ending, reason=f"the position is left: {why}")


def _exit_of(sheet: Sheet, held: Holding, side: order.Side, market: Market) -> Execution:
    quantity = sheet.position.quantity.copy_abs()
    return Execution(
        intent=order.Intent.EXIT,
        side=side,
        plan_id=held.plan_id,
        decision_id=held.decision_id,
        lifecycle_id=held.lifecycle_id,
        spec=_spec(sheet, held),
        quantity=quantity,
        unsent=quantity,
        ranked=venue_choice.ranked(
            quantity=quantity,
            depth=market.depth(sheet.policy),
            records=sheet.venues,
            preferences=held.venue_preferences,
            route_hint=None,
            rules=sheet.policy,
        ),
        started_at=sheet.now.isoformat(),
        valid_until=sheet.now + timedelta(seconds=sheet.policy.exit_seconds),
        expected_price=market.price,
    )


def _spec(sheet: Sheet, held: Holding) -> dict[str, Any]:
    return {
        "plan_id": held.plan_id,
        "signal_id": held.signal_id,
        "decision_id": held.decision_id,
        "symbol": sheet.symbol,
        "direction": held.direction,
        "stop_loss": ledger.text(held.stop_loss),
        "take_profit": ledger.text(held.take_profit),
        "time_horizon": held.time_horizon,
        "bar_seconds": held.bar_seconds,
        "execution_strategy": Strategy.MARKET.value,
        "max_slippage": sheet.policy.max_slippage,
        "max_latency_ms": sheet.policy.max_latency_ms,
        "venue_preferences": held.venue_preferences,
        "exit_reason": held.exit_reason,
        "execution_notes": f"exit {held.exits}: {held.exit_reason}",
    }
