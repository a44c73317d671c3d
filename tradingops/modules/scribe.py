"""The scribe: asks a writer outside for better words for a lesson, and says what came of it.

A writer is an outside voice. What it said is read as recorded, in a replay and in a refold, and nobody is asked again:
so the scribe keeps nothing, and `outside_voice` says that its answers do not follow from what it heard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from strands.given import Given
from strands.lessons.writers.words import Unwritten, Words, Writer
from strands.strand import Strand
from strands.wire import Kept, State, version_of

BRAIDS = ("braid", "meta_braid", "meta2_braid")
STATE_VERSION = 1
WRITTEN, REFUSED = "lesson_words", "lesson_words_refused"


class Scribe:
    """Hears braids; without a writer it has nothing to say to them."""

    name = "lessons"
    version = "1"
    outside_voice = True

    def __init__(self, *, writer: Writer | None = None) -> None:
        self.writer = writer

    def start(self, partition: str) -> State:
        """Return nothing: the scribe remembers nothing."""
        return {}

    def load(self, kept: Kept) -> State:
        """Return a state from what was kept of it; raises NewerState."""
        version_of(kept, module=self.name, newest=STATE_VERSION)
        return {name: value for name, value in kept.items() if name != "version"}

    def dump(self, state: State) -> Kept:
        """Return a state as it is kept."""
        return {"version": STATE_VERSION, **state}

    def handle(self, state: State, strand: Strand, given: Given) -> tuple[State, Sequence[Strand]]:
        """Return the words for a braid's lesson, addressed to the braid's module, or their refusal, to nobody."""
        if self.writer is None or strand.kind not in BRAIDS:
            return state, ()
        braid = strand.payload["lesson_metadata"]
        lesson_id = braid.get("lesson_id") or strand.id
        told = self.writer.write(braid, lesson_id=lesson_id)
        said = _words(told) if isinstance(told, Words) else _refusal(told)
        note = {"lesson_id": lesson_id, "writer": "endpoint", "model": told.model, **told.spent.to_json(), **said}
        return state, (_answer(strand, told, note),)


def _words(told: Words) -> dict[str, Any]:
    return {"lesson": dict(told.lesson), "notes": list(told.notes), "cached": told.cached}


def _refusal(told: Unwritten) -> dict[str, Any]:
    return {"status": told.status.value, "reason": told.reason, "cached": False}


def _answer(strand: Strand, told: Words | Unwritten, note: Mapping[str, Any]) -> Strand:
    """Return what an outside voice said to a braid."""
    if isinstance(told, Words):
        return strand.answer(module="op", kind=WRITTEN, tags=[f"{strand.module}:lesson"], payload={"op_note": note})
    return strand.answer(module="op", kind=REFUSED, payload={"op_note": note})
