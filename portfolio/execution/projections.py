"""Executions as rows for people: tr_execution_performance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from strands.strand import Strand
from strands.written import Written

#: What a ``DECIMAL(8,4)`` can hold.
_MOST = 9999.9999

_EXECUTION = Written(
    columns={
        **dict.fromkeys(("id", "execution_id", "venue", "symbol"), "text"),
        **dict.fromkeys(("execution_score", "slippage_bps"), "numeric"),
        "latency_ms": "int",
        "created_at": "timestamptz",
    }
)
_KEEP = f"""
    INSERT INTO tr_execution_performance ({_EXECUTION.names})
    SELECT {_EXECUTION.names} FROM {_EXECUTION.of_arrays}
    ON CONFLICT (id) DO NOTHING
"""


def project(connection: psycopg.Connection[Any], strands: Sequence[Strand]) -> None:
    """Write one row for each execution report among these strands that had a fill, in the caller's transaction.

    A report without a fill has no slippage and no latency to keep; it stays a strand.
    """
    reports = {each.id: each for each in strands if each.kind == "execution" and each.module == "trader"}
    rows = [_row(reports[identity]) for identity in sorted(reports) if reports[identity].payload.get("fills")]
    if rows:
        connection.execute(_KEEP, _EXECUTION.arrays(rows))


def _row(report: Strand) -> dict[str, Any]:
    measured = report.payload["exec_metrics"]
    return {
        **dict.fromkeys(("id", "execution_id"), report.id),
        "venue": measured["venue"],
        "symbol": report.symbol,
        "execution_score": measured["execution_score"],
        "slippage_bps": max(-_MOST, min(_MOST, measured["slip_real_bps"])),
        "latency_ms": round(measured["latency_ms"]),
        "created_at": report.at,
    }
