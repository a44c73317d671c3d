"""The questions of a lesson's page to the database: each by an index, each over a bounded stretch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connections

from portfolio.plans.models import TradingPlan
from strands import json_values, tables
from strands.lessons.models import Lesson, Source, WriterCall

#: Members and calls that a page shows; more are counted.
MOST_SOURCES, MOST_CALLS, MOST_CHANGES = 200, 10, 60
#: Decisions on a page.
PAGE = 20
#: Strands that a lesson touched, looked through at once.
MOST_TOUCHED = 20_000

Row = dict[str, Any]

_KINDS = {"alpha": ("signal", "withheld"), "dm": ("decision",), "trader": ("execution",)}
_SAID = {"alpha": "sig_direction", "dm": "dm_decision ->> 'decision_type'", "trader": "order_spec ->> 'side'"}
_PLAN = {
    "alpha": "trading_plan ->> 'plan_id'",
    "dm": "dm_decision ->> 'plan_id'",
    "trader": "order_spec ->> 'plan_id'",
}

_TOUCHED = """
    WITH touched AS MATERIALIZED (
        SELECT id FROM {table} WHERE lesson_metadata @> %(touched)s::jsonb {place} LIMIT %(most)s)
    SELECT id, at, kind, symbol, lifecycle_id, {said} AS said, {plan} AS plan_id, lesson_metadata::text AS learned
      FROM {table} JOIN touched USING (id) WHERE kind = ANY(%(kinds)s) ORDER BY id DESC LIMIT %(page)s
"""

_CHANGES = """
    SELECT id, at, created_at, 'module' AS teller, lesson_metadata::text AS told FROM {table}
     WHERE kind = 'lesson' AND lesson_metadata @> %(named)s::jsonb
       AND (lesson_metadata ->> 'before' IS DISTINCT FROM lesson_metadata ->> 'standing'
            OR lesson_metadata ->> 'cause' IS DISTINCT FROM 'effect')
    UNION ALL
    SELECT id, at, created_at, kind, coalesce(op_verdict, op_note)::text FROM op_strands
     WHERE kind IN ('lesson_verdict', 'lesson_words', 'lesson_words_refused')
       AND (op_verdict @> %(named)s::jsonb OR op_note @> %(named)s::jsonb)
     ORDER BY created_at DESC, id DESC LIMIT %(most)s
"""


def lesson(lesson_id: str) -> Lesson | None:
    return Lesson.objects.filter(lesson_id=lesson_id).first()


def sources(lesson: Lesson) -> list[Source]:
    """Return what a lesson was made of, in the order it happened."""
    return list(lesson.sources.order_by("source_id")[:MOST_SOURCES])


def used_in(lesson: Lesson) -> str | None:
    """Return the lesson of the next level that this one became a part of."""
    above = Source.objects.filter(module=lesson.module, level=lesson.level + 1, source_id=lesson.lesson_id)
    return above.values_list("lesson_id", flat=True).first()


def calls(lesson: Lesson) -> list[WriterCall]:
    """Return what was asked of writers about a lesson, the newest first."""
    asked = WriterCall.objects.filter(lesson_id=lesson.lesson_id).order_by("-id")
    return list(asked[:MOST_CALLS])


def touched(lesson: Lesson, *, before: str = "", using: str = "default") -> list[Row]:
    """Return what a lesson was applied to, the newest first: one row more than a page shows, if there is one."""
    module = lesson.module if lesson.module in _KINDS else "dm"
    shape = {
        "table": tables.TABLES[module].name,
        "place": "AND id < %(before)s" if before else "",
        "said": _SAID[module],
        "plan": _PLAN[module],
    }
    given = {
        "touched": json.dumps({"lessons_applied": [lesson.lesson_id]}),
        "before": before,
        "kinds": list(_KINDS[module]),
        "most": MOST_TOUCHED,
        "page": PAGE + 1,
    }
    return _rows(_TOUCHED.format(**shape), given, using=using)


def results(rows: Sequence[Row]) -> dict[str, Row]:
    """Return what the plans of rows came to, by their ids."""
    keys = [key for row in rows if (key := _uuid(row["plan_id"])) is not None]
    found = TradingPlan.objects.filter(pk__in=keys).values_list("plan_id", "pnl")
    return {str(plan_id): {"pnl": pnl} for plan_id, pnl in found}


def changes(lesson: Lesson, using: str = "default") -> list[Row]:
    """Return what befell a lesson, the newest first: what its module said of it, and what people and writers did.

    That it was measured again, and stayed what it was, is left out: it happens with every decision.
    """
    module = lesson.module if lesson.module in _KINDS else "dm"
    statement = _CHANGES.format(table=tables.TABLES[module].name)
    return _rows(statement, {"named": json.dumps({"lesson_id": lesson.lesson_id}), "most": MOST_CHANGES}, using=using)


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _rows(statement: str, values: Mapping[str, Any], *, using: str) -> list[Row]:
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def told(row: Row, column: str) -> Mapping[str, Any]:
    """Return a document of a row."""
    return json_values.mapping(json_values.loads(row[column]) if isinstance(row[column], str) else row[column])
