"""The panel: the opinions of curators, under their weights, make one Verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from curators.curator import Action, Curator, Inputs, Opinion

#: No curator may nudge by more than this, whatever it was given [logarithm of the score].
MAX_KAPPA = 0.15

#: Where weights that were learned must stay [share].
MIN_WEIGHT, MAX_WEIGHT = 0.05, 1.0

#: The score that logarithms are taken of where the score is nothing.
SMALLEST_SCORE = 1e-9


class Voice(StrEnum):
    """How a curator was heard: as one of the three actions, not at all by choice, or not at all by fault."""

    VETO = "veto"
    NUDGE = "nudge"
    APPROVE = "approve"
    ABSTAINED = "abstained"
    FAILED = "failed"


class CuratorFailed(ValueError):
    """A curator gave no opinion that can be counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """One curator before the panel: how it was heard, what it counted for, and why."""

    curator: str
    voice: Voice
    stops: bool = False
    contribution: float = 0.0
    weight: float = 1.0
    confidence: float | None = None
    reason: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the record under the specification's names."""
        return {
            "curator_type": self.curator,
            "action": self.voice.value,
            "stops": self.stops,
            "contribution": self.contribution,
            "confidence": self.confidence,
            "reason": self.reason,
            "evidence": {**self.evidence, "weight_adjustment": self.weight},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The panel's answer: the score before and after, whether it may pass, and every curator's record."""

    sigma: float
    curated: float
    approved: bool
    hearings: tuple[Hearing, ...] = ()

    @property
    def vetoes(self) -> tuple[Hearing, ...]:
        """The curators that stop the plan."""
        return tuple(each for each in self.hearings if each.stops)

    @property
    def failures(self) -> tuple[Hearing, ...]:
        """The curators that could not be counted."""
        return tuple(each for each in self.hearings if each.voice is Voice.FAILED)

    def to_json(self) -> list[dict[str, Any]]:
        """Return one record a curator, in the order they sat."""
        return [each.to_json() for each in self.hearings]


def convene(
    curators: Sequence[Curator],
    *,
    sigma: float,
    inputs: Inputs,
    weights: Mapping[str, float] | None = None,
    publish_at: float = 0.0,
) -> Verdict:
    """Return the verdict of curators on a plan whose score is ``sigma`` (0 to 1).

    Any veto leaves the score as it was and stops the plan. Otherwise ``log curated = log sigma + sum of nudges``, each
    nudge weighed by ``weights[name] / curator.weight`` and clipped to the curator's kappa; the plan passes when the
    curated score, at most 1, reaches ``publish_at``. Without nudges the score is untouched. A curator that raises or
    says what is no number is recorded as failed; it stops the plan only where it fails closed. Raises ValueError for a
    sigma outside 0 to 1.
    """
    if not 0.0 <= sigma <= 1.0:
        raise ValueError(f"sigma: {sigma!r} is no score; give a number from 0 to 1")
    hearings = tuple(_hear(each, inputs=inputs, weights=weights or {}) for each in curators)
    if any(each.stops for each in hearings):
        return Verdict(sigma=sigma, curated=sigma, approved=False, hearings=hearings)
    curated = _moved(sigma, [each.contribution for each in hearings if each.voice is Voice.NUDGE])
    return Verdict(sigma=sigma, curated=curated, approved=curated >= publish_at, hearings=hearings)


def _moved(sigma: float, nudges: Sequence[float]) -> float:
    if not any(nudges):
        return sigma
    return min(max(sigma, SMALLEST_SCORE) * math.exp(math.fsum(nudges)), 1.0)


def _hear(curator: Curator, *, inputs: Inputs, weights: Mapping[str, float]) -> Hearing:
    try:
        opinion = curator.judge(inputs)
        return _heard(curator, opinion, weight=weights.get(curator.name, curator.weight))
    except Exception as fault:  # noqa: BLE001  (whatever a curator raises is recorded as its failure, never lost)
        reason = f"{type(fault).__name__}: {fault}"
        return Hearing(curator=curator.name, voice=Voice.FAILED, stops=curator.fails_closed, reason=reason)


def _heard(curator: Curator, opinion: Opinion | None, *, weight: float) -> Hearing:
    if opinion is None:
        return Hearing(curator=curator.name, voice=Voice.ABSTAINED)
    factor = _factor(curator, weight)
    nudge = opinion.contribution if opinion.action is Action.NUDGE else 0.0
    return Hearing(
        curator=curator.name,
        voice=Voice(Action(opinion.action).value),
        stops=opinion.action is Action.VETO,
        contribution=_clipped(curator, factor * _finite(curator, "contribution", nudge)),
        weight=factor,
        confidence=_finite(curator, "confidence", opinion.confidence),
        reason=opinion.reason,
        evidence=opinion.evidence,
    )


def _factor(curator: Curator, weight: float) -> float:
    """Return how much more or less a curator counts than it was configured to."""
    clipped = min(max(_finite(curator, "weight", weight), MIN_WEIGHT), MAX_WEIGHT)
    return clipped / min(max(_finite(curator, "weight", curator.weight), MIN_WEIGHT), MAX_WEIGHT)


def _clipped(curator: Curator, nudge: float) -> float:
    kappa = min(abs(_finite(curator, "kappa", curator.kappa)), MAX_KAPPA)
    return min(max(nudge, -kappa), kappa)


def _finite(curator: Curator, name: str, number: float) -> float:
    if not isinstance(number, int | float) or not math.isfinite(number):
        raise CuratorFailed(f"{curator.name}: {name} is {number!r}; a curator says finite numbers")
    return float(number)
