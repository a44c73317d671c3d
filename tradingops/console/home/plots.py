"""The equity curve of the dashboard, computed from samples of the portfolio's value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

#: Buckets of a curve, each drawn by its least and its greatest value: more than a screen is wide shows nothing more.
BUCKETS = 240
#: The spans of market time that a curve may show; None is all there is.
SPANS: dict[str, timedelta | None] = {
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
    "all": None,
}


@dataclass(frozen=True)
class Curve:
    """Equity and drawdown at the same moments; drawdown is a fraction below the highest value so far."""

    moments: list[str]
    equity: list[float]
    drawdown: list[float]

    def as_json(self) -> dict[str, Any]:
        return {"moments": self.moments, "equity": self.equity, "drawdown": self.drawdown}


def curve(rows: Iterable[tuple[datetime, Decimal]], *, peak: Decimal | None = None) -> Curve:
    """Return the curve through samples in the order of time; ``peak`` is the highest value before the first of them."""
    moments: list[str] = []
    equity: list[float] = []
    drawdown: list[float] = []
    highest = peak or Decimal(0)
    for at, value in rows:
        told = at.isoformat()
        if moments and moments[-1] == told:
            continue
        highest = max(highest, value)
        moments.append(told)
        equity.append(float(round(value, 2)))
        drawdown.append(float(round((value - highest) / highest, 6)) if highest > 0 else 0.0)
    return Curve(moments, equity, drawdown)
