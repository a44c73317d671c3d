"""What a module's learning remembers: judgements that wait, the records of its curators, its clusters and lessons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from curators import weights
from curators.curator import Curator
from curators.learning_policy import LearningPolicy
from strands.lessons import application, braiding
from strands.lessons.lesson import Applied
from strands.lessons.policy import LessonPolicy
from tradingops.modules.learning.judgement import Judgement

Json = Mapping[str, Any]


class Learning(NamedTuple):
    """One value in a module's state; never changed in place."""

    #: What waits for its outcome, by plan, oldest first.
    judged: Mapping[str, Judgement]
    #: The record of each curator.
    curators: dict[str, Any]
    #: Clusters of outcomes, and the lessons drawn from them.
    lessons: Json

    def to_json(self) -> dict[str, Any]:
        """Return what is remembered as JSON values."""
        judged = {plan_id: each.to_json() for plan_id, each in self.judged.items()}
        return {"judged": judged, "curators": self.curators, "lessons": self.lessons}


def start() -> Learning:
    """Return what is remembered before anything was judged."""
    return Learning({}, {}, braiding.start())


def load(kept: Json) -> Learning:
    """Return what is remembered from a module's kept state.

    A state of version 0 holds it under three names of its own, and one from before anything was learned not at all.
    """
    fresh = start()
    known = kept.get("learning") or {
        "judged": kept.get("judged", {}),
        "curators": kept.get("curators", fresh.curators),
        "lessons": kept.get("learned", fresh.lessons),
    }
    judged = {plan_id: Judgement.from_json(each) for plan_id, each in known["judged"].items()}
    return Learning(judged, known["curators"], known["lessons"])


def seated(learning: Learning, seats: Sequence[Curator], policy: LearningPolicy) -> Learning:
    """Return the memory in which every curator that sits has a record; the same where all have."""
    records = weights.seated(learning.curators, {each.name: each.weight for each in seats}, policy=policy)
    return learning if records is learning.curators else learning._replace(curators=records)


def keep(learning: Learning, plan_id: str, judgement: Judgement, *, most: int) -> Learning:
    """Return the memory with one more judgement that waits; the oldest is let go beyond the most."""
    judged = {**learning.judged, plan_id: judgement}
    while len(judged) > most:
        del judged[next(iter(judged))]
    return learning._replace(judged=judged)


def amended(learning: Learning, plan_id: str, **more: Any) -> Learning:
    """Return the memory with more known of a judgement that waits; the same where none of the plan does."""
    judgement = learning.judged.get(plan_id)
    if judgement is None:
        return learning
    return learning._replace(judged={**learning.judged, plan_id: replace(judgement, **more)})


def forgotten(learning: Learning, plan_id: str) -> Learning:
    """Return the memory without a judgement of which nothing will be heard any more."""
    if plan_id not in learning.judged:
        return learning
    return learning._replace(judged={each: kept for each, kept in learning.judged.items() if each != plan_id})


def applied(learning: Learning, situation: Json, policy: LessonPolicy) -> Applied:
    """Return the lessons that apply to what a module is about to judge."""
    return application.applied(learning.lessons, situation=situation, policy=policy)
