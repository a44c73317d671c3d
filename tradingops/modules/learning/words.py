"""What a module says of what it learned, as strands in the lifecycle of what was judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from curators.learning_policy import LearningPolicy
from strands import tags
from strands.lessons.policy import LessonPolicy
from strands.strand import Strand
from tradingops.modules.learning.judgement import Judgement

Json = Mapping[str, Any]

SCORES, CHANGE = "curator_scores", "lesson"
COLUMN = "lesson_metadata"


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """Who learns, and by which numbers."""

    module: str
    lessons: LessonPolicy
    curating: LearningPolicy


def say(
    cause: Strand,
    learner: Learner,
    kind: str,
    content: Json,
    *,
    parent_id: str,
    judgement: Judgement,
    columns: Json | None = None,
    nth: int = 0,
) -> Strand:
    """Return a word about a judgement that ended, in the lifecycle of what was judged.

    ``nth`` tells apart words of one kind about one parent.
    """
    columns = judgement.columns if columns is None else columns
    return cause.answer(
        module=learner.module,
        kind=kind,
        payload={COLUMN: dict(content)},
        parent_id=parent_id,
        lifecycle_id=judgement.lifecycle_id,
        symbol=columns.get("symbol"),
        timeframe=columns.get("timeframe"),
        regime=columns.get("regime"),
        nth=nth,
    )


def braid(cause: Strand, learner: Learner, braid: Json, judgement: Judgement) -> Strand:
    """Return a lesson as a strand under its own id, addressed to whoever may find better words for it."""
    word = say(
        cause,
        learner,
        braid["kind"],
        braid,
        parent_id=judgement.subject_id,
        judgement=judgement,
        columns=braid["clustering_columns"],
    )
    payload = {**word.payload, **_PLACED[learner.module](braid)}
    return replace(word, id=braid["lesson_id"], tags=(tags.WRITE_LESSON,), payload=payload)


def _in_alpha(braid: Json) -> dict[str, Any]:
    """Return where the specification keeps a braid of alpha: in the columns of a plan and its pack."""
    plan = {
        "lesson": braid["lesson"],
        "source_strands": [each["id"] for each in braid["source_strands"]],
        "accumulated_score": braid["accumulated_score"],
        "cluster_columns": braid["clustering_columns"],
        "strand_count": braid["strand_count"],
        "braid_level": braid["braid_level"],
    }
    pack = {
        "signal_type": "braid_lesson",
        "pattern_detected": braid["clustering_columns"].get("pattern_detected"),
        "direction": braid["clustering_columns"].get("signal_type"),
        "points_of_interest": [],
        "confidence_score": round(braid["accumulated_score"] / braid["strand_count"], 6),
    }
    return {"trading_plan": plan, "signal_pack": pack}


#: The column of each module in which the specification looks for a braid.
_PLACED: dict[str, Callable[[Json], dict[str, Any]]] = {
    "alpha": _in_alpha,
    "dm": lambda braid: {"dm_decision": dict(braid)},
    "trader": lambda braid: {"exec_metrics": dict(braid)},
}
