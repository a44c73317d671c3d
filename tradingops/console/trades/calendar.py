"""The calendar of a month: what each of its days earned, in weeks that begin on Monday."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from strands import figures, telling
from tradingops.console.trades.asking import Asked
from tradingops.console.trades.totals import Sums


def month(of: date, told: Mapping[date, Sums], asked: Asked) -> dict[str, Any]:
    """Return a month as its template shows it; each day on which a trade was closed leads to its trades."""
    weeks = calendar.Calendar().monthdatescalendar(of.year, of.month)
    total = sum(each.pnl for each in told.values())
    first = of.replace(day=1)
    return {
        "title": f"{of:%B %Y}",
        "total": figures.money(total, signed=True),
        "tone": telling.gain(total),
        "before": asked.address(day=first - timedelta(days=1)),
        "after": asked.address(day=(first + timedelta(days=31)).replace(day=1)),
        "weeks": [[_day(each, told.get(each), asked) if each.month == of.month else None for each in w] for w in weeks],
    }


def _day(day: date, sums: Sums | None, asked: Asked) -> dict[str, Any]:
    return {
        "number": day.day,
        "chosen": day == asked.day,
        "address": asked.address(day=day) if sums else "",
        "name": f"{day:%Y-%m-%d}: {sums.trades} trade{'s' * (sums.trades != 1)}" if sums else "",
        "pnl": figures.money(sums.pnl, signed=True) if sums else "",
        "tone": telling.gain(sums.pnl) if sums else "muted",
    }
