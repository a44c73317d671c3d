"""Strand tables as they are after a long time: rows written by the server itself, without waking anybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: The gates of a decision: of a hundred, three stop sixty-six plans, one of them a single one.
_GATES = """(SELECT jsonb_agg(jsonb_build_object('gate', gate, 'severity', 'hard', 'value', 0.3, 'limit', 0.5,
    'comparison', '<=', 'passed', gate <> stopped, 'distance', 0.2))
    FROM unnest(ARRAY['plan_valid', 'halted', 'cost', 'confidence', 'exposure', 'drawdown', 'score', 'var']) AS gate,
         (SELECT CASE WHEN n %% 3 = 0 THEN '' WHEN n %% 100 = 1 THEN 'var' WHEN n %% 2 = 0 THEN 'exposure'
                      ELSE 'score' END AS stopped) AS decided)"""
_PLAN = "jsonb_build_object('number', n, 'direction', 'long', 'entry_price', '100.5', 'position_size', 0.05)"
#: Each table with the kinds of its rows in turn, and the bodies that they hold.
TABLES = {
    "ad_strands": (("signal",), {"trading_plan": _PLAN}),
    "dm_strands": (
        ("decision",),
        {
            "dm_decision": f"""jsonb_build_object(
                'decision_type', CASE n %% 3 WHEN 0 THEN 'approve' ELSE 'reject' END, 'score', n %% 97 / 100.0,
                'gates', {_GATES}, 'plan', CASE n %% 3 WHEN 0 THEN {_PLAN} END)""",
            "dm_budget": "jsonb_build_object('asked_size', n %% 89 / 1000.0)",
        },
    ),
    "tr_strands": (
        ("order", "fill", "execution", "position"),
        {
            "order_spec": "jsonb_build_object('side', 'buy', 'quantity', '0.5', 'order_type', 'limit')",
            "fills": "jsonb_build_array(jsonb_build_object('px', '100.5', 'qty', (n %% 71)::text, 'fee', '0.01'))",
            "tr_outcome": "jsonb_build_object('pnl', (n %% 201 - 100)::text, 'outcome', 'win')",
        },
    ),
    "md_strands": (("bar",), {"md_bar": "jsonb_build_object('close', '100.5', 'number', n)"}),
}
#: Rows written by one statement, so that the journal of the server stays small.
SLICE = 100_000
#: What the ids of these rows begin with: they sort before those of any moment that a benchmark plays at (2024-10).
OLD = "01JA"

_INSERT = """
    INSERT INTO {table} (id, lifecycle_id, kind, symbol, timeframe, session_bucket, regime, tags, at, hop,
                         created_at, updated_at, {columns})
    SELECT id, id, (ARRAY{kinds})[1 + n %% {turns}], 'SYM-' || n / 4 %% 16, '1m', 'EU', 'ranging',
           '["dm:evaluate_plan"]', at, 0, at, at, {bodies}
      FROM (SELECT n, '{old}' || lpad(n::text, 22, '0') AS id, timestamptz '2024-10-01' + n * interval '1 second' AS at
              FROM generate_series(%s::int, %s::int) AS n) AS made
"""
#: The indexes of a table that no constraint needs.
_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
     WHERE indrelid = %s::regclass
       AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


@contextmanager
def without_indexes(connection: Any, table: str) -> Iterator[None]:
    """Let a table be written without its indexes, which are built at once when all rows are there."""
    indexes = connection.execute(_INDEXES, (table,)).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield
    for _, definition in indexes:
        # PostgreSQL says of a partitioned table's index that it is on the parent ONLY.
        connection.execute(definition.replace(" ON ONLY ", " ON "))


def strands(connection: Any, *, rows: int, tables: tuple[str, ...] = tuple(TABLES), have: int = 0) -> None:
    """Bring each of these tables from ``have`` old rows to its part of ``rows``, and let the planner know.

    The connection must be a superuser's: triggers, which would deliver every row, are left out.
    """
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET synchronous_commit = off")
    connection.execute("SET maintenance_work_mem = '512MB'")
    before, after = have // len(tables), rows // len(tables)
    for table in tables:
        kinds, bodies = TABLES[table]
        statement = _INSERT.format(
            table=table,
            kinds=list(kinds),
            turns=len(kinds),
            columns=", ".join(bodies),
            bodies=", ".join(bodies.values()),
            old=OLD,
        )
        with without_indexes(connection, table):
            for start in range(before, after, SLICE):
                connection.execute(statement, (start + 1, min(start + SLICE, after)))
        connection.execute(f"VACUUM (ANALYZE) {table}")
    connection.execute("RESET maintenance_work_mem")
    connection.execute("RESET session_replication_role")
    connection.execute("RESET synchronous_commit")
