"""Recorded turns, read back from PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg

from strands import ids, tables
from strands.given import Given
from strands.rulings.fold import Check, Rulings
from strands.rulings.ruling import COLUMNS as KINDS_OF_RULINGS
from strands.strand import Strand
from strands.wire import Kept
from strands.wires import rows, ruled, statements
from tradingops.replay.refold import Recorded

#: Turns read together.
PAGE = 1_000

PARTITIONS = """
    SELECT DISTINCT listener, partition FROM module_messages
     WHERE status = 'delivered' AND listener IS NOT NULL AND (%(listener)s::text IS NULL OR listener = %(listener)s)
     ORDER BY listener, partition
"""
TURNS = """
    SELECT sequence, strand_table, strand_id, now, given, receiver_module_id::text,
           message_data -> 'answers', module_version FROM module_messages
     WHERE listener = %(listener)s AND partition = %(partition)s AND status = 'delivered' AND sequence > %(after)s
     ORDER BY sequence LIMIT %(limit)s
"""
SAID = """
    SELECT id, row_to_json(strand)::text FROM {table} AS strand
     WHERE id >= %(low)s AND id < %(high)s AND symbol = ANY(%(symbols)s)
"""
RULINGS = "SELECT id, row_to_json(strand)::text FROM op_strands AS strand WHERE kind = ANY(%(kinds)s) ORDER BY said"
STATE = "SELECT state FROM module_states WHERE id = %(id)s"


#: Who obeyed a halt that was delivered, in turns that were taken before turns were given rulings.
OBEYED_DELIVERED_HALTS = frozenset({"dm"})


class LostRuling(RuntimeError):
    """A turn was given a ruling that the database holds no more."""

    def __init__(self, ruling: str) -> None:
        super().__init__(f"given: {ruling} is no ruling in op_strands; turns that knew it cannot be refolded")


class TurnRecord:
    """The turns that a database recorded, and the states that its modules keep.

    ``check`` refuses rulings as it did when the turns were taken.
    """

    def __init__(self, connection: psycopg.Connection[Any], *, check: Check | None = None) -> None:
        self._connection = connection
        self._check = check
        self._through: dict[str, Rulings] = {}

    def partitions(self, listener: str | None = None) -> list[tuple[str, str]]:
        """Return (listener, partition) of everything that took a turn."""
        return self._connection.execute(PARTITIONS, {"listener": listener}).fetchall()

    def state(self, listener: str, partition: str) -> Kept | None:
        """Return the state of a partition as it is kept, None where there is none."""
        row = self._connection.execute(STATE, {"id": f"{listener}:{partition}"}).fetchone()
        return json.loads(row[0]) if row else None

    def turns(self, listener: str, partition: str) -> Iterator[Recorded]:
        """Yield the turns of one partition in the order they were taken."""
        after, delivered = 0, Rulings(check=self._check)
        while page := self._page(listener, partition, after):
            heard = self._strands((table, identity) for _, table, identity, *_ in page)
            answer_table = tables.TABLES[listener].name
            said = self._strands((answer_table, each) for *_, answers, _ in page for each in answers)
            for sequence, _, identity, now, ruling, instance, answers, version in page:
                given = (
                    _as_delivered(delivered, now, listener, partition)
                    if ruling is None
                    else self._known_through(ruling).given(now, listener, partition)
                )
                delivered.add(heard[identity])
                yield Recorded(
                    sequence,
                    heard[identity],
                    given._replace(instance=instance or given.instance),
                    {each: said.get(each) for each in answers},
                    version or "",
                )
            after = page[-1][0]

    def _known_through(self, ruling: str) -> Rulings:
        """Return the rulings up to one, as a turn knew them that names it; raises LostRuling."""
        if not self._through:
            known = self._through[""] = Rulings(check=self._check)
            for identity, text in self._connection.execute(RULINGS, {"kinds": list(KINDS_OF_RULINGS)}).fetchall():
                known = known.copy()
                ruled.count(known, identity, text)
                self._through[known.last] = known
        if ruling not in self._through:
            raise LostRuling(ruling)
        return self._through[ruling]

    def _page(self, listener: str, partition: str, after: int) -> Sequence[tuple[Any, ...]]:
        asked = {"listener": listener, "partition": partition, "after": after, "limit": PAGE}
        return self._connection.execute(TURNS, asked).fetchall()

    def _strands(self, wanted: Iterator[tuple[str, str]] | Any) -> Mapping[str, Strand]:
        by_table: dict[str, list[str]] = {}
        for table, identity in wanted:
            by_table.setdefault(table, []).append(identity)
        return {
            identity: rows.strand(tables.BY_NAME[table], text)
            for table, few in by_table.items()
            for identity, text in self._connection.execute(statements.read(table), {"ids": few}).fetchall()
        }


def _as_delivered(delivered: Rulings, now: datetime, listener: str, partition: str) -> Given:
    """Return what a turn went by that names no ruling, for it was taken before turns were given any.

    It knew the rulings that were delivered to its partition; of halts only the decision maker took notice.
    """
    given = delivered.given(now, listener, partition)
    return given if listener in OBEYED_DELIVERED_HALTS else given._replace(halts={})


def said(
    connection: psycopg.Connection[Any], *, since: datetime, until: datetime, symbols: Sequence[str]
) -> dict[str, Strand]:
    """Return what modules, and not the market, said of some symbols by causes between two moments, both included."""
    asked = {
        "low": ids.lower_bound(since),
        "high": ids.lower_bound(until + timedelta(milliseconds=1)),
        "symbols": list(symbols),
    }
    return {
        identity: rows.strand(table, text)
        for table in tables.TABLES.values()
        if table.module not in ("market", "op")
        for identity, text in connection.execute(SAID.format(table=table.name), asked).fetchall()
    }
