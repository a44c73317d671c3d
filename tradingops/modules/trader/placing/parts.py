"""Parts: an exit in orders that its venue takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from portfolio import ledger
from portfolio.execution import venue
from tradingops.modules.trader.placing import strategy
from tradingops.modules.trader.sheet import Sheet
from tradingops.modules.trader.state import Holding


def profile(venues: Iterable[venue.Profile], name: str) -> venue.Profile | None:
    """Return what is known of a venue; None for one that is not configured."""
    return next((each for each in venues if each.name == name), None)


def split(sheet: Sheet, quantity: Decimal, *, price: Decimal, venue: str) -> list[Decimal]:
    """Return a quantity in parts that the venue takes at a price, the last one the smallest."""
    bounds = list(_bounds(sheet, price, venue))
    most = strategy.stepped(min(bounds), sheet.lot) if bounds else quantity
    if most <= 0 or quantity <= most:
        return [quantity]
    whole, rest = divmod(quantity, most)
    if rest and is_too_small(sheet, rest, price=price):
        last = strategy.stepped(ledger.EXACT.add(most, rest) / 2, sheet.lot)
        return [*[most] * int(whole - 1), ledger.EXACT.subtract(ledger.EXACT.add(most, rest), last), last]
    return [*[most] * int(whole), *([rest] if rest else [])]


def is_too_small(sheet: Sheet, quantity: Decimal, *, price: Decimal | None) -> bool:
    """Say whether a quantity is less than a venue is known to take in one order."""
    return bool(sheet.instrument and sheet.instrument.too_small(quantity, price=price))


def _bounds(sheet: Sheet, price: Decimal, venue: str) -> Iterator[Decimal]:
    """Yield how many units one order may hold, by each rule that bounds it."""
    known, instrument = profile(sheet.policy.venues, venue), sheet.instrument
    if known is not None and known.max_notional is not None:
        yield ledger.QUOTIENT.divide(known.max_notional, price)
    if instrument is not None and instrument.greatest_notional is not None:
        yield ledger.QUOTIENT.divide(instrument.greatest_notional, price)
    if instrument is not None and instrument.greatest_quantity is not None:
        yield instrument.greatest_quantity


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
