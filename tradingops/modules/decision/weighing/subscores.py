"""The five risk sub-scores of a plan, 1 good and 0 bad, and their weighted mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tradingops.modules.decision.policy import Bands, DecisionPolicy
from tradingops.modules.decision.shares import clamped, rounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What the sub-scores read; None for what is not known.

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

    def to_json(self) -> dict[str, Any]:
        """Return the scores by name and the names of those that had nothing to read."""
        names = ("size", "var", "correlation", "liquidity", "volatility", "overall")
        return {**{name: getattr(self, name) for name in names}, "absent": list(self.absent)}


def score(measures: Measures, *, policy: DecisionPolicy) -> SubScores:
    """Return the sub-scores under the policy's bands and weights; what is not known scores ``unknown_score``."""
    volatility = measures.volatility
    if volatility is not None:
        volatility *= policy.regime_risk.get(measures.regime or "", 1.0)
    read = {
        "var": (measures.added_var, policy.var_bands),
        "correlation": (measures.correlation, policy.correlation_bands),
        "liquidity": (measures.volume_share, policy.volume_bands),
        "volatility": (volatility, policy.volatility_bands),
    }
    scores = {"size": _size(measures, policy)}
    scores |= {name: _banded(reading, bands, policy.unknown_score) for name, (reading, bands) in read.items()}
    overall = math.fsum(getattr(policy, f"weight_{name}") * each for name, each in scores.items())
    absent = tuple(name for name, (reading, _) in read.items() if reading is None)
    return SubScores(**scores, overall=clamped(overall), absent=absent)


def _size(measures: Measures, policy: DecisionPolicy) -> float:
    scored = _banded(measures.size_ratio, policy.size_bands, policy.unknown_score)
    return min(scored, policy.concentrated_score) if measures.weight > policy.max_concentration else scored


def _banded(reading: float | None, bands: Bands, unknown: float) -> float:
    """Return the score of the first band that a reading lies above; 1 below them all."""
    if reading is None:
        return unknown
    return next((scored for above, scored in bands if rounded(reading) > above), 1.0)
