"""Random markets for the tests of this folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
from hypothesis import strategies

from strands.market.bar import Bar, Timeframe

START = datetime(2026, 1, 5, tzinfo=UTC)


def walk(
    *, rows: int, seed: int = 1, timeframe: Timeframe = Timeframe.M1, symbol: str = "BTC", size: float = 0.002
) -> list[Bar]:
    """Return a random walk of bars; some bars have no volume and some do not move."""
    dice = np.random.default_rng(seed)
    moves = dice.normal(0, size, rows) * (dice.random(rows) > 0.1)
    close = 100.0 * np.cumprod(1 + moves)
    open_ = np.concatenate([[100.0], close[:-1]])
    reach = np.abs(dice.normal(0, size, (2, rows)))
    high, low = np.maximum(open_, close) * (1 + reach[0]), np.minimum(open_, close) * (1 - reach[1])
    volume = dice.exponential(50, rows) * (dice.random(rows) > 0.05)
    columns = [[f"{value:.4f}" for value in column.tolist()] for column in (open_, high, low, close, volume)]
    return [
        Bar(symbol, timeframe, START + row * timeframe.span, *cells)
        for row, cells in enumerate(zip(*columns, strict=True))
    ]


def without(bars: list[Bar], gone: set[int]) -> list[Bar]:
    """Return the bars without those at some places: a recording with gaps."""
    return [bar for place, bar in enumerate(bars) if place not in gone]


def cuts(rows: int) -> strategies.SearchStrategy[list[int]]:
    """Return where a run of so many bars is cut into batches."""
    return strategies.lists(strategies.integers(1, rows - 1), max_size=12, unique=True).map(sorted)


def pieces(bars: list[Bar], places: list[int]) -> list[list[Bar]]:
    """Return the bars cut at these places."""
    edges = [0, *places, len(bars)]
    return [bars[start:end] for start, end in pairwise(edges)]


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)
