"""Evidence as rows for people: ``dsi_evidence``, one for each plan that a signal of alpha carried evidence for.

Latencies are this process's own, known only to the process that gathered the evidence, and NULL elsewhere. Nothing here
raises for what a strand says: values are held within what their columns can keep, and the strand keeps the whole of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import psycopg

from curators.dsi import wall
from strands import ids
from strands.strand import Strand
from strands.written import Written

Row = dict[str, Any]

#: What a ``DECIMAL(5,4)`` can hold, and what the table's rules allow for latencies and throughput.
_MOST_BOOST, _MOST_COUNT = 9.9999, 9999

#: Latencies are left out where nobody measured them.
_EVIDENCE = Written(
    columns={
        "evidence_id": "uuid",
        "plan_id": "uuid",
        "timestamp": "timestamptz",
        "mx_evidence": "numeric",
        "mx_confirm": "boolean",
        "mx_expert_contributions": "jsonb",
        "mx_microtape_hash": "text",
        "mx_processing_latency_ms": "int",
        "mx_confidence_interval": "jsonb",
        "mx_fsm_experts": "jsonb",
        "mx_classifier_experts": "jsonb",
        "mx_anomaly_experts": "jsonb",
        "mx_divergence_experts": "jsonb",
        "mx_expert_weights": "jsonb",
        "mx_expert_survival_rates": "jsonb",
        "mx_evidence_boost": "numeric",
        "mx_confirm_rate": "numeric",
        "mx_expert_survival_rate": "numeric",
        "mx_latency_p50": "int",
        "mx_latency_p95": "int",
        "mx_throughput_per_second": "int",
    },
    is_whole=False,
)
_JSON = tuple(name for name, kind in _EVIDENCE.columns.items() if kind == "jsonb")

#: A plan that has no row, because its strand was none that a plan's row is made of, has none here either.
_KEEP = f"""
    INSERT INTO dsi_evidence ({_EVIDENCE.names})
    SELECT {", ".join(f"given.{name}" for name in _EVIDENCE.columns)}
      FROM {_EVIDENCE.of_json} JOIN trading_plans USING (plan_id) ORDER BY given.plan_id
    ON CONFLICT (plan_id) DO NOTHING
"""


def project(connection: psycopg.Connection[Any], strands: Sequence[Strand]) -> None:
    """Write one row for each plan among these strands that has evidence, in the caller's transaction.

    A plan's first evidence stays; telling it again changes nothing.
    """
    rows: dict[str, Row] = {}
    for each in strands:
        row = _row(each) if (each.module, each.kind) == ("alpha", "signal") else None
        if row is not None:
            rows.setdefault(row["plan_id"], row)
    if rows:
        connection.execute(_KEEP, _EVIDENCE.json([rows[plan_id] for plan_id in sorted(rows)]))


def _row(signal: Strand) -> Row | None:
    found, plan = signal.payload.get("dsi_evidence"), signal.payload.get("trading_plan")
    if not found or not plan:
        return None
    plan_id = str(plan["plan_id"])
    return {
        "evidence_id": str(ids.uuid_of("evidence", plan_id)),
        "plan_id": plan_id,
        "timestamp": signal.at.isoformat(),
        "mx_evidence": _within(found["mx_evidence"], 0.0, 1.0),
        "mx_confirm": bool(found["mx_confirm"]),
        "mx_microtape_hash": found["mx_microtape_hash"],
        "mx_evidence_boost": _within(found["mx_evidence_boost"], 0.0, _MOST_BOOST),
        "mx_confirm_rate": _within(found["mx_confirm_rate"], 0.0, 1.0),
        "mx_expert_survival_rate": _within(found["mx_expert_survival_rate"], 0.0, 1.0),
        **{name: found.get(name) for name in _JSON},
        **_measured(found["mx_microtape_hash"]),
    }


def _measured(tape_hash: str) -> Row:
    """Return how fast it went, if this process gathered the evidence; whole milliseconds, begun ones counted."""
    took, pace = wall.STOPWATCH.latency(tape_hash), wall.STOPWATCH.pace()
    if took is None or pace is None:
        return {}
    return {
        "mx_processing_latency_ms": _count(took),
        "mx_latency_p50": _count(pace.p50),
        "mx_latency_p95": _count(pace.p95),
        "mx_throughput_per_second": _count(pace.throughput),
    }


def _count(value: float) -> int:
    return min(_MOST_COUNT, max(1, math.ceil(value)))


def _within(value: float, least: float, most: float) -> float:
    return min(most, max(least, float(value)))
