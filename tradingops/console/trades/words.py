"""Trades and what is held, as the page says them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from portfolio.trades.models import Trade
from strands import figures, telling
from strands.json_values import items
from tradingops.console.showing import curators
from tradingops.console.trades.totals import Sums
from tradingops.people.flattening import Leg
from tradingops.people.resting import Resting

#: Why a position was left.
LEFT = {
    "stop_loss": "left at the stop",
    "take_profit": "left at the target",
    "expiry": "left when its time was up",
    "signal": "left as a plan for the other side was filled",
    "manual": "left by hand",
}
#: The names under which the reasons are filtered by.
REASONS = {
    "stop_loss": "at the stop",
    "take_profit": "at the target",
    "expiry": "time was up",
    "signal": "other side",
    "manual": "by hand",
}
#: The columns of the file of trades: money in the currency, slippage in basis points, times in UTC.
HEADER = (
    *("closed_at", "opened_at", "symbol", "direction", "quantity", "entry_price", "exit_price", "reason", "why"),
    *("pnl", "gross_pnl", "fees", "funding", "r_multiple", "first_stop", "last_stop", "target"),
    *("entry_predicted_bps", "entry_slip_bps", "exit_predicted_bps", "exit_slip_bps"),
    *("regime", "approved_by", "plan_id", "lifecycle_id"),
)


def why(trade: Trade) -> str:
    """Return in a sentence why a position was left and where: ``left at the stop, 0.2 above entry, as it had …``."""
    parts = [LEFT.get(trade.close_reason) or figures.spaced(trade.close_reason), where(trade)]
    if trade.close_reason == "stop_loss" and None not in (trade.first_stop, trade.last_stop):
        parts += ["as it had been moved"] if trade.first_stop != trade.last_stop else []
    return ", ".join(parts)


def where(trade: Trade) -> str:
    """Return how far from its entry a position was left, in the digits of its entry's price."""
    away = trade.exit_price - trade.entry_price
    shown = figures.price(trade.entry_price).partition(".")[2]
    told = figures.rounded(abs(away), digits=max(len(shown), 1))
    return "at entry" if told == "0" else f"{told} {'above' if away > 0 else 'below'} entry"


def line(trade: Trade) -> list[Any]:
    """Return a trade as a line of the file, under the names of ``HEADER``."""
    people = ", ".join(map(str, items(trade.approved_by)))
    said = {"reason": trade.close_reason, "why": why(trade), "approved_by": people}
    return [said[name] if name in said else getattr(trade, name) for name in HEADER]


def row(trade: Trade, *, year: int) -> dict[str, Any]:
    """Return a closed trade as the page shows it; its year is told where it is another."""
    closed = trade.closed_at.astimezone(UTC)
    return {
        "trade": trade,
        "closed": f"{closed:%m-%d %H:%M}" if closed.year == year else f"{closed:%Y-%m-%d %H:%M}",
        "closed_whole": f"{closed:%Y-%m-%d %H:%M:%S} UTC",
        "held": figures.span((trade.closed_at - trade.opened_at).total_seconds()),
        "quantity": figures.quantity(trade.quantity),
        "entry": figures.price(trade.entry_price),
        "exit": figures.price(trade.exit_price),
        "why": why(trade),
        "pnl": figures.money(trade.pnl, signed=True),
        "tone": telling.gain(trade.pnl),
        "fees": figures.money(trade.fees),
        "funding": figures.money(trade.funding, signed=True) if trade.funding else figures.ABSENT,
        "r": r_of(trade.r_multiple),
        "slipped_in": slipped(trade.entry_predicted_bps, trade.entry_slip_bps),
        "slipped_out": slipped(trade.exit_predicted_bps, trade.exit_slip_bps),
    }


