"""Seasons: what one-bar returns came to by hour of the day and day of the week (UTC).

An hour is counted in one go when the first bar after it closes, so nearly every bar costs one comparison, and the
newest bar is never in its own yardstick.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from strands.market.bar import Timeframe
from tradingops.modules.alpha.intelligence.policy import IntelligencePolicy

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


class Cell(NamedTuple):
    """How many logarithmic returns there were, their mean [basis points], and the sum of their squared deviations."""

    returns: float = 0
    mean: float = 0.0
    squares: float = 0.0


class Season(NamedTuple):
    """One timeframe's returns by hour of the day and day of the week; ``hour`` is the first not yet counted."""

    hour: int
    hours: tuple[Cell, ...] = (Cell(),) * _HOURS_A_DAY
    days: tuple[Cell, ...] = (Cell(),) * _DAYS_A_WEEK


#: By timeframe.
Seasons = Mapping[str, Season]


def extended(seasons: Seasons, rows: Rows, timeframe: str, policy: IntelligencePolicy) -> Seasons:
    """Return the seasons after the newest row of a timeframe's tape; the same ones unless it begins an hour."""
    hour = hour_of(rows[-1][0])
    known = seasons.get(timeframe)
    if known is not None and hour <= known.hour:
        return seasons
    return {**seasons, timeframe: Season(hour) if known is None else _counted(known, rows, timeframe, hour, policy)}


def hour_of(closed_at: float) -> int:
    """Return the hour since 1970 in which a bar traded last; one that closes on the hour traded before it."""
    return int((closed_at - 1) // HOUR_SECONDS)


def places(hour: Hours) -> tuple[Hours, Hours]:
    """Return the hour of the day, 0 to 23, and the day of the week, 0 on Monday, of one or many hours since 1970."""
    return hour % _HOURS_A_DAY, (hour // _HOURS_A_DAY + _FIRST_DAY) % _DAYS_A_WEEK


def to_json(seasons: Seasons) -> dict[str, dict[str, Any]]:
    """Return seasons as JSON values."""
    return {
        timeframe: {
            "hour": season.hour,
            "hours": [list(cell) for cell in season.hours],
            "days": [list(cell) for cell in season.days],
        }
        for timeframe, season in seasons.items()
    }


def from_json(kept: Mapping[str, Mapping[str, Any]]) -> dict[str, Season]:
    """Return the seasons that ``to_json`` wrote."""
    return {
        timeframe: Season(
            season["hour"],
            tuple(Cell(*cell) for cell in season["hours"]),
            tuple(Cell(*cell) for cell in season["days"]),
        )
        for timeframe, season in kept.items()
    }


def _counted(known: Season, rows: Rows, timeframe: str, hour: int, policy: IntelligencePolicy) -> Season:
    """Return a timeframe's seasons with the returns of all hours from the first uncounted one up to ``hour``."""
    hours, days = list(known.hours), list(known.days)
    for passed, returns in _by_hour(rows, known.hour, hour, _SECONDS[timeframe]).items():
        of_day, of_week = places(passed)
        cell = _cell(returns)
        hours[of_day] = merged(hours[of_day], cell, memory=policy.season_memory)
        days[of_week] = merged(days[of_week], cell, memory=policy.season_memory)
    return Season(hour, tuple(hours), tuple(days))


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
    return Cell(count, mean, sum([(each - mean) ** 2 for each in returns]))


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
    return Cell(total, round(mean, _DECIMALS) + 0.0, round(squares, _DECIMALS) + 0.0)
