"""Strand tables as they are after a long time: rows written by the server itself, without waking anybody."""

from __future__ import annotations

from typing import Any

#: Each table with a kind, and a column that holds a small body.
TABLES = {
    "ad_strands": ("signal", "trading_plan"),
    "dm_strands": ("decision", "dm_decision"),
    "tr_strands": ("execution", "tr_execution"),
    "md_strands": ("bar", "md_bar"),
}
#: Rows written by one statement, so that the journal of the server stays small.
SLICE = 100_000
#: What the ids of these rows begin with: they sort before those of any moment that a benchmark plays at (2024-10).
OLD = "01JA"

_INSERT = """
    INSERT INTO {table} (id, lifecycle_id, kind, symbol, timeframe, session_bucket, regime, tags, at, hop,
                         created_at, updated_at, {column})
    SELECT id, id, '{kind}', 'SYM-' || n %% 16, '1m', 'EU', 'ranging', '["dm:evaluate_plan"]', at, 0, at, at,
           jsonb_build_object('number', n, 'decision_type', CASE n %% 3 WHEN 0 THEN 'approve' ELSE 'reject' END)
      FROM (SELECT n, '{old}' || lpad(n::text, 22, '0') AS id, timestamptz '2024-10-01' + n * interval '1 second' AS at
              FROM generate_series(%s::int, %s::int) AS n) AS made
"""


def strands(connection: Any, *, rows: int, tables: tuple[str, ...] = tuple(TABLES), have: int = 0) -> None:
    """Bring each of these tables from ``have`` old rows to its part of ``rows``, and let the planner know.

    The connection must be a superuser's: triggers, which would deliver every row, are left out.
    """
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET synchronous_commit = off")
    before, after = have // len(tables), rows // len(tables)
    for table in tables:
        kind, column = TABLES[table]
        statement = _INSERT.format(table=table, kind=kind, column=column, old=OLD)
        for start in range(before, after, SLICE):
            connection.execute(statement, (start + 1, min(start + SLICE, after)))
        connection.execute(f"VACUUM (ANALYZE) {table}")
    connection.execute("RESET session_replication_role")
    connection.execute("RESET synchronous_commit")