def leg(held: Leg, *, now: datetime, entered: Mapping[str, tuple[float | None, float | None]]) -> dict[str, Any]:
    """Return what is held or under way in one symbol as the page shows it; ages are of market time."""
    holding = held.holding if held.quantity else None
    shown = {
        "leg": held,
        "side": "long" if held.quantity > 0 else "short" if held.quantity < 0 else "flat",
        "quantity": figures.quantity(abs(held.quantity)),
        "mark": figures.price(held.mark),
        "venues": apart(held) or ", ".join(held.at_venues),
        "stop": _at(held.stop, held.mark),
        "target": _at(held.target, held.mark),
    }
    if not held.quantity:
        return shown
    return {
        **shown,
        "entry": figures.price(held.entry),
        "pnl": figures.money(held.unrealized, signed=True),
        "tone": telling.gain(held.unrealized),
        **({} if holding is None else _holding(held, holding, now=now, entered=entered)),
    }


def apart(held: Leg) -> str:
    """Return what each venue holds of a symbol that is long at one and short at another; nothing otherwise."""
    return " and ".join(f"{figures.quantity(each)} at {name}" for name, each in sorted(held.apart.items()))


def _holding(held: Leg, holding: Any, *, now: datetime, entered: Mapping[str, Any]) -> dict[str, Any]:
    risked = abs(held.entry - holding.first_stop) * abs(held.quantity) if holding.first_stop else 0
    return {
        "lifecycle": holding.lifecycle_id,
        "age": figures.span((now - holding.opened_at).total_seconds()),
        "opened": f"{holding.opened_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        "fees": figures.money(holding.fees),
        "funding": figures.money(holding.funding, signed=True) if holding.funding else figures.ABSENT,
        "r": r_of(float(held.unrealized / risked)) if risked and held.unrealized is not None else figures.ABSENT,
        "slipped": slipped(*entered.get(holding.lifecycle_id, (None, None))),
    }


def resting(symbol: str, order: Resting) -> dict[str, Any]:
    """Return an order that is out, or a plan that waits, as the page shows it."""
    return {
        "order": order,
        "symbol": symbol,
        "purpose": "waits to be entered" if order.purpose == "waiting" else order.purpose,
        "quantity": figures.quantity(order.quantity),
        "price": "at market" if order.price is None else figures.price(order.price),
    }


def sums(told: Sums, *, by: str) -> dict[str, Any]:
    """Return what some trades came to as the page shows it."""
    return {
        "name": named(told.name, by=by),
        "trades": figures.count(told.trades),
        "win_rate": figures.percent(told.win_rate, digits=0),
        "pnl": figures.money(told.pnl, signed=True),
        "tone": telling.gain(told.pnl),
        "gross": figures.money(told.gross_pnl, signed=True),
        "fees": figures.money(told.fees),
        "funding": figures.money(told.funding, signed=True) if told.funding else "0.00",
        "r": r_of(told.mean_r),
    }


def named(name: Any, *, by: str) -> str:
    """Return what a group of trades is called."""
    if name is None:
        return "not told"
    if by == "hour":
        return f"{name:02d}:00 UTC"
    if by == "curator":
        return curators.title(name)
    return REASONS.get(name, figures.spaced(name)) if by == "reason" else figures.spaced(str(name))


def slipped(predicted: float | None, real: float | None) -> str:
    """Return slippage in basis points: what it was, and what had been predicted."""
    if real is None:
        return figures.ABSENT
    told = figures.fixed(real, digits=1, signed=True)
    return told if predicted is None else f"{told} ({figures.fixed(predicted, digits=1, signed=True)})"


def r_of(multiple: float | None) -> str:
    return figures.ABSENT if multiple is None else figures.fixed(multiple, digits=2, signed=True)


def _at(price: Decimal | None, mark: Decimal | None) -> str:
    """Return a price with its distance from the mark."""
    if price is None:
        return "none"
    away = f" ({figures.percent(price / mark - 1, signed=True)})" if mark else ""
    return f"{figures.price(price)}{away}"
