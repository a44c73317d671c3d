"""Lessons as rows for people: what was learned, from what, and how it fares."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg

from strands.strand import Strand

LEARNED = frozenset({"braid", "meta_braid", "meta2_braid"})
CHANGED = "lesson"

_LEARN = """
    INSERT INTO lessons (lesson_id, module, lesson_type, level, symbol, timeframe, regime, title, description,
                         conditions, recommendations, confidence, strand_count, accumulated_score, standing, writer,
                         created_at, updated_at)
    SELECT lesson_id, module, lesson_type, level, symbol, timeframe, regime, title, description,
           conditions, recommendations, confidence, strand_count, accumulated_score, standing, writer, at, at
    FROM jsonb_to_recordset(%s::jsonb) AS told (
        lesson_id text, module text, lesson_type text, level int, symbol text, timeframe text, regime text, title text,
        description text, conditions jsonb, recommendations jsonb, confidence float8, strand_count int,
        accumulated_score float8, standing text, writer text, at timestamptz)
    ORDER BY lesson_id
    ON CONFLICT (lesson_id) DO NOTHING
"""

_SOURCES = """
    INSERT INTO lesson_sources (lesson_id, module, level, source_id, score, won, pnl_percent)
    SELECT lesson_id, module, level, source_id, score, won, pnl_percent
    FROM jsonb_to_recordset(%s::jsonb) AS told (
        lesson_id text, module text, level int, source_id text, score float8, won boolean, pnl_percent float8)
    ORDER BY module, level, source_id
    ON CONFLICT (module, level, source_id) DO NOTHING
"""

#: What a change does not speak of stays.
_CHANGE = """
    UPDATE lessons SET
        standing = coalesce(told.standing, lessons.standing),
        note = coalesce(told.note, lessons.note),
        effect = coalesce(told.effect, lessons.effect),
        title = coalesce(told.title, lessons.title),
        description = coalesce(told.description, lessons.description),
        conditions = coalesce(told.conditions, lessons.conditions),
        recommendations = coalesce(told.recommendations, lessons.recommendations),
        confidence = coalesce(told.confidence, lessons.confidence),
        writer = coalesce(told.writer, lessons.writer),
        updated_at = told.at
    FROM jsonb_to_recordset(%s::jsonb) AS told (
        lesson_id text, standing text, note text, effect jsonb, title text, description text, conditions jsonb,
        recommendations jsonb, confidence float8, writer text, at timestamptz)
    WHERE lessons.lesson_id = told.lesson_id
"""


def project(connection: psycopg.Connection[Any], strands: Sequence[Strand]) -> None:
    """Write the lessons among these strands and what became of them, in the caller's transaction; idempotent."""
    learned = {each.id: each for each in strands if each.kind in LEARNED}
    _write(connection, _LEARN, [_row(each) for each in learned.values()])
    _write(connection, _SOURCES, [source for each in learned.values() for source in _sources(each)])
    changes = [_change(each) for each in strands if each.kind == CHANGED]
    for change in changes:
        _write(connection, _CHANGE, [change])


def _write(connection: psycopg.Connection[Any], statement: str, told: Iterable[dict[str, Any]]) -> None:
    if rows := list(told):
        connection.execute(statement, [json.dumps(rows)])


def _row(braid: Strand) -> dict[str, Any]:
    told = braid.payload["lesson_metadata"]
    lesson = told["lesson"]
    return {
        "lesson_id": braid.id,
        "module": braid.module,
        "lesson_type": told["lesson_type"],
        "level": told["braid_level"],
        "symbol": braid.symbol,
        "timeframe": braid.timeframe,
        "regime": braid.regime,
        "title": lesson["title"],
        "description": lesson["description"],
        "conditions": lesson["conditions"],
        "recommendations": lesson["recommendations"],
        "confidence": lesson["confidence"],
        "strand_count": told["strand_count"],
        "accumulated_score": told["accumulated_score"],
        "standing": told["standing"],
        "writer": told["writer"],
        "at": braid.at.isoformat(),
    }


def _sources(braid: Strand) -> list[dict[str, Any]]:
    told = braid.payload["lesson_metadata"]
    return [
        {
            "lesson_id": braid.id,
            "module": braid.module,
            "level": told["braid_level"],
            "source_id": source["id"],
            "score": source["score"],
            "won": source.get("won"),
            "pnl_percent": source.get("pnl_percent"),
        }
        for source in told["source_strands"]
    ]


def _change(said: Strand) -> dict[str, Any]:
    told = said.payload["lesson_metadata"]
    lesson = told.get("lesson") or {}
    return {
        "lesson_id": told["lesson_id"],
        "standing": told.get("standing"),
        "note": told.get("note"),
        "effect": told.get("effect"),
        **{name: lesson.get(name) for name in ("title", "description", "conditions", "recommendations", "confidence")},
        "writer": told.get("writer"),
        "at": said.at.isoformat(),
    }
