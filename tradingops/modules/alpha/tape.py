"""The tape: the last bars of a symbol as rows of numbers, for those who read more than a bar's features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from portfolio.execution.counterfactual import Span
from strands.market import peers
from strands.market.bar import Timeframe
from strands.strand import Strand

TAPE = "tape"

#: How many numbers of a row are the bar's own.
PRICES = 6

#: What stands where a bar says nothing of other symbols at all.
UNTOLD = object()

#: closed at [epoch seconds], open, high, low, close, volume, and what the other symbols did, where somebody told
Row = list[Any]

_SECONDS = {each.value: each.seconds for each in Timeframe}


def row_of(bar: Strand) -> Row | None:
    """Return a bar as a row; None where a number of it is not finite."""
    told: Mapping[str, Any] = bar.payload["md_bar"]
    row = [
        bar.at.timestamp(),
        float(told["open"]),
        float(told["high"]),
        float(told["low"]),
        float(told["close"]),
        float(told["volume"]),
    ]
    # A sum is finite only where everything in it is.
    if not isfinite(sum(row)):
        return None
    told_of_peers = (bar.payload["md_features"] or {}).get(peers.RET_1, UNTOLD)
    return row if told_of_peers is UNTOLD else [*row, told_of_peers]


def extended(tapes: Mapping[str, Sequence[Row]], timeframe: str, row: Row, *, length: int) -> dict[str, Any]:
    """Return the tapes of all timeframes with one more row on one, its oldest rows beyond the length dropped."""
    return {**tapes, timeframe: [*tapes.get(timeframe, ())[-length + 1 :], row]}


def span_of(row: Row, timeframe: str) -> Span:
    """Return a row as what traded between two moments."""
    closed_at, opened, high, low, close = row[:5]
    return Span(closed_at - _SECONDS[timeframe], closed_at, opened, high, low, close)
