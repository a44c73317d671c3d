"""A Series: the believable end of a tape as columns of numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradingops.modules.alpha.intelligence.policy import IntelligencePolicy

Array = NDArray[np.float64]
Rows = Sequence[Sequence[float | None]]

#: The fields of a row before the peers' return: closed at, open, high, low, close, volume.
FIELDS = 6
_PRICES = slice(1, 5)


class Unreadable(ValueError):
    """A tape that nothing can be read from; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Rows as columns, oldest first; ``returns[i]`` is the logarithmic one from row ``i`` to row ``i + 1``.

    ``ranges`` are logarithms of high over low; ``peers[i]`` is the mean one-bar return of the other symbols as it was
    known a moment before row ``i``, NaN where none was; None where the tape has no such column. ``deviation`` is of the
    returns, ``seconds`` the commonest step between rows.
    """

    closed_at: Array
    close: Array
    returns: Array
    ranges: Array
    volume: Array
    peers: Array | None
    deviation: float
    seconds: float


def of_rows(rows: Rows, policy: IntelligencePolicy) -> Series:
    """Return the rows after the last that cannot be believed; raises Unreadable where too few are left.

    A row is believed with finite numbers, prices above zero, a volume of at least zero, high and low in their order,
    and a moment after that of the row before it.
    """
    table = _table(rows)
    table = table[_first_believed(table) :]
    if len(table) < policy.min_rows:
        raise Unreadable(f"{len(table)} believable rows on the tape of the {policy.min_rows} needed")
    steps = np.diff(table[:, 0])
    seconds = float(np.sort(steps)[len(steps) // 2])
    gaps = float(np.count_nonzero(steps != seconds)) / len(steps)
    if gaps > policy.max_gap_share:
        raise Unreadable(f"{gaps:.0%} of the steps on the tape are gaps, more than {policy.max_gap_share:.0%}")
    prices = np.log(table[:, _PRICES])
    returns = np.diff(prices[:, 3])
    deviation = float(returns.std())
    if not deviation > 0.0:
        raise Unreadable("the price on the tape never moved")
    return Series(
        closed_at=table[:, 0],
        close=prices[:, 3],
        returns=returns,
        ranges=prices[:, 1] - prices[:, 2],
        volume=np.log1p(table[:, 5]),
        peers=_peers(table),
        deviation=deviation,
        seconds=seconds,
    )


def _table(rows: Rows) -> Array:
    """Return the rows as one table, their peers last; a cell that is no number, or missing, is NaN."""
    width = FIELDS + 1
    try:
        table = np.array(rows, dtype=float)
    except (TypeError, ValueError):
        table = np.array([[_number(each) for each in row[:width]] + [math.nan] * (width - len(row)) for row in rows])
    return table if len(table) else np.empty((0, FIELDS))


def _number(cell: object) -> float:
    return float(cell) if isinstance(cell, int | float) else math.nan


def _first_believed(table: Array) -> int:
    """Return the place after the last row that cannot be believed."""
    if not len(table):
        return 0
    own, prices = table[:, :FIELDS], table[:, _PRICES]
    with np.errstate(all="ignore"):
        if _all_believed(own, prices):
            return 0
        doubted = ~np.isfinite(own).all(axis=1)
        doubted |= (prices <= 0.0).any(axis=1) | (own[:, 5] < 0.0) | (own[:, 2] < own[:, 3])
        # After a step back in time the tape begins anew: the row before it is no neighbour of the row after it.
        doubted[:-1] |= np.diff(own[:, 0]) <= 0.0
    places = np.flatnonzero(doubted)
    return int(places[-1]) + 1 if len(places) else 0


def _all_believed(own: Array, prices: Array) -> bool:
    """Say whether no row is doubtful, as is usual; a sum is finite only where everything in it is."""
    return bool(
        np.isfinite(own.sum())
        and prices.min() > 0.0
        and own[:, 5].min() >= 0.0
        and (own[:, 2] >= own[:, 3]).all()
        and len(own) > 1
        and (own[1:, 0] > own[:-1, 0]).all()
    )


def _peers(table: Array) -> Array | None:
    if table.shape[1] <= FIELDS or np.isnan(table[:, FIELDS]).all():
        return None
    returns: Array = table[:, FIELDS]
    return returns
