"""The five risk sub-scores of a plan, 1 good and 0 bad, and their weighted mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tradingops.modules.decision.policy import Bands, DecisionPolicy
from tradingops.modules.decision.shares import clamped, rounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What the sub-scores read; None where nobody has told.

    ``size_ratio`` is the position against its limit, ``weight`` the symbol's share of value afterwards, ``added_var``
    the plan's share of the VaR limit, ``correlation`` the largest |correlation| with a symbol held, ``volume_share``
    the quantity against the last bar's volume, ``volatility`` the deviation of returns over the policy's horizon.
    """

    size_ratio: float
    weight: float
    added_var: float | None
    correlation: float | None
    volume_share: float | None
    volatility: float | None
    regime: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubScores:
    """One score a kind of risk, and what they come to together."""

    size: float
    var: float
    correlation: float
    liquidity: float
    volatility: float
    overall: float
    absent: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the scores by name and the names of those that had nothing to read."""
        names = ("size", "var", "correlation", "liquidity", "volatility", "overall")
        return {**{name: getattr(self, name) for name in names}, "absent": list(self.absent)}


def score(readings: Readings, *, policy: DecisionPolicy) -> SubScores:
    """Return the sub-scores under the policy's bands and weights; what nobody has told scores ``unknown_score``."""
    volatility = readings.volatility
    if volatility is not None:
        volatility *= policy.regime_risk.get(readings.regime or "", 1.0)
    read = {
        "var": (readings.added_var, policy.var_bands),
        "correlation": (readings.correlation, policy.correlation_bands),
        "liquidity": (readings.volume_share, policy.volume_bands),
        "volatility": (volatility, policy.volatility_bands),
    }
    scores = {"size": _size(readings, policy)}
    scores |= {name: _banded(reading, bands, policy.unknown_score) for name, (reading, bands) in read.items()}
    overall = math.fsum(getattr(policy, f"weight_{name}") * each for name, each in scores.items())
    absent = tuple(name for name, (reading, _) in read.items() if reading is None)
    return SubScores(**scores, overall=clamped(overall), absent=absent)


def _size(readings: Readings, policy: DecisionPolicy) -> float:
    scored = _banded(readings.size_ratio, policy.size_bands, policy.unknown_score)
    return min(scored, policy.concentrated_score) if readings.weight > policy.max_concentration else scored


def _banded(reading: float | None, bands: Bands, unknown: float) -> float:
    """Return the score of the first band that a reading lies above; 1 below them all."""
    if reading is None:
        return unknown
    return next((scored for above, scored in bands if rounded(reading) > above), 1.0)
