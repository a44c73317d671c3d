"""Kalman: the newest return against a filter of trend, volatility and mean reversion.

``A = diag(1, 1, 0.95)`` and ``C = [1, 1, 0]`` as given have two oddities, kept as they are. Trend and volatility move
alike and are read alike, so only their sum is known: a local level. The reverting state is never read, so it stays at
its start of zero whatever it reverts by.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tradingops.modules.alpha.intelligence.policy import IntelligencePolicy
from tradingops.modules.alpha.intelligence.residuals import residual
from tradingops.modules.alpha.intelligence.residuals.residual import Residual
from tradingops.modules.alpha.intelligence.residuals.series import Array, Series

_SEEN = np.array([1.0, 1.0, 0.0])
#: What is not known of the states before the first reading, in variances of a normalised return.
_UNKNOWN = 1.0


def read(series: Series, policy: IntelligencePolicy) -> Residual:
    """Return the residual of the newest return, which the filter predicted from those before it.

    Its deviation is the filter's own, scaled by how far its earlier predictions were off: returns are not as calm as
    ``q`` and ``r`` say, and a filter that is surprised by every bar surprises nobody.
    """
    levels, spreads = _filtered(series.returns / series.deviation, policy)
    off = (series.returns / series.deviation - levels) / spreads
    squares = np.cumsum(off * off)
    calibration = np.ones(len(off))
    calibration[1:] = np.sqrt(squares[:-1] / np.arange(1, len(off)))
    stds = spreads * calibration
    with np.errstate(all="ignore"):
        history = off / calibration
    return residual.of(
        float(series.returns[-1]),
        float(levels[-1] * series.deviation),
        float(stds[-1] * series.deviation),
        clamp=policy.clamp,
        history=residual.bounded(history, policy.clamp),
    )


def _filtered(readings: Array, policy: IntelligencePolicy) -> tuple[Array, Array]:
    """Return what the filter expected of each reading, and the deviation of that."""
    gains, spreads = _course(len(readings), policy.kalman_q, policy.kalman_r, policy.kalman_reversion)
    levels, level = [], 0.0
    for reading, gain in zip(readings.tolist(), gains, strict=True):
        levels.append(level)
        level += gain * (reading - level)
    return np.array(levels), spreads


@lru_cache(maxsize=512)
def _course(readings: int, q: float, r: float, reversion: float) -> tuple[tuple[float, ...], Array]:
    """Return the gain of what is read, and the deviation of a prediction, at each reading.

    Neither depends on what is read (Kalman 1960), so both are known for every tape of a length.
    """
    step = np.diag([1.0, 1.0, reversion])
    known = np.eye(3) * _UNKNOWN
    gains, spreads = [], []
    for _ in range(readings):
        known = step @ known @ step.T + np.eye(3) * q
        variance = float(_SEEN @ known @ _SEEN) + r
        gain = known @ _SEEN / variance
        known = known - np.outer(gain, _SEEN @ known)
        # The level is the sum of what is read, and what is read does not decay.
        gains.append(float(_SEEN @ gain))
        spreads.append(variance**0.5)
    return tuple(gains), np.array(spreads)
