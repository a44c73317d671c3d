"""The score of a plan: formula A moves the curated score, formula B is a weighted mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.shares import clamped, rounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the score is made of [0-1]; ``asymmetry`` is None where none is known, ``scaling`` then 1."""

    curated: float
    risk: float
    allocation: float
    impact: float
    asymmetry: float | None
    scaling: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The score and what each part added to it; the parts sum to the score unless it was clamped to 0 or 1."""

    value: float
    formula: str
    parts: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return the parts beside the formula's name."""
        return {"formula": self.formula, **self.parts}


def combine(inputs: Inputs, *, policy: DecisionPolicy) -> Score:
    """Return the score under the policy's formula, between 0 and 1."""
    parts = _moved(inputs, policy) if policy.formula == "A" else _mean(inputs, policy)
    value = clamped(math.fsum(parts.values()))
    return Score(value=value, formula=policy.formula, parts={name: rounded(part) for name, part in parts.items()})


def _moved(inputs: Inputs, policy: DecisionPolicy) -> dict[str, float]:
    """Formula A: the curated score, and each part's distance from neutral under its weight."""
    asymmetry = policy.a_asymmetry * (inputs.asymmetry or 0.0)
    return {
        "curated": inputs.curated,
        "risk": policy.a_risk * (inputs.risk - policy.neutral),
        "allocation": policy.a_allocation * (inputs.allocation - policy.neutral),
        "asymmetry": min(asymmetry, policy.a_asymmetry_cap),
        "impact": policy.a_impact * (inputs.impact - policy.neutral),
    }


def _mean(inputs: Inputs, policy: DecisionPolicy) -> dict[str, float]:
    """Formula B: the weighted mean of the parts that are known, times the asymmetry's scaling."""
    weighed = {
        "risk": (policy.b_risk, inputs.risk),
        "allocation": (policy.b_allocation, inputs.allocation),
        "impact": (policy.b_impact, inputs.impact),
    }
    if inputs.asymmetry is not None:
        weighed["asymmetry"] = (policy.b_asymmetry, min(inputs.asymmetry, 1.0))
    total = math.fsum(weight for weight, _ in weighed.values())
    return {name: inputs.scaling * weight * part / total for name, (weight, part) in weighed.items()}
