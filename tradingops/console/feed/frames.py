"""Frames: strands as the live stream shows them, each encoded once."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from strands import json_values, kinds, tables, telling
from strands.json_values import Unreadable
from strands.kinds import kind
from tradingops.console.showing import looks

#: The module whose strands come with every bar: ticks, that a screen shows only when asked to.
TICKS = "market"
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A strand as the stream reads it.

    ``at`` and ``written`` are ISO 8601, ``read`` has a value for each path that the lines of its role read, then a
    shape, as PostgreSQL calls it, for each way that leads to one.
    """

    strand_table: str
    said: int
    id: str
    kind: str | None = None
    symbol: str | None = None
    timeframe: str | None = None
    regime: str | None = None
    at: str = ""
    written: str = ""
    lifecycle_id: str | None = None
    tags: Any = None
    read: Any


@dataclass(frozen=True, slots=True)
class Frame:
    """A strand on its way to screens: what filters look at, and the JSON text without its place in the stream."""

    said: int
    id: str
    module: str
    kind: str
    symbol: str
    text: str

    @property
    def is_tick(self) -> bool:
        return self.module == TICKS


def of(row: Row) -> Frame:
    """Return the frame of a strand."""
    module = tables.BY_NAME[row.strand_table].module
    look, parts = looks.of(row.kind), kinds.parts(module, row.kind, _payload(module, row.read))
    told = {
        "said": row.said,
        "id": row.id,
        "module": module,
        "kind": row.kind or "",
        "symbol": row.symbol or "",
        "timeframe": row.timeframe or "",
        "regime": row.regime or "",
        "at": row.at,
        "written": row.written,
        "lifecycle": row.lifecycle_id or row.id,
        "tags": row.tags if isinstance(row.tags, list) else [],
        "tone": telling.tone(parts).value,
        "chip": [look.label, look.tone.value],
        "parts": [_part(part) for part in parts],
    }
    return Frame(row.said, row.id, module, row.kind or "", row.symbol or "", encode(told))


def _payload(role: str, read: Any) -> dict[str, Any]:
    """Return as much of a payload as was read, what cannot be read said to be so."""
    declared = kinds.ROLES[role]
    if isinstance(read, Unreadable):
        return dict.fromkeys((path.partition(".")[0] for path in declared.reads), read)
    values, shapes = (json_values.items(json_values.dig(read, place)) for place in (0, 1))
    closed = [way for way, shape in zip(declared.ways, shapes, strict=False) if shape not in _shapes(role, way)]
    found = zip(declared.reads, values, strict=False)
    open_ways = ((path, value) for path, value in found if not any(path.startswith(f"{way}.") for way in closed))
    return json_values.nested([*open_ways, *((way, Unreadable.of(way)) for way in kind.outermost(closed))])


@cache
def _shapes(role: str, way: str) -> Container[str | None]:
    """Return what a way may be for the paths on it to lead somewhere: nothing, an object, an array before a place."""
    places = any(
        path.removeprefix(f"{way}.")[0].isdecimal() for path in kinds.ROLES[role].reads if path.startswith(f"{way}.")
    )
    return (None, "null", "array" if places else "object")


def _part(part: telling.Part) -> list[str | bool]:
    told: list[str | bool] = [part.text, part.tone.value, part.pill]
    return [*told, part.title] if part.title else told


def encode(value: Any) -> str:
    """Return compact JSON."""
    return _ENCODER.encode(value)


def letter(kind: str, frames: Iterable[Frame] = (), **rest: Any) -> str:
    """Return a message to a screen: its kind, its own facts, and frames already encoded."""
    head = encode({"type": kind, **rest})
    return f'{head[:-1]},"frames":[{",".join([frame.text for frame in frames])}]}}'
