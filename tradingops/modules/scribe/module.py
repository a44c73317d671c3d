"""The scribe: asks a writer outside for better words for a lesson, and says what came of it.

A writer is an outside voice. What it said is read as recorded, in a replay and in a refold, and nobody is asked again:
so the scribe keeps nothing, and `outside_voice` says that its answers do not follow from the strands it takes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from strands.given import Given, HaltState
from strands.lessons.writers.words import Unwritten, Words, Writer
from strands.strand import Strand
from strands.wire import Kept, version_of

NAME = "lessons"
#: Its own scope alone: lessons of a halted desk may be worded, for nothing is traded on words.
SCOPE = f"module:{NAME}"
BRAIDS = ("braid", "meta_braid", "meta2_braid")
STATE_VERSION = 1
WRITTEN, REFUSED = "lesson_words", "lesson_words_refused"


class ScribeState(NamedTuple):
    """Nothing: the scribe remembers nothing."""


class Scribe:
    """Takes braids; without a writer, and while its module is halted, it has nothing to say to them."""

    name = NAME
    version = "1"
    outside_voice = True

    def __init__(self, *, writer: Writer | None = None) -> None:
        self.writer = writer

    def start(self, partition: str) -> ScribeState:
        """Return the state before the first strand."""
        return ScribeState()

    def load(self, kept: Kept) -> ScribeState:
        """Return a state from what was kept of it; raises NewerState."""
        version_of(kept, module=NAME, newest=STATE_VERSION)
        return ScribeState()

    def dump(self, state: ScribeState) -> Kept:
        """Return a state as it is kept."""
        return {"version": STATE_VERSION}

    def may_speak(self, strand: Strand, given: Given) -> bool:
        """Return whether a strand is one to be worded, and the scribe is not halted."""
        return strand.kind in BRAIDS and given.halts.get(SCOPE) is not HaltState.HALTED

    def handle(self, state: ScribeState, strand: Strand, given: Given) -> tuple[ScribeState, Sequence[Strand]]:
        """Return the words for a braid's lesson, addressed to the braid's module, or their refusal, to nobody."""
        if self.writer is None or not self.may_speak(strand, given):
            return state, ()
        braid = strand.payload["lesson_metadata"]
        lesson_id = braid.get("lesson_id") or strand.id
        found = self.writer.write(braid, lesson_id=lesson_id)
        outcome = _words(found) if isinstance(found, Words) else _refusal(found)
        note = {"lesson_id": lesson_id, "writer": "endpoint", "model": found.model, **found.spent.to_json(), **outcome}
        return state, (_answer(strand, found, note),)


def _words(found: Words) -> dict[str, Any]:
    return {"lesson": dict(found.lesson), "notes": list(found.notes), "cached": found.cached}


def _refusal(found: Unwritten) -> dict[str, Any]:
    return {"status": found.status.value, "reason": found.reason, "cached": False}


def _answer(strand: Strand, found: Words | Unwritten, note: Mapping[str, Any]) -> Strand:
    """Return what an outside voice said to a braid."""
    if isinstance(found, Words):
        return strand.answer(module="op", kind=WRITTEN, tags=[f"{strand.module}:lesson"], payload={"op_note": note})
    return strand.answer(module="op", kind=REFUSED, payload={"op_note": note})
