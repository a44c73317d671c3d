"""Plans as rows for people: trading_plans and trading_plan_approvals, from signals, decisions, executions and outcomes.

Nothing here raises for what a strand says: what no column can hold is clamped or left out, and the strand keeps the
whole of it. Rows are written in the order of their plans' ids, so that two writers never wait for each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import psycopg

from portfolio.plans import rows
from strands.strand import Strand
from strands.written import Written

Row = dict[str, Any]

_INSERT_PLANS = f"""
    INSERT INTO trading_plans ({rows.PLAN.names})
    SELECT {rows.PLAN.names} FROM {rows.PLAN.of_json} ORDER BY plan_id
    ON CONFLICT (plan_id) DO NOTHING
"""

#: A change keeps what it does not speak of, and adds to the metrics that are there.
_KEPT = [name for name in rows.CHANGE.columns if name not in ("plan_id", "performance_metrics")]
_CHANGE_PLANS = f"""
    UPDATE trading_plans AS plan
    SET {", ".join(f"{name} = coalesce(change.{name}, plan.{name})" for name in _KEPT)},
        performance_metrics = CASE WHEN change.performance_metrics IS NULL THEN plan.performance_metrics
            ELSE coalesce(plan.performance_metrics, '{{}}') || change.performance_metrics END
    FROM (SELECT given.* FROM {rows.CHANGE.of_json} JOIN trading_plans USING (plan_id)
          ORDER BY plan_id FOR NO KEY UPDATE OF trading_plans) AS change
    WHERE plan.plan_id = change.plan_id
"""

#: An approval of a plan that has no row (a signal that gave no plan id, say) is left to its strand.
_INSERT_APPROVALS = f"""
    INSERT INTO trading_plan_approvals ({rows.APPROVAL.names})
    SELECT {", ".join(f"given.{name}" for name in rows.APPROVAL.columns)}
    FROM {rows.APPROVAL.of_json} JOIN trading_plans USING (plan_id) ORDER BY plan_id, approval_id
    ON CONFLICT (approval_id) DO NOTHING
"""


def project(connection: psycopg.Connection[Any], strands: Sequence[Strand]) -> None:
    """Write the plans, approvals and results among these strands, in the caller's transaction; idempotent."""
    plans = _by_plan(strands, {("alpha", "signal"): rows.plan_of})
    changes = _by_plan(strands, _CHANGES)
    approvals = [rows.approval_of(each) for each in strands if (each.module, each.kind) == ("dm", "decision")]
    _write(connection, _INSERT_PLANS, rows.PLAN, plans)
    _write(connection, _CHANGE_PLANS, rows.CHANGE, changes)
    _write(connection, _INSERT_APPROVALS, rows.APPROVAL, [row for row in approvals if row])


_CHANGES: dict[tuple[str, str], Callable[[Strand], Row | None]] = {
    ("dm", "decision"): rows.judged,
    ("trader", "execution"): rows.executed,
    ("trader", "position"): rows.closed,
}


def _by_plan(strands: Iterable[Strand], readers: Mapping[tuple[str, str], Callable[[Strand], Row | None]]) -> list[Row]:
    """Return one row a plan: what later strands say of it laid over what earlier ones said."""
    merged: dict[str, Row] = {}
    for strand in strands:
        reader = readers.get((strand.module, strand.kind))
        row = reader(strand) if reader else None
        if row is not None:
            merged[row["plan_id"]] = _laid_over(merged.get(row["plan_id"]), row)
    return [merged[plan_id] for plan_id in sorted(merged)]


def _laid_over(earlier: Row | None, later: Row) -> Row:
    if earlier is None:
        return later
    row = {**earlier, **{name: value for name, value in later.items() if value is not None}}
    before, after = earlier.get("performance_metrics"), later.get("performance_metrics")
    if before and after:
        row["performance_metrics"] = {**before, **after}
    return row


def _write(connection: psycopg.Connection[Any], statement: str, written: Written, given: Sequence[Row]) -> None:
    if given:
        connection.execute(statement, written.json(given))
