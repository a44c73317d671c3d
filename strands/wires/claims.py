"""Claims: deliveries as they were taken, the turns they became, and what is recorded of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from strands import ids, tables
from strands.strand import Strand
from strands.wire import Turn
from strands.wires import records, rows

#: Classes of SQLSTATE that no turn is guilty of: a connection, transaction, schema or server that is not in order.
NO_TURNS_FAULT = ("08", "25", "40", "42", "53", "55", "57", "58", "XX")


@dataclass(slots=True)
class Claimed:
    """A delivery as it was taken, and the turn it became; one that is ``over`` goes to no module."""

    row: Any
    turn: Turn
    over: bool = False


def claimed(row: Any, text: str) -> Claimed:
    """Return the turn of a delivery; a strand that cannot be read is over, and its fault says why."""
    table = tables.BY_NAME[row.strand_table]
    try:
        return Claimed(row, Turn(rows.strand(table, text), row.tag, row.partition, row.attempts), over=row.expired)
    except (ValueError, TypeError, KeyError, RecursionError) as fault:
        unread = Strand(id=row.strand_id, module=table.module, kind="", at=ids.moment(row.strand_id) or ids.EPOCH)
        turn = Turn(unread, row.tag, row.partition, row.attempts, fault=fault, status="failed")
        return Claimed(row, turn, over=True)


def spoils_a_turn(fault: Exception) -> bool:
    """Return whether a fault tells of what a turn did or wrote, and not of the database it was written to."""
    if not isinstance(fault, psycopg.Error):
        return True
    if fault.sqlstate is None:
        return not isinstance(fault, psycopg.OperationalError | psycopg.InterfaceError)
    return not fault.sqlstate.startswith(NO_TURNS_FAULT)


def record_of(each: Claimed) -> records.Record:
    """Return the record of a delivery that is over."""
    row, turn = each.row, each.turn
    status = records.EXPIRED if row.expired else records.DELIVERED if turn.status == "handled" else records.FAILED
    return records.Record(
        turn=turn,
        status=status,
        priority=row.priority,
        ttl_seconds=row.ttl_seconds,
        attempts=row.attempts + 1,
        error=told(turn.fault) if turn.fault else "past its time to live" if row.expired else None,
        cause=() if status == records.DELIVERED else (row.seq, row.attempts),
    )


def told(fault: Exception) -> str:
    """Return a fault as a record keeps it: its type and its words, no longer than a row bears."""
    text = f"{type(fault).__name__}: {fault}".replace("\x00", "")
    return text[:2000]
