"""Equity: what the book was worth, folded into its peak, its worst fall, its day and its returns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from portfolio import ledger, metrics


class Equity(NamedTuple):
    """The fold of what the book was worth [currency]; ``max_drawdown`` is 0 or more.

    A return runs from the last value of one moment to the last value of the next, so that the bars of several symbols
    that close together make one return; ``before`` is where the running one began. ``returns`` are those of all
    moments but the last, which may still move.
    """

    peak: Decimal
    max_drawdown: float
    day: date | None
    day_start: Decimal
    last: Decimal
    before: Decimal
    moment: datetime | None
    returns: metrics.Moments

    @property
    def drawdown(self) -> float:
        """How far the last value lies below the peak: above 1 where more was lost than there was."""
        return metrics.drawdown(peak=float(self.peak), value=float(self.last))

    @property
    def daily_pnl(self) -> Decimal:
        """What the book has earned since the day began [currency]."""
        return ledger.EXACT.subtract(self.last, self.day_start)

    @property
    def daily_loss(self) -> float:
        """What the book has lost since the day began, as a fraction of its value then; 0 for a gain."""
        return max(0.0, -float(self.daily_pnl / self.day_start)) if self.day_start > 0 else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the fold as JSON, money as decimal strings; ``equity_from`` undoes it."""
        returns = self.returns
        return {
            "peak": ledger.text(self.peak),
            "max_drawdown": self.max_drawdown,
            "day": None if self.day is None else self.day.isoformat(),
            "day_start": ledger.text(self.day_start),
            "last": ledger.text(self.last),
            "before": ledger.text(self.before),
            "moment": None if self.moment is None else self.moment.isoformat(),
            "returns": [returns.count, returns.mean, returns.squares],
        }


def equity_from(json: Mapping[str, Any]) -> Equity:
    """Return the fold that ``Equity.to_json`` wrote."""
    count, mean, squares = json["returns"]
    return Equity(
        peak=Decimal(json["peak"]),
        max_drawdown=json["max_drawdown"],
        day=None if json["day"] is None else date.fromisoformat(json["day"]),
        day_start=Decimal(json["day_start"]),
        last=Decimal(json["last"]),
        before=Decimal(json["before"]),
        moment=None if json["moment"] is None else datetime.fromisoformat(json["moment"]),
        returns=metrics.Moments(int(count), mean, squares),
    )


def opening(value: Decimal) -> Equity:
    """Return the fold before anything was seen: a book worth its cash."""
    return Equity(
        peak=value,
        max_drawdown=0.0,
        day=None,
        day_start=value,
        last=value,
        before=value,
        moment=None,
        returns=metrics.Moments(),
    )


def marked(equity: Equity, value: Decimal, *, at: datetime, ends_a_period: bool) -> Equity:
    """Return the fold after the book was found to be worth a value; fills change it between periods, bars end them."""
    peak, fall, day_start, day = equity.peak, equity.max_drawdown, equity.day_start, at.astimezone(UTC).date()
    # Most bars find nothing held and the value unchanged, and then neither peak nor fall can have changed.
    if value != equity.last:
        peak = max(peak, value)
        fall = max(fall, metrics.drawdown(peak=float(peak), value=float(value)))
    if day != equity.day:
        # The day begins with what the book was worth when the day before ended.
        day_start = equity.last
    before, moment, returns = equity.before, equity.moment, equity.returns
    if ends_a_period and at != moment:
        before, moment, returns = equity.last, at, _returns(equity)
    return Equity(peak, fall, day, day_start, value, before, moment, returns)


def measured_anew(equity: Equity) -> Equity:
    """Return the fold with the last value as its peak and as what the day began with; the worst fall stays."""
    return equity._replace(peak=equity.last, day_start=equity.last)


def _returns(equity: Equity) -> metrics.Moments:
    """Return the moments including the return of the moment that has just ended."""
    before, last = float(equity.before), float(equity.last)
    if equity.moment is None or before <= 0:
        return equity.returns
    return equity.returns.including(last / before - 1.0)
