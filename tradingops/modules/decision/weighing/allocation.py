"""The allocation score: whether the portfolio has room for a plan.

``headroom`` is the share of the exposure limit left after the plan, ``diversification`` the share of the concentration
limit that the symbol leaves, ``grant`` how much of the asked size the budget bears.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.shares import clamped
from tradingops.modules.decision.weighing.budget import Grant
from tradingops.modules.decision.weighing.impact import Impact


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """The three parts and their weighted mean [0-1]."""

    headroom: float
    diversification: float
    grant: float
    overall: float

    def to_json(self) -> dict[str, float]:
        """Return every part under its name."""
        return {name: getattr(self, name) for name in self.__slots__}


def score(impact: Impact, granted: Grant, *, policy: DecisionPolicy) -> Allocation:
    """Return how well the portfolio can bear a plan of this impact and grant."""
    parts = {
        "headroom": clamped(1.0 - impact.exposure.after / policy.max_exposure),
        "diversification": clamped(1.0 - impact.weight.after / policy.max_concentration),
        "grant": clamped(granted.granted),
    }
    overall = math.fsum(getattr(policy, f"weight_{name}") * part for name, part in parts.items())
    return Allocation(**parts, overall=clamped(overall))
