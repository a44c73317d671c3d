"""An act: what a person said to a running desk, and after which moment of the market it took effect.

A file of acts holds one JSON object a line, in the order they were said: ``after``, the moment (null before the first
bar), and the strand with every field.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, NamedTuple

from strands.kinds import declared, people
from strands.strand import Strand
from strands.tags import UnknownTag

#: What is written beside the acts of people: notes that nobody hears, the words of a writer outside, and that a
#: deadline has come, which every desk tells by itself.
NO_ACTS = frozenset(
    {people.NOTE.name, people.LESSON_WORDS.name, people.LESSON_WORDS_REFUSED.name, people.REVIEW_DUE.name}
)
KINDS = tuple(name for name in people.ROLE.names if name not in NO_ACTS)
AFTER = "after"
#: Fields of a strand as the file tells them; who speaks is known.
FIELDS = {each.name: each.type for each in fields(Strand) if each.name != "module"}
REQUIRED = (AFTER, "id", "kind", "at", "payload")


class BadAct(ValueError):
    """A line that is no act: the line, the field, the value, the rule and the way out."""

    def __init__(self, line: int, told: str) -> None:
        super().__init__(f"line {line}: {told}")


class Act(NamedTuple):
    """What was said, after which moment it took effect (None before all), and its line in the file."""

    after: datetime | None
    strand: Strand
    line: int = 0


def is_automatic(strand: Strand) -> bool:
    """Return whether risk said so and nobody else: such a halt comes by itself whenever risk says it again."""
    return strand.kind == people.HALT.name and strand.hop > 0


def to_line(act: Act) -> str:
    """Return an act as its line of JSON, without the end of the line."""
    told: dict[str, Any] = {AFTER: act.after.isoformat() if act.after else None}
    for name in FIELDS:
        value = getattr(act.strand, name)
        told[name] = value.isoformat() if isinstance(value, datetime) else value
    return json.dumps(told | {"tags": list(act.strand.tags)}, ensure_ascii=False, allow_nan=False)


def read(lines: Iterable[str]) -> list[Act]:
    """Return the acts of a file in their order; empty lines count and say nothing. Raises BadAct."""
    acts: list[Act] = []
    known: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        act = _act(number, line)
        if (first := known.setdefault(act.strand.id, number)) != number:
            raise BadAct(number, f"id: {act.strand.id!r} is on line {first} already; an act is said once")
        if acts and _is_before(act.after, acts[-1].after):
            raise BadAct(number, f"after: {act.after} is before that of the line above; sort the lines by it")
        acts.append(act)
    return acts


def _is_before(moment: datetime | None, other: datetime | None) -> bool:
    return other is not None and (moment is None or moment < other)


def _act(line: int, text: str) -> Act:
    told = _told(line, text)
    after = None if told[AFTER] is None else _moment(line, AFTER, told[AFTER])
    given = {name: value for name, value in told.items() if name != AFTER}
    given |= {"at": _moment(line, "at", told["at"]), "tags": tuple(told.get("tags", ()))}
    strand = Strand(module=people.ROLE.name, **given)
    try:
        declared.check(strand)
    except (declared.Undeclared, UnknownTag) as fault:
        raise BadAct(line, str(fault)) from None
    if is_automatic(strand):
        raise BadAct(line, f"hop: {strand.hop} of a halt: risk says automatic halts by itself; leave the line out")
    return Act(after, strand, line)


def _told(line: int, text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise BadAct(line, f"no JSON: {fault}; write one object a line") from None
    if not isinstance(told, dict):
        raise BadAct(line, f"{str(told)[:40]!r} is no object; write one a line, as `manage.py acts` does")
    for name in REQUIRED:
        if name not in told:
            raise BadAct(line, f"{name}: missing; an act has {', '.join(REQUIRED)}")
    for name, value in told.items():
        if name != AFTER and name not in FIELDS:
            raise BadAct(line, f"{name}: no such field; known are {AFTER}, {', '.join(FIELDS)}")
        if name in _SHAPES or value is not None:
            _must_fit(line, name, value)
    if told["kind"] not in KINDS:
        raise BadAct(line, f"kind: {told['kind']!r} is no act of a person; acts are {', '.join(KINDS)}")
    return told


#: What a field must be where it is no text.
_SHAPES: Mapping[str, tuple[type, str]] = {
    "payload": (dict, "an object"),
    "tags": (list, "a list of texts"),
    "hop": (int, "a whole number"),
    "id": (str, "a text"),
    "kind": (str, "a text"),
    "at": (str, "a text"),
}


def _must_fit(line: int, name: str, value: Any) -> None:
    shape, wanted = _SHAPES.get(name, (str, "a text"))
    fits = isinstance(value, shape) and not isinstance(value, bool)
    if fits and name == "tags":
        fits = all(isinstance(each, str) for each in value)
    if not fits:
        raise BadAct(line, f"{name}: {str(value)[:40]!r} is not {wanted}")


def _moment(line: int, name: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadAct(line, f"{name}: {text!r} is no moment; write 2026-11-20T18:00:00Z, with its zone")
    return at
