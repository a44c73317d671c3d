"""A regression on one predictor, with a ridge; and correlation."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from tradingops.modules.alpha.intelligence.residuals.residual import Absent
from tradingops.modules.alpha.intelligence.residuals.series import Array


@dataclass(frozen=True, slots=True)
class Line:
    """``y = level + slope x``, and the deviation of what it leaves over."""

    level: float
    slope: float
    std: float

    def at(self, x: Array) -> Array:
        """Return the line's values."""
        return self.level + self.slope * x


def fitted(x: Array, y: Array, *, ridge: float) -> Line:
    """Return the ridge line (Hoerl and Kennard 1970), the predictor standardised and its level not shrunk.

    Raises Absent where the predictor never moves.
    """
    apart, moved = centred(x), centred(y)
    squares = float(apart @ apart)
    if not squares > 0.0:
        raise Absent("its predictor never moves")
    # The ridge is added to n standardised squares, each 1 on average: lambda is a share of one observation.
    slope = float(apart @ moved) / (squares * (1.0 + ridge / len(x)))
    left = moved - slope * apart
    return Line(float(y.mean()) - slope * float(x.mean()), slope, sqrt(float(left @ left) / len(x)))


def correlation(x: Array, y: Array) -> float:
    """Return Pearson's correlation; 0 where one of the two never moves."""
    apart, moved = centred(x), centred(y)
    spread = sqrt(float(apart @ apart) * float(moved @ moved))
    return min(max(float(apart @ moved) / spread, -1.0), 1.0) if spread > 0.0 else 0.0


def centred(values: Array) -> Array:
    """Return values less their mean; the bare sum takes half the time of numpy's mean, and this is asked often."""
    return values - float(np.add.reduce(values)) / len(values)
