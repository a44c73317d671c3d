"""Momentum: RSI and the MACD histogram of closes, as series."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]


def rsi(closes: Series, bars: int) -> Series:
    """Return Cutler's RSI for every close that has so many changes before it [0-100]."""
    changes = np.diff(closes)
    kernel = np.ones(bars) / bars
    up = np.convolve(np.maximum(changes, 0.0), kernel, mode="valid")
    down = np.convolve(np.maximum(-changes, 0.0), kernel, mode="valid")
    moved = up + down
    return np.where(moved > 0, 100.0 * up / np.where(moved > 0, moved, 1.0), 50.0)


def macd_histogram(closes: Series, *, fast: int, slow: int, signal: int) -> Series:
    """Return MACD less its signal for every close [price]."""
    macd = ema(closes, fast) - ema(closes, slow)
    return macd - ema(macd, signal)


def ema(values: Series, bars: int) -> Series:
    """Return the exponential mean with a weight of ``2 / (bars + 1)``, begun at the first value."""
    weight, held = 2.0 / (bars + 1.0), float(values[0])
    smoothed = []
    for value in values.tolist():
        held += weight * (value - held)
        smoothed.append(held)
    return np.array(smoothed)
