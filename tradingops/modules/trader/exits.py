"""Exits: a position is left whole, at market, when its stop, target or horizon is reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from portfolio.execution import order
from portfolio.plans import plan as plans
from strands.given import LEFT_UNDER_A_HALT
from strands.strand import Strand
from tradingops.modules.trader import withdrawals
from tradingops.modules.trader.market import Market
from tradingops.modules.trader.placing import notices, orders, parts, protection, venue_choice
from tradingops.modules.trader.placing.strategy import Strategy
from tradingops.modules.trader.sheet import Sheet
from tradingops.modules.trader.state import CloseReason, Execution, Holding, TraderState, are_leaving


def reached(held: Holding, bar: Strand, *, protected: bool) -> CloseReason | None:
    """Return why a position is to be left after a bar, or None; a bar that reached stop and target counts as the stop.

    Stop and target are the venue's affair where they rest there (``protected``). Expiry is reached by a bar that closes
    at or after ``expires_at``.
    """
    if protected:
        return CloseReason.EXPIRY if bar.at >= held.expires_at else None
    prices = bar.payload["md_bar"]
    low, high = Decimal(prices["low"]), Decimal(prices["high"])
    long = held.direction is plans.Direction.LONG
    if low <= held.stop_loss if long else high >= held.stop_loss:
        return CloseReason.STOP_LOSS
    if high >= held.take_profit if long else low <= held.take_profit:
        return CloseReason.TAKE_PROFIT
    return CloseReason.EXPIRY if bar.at >= held.expires_at else None


def is_due(state: TraderState, bar: Strand) -> bool:
    """Say whether a bar ends a held position, finds an exit undone, or a position that no stop protects."""
    held = state.holding
    if held is None:
        return False
    protected = protection.covers(state.executions, state.at_venues)
    return held.exit_reason is not None or not protected or reached(held, bar, protected=True) is not None


def watch(sheet: Sheet, market: Market) -> None:
    """Leave the position when a bar reached an exit, and again when an earlier exit was left undone."""
    held = sheet.holding
    if held is None or are_leaving(sheet.executions):
        return
    protected = protection.covers(sheet.executions, sheet.at_venues)
    why = held.exit_reason or reached(held, sheet.cause, protected=protected)
    if why is not None and not _waits(sheet, held):
        leave(sheet, why, market)


def _waits(sheet: Sheet, held: Holding) -> bool:
    """Say whether an exit that was left undone is too young to be sent again: each time it waits twice as long."""
    if held.exit_sent_at is None:
        return False
    wait = sheet.policy.retry_seconds * 2 ** min(held.exits - 1, sheet.policy.most_asks)
    return sheet.now < held.exit_sent_at + timedelta(seconds=wait)


def leave(sheet: Sheet, why: CloseReason, market: Market) -> None:
    """Send a market order for the whole position, and take back entries that would add to it.

    In a halted scope only what protects the position, and what a person wants, is sent; the rest waits. So does what is
    less than a venue takes, until it is more or worth more: the same order would be refused again.
    """
    held = sheet.holding
    if held is None or are_leaving(sheet.executions):
        return
    side = order.Side.SELL if held.direction is plans.Direction.LONG else order.Side.BUY
    leaving = replace(held, exit_reason=why, exits=held.exits + 1, exit_sent_at=sheet.now)
    execution = _exit_of(sheet, leaving, side, market)
    shares = orders.shares(sheet, execution, protects=why in LEFT_UNDER_A_HALT)
    if not shares:
        return
    sent = [each for each in shares if not parts.is_too_small(sheet, each.quantity, price=market.price)]
    if not sent:
        sheet.holding = replace(held, exit_reason=why)
        stop_entries(sheet, side.opposite, reason=f"the position is left: {why}")
        return
    sheet.holding = held = leaving
    if held.exits == sheet.policy.most_asks:
        notices.watching(sheet, held, "undone", reason=f"{held.exits} exits were sent, and it is still held")
    stop_entries(sheet, side.opposite, reason=f"the position is left: {why}")
    orders.leave(sheet, execution, sent, market=market)


def stop_entries(sheet: Sheet, side: order.Side, *, reason: str) -> None:
    """Take back what entries of a side have out, and send no more of them."""
    for each in list(sheet.executions.values()):
        if each.is_entry and each.side is side:
            withdrawals.withdraw(sheet, each, reason=reason)


def _exit_of(sheet: Sheet, held: Holding, side: order.Side, market: Market) -> Execution:
    quantity = sheet.position.quantity.copy_abs()
    return Execution(
        intent=order.Intent.EXIT,
        side=side,
        plan_id=held.plan_id,
        decision_id=held.decision_id,
        lifecycle_id=held.lifecycle_id,
        spec={
            **parts.exit_spec(sheet, held),
            "execution_strategy": Strategy.MARKET.value,
            "execution_notes": f"exit {held.exits}: {held.exit_reason}",
        },
        quantity=quantity,
        unsent=quantity,
        ranked=venue_choice.ranked(
            quantity=quantity,
            depth=market.depth(sheet.policy),
            records=sheet.venues,
            preferences=held.venue_preferences,
            route_hint=None,
            rules=sheet.policy,
            instrument=sheet.instrument,
            closed=sheet.closed,
        ),
        started_at=sheet.now,
        valid_until=sheet.now + timedelta(seconds=sheet.policy.exit_seconds),
        expected_price=market.price,
    )
