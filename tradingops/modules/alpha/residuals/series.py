"""A Series: the believable end of a tape as columns of numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradingops.modules.alpha.intelligence_policy import IntelligencePolicy

Array = NDArray[np.float64]
Rows = Sequence[Sequence[float | None]]

#: The fields of a row before the peers' return: closed at, open, high, low, close, volume.
FIELDS = 6
_PRICES = slice(1, 5)


class Unreadable(ValueError):
    """A tape that nothing can be told from; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Rows as columns, oldest first; ``returns[i]`` is the logarithmic one from row ``i`` to row ``i + 1``.

    ``ranges`` are logarithms of high over low; ``peers[i]`` is the mean one-bar return of the other symbols as it was
    known a moment before row ``i``, NaN where none was; None where the tape has no such column.
    """

    closed_at: Array
    close: Array
    returns: Array
    ranges: Array
    volume: Array
    peers: Array | None
    deviation: float


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
    gaps = float(np.mean(steps != np.median(steps)))
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
        peers=_peers(rows, len(table)),
        deviation=deviation,
    )


def _table(rows: Rows) -> Array:
    whole = [row[:FIELDS] for row in rows]
    try:
        table = np.array(whole, dtype=float)
    except (TypeError, ValueError):
        table = np.array([row if _is_told(row) else [math.nan] * FIELDS for row in whole], dtype=float)
    return table.reshape(len(whole), FIELDS)


def _is_told(row: Sequence[float | None]) -> bool:
    return len(row) == FIELDS and all(isinstance(each, int | float) for each in row)


def _first_believed(table: Array) -> int:
    """Return the place after the last row that cannot be believed."""
    if not len(table):
        return 0
    with np.errstate(all="ignore"):
        doubted = ~np.isfinite(table).all(axis=1)
        doubted |= (table[:, _PRICES] <= 0.0).any(axis=1) | (table[:, 5] < 0.0) | (table[:, 2] < table[:, 3])
        # A step back in time makes the row before it doubtful: what follows is a story of its own.
        doubted[:-1] |= np.diff(table[:, 0]) <= 0.0
    places = np.flatnonzero(doubted)
    return int(places[-1]) + 1 if len(places) else 0


def _peers(rows: Rows, count: int) -> Array | None:
    told = [row[FIELDS] if len(row) > FIELDS else None for row in rows[-count:]]
    if all(each is None for each in told):
        return None
    return np.array([each if isinstance(each, int | float) else math.nan for each in told], dtype=float)
