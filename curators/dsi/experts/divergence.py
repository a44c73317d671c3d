"""Divergence: whether price goes one way and its strength index, its MACD or its volume the other.

For each of the three, opposition is max(0, -correlation) over the last rows, and counts when it exceeds
``strong_above``. The evidence is the mean of those that count (0 when none does), the confidence the share that counts.
RSI after Wilder (1978) with plain means, MACD after Appel (1979).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from curators.dsi import expert
from curators.dsi.expert import Array
from curators.dsi.policy import DivergencePolicy
from curators.dsi.tape import Tape


def judge(tape: Tape, *, policy: DivergencePolicy) -> expert.ExpertSaid | None:
    """Return how strongly price's companions oppose it; None when none of them can be compared."""
    price = tape.price[-policy.rows :]
    companions = {
        "price_rsi": _rsi(tape.price, policy),
        "price_macd": _macd(tape.price, policy),
        "price_volume": tape.volume[-policy.rows :],
    }
    found = {
        name: expert.correlation(price, values) for name, values in companions.items() if len(values) == len(price)
    }
    known = {name: value for name, value in found.items() if value is not None}
    if not known:
        return None
    strengths = {name: _strength(value, policy) for name, value in known.items()}
    counted = [value for value in strengths.values() if value > 0.0]
    return expert.ExpertSaid(
        evidence=expert.share(sum(counted) / len(counted) if counted else 0.0),
        confidence=expert.share(len(counted) / len(companions)),
        details={
            "divergences": {name: expert.rounded(value) for name, value in strengths.items()},
            "absent": sorted(companions.keys() - known.keys()),
        },
    )


def _strength(value: float, policy: DivergencePolicy) -> float:
    return -value if -value > policy.strong_above else 0.0


def _rsi(price: Array, policy: DivergencePolicy) -> Array:
    """Return the index of the last rows, 0 to 100; NaN for a row before which nothing moved, empty for too few rows."""
    steps = np.diff(price[-(policy.rows + policy.rsi_rows) :])
    if len(steps) < policy.rsi_rows:
        return steps[:0]
    windows = np.lib.stride_tricks.sliding_window_view(steps, policy.rsi_rows)
    gains, path = np.maximum(windows, 0.0).sum(axis=1), np.abs(windows).sum(axis=1)
    index: Array = 100.0 * gains / np.where(path > 0.0, path, np.nan)
    return index


def _macd(price: Array, policy: DivergencePolicy) -> Array:
    """Return the histogram of the last rows [quote]: fast less slow average, less its signal line."""
    spans = (policy.macd_fast, policy.macd_slow, policy.macd_signal)
    histogram: Array = _macd_weights(len(price), spans)[-policy.rows :] @ (price - price[0])
    return histogram


@lru_cache(maxsize=64)
def _macd_weights(rows: int, spans: tuple[int, int, int]) -> Array:
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
