"""Voices: what others may add to a signal, and what a signal is while they are silent.

Deep signal intelligence, module intelligence, lessons and the alpha curators each have their place in the formulas
here. A voice that does not speak has the value that changes nothing, and the signal says which were absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import Any

from tradingops.modules.alpha.policy import AlphaPolicy

_DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """What speaks for one signal; None and the empty tuple mean that nobody spoke.

    ``evidence`` is the DSI evidence in [0, 1]; ``module_boost``, ``regime_adjustment`` and ``lesson_boost`` are
    factors, about 1; ``nudges`` are the curators' contributions, each within its own cap.
    """

    evidence: float | None = None
    module_boost: float | None = None
    regime_adjustment: float | None = None
    lesson_boost: float | None = None
    nudges: tuple[float, ...] = ()

    @property
    def absent(self) -> tuple[str, ...]:
        """The names of the voices that did not speak."""
        spoke = {
            "dsi": self.evidence is not None,
            "module_intelligence": self.module_boost is not None,
            "regime": self.regime_adjustment is not None,
            "lessons": self.lesson_boost is not None,
            "curators": bool(self.nudges),
        }
        return tuple(name for name, has_spoken in spoke.items() if not has_spoken)

    def to_json(self) -> dict[str, Any]:
        """Return what was put in, and who was silent, as JSON."""
        return {
            "mx_evidence": self.evidence,
            "module_boost": self.module_boost,
            "regime_adjustment": self.regime_adjustment,
            "confidence_boost": self.lesson_boost,
            "curator_nudges": list(self.nudges),
            "absent": list(self.absent),
        }


SILENT = Voices()


def curated_strength(strength: float, voices: Voices) -> float:
    """Return ``strength * exp(sum of the curators' nudges)``, at most 1; the strength itself while they are silent."""
    return round(min(1.0, strength * exp(sum(voices.nudges))), _DECIMALS)


def plan_confidence(strength: float, voices: Voices, policy: AlphaPolicy) -> float:
    """Return ``min(1, strength * (1 + 0.3 evidence) * module boost * regime adjustment * lesson boost)``."""
    boost = 1.0 + policy.evidence_weight * (voices.evidence or 0.0)
    for factor in (voices.module_boost, voices.regime_adjustment, voices.lesson_boost):
        boost *= 1.0 if factor is None else factor
    return round(min(1.0, strength * boost), _DECIMALS)
