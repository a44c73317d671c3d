"""Refold: recorded turns through today's code must give the recorded answers.

Whatever cannot be done again is a difference with a name, never the end: the turns after it are refolded all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from strands.given import Given
from strands.strand import Strand, said_once
from strands.wire import Kept, State
from tradingops.engine import Module

_COMPARED = ("kind", "symbol", "timeframe", "parent_id", "lifecycle_id", "regime", "hop")


@dataclass(frozen=True)
class Recorded:
    """A turn as it happened: what was heard, what it was given, what was answered.

    An answer that is lost is None, and one that cannot be read is the reason.
    """

    sequence: int
    strand: Strand
    given: Given
    answers: Mapping[str, Strand | str | None]
    version: str = ""


@dataclass(frozen=True)
class Unfoldable:
    """A turn that cannot be taken again: what of it is not as it was recorded, and how it is found; ``now`` if told."""

    sequence: int
    strand_id: str
    now: datetime | None
    what: str
    recorded: Any
    found: Any


@dataclass(frozen=True)
class Difference:
    """Where today's code leaves what was recorded."""

    listener: str
    partition: str
    sequence: int
    strand_id: str
    what: str
    recorded: Any
    refolded: Any

    def __str__(self) -> str:
        where = f"{self.listener}{f'/{self.partition}' if self.partition else ''} turn {self.sequence}"
        return f"{where}, strand {self.strand_id}: {self.what} was {self.recorded!r}, is now {self.refolded!r}"


@dataclass
class Fold:
    """The fold of one partition's turns: its state, how many turns and answers it holds."""

    module: Module
    partition: str
    state: State | None = None
    turns: int = 0
    answers: int = 0

    def take_over(self, kept: Kept | str | None) -> Iterator[Difference]:
        """Begin with the state that another version left; yield why where it cannot be read."""
        if isinstance(kept, str):
            yield self._difference(0, "", "state taken over", "kept", kept)
            return
        try:
            self.state = None if kept is None else self.module.load(kept)
        except Exception as fault:  # noqa: BLE001  (whatever is wrong with a state that was kept is a difference)
            yield self._difference(0, "", "state taken over", "kept", _told(fault))

    def take(self, turn: Recorded | Unfoldable) -> Iterator[Difference]:
        """Handle one recorded turn again; yield where its answers differ, or why it cannot be handled."""
        self.turns += 1
        if isinstance(turn, Unfoldable):
            yield self._difference(turn.sequence, turn.strand_id, turn.what, turn.recorded, turn.found)
            return
        try:
            answers = self._handled(turn)
        except Exception as fault:  # noqa: BLE001  (whatever a module raises is a difference, and the next turn is due)
            yield self._difference(turn.sequence, turn.strand.id, "turn", "handled", _told(fault))
            return
        self.answers += len(answers)
        for what, recorded, refolded in _compared(turn.answers, {answer.id: answer for answer in answers}):
            yield self._difference(turn.sequence, turn.strand.id, what, recorded, refolded)

    def _handled(self, turn: Recorded) -> Sequence[Strand]:
        state = self.module.start(self.partition) if self.state is None else self.state
        self.state, answers = self.module.handle(state, turn.strand, turn.given)
        if not getattr(self.module, "outside_voice", False):
            return said_once(answers)
        return _said_from_outside(self.module, turn)

    def end(self, kept: Kept | str | None) -> Iterator[Difference]:
        """Yield the difference between the state kept, as today's code reads it, and the state refolded.

        A state that cannot be read is the reason.
        """
        if isinstance(kept, str):
            yield self._difference(0, "", "state", "kept", kept)
            return
        try:
            was_kept, is_kept = self._kept(kept), self._dumped(self.state)
        except Exception as fault:  # noqa: BLE001  (whatever is wrong with a state that was kept is a difference)
            yield self._difference(0, "", "state", "kept", _told(fault))
            return
        for name in sorted({*was_kept, *is_kept}):
            was, now = was_kept.get(name), is_kept.get(name)
            if was != now:
                yield self._difference(0, "", f"state {name}", was, now)

    def _kept(self, kept: Kept | None) -> Kept:
        return {} if kept is None else self._dumped(self.module.load(kept))

    def _dumped(self, state: State | None) -> Kept:
        return {} if state is None else dict(plain(self.module.dump(state)))

    def _difference(self, sequence: int, strand_id: str, what: str, recorded: Any, refolded: Any) -> Difference:
        return Difference(self.module.name, self.partition, sequence, strand_id, what, recorded, refolded)


def _said_from_outside(module: Any, turn: Recorded) -> list[Strand]:
    """Return the recorded answers of an outside voice as they would be caused again, none where it may not speak.

    What it said does not follow from what it heard; who it said it to, and because of what, does.
    """
    if not module.may_speak(turn.strand, turn.given):
        return []
    said = [answer for answer in turn.answers.values() if isinstance(answer, Strand)]
    return [
        turn.strand.answer(module=each.module, kind=each.kind, tags=each.tags, payload=each.payload) for each in said
    ]


def _told(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"[:500]


def _compared(
    recorded: Mapping[str, Strand | str | None], refolded: Mapping[str, Strand]
) -> Iterator[tuple[str, Any, Any]]:
    for identity in recorded.keys() - refolded.keys():
        was = recorded[identity]
        yield f"answer {identity}", "said" if isinstance(was, Strand) else was or "lost", None
    for identity in refolded.keys() - recorded.keys():
        yield f"answer {identity}", None, "said"
    for identity in sorted(recorded.keys() & refolded.keys()):
        was, now = recorded[identity], refolded[identity]
        if not isinstance(was, Strand):
            yield f"answer {identity}", was or "lost", "said"
            continue
        yield from unlike(was, now)


def unlike(was: Strand, now: Strand) -> Iterator[tuple[str, Any, Any]]:
    """Yield (what, recorded, now) for every part of a strand that is unlike what was recorded of it."""
    for name in _COMPARED:
        if (before := getattr(was, name)) != (after := getattr(now, name)):
            yield f"{name} of {was.id}", before, after
    if missing := set(now.tags) - set(was.tags):
        yield f"tags of {was.id}", sorted(was.tags), sorted(missing)
    for column in sorted({*was.payload, *now.payload}):
        # Most columns are equal as they are; the journey through JSON takes several times as long as the turn itself.
        if was.payload.get(column) == now.payload.get(column):
            continue
        before, after = plain(was.payload.get(column)), plain(now.payload.get(column))
        if before != after:
            yield f"{column} of {was.id}", *_first_unlike(before, after)


def _first_unlike(before: Any, after: Any) -> tuple[Any, Any]:
    """Return the smallest parts of two JSON values that are unlike, so that a report stays short."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            if before.get(name) != after.get(name):
                was, now = _first_unlike(before.get(name), after.get(name))
                return {name: was}, {name: now}
    return before, after


def plain(value: Any) -> Any:
    """Return a value as it is after a journey through JSON."""
    return json.loads(json.dumps(value))


def refold(
    module: Module, partition: str, turns: Iterable[Recorded | Unfoldable], kept: Kept | str | None
) -> Iterator[Difference]:
    """Yield every difference between recorded turns of one partition and the same turns handled by today's code."""
    fold = Fold(module, partition)
    for turn in turns:
        yield from fold.take(turn)
    yield from fold.end(kept)
