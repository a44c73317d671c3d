"""Asymmetries: how far open interest, funding, basis and depth lie from normal, where somebody feeds them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.shares import rounded

#: The key of ``market_context`` that carries Z-scores by name.
KEY = "asymmetries"
KNOWN = ("open_interest", "funding", "basis", "depth")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asymmetries:
    """The Z-scores that were fed, their mean size, and what they scale the budget by; ``score`` is None without any."""

    z_scores: Mapping[str, float]
    score: float | None
    detected: bool
    scaling: float

    def to_json(self) -> dict[str, Any]:
        """Return the Z-scores beside the names of those that nobody fed."""
        absent = [name for name in KNOWN if name not in self.z_scores]
        return {
            **self.z_scores,
            "score": self.score,
            "detected": self.detected,
            "scaling": self.scaling,
            "absent": absent,
        }


def read(market_context: Mapping[str, Any], *, policy: DecisionPolicy) -> Asymmetries:
    """Return a plan's asymmetries; from the threshold on, ``scaling = 1 + min(slope * mean |Z|, max - 1)``."""
    fed = market_context.get(KEY)
    z_scores = {name: float(fed[name]) for name in KNOWN if _is_number(fed.get(name))} if isinstance(fed, dict) else {}
    if not z_scores:
        return Asymmetries(z_scores={}, score=None, detected=False, scaling=1.0)
    score = rounded(math.fsum(map(abs, z_scores.values())) / len(z_scores))
    detected = score > policy.asymmetry_threshold
    extra = min(policy.asymmetry_slope * score, policy.max_scaling - 1.0) if detected else 0.0
    return Asymmetries(z_scores=z_scores, score=score, detected=detected, scaling=rounded(1.0 + extra))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
