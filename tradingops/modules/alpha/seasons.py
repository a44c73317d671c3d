"""Seasons: what one-bar returns came to by hour of the day and day of the week (UTC).

State, by timeframe: the first hour not yet counted, and a cell for each hour and day: how many logarithmic returns,
their mean [basis points] and the sum of their squared deviations [squared basis points]. An hour is counted in one go
when the first bar after it closes, so nearly every bar costs one comparison, and the newest bar is never in its own
yardstick.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from strands.market.bar import Timeframe
from tradingops.modules.alpha.intelligence_policy import IntelligencePolicy

HOUR, HOURS, DAYS = "hour", "hours", "days"

#: How many returns, their mean, and the sum of their squared deviations.
Cell = list[float]
Rows = Sequence[Sequence[float]]
#: One hour or many.
Hours = TypeVar("Hours", int, NDArray[np.int64])

BASIS_POINTS = 1e4
HOUR_SECONDS = 3600

_SECONDS = {each.value: each.seconds for each in Timeframe}
_HOURS_A_DAY, _DAYS_A_WEEK = 24, 7
#: The first of January 1970 was a Thursday; weeks begin on Monday.
_FIRST_DAY = 3
_DECIMALS = 6


def start() -> dict[str, Any]:
    """Return the seasons before any bar: plain JSON."""
    return {}


def heard(seasons: Mapping[str, Any], rows: Rows, timeframe: str, policy: IntelligencePolicy) -> Mapping[str, Any]:
    """Return the seasons after the newest row of a timeframe's tape; the same ones unless it begins an hour."""
    hour = hour_of(rows[-1][0])
    known = seasons.get(timeframe)
    if known is not None and hour <= known[HOUR]:
        return seasons
    return {**seasons, timeframe: _empty(hour) if known is None else _counted(known, rows, timeframe, hour, policy)}


def hour_of(closed_at: float) -> int:
    """Return the hour since 1970 in which a bar traded last; one that closes on the hour traded before it."""
    return int((closed_at - 1) // HOUR_SECONDS)


def places(hour: Hours) -> tuple[Hours, Hours]:
    """Return the hour of the day, 0 to 23, and the day of the week, 0 on Monday, of one or many hours since 1970."""
    return hour % _HOURS_A_DAY, (hour // _HOURS_A_DAY + _FIRST_DAY) % _DAYS_A_WEEK


def _empty(hour: int) -> dict[str, Any]:
    return {
        HOUR: hour,
        HOURS: [[0, 0.0, 0.0] for _ in range(_HOURS_A_DAY)],
        DAYS: [[0, 0.0, 0.0] for _ in range(_DAYS_A_WEEK)],
    }


def _counted(
    known: Mapping[str, Any], rows: Rows, timeframe: str, hour: int, policy: IntelligencePolicy
) -> dict[str, Any]:
    """Return a timeframe's seasons with the returns of all hours from the first uncounted one up to ``hour``."""
    hours, days = list(known[HOURS]), list(known[DAYS])
    for passed, returns in _by_hour(rows, known[HOUR], hour, _SECONDS[timeframe]).items():
        of_day, of_week = places(passed)
        cell = _cell(returns)
        hours[of_day] = merged(hours[of_day], cell, memory=policy.season_memory)
        days[of_week] = merged(days[of_week], cell, memory=policy.season_memory)
    return {HOUR: hour, HOURS: hours, DAYS: days}


def _by_hour(rows: Rows, first: int, end: int, seconds: int) -> dict[int, list[float]]:
    """Return the returns [basis points] of the bars that traded in the hours from ``first`` to before ``end``.

    A return over a gap belongs to no hour and is left out, and so is one from or to a price of nothing.
    """
    found: dict[int, list[float]] = {}
    since, until = first * HOUR_SECONDS, end * HOUR_SECONDS
    later = rows[-1]
    for place in range(len(rows) - 2, -1, -1):
        row, closed_at, close = rows[place], later[0], later[4]
        later = row
        if closed_at <= since:
            break
        if closed_at <= until and closed_at - row[0] == seconds and row[4] > 0 and close > 0:
            found.setdefault(int((closed_at - 1) // HOUR_SECONDS), []).append(BASIS_POINTS * log(close / row[4]))
    return found


def _cell(returns: Sequence[float]) -> Cell:
    count = len(returns)
    mean = sum(returns) / count
    return [count, mean, sum([(each - mean) ** 2 for each in returns])]


def merged(cell: Cell, other: Cell, *, memory: int) -> Cell:
    """Return two cells as one (Chan, Golub and LeVeque 1983); beyond its memory the first counts for less."""
    known, mean, squares = cell
    more, average, off = other
    total, apart = known + more, average - mean
    mean += apart * more / total
    squares += off + apart * apart * known * more / total
    if total > memory:
        squares, total = squares * memory / total, memory
    # A plus of zero turns the negative zero, which a database forgets, into the other one.
    return [total, round(mean, _DECIMALS) + 0.0, round(squares, _DECIMALS) + 0.0]
