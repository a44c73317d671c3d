"""Claims: deliveries as they were taken, the turns they became, and what is recorded of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from strands import ids, tables
from strands.strand import Strand
from strands.wire import Turn
from strands.wires import faults, records, rows


@dataclass(slots=True)
class Claimed:
    """A delivery as it was taken, and the turn it became; one that is ``over`` goes to no module."""

    row: Any
    turn: Turn
    over: bool


def claimed(row: Any, text: str) -> Claimed:
    """Return the turn of a delivery; a strand that cannot be read is over, and its fault says why."""
    table = tables.BY_NAME[row.strand_table]
    try:
        return Claimed(row, Turn(rows.strand(table, text), row.tag, row.partition, row.attempts), over=row.expired)
    except (ValueError, TypeError, KeyError, RecursionError) as fault:
        unread = Strand(id=row.strand_id, module=table.module, kind="", at=ids.moment(row.strand_id) or ids.EPOCH)
        turn = Turn(unread, row.tag, row.partition, row.attempts, fault=fault, status="failed")
        return Claimed(row, turn, over=True)


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
        error=faults.told(turn.fault) if turn.fault else "past its time to live" if row.expired else None,
        cause=() if status == records.DELIVERED else (row.seq, row.attempts),
    )
