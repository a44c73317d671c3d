"""Values out of JSON that anybody may have written: there, absent, or unreadable, which is said where it is shown."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

#: Whole numbers of more digits than this are read as floats: Python refuses to make text of them.
MOST_DIGITS = 300


class Unreadable(str):
    """What stands where a value is that cannot be read: one word of text, and the dotted name of its field if known."""

    field = ""

    @classmethod
    def of(cls, field: str) -> Unreadable:
        """Return it for a field."""
        made = cls(UNREADABLE)
        made.field = field
        return made


UNREADABLE = Unreadable("unreadable")


class Closed(Mapping[str, Any]):
    """An object that cannot be read: it has no keys, and whatever is asked of it is unreadable."""

    def __getitem__(self, key: str) -> Any:
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def get(self, key: str, default: Any = None) -> Any:
        """Return what stands where a value is that cannot be read."""
        return Unreadable.of(key)


CLOSED = Closed()


def loads(text: str | bytes | bytearray, field: str = "") -> Any:
    """Return the value of JSON text; unreadable where it is nested too deep for Python, which the database keeps."""
    try:
        return json.loads(text, parse_int=_whole)
    except (ValueError, RecursionError):
        return Unreadable.of(field)


def _whole(digits: str) -> float:
    return int(digits) if len(digits) <= MOST_DIGITS else float(digits)


def dig(value: Any, *path: str | int) -> Any:
    """Return what lies at a path of keys and places, None where there is nothing such.

    A path that leads into a value of another shape, text for an object, is unreadable from there on.
    """
    for depth, step in enumerate(path):
        if value is None:
            return None
        if isinstance(step, str) and isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list | tuple):
            value = value[step] if -len(value) <= step < len(value) else None
        else:
            return value if _names_its_field(value) else Unreadable.of(".".join(map(str, path[:depth])))
    return value


def _names_its_field(value: Any) -> bool:
    return isinstance(value, Unreadable) and bool(value.field)


def at(value: Any, dotted: str) -> Any:
    """Return what lies at a dotted path, ``fills.0.px``; a step of digits alone is a place in an array."""
    return dig(value, *steps(dotted))


@cache
def steps(dotted: str) -> tuple[str | int, ...]:
    """Return a dotted path as the keys and places that ``dig`` takes."""
    return tuple(int(step) if step.isdecimal() else step for step in dotted.split("."))


def nested(found: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object in which each value lies at its dotted path, places as an array's first: ``fills.0``.

    Values that are None are left out. Raises ValueError for a place other than a last ``0``.
    """
    whole: dict[str, Any] = {}
    for dotted, value in found:
        if value is None:
            continue
        *outer, last = steps(dotted)
        if last == 0:
            *outer, last = outer
            value = [value]
        if not all(isinstance(step, str) for step in (*outer, last)):
            raise ValueError(f"path: {dotted!r} names a place in an array other than its first, at its end")
        inner = whole
        for step in outer:
            inner = inner.setdefault(str(step), {})
        inner[str(last)] = value
    return whole


def mapping(value: Any) -> Mapping[str, Any]:
    """Return the value where it is an object, an empty one for none, a closed one for anything else."""
    if value is None:
        return {}
    return value if isinstance(value, Mapping) else CLOSED


def items(value: Any) -> list[Any]:
    """Return the values of an array, nothing for none, one that is unreadable for anything else."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [UNREADABLE]


def objects(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects in an array, or the one object itself; a closed one for whatever is none."""
    if isinstance(value, Mapping):
        return [value]
    return [each if isinstance(each, Mapping) else CLOSED for each in items(value)]


def number(value: Any) -> float | None:
    """Return a finite number, also one written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def first_number(found: Mapping[str, Any], *names: str) -> float | None:
    """Return the number under the first of some names that has one."""
    return next((first for name in names if (first := number(found.get(name))) is not None), None)


def moment(value: Any) -> datetime | None:
    """Return a moment written in ISO 8601, in UTC where it names no zone; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
