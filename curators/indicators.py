"""Indicators over a tape: the strength index and MACD of prices, as series.

The market's own features are of the newest bar and come with it; these are for those who look at how one moved.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]


def rsi(prices: Series, bars: int) -> Series:
    """Return the index of each price that has so many changes before it, 0 to 100; NaN where nothing moved.

    RSI after Wilder (1978) with plain means; empty for too few prices.
    """
    steps = np.diff(prices)
    if len(steps) < bars:
        return steps[:0]
    windows = np.lib.stride_tricks.sliding_window_view(steps, bars)
    gains, path = np.maximum(windows, 0.0).sum(axis=1), np.abs(windows).sum(axis=1)
    index: Series = 100.0 * gains / np.where(path > 0.0, path, np.nan)
    return index


def macd_histogram(prices: Series, *, spans: tuple[int, int, int], last: int) -> Series:
    """Return the histogram at the last prices [price]: fast less slow average, less its signal line.

    ``spans`` are those of the fast and the slow average and of the signal [count]; MACD after Appel (1979).
    """
    histogram: Series = _weights(len(prices), spans)[-last:] @ (prices - prices[0])
    return histogram


@lru_cache(maxsize=64)
def _weights(rows: int, spans: tuple[int, int, int]) -> Series:
    """Return by how much each row's histogram hears each price: averages are linear, so one matrix says them all."""
    fast_share, slow_share, signal_share = (2.0 / (span + 1.0) for span in spans)
    fast = slow = signal = np.zeros(rows)
    out = []
    for price in np.eye(rows):
        fast = fast + fast_share * (price - fast)
        slow = slow + slow_share * (price - slow)
        signal = signal + signal_share * (fast - slow - signal)
        out.append(fast - slow - signal)
    return np.array(out)
