"""The divergence curator: price against RSI and MACD over the last bars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from curators.curator import Inputs
from curators.roster.alpha import momentum
from curators.roster.alpha.pattern import SIGNS
from curators.roster.policy import DivergenceCuratorPolicy
from curators.roster.quality import Missing, Quality, QualityCurator


@dataclass(frozen=True)
class DivergenceCurator(QualityCurator):
    """Quality is a half, moved by half the mean divergence in the plan's direction; none is no opinion.

    An indicator diverges by how far it is correlated the other way than price over the last bars, from a least on, and
    leads the way that it moved itself. The documents name the indicators and give no formula.
    """

    policy: DivergenceCuratorPolicy
    name = "divergence"

    def quality(self, inputs: Inputs) -> Quality | None:
        policy, direction = self.policy, inputs.get("direction")
        if direction not in SIGNS:
            raise Missing(f"direction: {direction!r} is neither long nor short")
        closes = np.array([row[4] for row in inputs["tape"]], dtype=float)
        if len(closes) < policy.lookback + max(policy.slow, policy.rsi):
            return None
        if not np.isfinite(closes).all():
            raise Missing("tape: a close is no finite number; the curator cannot judge by it")
        lines = {
            "rsi": momentum.rsi(closes, policy.rsi),
            "macd": momentum.macd_histogram(closes, fast=policy.fast, slow=policy.slow, signal=policy.signal),
        }
        found = {name: self._divergence(closes, line) for name, line in lines.items()}
        if not any(found.values()):
            return None
        lean = SIGNS[direction] * sum(found.values()) / len(found)
        told = ", ".join(f"{name} {value:+.2f}" for name, value in found.items())
        return Quality(
            value=0.5 + lean / 2,
            because=f"price diverges from {told}",
            parts={name: round(value, 6) for name, value in found.items()},
        )

    def _divergence(self, closes: momentum.Series, line: momentum.Series) -> float:
        """Return how far an indicator opposes price, signed by the way it moved itself; 0 below the least."""
        price, other = closes[-self.policy.lookback :], line[-self.policy.lookback :]
        if np.ptp(price) == 0 or np.ptp(other) == 0:
            return 0.0
        opposed = -float(np.corrcoef(price, other)[0, 1])
        return opposed * float(np.sign(other[-1] - other[0])) if opposed > self.policy.least else 0.0
