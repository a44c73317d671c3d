"""The SQL by which the stream reads strands of all tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from strands import kinds, tables

# A moment goes as text: it is only shown, and need not become a datetime and text again.
_COMMON = """said, id, kind, symbol, timeframe, regime, lifecycle_id, tags,
    to_jsonb(at) #>> '{}' AS at, to_jsonb(created_at) #>> '{}' AS written"""
_UNION = " UNION ALL "


def _read(table: str) -> str:
    """Return SQL for an array of two: what the lines of a table's role read, and the shapes of what leads there.

    A value a path and a shape a way, in the role's order.
    """
    role = kinds.ROLES[tables.BY_NAME[table].module]
    values = ", ".join(map(_at, role.reads))
    shapes = ", ".join(f"jsonb_typeof({_at(way)})" for way in role.ways)
    return f"jsonb_build_array(jsonb_build_array({values}), jsonb_build_array({shapes}))"


def _at(dotted: str) -> str:
    column, *inner = dotted.split(".")
    return f"{column} #> '{{{','.join(inner)}}}'" if inner else f"to_jsonb({column})"


def _strands(table: str, rest: str) -> str:
    return f"(SELECT '{table}' AS strand_table, {_COMMON}, {_read(table)} AS read FROM {table} {rest})"


def _of_all(rest: str, among: Iterable[str] = tuple(tables.BY_NAME)) -> str:
    return _UNION.join(_strands(table, rest) for table in among)


BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
COMMIT = "COMMIT"

#: Which transactions this snapshot takes for ended and for not begun.
SNAPSHOT = """
    SELECT pg_snapshot_xmin(seen)::text::bigint, pg_snapshot_xmax(seen)::text::bigint FROM pg_current_snapshot() AS seen
"""

#: The highest number ever drawn, kept or not.
DRAWN = "SELECT last_value FROM strands_said"

#: The next strands by number.
NEXT = f"{_of_all('WHERE said > %(after)s ORDER BY said LIMIT %(limit)s')} ORDER BY said LIMIT %(limit)s"

#: Strands among numbers that were missing.
MISSING = _of_all(
    "JOIN unnest(%(lows)s::bigint[], %(highs)s::bigint[]) AS span (low, high) ON said BETWEEN span.low AND span.high"
)

_WANTED = """
     WHERE said > %(after)s AND said <= %(up_to)s
       AND (%(symbols)s::text[] IS NULL OR symbol = ANY (%(symbols)s))
       AND (%(kinds)s::text[] IS NULL OR kind = ANY (%(kinds)s))
     ORDER BY said DESC LIMIT %(limit)s
"""

_SINCE = _WANTED.replace("DESC", "ASC")


@cache
def newest(among: Sequence[str]) -> str:
    """Return SQL for the newest strands of some tables within some numbers, the newest first."""
    return f"SELECT * FROM ({_of_all(_WANTED, among)}) AS found ORDER BY said DESC LIMIT %(limit)s"


@cache
def since(among: Sequence[str]) -> str:
    """Return SQL for the oldest strands of some tables within some numbers, the oldest first."""
    return f"SELECT * FROM ({_of_all(_SINCE, among)}) AS found ORDER BY said LIMIT %(limit)s"
