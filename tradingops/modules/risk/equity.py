"""Equity: what the book was worth, folded into its peak, its worst fall, its day and its returns.

The fold is ``{"peak", "max_drawdown", "day", "day_start", "last", "before", "moment", "returns"}``. Values are decimal
strings. A return runs from the last value of one moment to the last value of the next, so that the bars of several
symbols that close together make one return; ``before`` is where the running one began.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from portfolio import ledger, metrics

Equity = dict[str, Any]


def opening(value: Decimal) -> Equity:
    """Return the fold before anything was seen: a book worth its cash."""
    worth = ledger.text(value)
    return {
        "peak": worth,
        "max_drawdown": 0.0,
        "day": None,
        "day_start": worth,
        "last": worth,
        "before": worth,
        "moment": None,
        "returns": [0, 0.0, 0.0],
    }


def marked(equity: Equity, value: Decimal, *, at: datetime, ends_a_period: bool) -> Equity:
    """Return the fold after the book was found to be worth a value; fills change it between periods, bars end them."""
    worth, day, moment = ledger.text(value), at.astimezone(UTC).date().isoformat(), at.isoformat()
    folded = {**equity, "last": worth}
    # Most bars find nothing held and the value unchanged, and then neither peak nor fall can have changed.
    if worth != equity["last"]:
        folded |= _extremes(equity, value)
    if day != equity["day"]:
        # The day begins with what the book was worth when the day before ended.
        folded |= {"day": day, "day_start": equity["last"]}
    if ends_a_period and moment != equity["moment"]:
        folded |= {"moment": moment, "before": equity["last"], "returns": _returns(equity)}
    return folded


def moments(equity: Equity) -> metrics.Moments:
    """Return count, mean and spread of the returns of all moments but the last, which may still move."""
    count, mean, squares = equity["returns"]
    return metrics.Moments(int(count), mean, squares)


def drawdown(equity: Equity) -> float:
    """Return how far the last value lies below the peak, in [0, 1]."""
    return metrics.drawdown(peak=float(equity["peak"]), value=float(equity["last"]))


def daily_pnl(equity: Equity) -> Decimal:
    """Return what the book has earned since the day began."""
    return ledger.EXACT.subtract(Decimal(equity["last"]), Decimal(equity["day_start"]))


def daily_loss(equity: Equity) -> float:
    """Return what the book has lost since the day began, as a fraction of its value then; 0 for a gain."""
    start = Decimal(equity["day_start"])
    return max(0.0, -float(daily_pnl(equity) / start)) if start > 0 else 0.0


def _extremes(equity: Equity, value: Decimal) -> Equity:
    """Return the highest value and the deepest fall, with one value more."""
    peak = max(Decimal(equity["peak"]), value)
    fall = metrics.drawdown(peak=float(peak), value=float(value))
    return {"peak": ledger.text(peak), "max_drawdown": max(equity["max_drawdown"], fall)}


def _returns(equity: Equity) -> list[float]:
    """Return the moments including the return of the moment that has just ended."""
    before, last = float(equity["before"]), float(equity["last"])
    if equity["moment"] is None or before <= 0:
        return list(equity["returns"])
    after = moments(equity).including(last / before - 1.0)
    return [after.count, after.mean, after.squares]
