"""Exits: a position is left whole, at market, when its stop, target or horizon is reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from portfolio import ledger
from portfolio.execution import order
from portfolio.plans import plan as plans
from strands.strand import Strand
from tradingops.modules.trader import orders, venue_choice, withdrawals
from tradingops.modules.trader.market import Market
from tradingops.modules.trader.sheet import Sheet
from tradingops.modules.trader.state import EXIT, CloseReason, Execution, Holding, Terms
from tradingops.modules.trader.strategy import Strategy


def reached(held: Holding, bar: Strand) -> CloseReason | None:
    """Return why a position is to be left after a bar, or None; a bar that reached stop and target counts as the stop.

    Expiry is reached by a bar that closes at or after ``expires_at``.
    """
    prices = bar.payload["md_bar"]
    low, high = Decimal(prices["low"]), Decimal(prices["high"])
    long = held.direction is plans.Direction.LONG
    if low <= held.stop_loss if long else high >= held.stop_loss:
        return CloseReason.STOP_LOSS
    if high >= held.take_profit if long else low <= held.take_profit:
        return CloseReason.TAKE_PROFIT
    return CloseReason.EXPIRY if bar.at >= held.expires_at else None


def is_due(held: Holding | None, bar: Strand) -> bool:
    """Say whether a bar ends a held position, or finds an exit undone."""
    return held is not None and (held.exit_reason is not None or reached(held, bar) is not None)


def watch(sheet: Sheet, market: Market) -> None:
    """Leave the position when a bar reached an exit, and again when an earlier exit was left undone."""
    held = sheet.holding
    if held is None or EXIT in sheet.executions:
        return
    why = held.exit_reason or reached(held, sheet.cause)
    if why is not None:
        leave(sheet, why, market)


def leave(sheet: Sheet, why: CloseReason, market: Market) -> None:
    """Send a market order for the whole position, and take back entries that would add to it."""
    held = sheet.holding
    if held is None or EXIT in sheet.executions:
        return
    sheet.holding = held = replace(held, exit_reason=why, exits=held.exits + 1)
    side = order.Side.SELL if held.direction is plans.Direction.LONG else order.Side.BUY
    _stop_entries(sheet, side.opposite, why)
    execution = _exit_of(sheet, held, side, market)
    orders.begin(sheet, execution, quantity=execution.quantity, terms=Terms(order.OrderType.MARKET), market=market)


def _stop_entries(sheet: Sheet, side: order.Side, why: CloseReason) -> None:
    """Take back what entries of a side have out, and send no more of them."""
    for each in list(sheet.executions.values()):
        if each.is_entry and each.side is side:
            withdrawals.withdraw(sheet, each, reason=f"the position is left: {why}")


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
            closed=sheet.closed,
        ),
        started_at=sheet.now,
        valid_until=sheet.now + timedelta(seconds=sheet.policy.exit_seconds),
        expected_price=market.price,
    )


def _spec(sheet: Sheet, held: Holding) -> dict[str, Any]:
    return {
        "plan_id": held.plan_id,
        "signal_id": held.signal_id,
        "decision_id": held.decision_id,
        "symbol": sheet.symbol,
        "direction": held.direction.value,
        "stop_loss": ledger.text(held.stop_loss),
        "take_profit": ledger.text(held.take_profit),
        "time_horizon": held.time_horizon,
        "bar_seconds": held.bar_seconds,
        "execution_strategy": Strategy.MARKET.value,
        "max_slippage": sheet.policy.max_slippage,
        "max_latency_ms": sheet.policy.max_latency_ms,
        "venue_preferences": list(held.venue_preferences),
        "exit_reason": held.exit_reason and held.exit_reason.value,
        "execution_notes": f"exit {held.exits}: {held.exit_reason}",
    }
