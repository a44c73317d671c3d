"""What traded during one bar, as numbers."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from strands.strand import Strand


class Traded(NamedTuple):
    """The prices and the volume between two moments; known from ``closed_at`` on."""

    opened_at: datetime
    closed_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


def of(bar: Strand) -> Traded:
    """Return what traded during a bar strand; raises KeyError for a strand without ``md_bar``."""
    ohlcv = bar.payload["md_bar"]
    prices = [Decimal(ohlcv[name]) for name in ("open", "high", "low", "close", "volume")]
    return Traded(datetime.fromisoformat(ohlcv["opened_at"]), bar.at, *prices)
