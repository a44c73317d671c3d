"""Markets for stories: simulated, so that every machine has them, and lively enough for a desk to trade."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

from strands.market.bar import Bar, Timeframe
from strands.market.feeds.simulated import Simulated

#: A seed whose first hours hold signals, fills and closed positions.
LIVELY = 3
START = datetime(2026, 3, 2, tzinfo=UTC)


def simulated(*symbols: str, moments: int, seed: int = 7) -> list[Bar]:
    """Return the one-minute bars of so many moments, all symbols together."""
    feed = Simulated(symbols, start=START, seed=seed, timeframe=Timeframe.M1)
    batches = islice(feed, None)
    bars: list[Bar] = []
    while len(bars) < moments * len(symbols):
        bars += next(batches)
    return bars[: moments * len(symbols)]
