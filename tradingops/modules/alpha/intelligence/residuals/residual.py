"""A Residual: what a model expected, and how far from it the market went."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from tradingops.modules.alpha.intelligence.residuals.series import Array

_DECIMALS = 6
#: Predictions are returns, small numbers that need more digits than scores.
_DECIMALS_OF_RETURNS = 9


class Absent(ValueError):
    """A model cannot say anything here; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Residual:
    """``z = (actual - prediction) / std``, bounded; positive where the market went higher than expected.

    ``history`` is the same at every return of the tape, as its bar closed, and only its part after the warm rows is
    meant to be read. It is None for a residual of size, such as volatility's, which takes no side.
    """

    z: float
    prediction: float
    std: float
    history: Array | None

    def to_json(self, boost: float) -> dict[str, Any]:
        """Return the residual as JSON, ``z`` with its boosts and as it was before them."""
        return {
            "z": round(self.z * boost, _DECIMALS) + 0.0,
            "bounded": round(self.z, _DECIMALS) + 0.0,
            "boost": round(boost, _DECIMALS),
            "prediction": round(self.prediction, _DECIMALS_OF_RETURNS) + 0.0,
            "std": round(self.std, _DECIMALS_OF_RETURNS),
        }


def of(actual: float, prediction: float, std: float, *, clamp: float, history: Array | None) -> Residual:
    """Return the residual of one reading; raises Absent where the deviation is no number above zero."""
    if not (isfinite(std) and std > 0.0 and isfinite(actual - prediction)):
        raise Absent("its predictions have no spread")
    z = min(max((actual - prediction) / std, -clamp), clamp)
    return Residual(z=z, prediction=prediction, std=std, history=history)


def bounded(history: Array, clamp: float) -> Array:
    """Return residuals within the clamp, 0 where there is no number."""
    within: Array = np.minimum(np.maximum(np.where(np.isfinite(history), history, 0.0), -clamp), clamp)
    return within
