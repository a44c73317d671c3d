"""What somebody outside says of a lesson: a writer its words, a person a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strands.lessons import governance
from strands.strand import Strand
from tradingops.modules.learning import words
from tradingops.modules.learning.memory import Learning
from tradingops.modules.learning.words import Learner

WORDS, VERDICT = "lesson_words", "lesson_verdict"
OF_LESSONS = frozenset({WORDS, VERDICT})

Json = Mapping[str, Any]


def take(learning: Learning, strand: Strand, *, learner: Learner) -> tuple[Learning, list[Strand]]:
    """Return the memory after somebody outside spoke of a lesson, and what changed of it, as strands."""
    if strand.kind == VERDICT:
        lessons, changes = _decided(learning.lessons, strand.payload.get("op_verdict"), learner)
    else:
        lessons, changes = _worded(learning.lessons, strand.payload.get("op_note"), learner)
    answers = [
        strand.answer(
            module=learner.module,
            kind=words.CHANGE,
            payload={words.COLUMN: change},
            parent_id=change["lesson_id"],
            lifecycle_id=strand.lifecycle_id,
        )
        for change in changes
    ]
    return learning._replace(lessons=lessons), answers


def _decided(lessons: Json, verdict: Any, learner: Learner) -> tuple[Json, list[dict[str, Any]]]:
    if not isinstance(verdict, Mapping):
        return lessons, []
    return governance.decided(lessons, verdict, policy=learner.lessons)


def _worded(lessons: Json, note: Any, learner: Learner) -> tuple[Json, list[dict[str, Any]]]:
    if not isinstance(note, Mapping):
        return lessons, []
    return governance.worded(
        lessons,
        lesson_id=str(note.get("lesson_id")),
        lesson=note.get("lesson"),
        writer=str(note.get("model") or note.get("writer") or "endpoint"),
        policy=learner.lessons,
    )
