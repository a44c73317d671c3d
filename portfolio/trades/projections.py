"""Trades as rows for people: tr_trades, from closed positions and from the reports on their entries and exits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from portfolio.trades import rows
from strands.strand import Strand

_KEEP = f"""
    INSERT INTO tr_trades ({rows.TRADE.names})
    SELECT {rows.TRADE.names} FROM {rows.TRADE.of_arrays}
    ON CONFLICT (id) DO NOTHING
"""


def _number(text: str) -> str:
    """Return SQL for the number that a text is; NULL for any other text, and for more digits than money has."""
    return f"CASE WHEN {text} ~ '^-?[0-9]{{1,99}}([.][0-9]{{1,99}})?$' THEN ({text})::numeric END"


def _by_quantity(name: str) -> str:
    """Return SQL for a measure of slippage over several reports, each counted by what it filled."""
    told, filled = _number(f"tr_slippage ->> '{name}'"), _number("tr_execution ->> 'filled'")
    return f"(sum({told} * {filled}) / nullif(sum({filled}) FILTER (WHERE {told} IS NOT NULL), 0))::float8"


_REPORTED = f"""
    SELECT (array_agg({_number("order_spec ->> 'stop_loss'")} ORDER BY id))[1] AS first_stop,
           (array_agg({_number("order_spec ->> 'stop_loss'")} ORDER BY id DESC))[1] AS last_stop,
           (array_agg({_number("order_spec ->> 'take_profit'")} ORDER BY id DESC))[1] AS target,
           {_by_quantity("predicted_bps")} AS predicted_bps, {_by_quantity("slip_real_bps")} AS slip_bps
      FROM tr_strands
     WHERE lifecycle_id = trade.lifecycle_id AND kind = 'execution' AND exec_metrics ->> 'intent' = '%s'
"""

#: What a trade's own strand does not tell stands in strands that were said before it or in the same turn: how well its
#: orders were done, where its stop lay, in which regime it was decided, and by whom it was approved.
_TELL = f"""
    UPDATE tr_trades AS trade
    SET regime = about.regime, approved_by = about.approved_by, first_stop = about.first_stop,
        last_stop = about.last_stop, target = about.target, entry_predicted_bps = about.entry_predicted_bps,
        entry_slip_bps = about.entry_slip_bps, exit_predicted_bps = about.exit_predicted_bps,
        exit_slip_bps = about.exit_slip_bps
    FROM (
        SELECT trade.id, decision.regime,
               jsonb_path_query_array(decision.curator_decisions, '$[*] ? (@.action == "approve").curator_type')
                   AS approved_by,
               entered.first_stop, coalesce(left_by.last_stop, entered.last_stop) AS last_stop,
               coalesce(left_by.target, entered.target) AS target,
               entered.predicted_bps AS entry_predicted_bps, entered.slip_bps AS entry_slip_bps,
               left_by.predicted_bps AS exit_predicted_bps, left_by.slip_bps AS exit_slip_bps
          FROM tr_trades AS trade
          LEFT JOIN dm_strands AS decision ON decision.id = trade.decision_id
          LEFT JOIN LATERAL ({_REPORTED % "entry"}) AS entered ON true
          LEFT JOIN LATERAL ({_REPORTED % "exit"}) AS left_by ON true
         WHERE trade.lifecycle_id = ANY(%(lifecycles)s)
         ORDER BY trade.id
    ) AS about
    WHERE trade.id = about.id
"""


def project(connection: psycopg.Connection[Any], strands: Sequence[Strand]) -> None:
    """Write one row for each position closed among these strands, in the caller's transaction; idempotent.

    The strands lie in their tables already. A report that comes after the position was closed completes its row.
    """
    spoken = [each for each in strands if each.module == "trader" and each.kind in ("position", "execution")]
    closed = {each.id: rows.closed(each) for each in spoken if each.kind == "position"}
    found = [row for _, row in sorted(closed.items()) if row]
    if found:
        connection.execute(_KEEP, rows.TRADE.arrays(found))
    lifecycles = sorted({each.lifecycle_id for each in spoken if each.lifecycle_id})
    if lifecycles:
        connection.execute(_TELL, {"lifecycles": lifecycles})
