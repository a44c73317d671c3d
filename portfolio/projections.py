"""Positions and portfolio states as rows for people: tr_positions, dm_positions, dm_portfolio_state."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import psycopg

from strands.strand import Strand
from strands.written import Written

#: What a ``DECIMAL(8,4)`` can hold.
_MOST = Decimal("9999.9999")

_HOLD = """
    INSERT INTO tr_positions
        (id, symbol, quantity, avg_price, unrealized_pnl, realized_pnl, created_at, updated_at)
    SELECT symbol, symbol, quantity, avg_price, unrealized_pnl, realized_pnl, at, at
    FROM unnest(%(symbol)s::text[], %(quantity)s::numeric[], %(avg_price)s::numeric[], %(unrealized_pnl)s::numeric[],
                %(realized_pnl)s::numeric[], %(at)s::timestamptz[])
        AS given (symbol, quantity, avg_price, unrealized_pnl, realized_pnl, at)
    ON CONFLICT (id) DO UPDATE SET (quantity, avg_price, unrealized_pnl, realized_pnl, updated_at)
        = (excluded.quantity, excluded.avg_price, excluded.unrealized_pnl, excluded.realized_pnl, excluded.updated_at)
"""

_COUNT = """
    INSERT INTO dm_positions
        (id, symbol, side, size, entry_price, current_price, unrealized_pnl, created_at, updated_at)
    SELECT symbol, symbol, CASE WHEN quantity > 0 THEN 'long' ELSE 'short' END, abs(quantity), avg_price, price,
           unrealized_pnl, at, at
    FROM unnest(%(symbol)s::text[], %(quantity)s::numeric[], %(avg_price)s::numeric[], %(unrealized_pnl)s::numeric[],
                %(price)s::numeric[], %(at)s::timestamptz[])
        AS given (symbol, quantity, avg_price, unrealized_pnl, price, at)
    WHERE quantity <> 0
    ON CONFLICT (id) DO UPDATE SET (side, size, entry_price, current_price, unrealized_pnl, updated_at)
        = (excluded.side, excluded.size, excluded.entry_price, excluded.current_price, excluded.unrealized_pnl,
           excluded.updated_at)
"""

_FORGET = "DELETE FROM dm_positions WHERE id = ANY(%(symbols)s)"

_STATE = Written(
    columns={
        "id": "text",
        **dict.fromkeys(("portfolio_value", "cash_balance", "total_risk", "var_95"), "numeric"),
        **dict.fromkeys(("max_drawdown", "sharpe_ratio"), "numeric"),
        **dict.fromkeys(("at", "created_at"), "timestamptz"),
    }
)
_REMEMBER = f"""
    INSERT INTO dm_portfolio_state ({_STATE.names})
    SELECT {_STATE.names} FROM {_STATE.of_arrays}
    ON CONFLICT (id) DO NOTHING
"""

_MARK = """
    WITH given AS (SELECT * FROM unnest(%(symbol)s::text[], %(price)s::numeric[]) AS given (symbol, price)),
    held AS (
        UPDATE tr_positions SET unrealized_pnl = (given.price - avg_price) * quantity
        FROM given WHERE id = given.symbol AND quantity <> 0
    )
    UPDATE dm_positions
    SET current_price = given.price,
        unrealized_pnl = (given.price - entry_price) * CASE side WHEN 'long' THEN size ELSE -size END
    FROM given WHERE id = given.symbol
"""


def project(connection: psycopg.Connection[Any], strands: Sequence[Strand]) -> None:
    """Write what fills and risk updates among these strands change, in the caller's transaction.

    The last fill told of a symbol is its position; the last risk update's marks value what is open. Telling strands
    again in the same order leaves the same rows.
    """
    newest = {each.symbol or "": each for each in strands if each.kind == "fill" and each.module == "trader"}
    if newest:
        _hold(connection, [newest[symbol] for symbol in sorted(newest)])
    updates = [each for each in strands if each.kind == "risk_update" and each.module == "risk"]
    if updates:
        _value(connection, updates)


def _hold(connection: psycopg.Connection[Any], fills: Sequence[Strand]) -> None:
    positions = [{**each.payload["position_data"], "symbol": each.symbol} for each in fills]
    columns = {name: [each[name] for each in positions] for name in positions[0]}
    columns["price"] = [each.payload["fills"][-1]["px"] for each in fills]
    columns["at"] = [each.at for each in fills]
    flat = [each["symbol"] for each in positions if not Decimal(each["quantity"])]
    connection.execute(_HOLD, columns)
    connection.execute(_COUNT, columns)
    if flat:
        connection.execute(_FORGET, {"symbols": flat})


def _value(connection: psycopg.Connection[Any], updates: Sequence[Strand]) -> None:
    by_id = sorted({each.id: each for each in updates}.items())
    connection.execute(_REMEMBER, _STATE.arrays([_state(each) for _, each in by_id]))
    marks = updates[-1].payload["rm_portfolio_risk"].get("marks") or {}
    if marks:
        symbols = sorted(marks)
        connection.execute(_MARK, {"symbol": symbols, "price": [marks[symbol] for symbol in symbols]})


def _state(update: Strand) -> dict[str, Any]:
    risk, var = update.payload["rm_portfolio_risk"], update.payload.get("rm_var_calculation") or {}
    return {
        "id": update.id,
        "portfolio_value": risk["portfolio_value"],
        "cash_balance": risk["cash"],
        "total_risk": _ratio(risk.get("total_risk")),
        "var_95": _ratio(var.get("var_95")),
        "max_drawdown": _ratio(risk.get("max_drawdown")),
        "sharpe_ratio": _ratio(risk.get("sharpe")),
        **dict.fromkeys(("at", "created_at"), update.at),
    }


def _ratio(number: float | str | None) -> Decimal:
    """Return a ratio that its column can hold; the columns allow no null, so one not known yet is zero."""
    return max(-_MOST, min(_MOST, Decimal(str(number)))) if number is not None else Decimal(0)
