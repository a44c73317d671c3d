"""Closed positions as rows of tr_trades: the columns that the trader's word on a position fills."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from strands import figures, json_values
from strands.json_values import at
from strands.strand import Strand
from strands.written import Written

Row = dict[str, Any]

_WORDS = ("direction", "outcome", "close_reason")
_MONEY = ("quantity", "entry_price", "exit_price", "pnl", "gross_pnl", "fees", "funding")
_MOMENTS = ("opened_at", "closed_at")

TRADE = Written(
    columns={
        **dict.fromkeys(("id", "lifecycle_id", "decision_id", "plan_id", "symbol", *_WORDS), "text"),
        **dict.fromkeys(_MONEY, "numeric"),
        "r_multiple": "float8",
        **dict.fromkeys(_MOMENTS, "timestamptz"),
    }
)


def closed(position: Strand) -> Row | None:
    """Return the row of a closed position; None where the strand leaves out what every trade has."""
    outcome = json_values.mapping(position.payload.get("tr_outcome"))
    needed = {
        "symbol": position.symbol,
        **{name: outcome.get(name) for name in _WORDS},
        **{name: figures.decimal(outcome.get(name)) for name in _MONEY},
        **{name: _moment(outcome, name) for name in _MOMENTS},
    }
    if any(value is None or value == "" for value in needed.values()) or needed["direction"] not in ("long", "short"):
        return None
    return {
        **needed,
        "id": position.id,
        "lifecycle_id": position.lifecycle_id,
        "decision_id": position.payload.get("decision_id"),
        "plan_id": outcome.get("plan_id"),
        "r_multiple": json_values.number(at(outcome, "r_multiple")),
    }


def _moment(outcome: Mapping[str, Any], name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(outcome[name])
    except (KeyError, TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None
