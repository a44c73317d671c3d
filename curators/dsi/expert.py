"""An expert: what reads a tape and says how much of a signal it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Digits after the point of every number in evidence.
DECIMALS = 6


class Expert(StrEnum):
    """The experts, in the order in which they speak."""

    GRAMMAR = "grammar"
    CLASSIFIER = "classifier"
    ANOMALY = "anomaly"
    DIVERGENCE = "divergence"


class Side(StrEnum):
    """Where a plan expects the price to go."""

    LONG = "long"
    SHORT = "short"

    @property
    def sign(self) -> float:
        return 1.0 if self is Side.LONG else -1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertSaid:
    """One expert's judgement: ``evidence`` and ``confidence`` in [0, 1], and plain JSON details of why."""

    evidence: float
    confidence: float
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the judgement as JSON."""
        return {"evidence_score": self.evidence, "confidence": self.confidence, **self.details}


def rounded(value: float) -> float:
    """Return a number as evidence shows it; a negative zero becomes zero."""
    return round(float(value), DECIMALS) + 0.0


def share(value: float) -> float:
    """Return a number held within [0, 1], as evidence shows it."""
    return rounded(min(1.0, max(0.0, value)))


def correlation(ours: Array, theirs: Array) -> float | None:
    """Return Pearson's correlation; None when a row is absent or either series does not move."""
    left, right = ours - ours.mean(), theirs - theirs.mean()
    power: float = float(left @ left) * float(right @ right)
    # What is left of a constant series is rounding of its mean, some 1e-16 of it.
    noise = 1e-24 * float(ours @ ours) * float(theirs @ theirs)
    if not power > noise:
        return None
    return max(-1.0, min(1.0, float(left @ right) / sqrt(power)))
