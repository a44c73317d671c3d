"""Words as they were recorded: a replay reads what a model once said, and asks nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from strands.endpoint.spent import Spent, Status
from strands.lessons.writers.words import Unwritten, Words


class RecordedWords:
    """A writer that says again what it said to each lesson; ``notes`` are the ``op_note`` of the strands that did."""

    def __init__(self, notes: Iterable[Mapping[str, Any]]) -> None:
        self._notes = {note["lesson_id"]: note for note in notes}

    def write(self, braid: Mapping[str, Any], *, lesson_id: str) -> Words | Unwritten:
        note = self._notes.get(lesson_id)
        if note is None:
            return Unwritten(model="", status=Status.FAILED, reason="no words for this lesson were recorded")
        if "lesson" not in note:
            return Unwritten(
                model=note["model"], status=Status(note["status"]), reason=note["reason"], spent=_spent(note)
            )
        return Words(
            model=note["model"],
            lesson=note["lesson"],
            notes=tuple(note["notes"]),
            spent=_spent(note),
            cached=note["cached"],
        )


def _spent(note: Mapping[str, Any]) -> Spent:
    tokens = note["tokens"]
    return Spent(prompt_tokens=tokens["prompt"], answer_tokens=tokens["answer"], cost=Decimal(note["cost"]))
