"""Where lessons enter a judgement: what was applied to it, how far it moved the confidence, what would be without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from strands.lessons.policy import LessonPolicy

#: The risk that a lesson may take less of by size.
POSITION_SIZE = "position_size"

_DEFAULTS = LessonPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A lesson that applies to a situation; ``relevance`` is how much of the situation is the lesson's own [share]."""

    lesson_id: str
    relevance: float
    confidence: float
    recommendations: Sequence[Mapping[str, Any]]
    boost_factor: float = 1.0

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("lesson_id", "relevance", "confidence", "boost_factor")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The lessons applied to one judgement and the boost of its confidence; 1.0 changes nothing.

    ``weights`` are factors by curator, ``thresholds`` the least a score must reach, ``risk`` factors of at most 1.
    """

    boost: float = 1.0
    lessons: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    risk: Mapping[str, float] = field(default_factory=dict)
    matches: tuple[Match, ...] = ()
    policy: LessonPolicy = _DEFAULTS

    @property
    def size_factor(self) -> float:
        """What a position is multiplied with, at most 1."""
        return min(1.0, self.risk.get(POSITION_SIZE, 1.0))

    def confidence(self, stated: float) -> float:
        """Return a stated confidence after the lessons, at most 1."""
        return min(1.0, stated * self.boost)

    def weighed(self, weights: Mapping[str, float]) -> dict[str, float]:
        """Return curators' weights after the lessons; one that no lesson speaks of stays as it is."""
        least, most = self.policy.min_weight, self.policy.max_weight
        return {
            name: min(most, max(least, weight * self.weights[name])) if name in self.weights else weight
            for name, weight in weights.items()
        }

    def without(self) -> dict[str, Applied]:
        """Return, for each lesson applied, what the others alone would come to."""
        return {
            each.lesson_id: merged([other for other in self.matches if other is not each], policy=self.policy)
            for each in self.matches
        }

    def to_json(self) -> dict[str, Any]:
        """Return the specification's ``lesson_metadata``."""
        metadata = {
            "lesson_enhanced": bool(self.lessons),
            "lessons_applied": list(self.lessons),
            "confidence_boost": self.boost,
        }
        if not self.matches:
            return metadata
        named = {"weights": self.weights, "thresholds": self.thresholds, "risk": self.risk}
        return (
            metadata
            | {name: dict(each) for name, each in named.items()}
            | {"matches": [m.to_json() for m in self.matches]}
        )


def merged(matches: Sequence[Match], *, policy: LessonPolicy) -> Applied:
    """Return what lessons come to together; given the strongest first, which wins where two speak of one target."""
    if not matches:
        return NOTHING_LEARNED
    moved = sum(each.confidence * each.relevance * (each.boost_factor - 1.0) for each in matches)
    return Applied(
        boost=round(min(policy.max_boost, max(policy.min_boost, 1.0 + moved)), 6),
        lessons=tuple(each.lesson_id for each in matches),
        weights=_strongest(matches, "curator_weight_adjustment", "curator_type", "adjustment"),
        thresholds=_strongest(matches, "threshold_adjustment", "threshold_type", "threshold_value"),
        risk={
            name: min(1.0, value)
            for name, value in _strongest(matches, "risk_adjustment", "risk_type", "risk_value").items()
        },
        matches=tuple(matches),
        policy=policy,
    )


def _strongest(matches: Sequence[Match], kind: str, target: str, number: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for match in matches:
        for each in match.recommendations:
            if each["type"] == kind:
                found.setdefault(each[target], each[number])
    return found


#: What applies where nothing was learned.
NOTHING_LEARNED = Applied()
