"""Risk's word on the book as rows of ops_portfolio_history: the last of every hour of market time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg

from strands import json_values
from strands.strand import Strand
from strands.written import Written
from tradingops.company import identities

MOMENT = Written(
    columns={
        "id": "uuid",
        "timestamp": "timestamptz",
        **dict.fromkeys(("total_value", "sharpe_ratio", "max_drawdown"), "numeric"),
        "open_positions": "int",
        "metadata": "jsonb",
    }
)
#: The day before is the newest moment that lies a day back, on a younger desk the oldest one.
_KEEP = f"""
    INSERT INTO ops_portfolio_history (id, created_at, timestamp, total_value, pnl_24h, pnl_24h_percent, open_positions,
                                       win_rate, sharpe_ratio, max_drawdown, metadata)
    SELECT given.id, given.timestamp, given.timestamp, given.total_value,
           given.total_value - coalesce(day_before.total_value, given.total_value),
           greatest(-999999, least(999999,
               coalesce((given.total_value - day_before.total_value) / nullif(day_before.total_value, 0), 0))),
           given.open_positions,
           (SELECT avg((outcome_type = 'win')::int) FROM ops_trade_outcomes WHERE created_at < given.timestamp),
           given.sharpe_ratio, given.max_drawdown, given.metadata
      FROM {MOMENT.of_json}
      LEFT JOIN LATERAL (
           (SELECT total_value, timestamp FROM ops_portfolio_history
             WHERE timestamp <= given.timestamp - interval '24 hours' ORDER BY timestamp DESC LIMIT 1)
           UNION ALL
           (SELECT total_value, timestamp FROM ops_portfolio_history
             WHERE timestamp < given.timestamp AND ops_portfolio_history.id <> given.id ORDER BY timestamp LIMIT 1)
           ORDER BY timestamp DESC LIMIT 1
      ) AS day_before ON true
     ORDER BY given.timestamp
    ON CONFLICT (id) DO UPDATE
        SET (created_at, timestamp, total_value, pnl_24h, pnl_24h_percent, open_positions, win_rate, sharpe_ratio,
             max_drawdown, metadata)
          = (excluded.created_at, excluded.timestamp, excluded.total_value, excluded.pnl_24h, excluded.pnl_24h_percent,
             excluded.open_positions, excluded.win_rate, excluded.sharpe_ratio, excluded.max_drawdown,
             excluded.metadata)
      WHERE excluded.timestamp >= ops_portfolio_history.timestamp
"""
_MOST = 999_999.0


def project(connection: psycopg.Connection[Any], strands: Sequence[Strand]) -> None:
    """Write the last word of each hour among these strands, in the caller's transaction, after positions and trades."""
    hours: dict[datetime, Strand] = {}
    for each in strands:
        if each.module == "risk" and each.kind == "risk_update":
            hours[each.at.replace(minute=0, second=0, microsecond=0)] = each
    for hour in sorted(hours):
        row = moment(hours[hour], hour)
        if row:
            connection.execute(_KEEP, MOMENT.json([row]))


def moment(update: Strand, hour: datetime) -> dict[str, Any] | None:
    """Return the row of a risk update; None where it tells no value."""
    book = json_values.mapping(update.payload.get("rm_portfolio_risk"))
    if book.get("portfolio_value") is None:
        return None
    return {
        "id": str(identities.of("portfolio", hour.isoformat())),
        "timestamp": update.at.isoformat(),
        "total_value": book["portfolio_value"],
        "sharpe_ratio": _ratio(book.get("sharpe")),
        "max_drawdown": _ratio(book.get("max_drawdown")),
        "open_positions": len(json_values.mapping(book.get("positions"))),
        "metadata": {"strand_id": update.id},
    }


def _ratio(value: Any) -> float | None:
    number = json_values.number(value)
    return None if number is None else round(max(-_MOST, min(_MOST, number)), 4)
