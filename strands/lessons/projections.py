"""Lessons as rows for people: what was learned, from what, and how it fares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from strands.strand import Strand
from strands.written import Row, Written

BRAIDS = frozenset({"braid", "meta_braid", "meta2_braid"})
CHANGED = "lesson"

_LESSON = Written(
    columns={
        **dict.fromkeys(("lesson_id", "module", "lesson_type"), "text"),
        "level": "int",
        **dict.fromkeys(("symbol", "timeframe", "regime", "title", "description"), "text"),
        **dict.fromkeys(("conditions", "recommendations"), "jsonb"),
        "confidence": "float8",
        "strand_count": "int",
        "accumulated_score": "float8",
        **dict.fromkeys(("standing", "writer"), "text"),
        **dict.fromkeys(("created_at", "updated_at"), "timestamptz"),
    }
)
_SOURCE = Written(
    columns={
        **dict.fromkeys(("lesson_id", "module"), "text"),
        "level": "int",
        "source_id": "text",
        "score": "float8",
        "won": "boolean",
        "pnl_percent": "float8",
    }
)
_CHANGE = Written(
    columns={
        **dict.fromkeys(("lesson_id", "standing", "note"), "text"),
        "effect": "jsonb",
        **dict.fromkeys(("title", "description"), "text"),
        **dict.fromkeys(("conditions", "recommendations"), "jsonb"),
        "confidence": "float8",
        "writer": "text",
        "updated_at": "timestamptz",
    }
)

_LEARN = f"""
    INSERT INTO lessons ({_LESSON.names})
    SELECT {_LESSON.names} FROM {_LESSON.of_json}
    ORDER BY lesson_id
    ON CONFLICT (lesson_id) DO NOTHING
"""

_KEEP_SOURCES = f"""
    INSERT INTO lesson_sources ({_SOURCE.names})
    SELECT {_SOURCE.names} FROM {_SOURCE.of_json}
    ORDER BY module, level, source_id
    ON CONFLICT (module, level, source_id) DO NOTHING
"""

#: What a change does not speak of stays.
_KEPT = [name for name in _CHANGE.columns if name != "lesson_id"]
_CHANGE_LESSON = f"""
    UPDATE lessons SET {", ".join(f"{name} = coalesce(given.{name}, lessons.{name})" for name in _KEPT)}
    FROM {_CHANGE.of_json}
    WHERE lessons.lesson_id = given.lesson_id
"""


def project(connection: psycopg.Connection[Any], strands: Sequence[Strand]) -> None:
    """Write the lessons among these strands and what became of them, in the caller's transaction; idempotent."""
    braids = {each.id: each for each in strands if each.kind in BRAIDS}
    _write(connection, _LEARN, _LESSON, [_row(each) for each in braids.values()])
    _write(connection, _KEEP_SOURCES, _SOURCE, [source for each in braids.values() for source in _sources(each)])
    for each in strands:
        if each.kind == CHANGED:
            _write(connection, _CHANGE_LESSON, _CHANGE, [_change(each)])


def _write(connection: psycopg.Connection[Any], statement: str, written: Written, rows: Sequence[Row]) -> None:
    if rows:
        connection.execute(statement, written.json(rows))


def _row(braid: Strand) -> dict[str, Any]:
    metadata = braid.payload["lesson_metadata"]
    lesson = metadata["lesson"]
    return {
        "lesson_id": braid.id,
        "module": braid.module,
        "lesson_type": metadata["lesson_type"],
        "level": metadata["braid_level"],
        "symbol": braid.symbol,
        "timeframe": braid.timeframe,
        "regime": braid.regime,
        "title": lesson["title"],
        "description": lesson["description"],
        "conditions": lesson["conditions"],
        "recommendations": lesson["recommendations"],
        "confidence": lesson["confidence"],
        "strand_count": metadata["strand_count"],
        "accumulated_score": metadata["accumulated_score"],
        "standing": metadata["standing"],
        "writer": metadata["writer"],
        **dict.fromkeys(("created_at", "updated_at"), braid.at.isoformat()),
    }


def _sources(braid: Strand) -> list[dict[str, Any]]:
    metadata = braid.payload["lesson_metadata"]
    return [
        {
            "lesson_id": braid.id,
            "module": braid.module,
            "level": metadata["braid_level"],
            "source_id": source["id"],
            "score": source["score"],
            "won": source.get("won"),
            "pnl_percent": source.get("pnl_percent"),
        }
        for source in metadata["source_strands"]
    ]


def _change(change: Strand) -> dict[str, Any]:
    metadata = change.payload["lesson_metadata"]
    lesson = metadata.get("lesson") or {}
    return {
        "lesson_id": metadata["lesson_id"],
        "standing": metadata.get("standing"),
        "note": metadata.get("note"),
        "effect": metadata.get("effect"),
        **{name: lesson.get(name) for name in ("title", "description", "conditions", "recommendations", "confidence")},
        "writer": metadata.get("writer"),
        "updated_at": change.at.isoformat(),
    }
