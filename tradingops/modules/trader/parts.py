"""Parts: an exit in orders that its venue takes."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_DOWN, Decimal
from typing import Any

from portfolio import ledger
from portfolio.execution import venue
from tradingops.modules.trader.policy import TraderPolicy
from tradingops.modules.trader.sheet import Sheet
from tradingops.modules.trader.state import Holding


def profile(venues: Iterable[venue.Profile], name: str) -> venue.Profile | None:
    """Return what is known of a venue; None for one that is not configured."""
    return next((each for each in venues if each.name == name), None)


def split(quantity: Decimal, *, price: Decimal, venue: str, policy: TraderPolicy) -> list[Decimal]:
    """Return a quantity in parts whose notional at a price the venue takes, the last one the smallest."""
    known = profile(policy.venues, venue)
    if known is None or known.max_notional is None or quantity * price <= known.max_notional:
        return [quantity]
    step = policy.quantity_step
    most = (ledger.QUOTIENT.divide(known.max_notional, price) / step).to_integral_value(ROUND_DOWN) * step
    if most <= 0:
        return [quantity]
    whole, rest = divmod(quantity, most)
    return [*[most] * int(whole), *([rest] if rest else [])]


def exit_spec(sheet: Sheet, held: Holding) -> dict[str, Any]:
    """Return what every order says that leaves a position."""
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
        "max_slippage": sheet.policy.max_slippage,
        "max_latency_ms": sheet.policy.max_latency_ms,
        "venue_preferences": list(held.venue_preferences),
        "exit_reason": held.exit_reason and held.exit_reason.value,
    }
