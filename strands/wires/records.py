"""The record of finished turns, as parameters of the statement that writes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from strands import ids, roots, tables, tags
from strands.wire import Turn
from strands.wires import rows

DELIVERED, FAILED, EXPIRED = "delivered", "failed", "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One finished turn: how its strand travelled, how it ended; ``cause`` tells apart the failures of one strand."""

    turn: Turn
    status: str
    priority: int
    ttl_seconds: int
    attempts: int = 1
    error: str | None = None
    cause: tuple[object, ...] = ()

    def key(self, listener: str) -> str:
        """Return the key of the record: a strand is delivered to a listener's tag once, but may fail more often."""
        strand = self.turn.strand
        return ids.message_id(max(strand.at, ids.EPOCH), listener, strand.id, self.turn.tag, self.status, *self.cause)


def of_handled(turn: Turn) -> Record:
    """Return the record of a turn that was handled at the first try, its priority and time to live from its tags."""
    listener = tags.TAGS[turn.tag].listener
    priority, ttl = _travelled(turn.strand.tags, listener)
    return Record(turn=turn, status=DELIVERED, priority=priority, ttl_seconds=ttl)


def parameters(listener: str, version: str, records: Sequence[Record]) -> dict[str, Any]:
    """Return what ``statements.RECORD_TURNS`` takes for one listener's records."""
    turns = [record.turn for record in records]
    data = [
        {"kind": turn.strand.kind, "symbol": turn.strand.symbol, "answers": [answer.id for answer in turn.answers]}
        for turn in turns
    ]
    return {
        "listener": listener,
        "receiver": root_of(listener),
        "version": version,
        "message_id": [record.key(listener) for record in records],
        "sender": [turn.strand.module_id or root_of(turn.strand.module) for turn in turns],
        "message_type": [tags.TAGS[turn.tag].message_type for turn in turns],
        "message_data": rows.encode(data),
        "priority": [record.priority for record in records],
        "ttl_seconds": [record.ttl_seconds for record in records],
        "status": [record.status for record in records],
        "attempts": [record.attempts for record in records],
        "error": [record.error for record in records],
        "partition": [turn.partition for turn in turns],
        "tag": [turn.tag for turn in turns],
        "strand_table": [tables.TABLES[turn.strand.module].name for turn in turns],
        "strand_id": [turn.strand.id for turn in turns],
        "now": [turn.given.now if turn.given else None for turn in turns],
        "given": [turn.given.ruling if turn.given else "" for turn in turns],
    }


@cache
def root_of(module: str) -> str | None:
    """Return the id of the first generation of a module, None for those that have none."""
    root = roots.ROOTS.get(module)
    return str(root.module_id) if root else None


@cache
def _travelled(given: tuple[str, ...], listener: str) -> tuple[int, int]:
    address = next(each for each in tags.addresses(given) if each.listener == listener)
    return address.priority, address.ttl_seconds
