"""The tape: the last bars of a symbol as rows of numbers, for those who read more than a bar's features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from portfolio.execution.counterfactual import Span
from strands.market import peers
from strands.market.bar import Timeframe
from strands.strand import Strand

#: How many numbers of a row are the bar's own.
PRICES = 6

#: closed at [epoch seconds], open, high, low, close, volume; and the mean return of the other symbols (None where it is
#: not known), where the bar speaks of others at all
Row = tuple[Any, ...]
#: Rows, oldest first; a list, which is built at every bar and in half the time of a tuple.
Tape = Sequence[Row]
#: By timeframe.
Tapes = Mapping[str, Tape]

_UNMENTIONED = object()
_SECONDS = {each.value: each.seconds for each in Timeframe}


def row_of(bar: Strand) -> Row | None:
    """Return a bar as a row; None where a number of it is not finite."""
    market: Mapping[str, Any] = bar.payload["md_bar"]
    row = (
        bar.at.timestamp(),
        float(market["open"]),
        float(market["high"]),
        float(market["low"]),
        float(market["close"]),
        float(market["volume"]),
    )
    # A sum is finite only where everything in it is.
    if not isfinite(sum(row)):
        return None
    of_peers = (bar.payload["md_features"] or {}).get(peers.RET_1, _UNMENTIONED)
    return row if of_peers is _UNMENTIONED else (*row, of_peers)


def extended(tapes: Tapes, timeframe: str, row: Row, *, length: int) -> dict[str, Tape]:
    """Return the tapes with one more row on that of a timeframe, its oldest rows beyond the length dropped."""
    return {**tapes, timeframe: [*tapes.get(timeframe, ())[1 - length :], row]}


def span_of(row: Row, timeframe: str) -> Span:
    """Return a row as what traded between two moments."""
    closed_at, opened, high, low, close = row[:5]
    return Span(closed_at - _SECONDS[timeframe], closed_at, opened, high, low, close)


def to_json(tapes: Tapes) -> dict[str, list[list[Any]]]:
    """Return tapes as JSON values."""
    return {timeframe: [list(row) for row in rows] for timeframe, rows in tapes.items()}


def from_json(kept: Mapping[str, Sequence[Sequence[Any]]]) -> dict[str, Tape]:
    """Return the tapes that ``to_json`` wrote."""
    return {timeframe: [tuple(row) for row in rows] for timeframe, rows in kept.items()}
