"""Legs: a symbol that one venue holds long and another short is left at each of them, all at once.

Such legs may come to nothing together, so that no plan's position is held while each of them still is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from portfolio import ledger
from portfolio.execution import order
from portfolio.plans import plan as plans
from strands import ids
from tradingops.modules.trader.market import Market
from tradingops.modules.trader.placing import orders, parts
from tradingops.modules.trader.placing.strategy import Strategy
from tradingops.modules.trader.sheet import Sheet
from tradingops.modules.trader.state import CloseReason, Execution

#: What an exit without a plan is judged by: the shortest horizon there is, and its bar [s].
_HORIZON = min(plans.HORIZONS, key=lambda name: plans.HORIZONS[name])
_BAR_SECONDS = 60.0


def lie_apart(at_venues: Mapping[str, Decimal]) -> bool:
    """Say whether a symbol is held long at one venue and short at another."""
    return len({held > 0 for held in at_venues.values()}) > 1


def leave(sheet: Sheet, market: Market) -> list[str]:
    """Send a market order for all that each venue holds, as a person wants; return the venues that nobody knows."""
    known = {name: held for name, held in sheet.at_venues.items() if parts.profile(sheet.policy.venues, name)}
    if known and sheet.holding is not None:
        exits = sheet.holding.exits + 1
        sheet.holding = replace(sheet.holding, exit_reason=CloseReason.MANUAL, exits=exits, exit_sent_at=sheet.now)
    for name, held in sorted(known.items()):
        share = orders.Share(name, held.copy_abs(), held=True)
        orders.leave(sheet, _exit_of(sheet, name, held, market), [share], market=market)
    return sorted(sheet.at_venues.keys() - known.keys())


def _exit_of(sheet: Sheet, name: str, held: Decimal, market: Market) -> Execution:
    spec = parts.exit_spec(sheet, sheet.holding) if sheet.holding else _of_no_plan(sheet, held, market.price)
    return Execution(
        intent=order.Intent.EXIT,
        side=order.Side.SELL if held > 0 else order.Side.BUY,
        plan_id=sheet.holding.plan_ids[-1] if sheet.holding else spec["plan_id"],
        decision_id=spec["decision_id"],
        lifecycle_id=sheet.holding.lifecycle_id if sheet.holding else sheet.cause.lifecycle_id or sheet.cause.id,
        spec={
            **spec,
            "execution_strategy": Strategy.MARKET.value,
            "execution_notes": f"what {name} holds, {ledger.text(held)}, is left: {CloseReason.MANUAL}",
        },
        quantity=held.copy_abs(),
        unsent=held.copy_abs(),
        ranked=((name, 0.0),),
        started_at=sheet.now,
        valid_until=sheet.now + timedelta(seconds=sheet.policy.exit_seconds),
        expected_price=market.price,
        leg=name,
    )


def _of_no_plan(sheet: Sheet, held: Decimal, price: Decimal) -> dict[str, Any]:
    """Return what an order says that leaves what no plan holds any more: whoever wants it gone decided so."""
    return {
        "plan_id": str(ids.uuid_of("plan", sheet.cause.id, sheet.symbol)),
        "signal_id": sheet.cause.id,
        "decision_id": sheet.cause.id,
        "symbol": sheet.symbol,
        "direction": (plans.Direction.LONG if held > 0 else plans.Direction.SHORT).value,
        "stop_loss": ledger.text(price),
        "take_profit": ledger.text(price),
        "time_horizon": _HORIZON,
        "bar_seconds": _BAR_SECONDS,
        "max_slippage": sheet.policy.max_slippage,
        "max_latency_ms": sheet.policy.max_latency_ms,
        "venue_preferences": [],
        "exit_reason": CloseReason.MANUAL.value,
    }
