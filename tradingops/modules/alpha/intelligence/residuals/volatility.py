"""Volatility: the size of the newest return against what an exponentially weighted variance expected.

It is a residual of size and takes no side. A normal return of deviation s has a mean size of ``s sqrt(2/pi)``, which
deviates by ``s sqrt(1 - 2/pi)``.
"""

from __future__ import annotations

from functools import lru_cache
from math import pi, sqrt

import numpy as np

from tradingops.modules.alpha.intelligence.policy import IntelligencePolicy
from tradingops.modules.alpha.intelligence.residuals import residual
from tradingops.modules.alpha.intelligence.residuals.residual import Residual
from tradingops.modules.alpha.intelligence.residuals.series import Array, Series

_MEAN_SIZE, _SPREAD_OF_SIZE = sqrt(2.0 / pi), sqrt(1.0 - 2.0 / pi)


def read(series: Series, policy: IntelligencePolicy) -> Residual:
    """Return the residual of the newest return's size, expected from the returns before it."""
    earlier = series.returns[:-1]
    expected = sqrt(float(_weights(len(earlier), policy.ewma_decay) @ (earlier * earlier)))
    return residual.of(
        abs(float(series.returns[-1])),
        _MEAN_SIZE * expected,
        _SPREAD_OF_SIZE * expected,
        clamp=policy.clamp,
        history=None,
    )


@lru_cache(maxsize=64)
def _weights(returns: int, decay: float) -> Array:
    """Return weights that fall with age and add up to one, the newest last."""
    falling: Array = decay ** np.arange(returns - 1, -1, -1, dtype=float)
    weights: Array = falling / falling.sum()
    return weights
