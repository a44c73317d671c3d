"""Anomalies as rows for people: anomaly_events, each beside the plan that the same bar led to, if any."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import psycopg

from strands import ids, roots
from strands.strand import Strand

KIND = "anomaly"
WRITE = """
    INSERT INTO anomaly_events (event_id, symbol, timestamp, anomaly_type, anomaly_score, trading_plan_id,
                                plan_generation_module_id, signal_pack)
    SELECT seen.event_id, seen.symbol, seen.at, seen.type, seen.score, plan.plan_id, %(module)s, seen.pack::jsonb
      FROM unnest(%(event_id)s::uuid[], %(symbol)s::text[], %(at)s::timestamptz[], %(type)s::text[],
                  %(score)s::numeric[], %(plan)s::uuid[], %(pack)s::text[])
           AS seen (event_id, symbol, at, type, score, wanted, pack)
      LEFT JOIN trading_plans AS plan ON plan.plan_id = seen.wanted
    ON CONFLICT (event_id) DO NOTHING
"""


def project(connection: psycopg.Connection[Any], strands: Sequence[Strand]) -> None:
    """Write the anomalies among these strands as rows, once; one without symbol or type is left on the wire alone."""
    seen = [strand for strand in strands if strand.kind == KIND and strand.symbol and _pack(strand).get("anomaly_type")]
    if not seen:
        return
    plans = {strand.lifecycle_id: _plan_of(strand) for strand in strands if strand.kind == "signal"}
    packs = [_pack(strand) for strand in seen]
    connection.execute(
        WRITE,
        {
            "module": roots.ROOTS["alpha"].module_id,
            "event_id": [ids.uuid_of(KIND, strand.id) for strand in seen],
            "symbol": [strand.symbol for strand in seen],
            "at": [strand.at for strand in seen],
            "type": [str(pack["anomaly_type"])[:50] for pack in packs],
            "score": [_score(pack) for pack in packs],
            "plan": [plans.get(strand.lifecycle_id) for strand in seen],
            "pack": [json.dumps(pack) for pack in packs],
        },
    )


def _pack(strand: Strand) -> dict[str, Any]:
    pack = strand.payload.get("signal_pack")
    return pack if isinstance(pack, dict) else {}


def _plan_of(strand: Strand) -> str | None:
    plan = strand.payload.get("trading_plan")
    return plan.get("plan_id") if isinstance(plan, dict) else None


def _score(pack: dict[str, Any]) -> str:
    """Return the score at the column's four decimals, within its range."""
    return f"{min(1.0, max(0.0, float(pack.get('anomaly_score') or 0.0))):.4f}"
