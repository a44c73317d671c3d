"""The sums that make one judgement of what the experts said of a tape, spelled out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from strands import json_values
from tradingops.console.showing import experts

#: How near a sum made again must come to the one that was said: rounding to six digits, four times.
TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The fusion as arithmetic: what was said, and the same made again from the experts."""

    experts: tuple[experts.Expert, ...]
    evidence: float | None
    confidence: float | None
    confirmed: bool
    boost: float | None
    interval: tuple[float, float] | None

    @property
    def heard(self) -> float:
        return math.fsum(each.heard for each in self.experts)

    @property
    def parts(self) -> float:
        return math.fsum(each.part for each in self.experts)

    @property
    def weights(self) -> float:
        return math.fsum(each.weight for each in self.experts)

    @property
    def made_again(self) -> float | None:
        """The evidence made again: the confidence-weighted mean of the experts."""
        return self.parts / self.heard if self.heard else None

    @property
    def confidence_made_again(self) -> float | None:
        return min(1.0, self.heard / self.weights) if self.weights else None

    @property
    def agrees(self) -> bool | None:
        """Whether the evidence made again is what was said; None where it cannot be made."""
        if self.made_again is None or self.evidence is None:
            return None
        return abs(self.made_again - self.evidence) <= TOLERANCE


def sums(told: Mapping[str, Any]) -> Sums:
    """Return the judgement in a signal's evidence, or in its row, under the specification's names."""
    return Sums(
        experts=tuple(experts.experts(told)),
        evidence=json_values.number(told.get("mx_evidence")),
        confidence=json_values.number(told.get("mx_confidence")),
        confirmed=told.get("mx_confirm") is True,
        boost=json_values.number(told.get("mx_evidence_boost")),
        interval=_interval(told.get("mx_confidence_interval")),
    )


def _interval(told: Any) -> tuple[float, float] | None:
    """Return the bounds of a confidence interval, whichever way it is told."""
    if isinstance(told, dict):
        low, high = (
            json_values.first_number(told, "lower", "low", "from"),
            json_values.first_number(told, "upper", "high", "to"),
        )
    else:
        low, high = (json_values.number(json_values.dig(told, place)) for place in (0, 1))
    return None if low is None or high is None else (low, high)
