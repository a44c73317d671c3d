"""The lifecycle page's questions to the database: strands by their lifecycle, lessons by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from strands import json_values, tables
from strands.json_values import Unreadable
from strands.lessons.models import Lesson

#: As many strands of one table as a page shows.
MOST = 400

Rows = list[tuple[str, Mapping[str, Any]]]

#: A strand is of a lifecycle, or is itself the one that was asked for.
_STRANDS = " UNION ALL ".join(
    f"(SELECT '{table}', id, row_to_json(strand)::text FROM {table} AS strand"
    " WHERE lifecycle_id = %(id)s OR id = %(id)s ORDER BY said LIMIT %(most)s)"
    for table in tables.BY_NAME
)


def strands(lifecycle_id: str) -> Rows:
    """Return the strands of a lifecycle, or the one of that id, each as JSON with the name of its table."""
    with connection.cursor() as cursor:
        cursor.execute(_STRANDS, {"id": lifecycle_id, "most": MOST})
        found = [(table, id, json_values.loads(text)) for table, id, text in cursor.fetchall()]
        return [
            (table, _by_column(cursor, table, id) if isinstance(row, Unreadable) else row) for table, id, row in found
        ]


def _by_column(cursor: Any, table: str, id: str) -> Mapping[str, Any]:
    """Return a row that cannot be read as a whole, with a mark in each column that cannot."""
    cursor.execute(
        f"SELECT key, value::text FROM {table} AS strand, jsonb_each(to_jsonb(strand)) WHERE strand.id = %s", [id]
    )
    return {name: json_values.loads(text, field=name) for name, text in cursor.fetchall()}


def titles(lessons: Iterable[str]) -> dict[str, str]:
    """Return the titles of lessons by their ids; nothing is asked for none."""
    wanted = set(lessons)
    return dict(Lesson.objects.filter(lesson_id__in=wanted).values_list("lesson_id", "title")) if wanted else {}
