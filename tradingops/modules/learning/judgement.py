"""A judgement: what a module judged, kept until it is known what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from curators import panel

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A lesson that had a say, and what would have been decided without it: let through or not, and how large."""

    lesson_id: str
    passes: bool
    size: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was judged and how, in what a curator's score and a lesson's measure need of it.

    ``stake`` is what the curators are scored on and ``size`` what was decided [share of value]; ``columns`` is what the
    subject is like, for lessons to be matched with; ``parts`` are the scores that a braid adds up. ``experts`` and
    ``followed`` are alpha's: what its experts said, and the plan as it can be followed.
    """

    subject_id: str
    lifecycle_id: str | None
    hearings: Sequence[Json]
    sigma: float
    curated: float
    publish_at: float
    stake: float
    size: float
    passes: bool
    uses: Sequence[Use]
    columns: Json
    parts: Json
    experts: Json = field(default_factory=dict)
    followed: Json = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the judgement as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__} | {"uses": [asdict(each) for each in self.uses]}

    @classmethod
    def from_json(cls, kept: Json) -> Judgement:
        """Return a judgement from what was kept of it."""
        return cls(**{**kept, "uses": tuple(Use(**each) for each in kept["uses"])})


def compact(verdict: panel.Verdict) -> list[dict[str, Any]]:
    """Return what scoring needs of each hearing; reasons and figures stay in the strand that was judged."""
    return [
        {
            "curator_type": each.curator,
            "action": each.voice.value,
            "stops": each.stops,
            "contribution": each.contribution,
            "confidence": each.confidence,
            "evidence": {"weight_adjustment": each.weight},
        }
        for each in verdict.hearings
    ]
