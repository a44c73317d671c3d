"""Signals of alpha as rows of ops_signals, processed once the decision maker has spoken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from strands import json_values
from strands.json_values import at
from strands.strand import Strand
from strands.written import Written
from tradingops.company import identities

SIGNAL = Written(
    columns={
        "id": "uuid",
        "created_at": "timestamptz",
        **dict.fromkeys(("source", "token", "signal_type"), "text"),
        "confidence": "numeric",
        "metadata": "jsonb",
    }
)
_KEEP = f"""
    INSERT INTO ops_signals ({SIGNAL.names}) SELECT {SIGNAL.names} FROM {SIGNAL.of_json}
    ON CONFLICT (id) DO NOTHING
"""
_PROCESS = """
    UPDATE ops_signals SET processed = true, processed_at = heard.at
    FROM unnest(%(id)s::uuid[], %(at)s::timestamptz[]) AS heard (id, at)
    WHERE ops_signals.id = heard.id AND NOT ops_signals.processed
"""
#: What alpha calls a direction, in the company's words.
_SIDES = {"long": "buy", "short": "sell"}
PATTERN, INDICATOR = "pattern", "indicator"


def project(connection: psycopg.Connection[Any], strands: Sequence[Strand]) -> None:
    """Write the signals among these strands, and mark those decided on, in the caller's transaction; idempotent."""
    rows = [row for each in strands if each.module == "alpha" and each.kind == "signal" and (row := signal(each))]
    if rows:
        connection.execute(_KEEP, SIGNAL.json(rows))
    decided = [each for each in strands if each.module == "dm" and each.kind == "decision" and each.parent_id]
    if decided:
        ids = [str(identities.of("signal", each.parent_id or "")) for each in decided]
        connection.execute(_PROCESS, {"id": ids, "at": [each.at for each in decided]})


def signal(said: Strand) -> dict[str, Any] | None:
    """Return the row of a signal; None where it tells no direction or no confidence, or a symbol that is none."""
    payload = said.payload
    side = _SIDES.get(str(payload.get("sig_direction")))
    confidence = json_values.number(payload.get("sig_confidence"))
    if side is None or confidence is None or not 0 <= confidence <= 1 or not said.symbol or len(said.symbol) > 50:
        return None
    pattern = at(payload, "signal_pack.pattern_detected")
    return {
        "id": str(identities.of("signal", said.id)),
        "created_at": said.at.isoformat(),
        "source": PATTERN if isinstance(pattern, str) and pattern else INDICATOR,
        "token": said.symbol,
        "signal_type": side,
        "confidence": round(confidence, 2),
        "metadata": {
            "strand_id": said.id,
            "lifecycle_id": said.lifecycle_id,
            "timeframe": said.timeframe,
            "regime": said.regime,
            "pattern": pattern if isinstance(pattern, str) else None,
            "strength": json_values.number(payload.get("sig_sigma")),
        },
    }
