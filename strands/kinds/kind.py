"""A kind of strand and a role that says kinds: what each declares of itself, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, get_type_hints

from strands import json_values, telling
from strands.json_values import UNREADABLE, Unreadable
from strands.telling import Part, Payload, Tone

JSONB, TEXT, FLOAT = "jsonb", "text", "float8"
_SQL = {float: FLOAT, str: TEXT}

#: The column that every table has, whether a kind of its role fills it or not.
LEARNED = "lesson_metadata"


@dataclass(frozen=True, slots=True)
class Look:
    """How a kind is shown on a chip: its words, and their tone."""

    label: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a strand of this kind is, carries, says and looks like.

    ``payload`` is a TypedDict whose keys are the columns of the role's table and whose annotations give their SQL type.
    ``hearers`` are the canonical tags it may carry; ``unheard`` says why none, or some of its strands, are heard by
    nobody. ``reads`` are the dotted paths of the payload that ``line`` looks at: restricted to them it gives the same
    line.
    """

    name: str
    means: str
    payload: type
    line: Callable[[Payload], list[Part]]
    reads: tuple[str, ...]
    look: Look
    hearers: tuple[str, ...] = ()
    unheard: str = ""

    @cached_property
    def columns(self) -> dict[str, str]:
        """The payload columns this kind may fill, each with its SQL type."""
        return {name: _SQL.get(given, JSONB) for name, given in get_type_hints(self.payload).items()}

    def parts(self, payload: Payload) -> list[Part]:
        """Return the line of a payload in its parts; what it has no word for is told by its first plain values."""
        said = _without_empty(self.line(payload)) or telling.first_values(payload)
        return said if any(UNREADABLE in part.text for part in said) else [*said, *self._unreadable(payload)]

    def _unreadable(self, payload: Payload) -> list[Part]:
        """Return the mark of the first thing the line looks at and cannot read, where the line has no word for it."""
        found = (json_values.at(payload, path) for path in self.reads)
        return [Part(each, pill=True) for each in found if isinstance(each, Unreadable)][:1]

    def read(self, payload: Payload) -> dict[str, Any]:
        """Return the payload restricted to what its line reads."""
        return json_values.nested((path, json_values.at(payload, path)) for path in self.reads)


@dataclass(frozen=True, kw_only=True)
class Role:
    """Who says kinds: a module, the market, people, the company.

    ``spoken`` is how the rows of ``table`` name the role, ``words`` what people call its strands. ``waiting`` are
    columns that the specification gives the table and that no kind fills, each with the reason.
    """

    name: str
    table: str
    words: str
    kinds: tuple[Kind, ...]
    spoken: str = ""
    waiting: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "spoken", self.spoken or self.name)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the role's kinds, in the order a list offers them."""
        return tuple(kind.name for kind in self.kinds)

    @cached_property
    def by_name(self) -> dict[str, Kind]:
        return {kind.name: kind for kind in self.kinds}

    @cached_property
    def columns(self) -> dict[str, str]:
        """Every payload column of the role's table with its SQL type, what all tables have last."""
        filled = {name: sql for kind in self.kinds for name, sql in kind.columns.items() if name != LEARNED}
        return {**filled, **dict.fromkeys(self.waiting, JSONB), LEARNED: JSONB}

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The dotted paths that the lines of the role's kinds read, none within another."""
        return outermost(path for kind in self.kinds for path in kind.reads)

    @cached_property
    def ways(self) -> tuple[str, ...]:
        """The dotted paths that lead to what the lines read: each must be an object, or an array before a place."""
        steps = (path.split(".") for path in self.reads)
        return tuple(dict.fromkeys(".".join(path[:depth]) for path in steps for depth in range(1, len(path))))


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the paths that lie in no other of them, each once, in their order."""
    given = tuple(dict.fromkeys(paths))
    return tuple(path for path in given if not any(path.startswith(f"{other}.") for other in given))


def _without_empty(parts: Iterable[Part]) -> list[Part]:
    return [part for part in parts if part.text]
