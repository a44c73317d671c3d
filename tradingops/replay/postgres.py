"""Recorded turns, read back from PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from strands import ids, tables, tags
from strands.given import Given
from strands.rulings.fold import Check, Rulings
from strands.rulings.ruling import COLUMNS as KINDS_OF_RULINGS
from strands.strand import Strand
from strands.wire import Kept
from strands.wires import records, rows, ruled, statements
from tradingops.replay.refold import Recorded, Unfoldable

#: Turns read together.
PAGE = 1_000

PARTITIONS = """
    SELECT DISTINCT listener, partition FROM module_messages
     WHERE status = 'delivered' AND listener IS NOT NULL AND (%(listener)s::text IS NULL OR listener = %(listener)s)
     ORDER BY listener, partition
"""
TURNS = """
    SELECT sequence, strand_table, strand_id, now, given, receiver_module_id::text AS instance,
           message_data -> 'answers' AS answers, module_version, tag, replace(message_id::text, '-', '') AS key
      FROM module_messages
     WHERE listener = %(listener)s AND partition = %(partition)s AND status = 'delivered' AND sequence > %(after)s
     ORDER BY sequence LIMIT %(limit)s
"""
SAID = """
    SELECT id, row_to_json(strand)::text FROM {table} AS strand
     WHERE id >= %(low)s AND id < %(high)s AND symbol = ANY(%(symbols)s)
"""
#: What names a listener, and has no record of a turn there nor waits for one.
UNHEARD = """
    SELECT address.listener, coalesce(said.symbol, ''), said.id, said.at FROM {table} AS said
     CROSS JOIN LATERAL (SELECT DISTINCT split_part(tag, ':', 1) AS listener
                           FROM jsonb_array_elements_text(said.tags) AS tag WHERE tag = ANY(%(tags)s)) AS address
     WHERE address.listener = ANY(%(listeners)s)
       AND NOT EXISTS (SELECT FROM module_messages AS turn
                        WHERE turn.strand_id = said.id AND turn.listener = address.listener)
       AND NOT EXISTS (SELECT FROM deliveries AS one
                        WHERE one.strand_id = said.id AND one.listener = address.listener)
     ORDER BY said.id
"""
#: What stands in a module's table, and is among the answers of none of its turns.
UNSAID = """
    SELECT %(listener)s, coalesce(symbol, ''), id, at FROM {table}
     WHERE hop >= %(least_hop)s AND id NOT IN (
           SELECT jsonb_array_elements_text(message_data -> 'answers') FROM module_messages
            WHERE listener = %(listener)s AND status = 'delivered'
              AND jsonb_typeof(message_data -> 'answers') = 'array')
     ORDER BY id
"""
#: Whose strands may be first causes, said by nobody's turn.
MAY_BE_A_FIRST_CAUSE = frozenset({"alpha"})
RULINGS = "SELECT id, row_to_json(strand)::text FROM op_strands AS strand WHERE kind = ANY(%(kinds)s) ORDER BY said"
#: The last turn of a partition that another version took, and how many those are.
EARLIER = """
    SELECT max(sequence), count(*) FROM module_messages
     WHERE listener = %(listener)s AND partition = %(partition)s AND status = 'delivered'
       AND module_version IS DISTINCT FROM %(version)s
"""
TAKEN_OVER = """
    SELECT state FROM module_takeovers
     WHERE listener = %(listener)s AND partition = %(partition)s AND to_version = %(version)s
     ORDER BY id DESC LIMIT 1
"""
STATE = "SELECT state FROM module_states WHERE id = %(id)s"


#: Who obeyed a halt that was delivered, in turns that were taken before turns were given rulings.
OBEYED_DELIVERED_HALTS = frozenset({"dm"})


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

    def earlier(self, listener: str, partition: str, version: str) -> tuple[int, int]:
        """Return the sequence of the last turn that another version of a module took, and how many it took; 0 of none.

        Those turns are the other version's to take again.
        """
        asked = {"listener": listener, "partition": partition, "version": version}
        last, count = self._connection.execute(EARLIER, asked).fetchone() or (None, 0)
        return last or 0, count

    def taken_over(self, listener: str, partition: str, version: str) -> Kept | str | None:
        """Return the state that a version took over from another; that which is kept, where it changed nothing yet."""
        asked = {"listener": listener, "partition": partition, "version": version}
        row = self._connection.execute(TAKEN_OVER, asked).fetchone()
        return _json(row[0]) if row else self.state(listener, partition)

    def state(self, listener: str, partition: str) -> Kept | str | None:
        """Return the state of a partition as it is kept, None where there is none, the reason where it is no JSON."""
        row = self._connection.execute(STATE, {"id": f"{listener}:{partition}"}).fetchone()
        return _json(row[0]) if row else None

    def turns(self, listener: str, partition: str, *, after: int = 0) -> Iterator[Recorded | Unfoldable]:
        """Yield the turns of one partition in the order they were taken, each as recorded or why it cannot be.

        ``after`` leaves out those up to a sequence.
        """
        delivered = Rulings(check=self._check)
        answer_table = _table_of_answers(listener)
        while page := self._page(listener, partition, after):
            heard = self._strands((row.strand_table, row.strand_id) for row in page)
            said = self._strands((answer_table, each) for row in page for each in _listed(row.answers))
            for row in page:
                strand = heard.get(row.strand_id)
                yield self._turn(row, strand, said, (delivered, listener, partition))
                if isinstance(strand, Strand):
                    delivered.add(strand)
            after = page[-1].sequence

    def _turn(
        self, row: Any, strand: Strand | str | None, said: Mapping[str, Strand | str], of: tuple[Rulings, str, str]
    ) -> Recorded | Unfoldable:
        """Return one turn of a partition, given the rulings that were delivered to it until then."""
        delivered, listener, partition = of
        wrong = _wrong(row, strand, listener, partition) or self._unknown_ruling(row.given)
        if wrong or not isinstance(strand, Strand):
            return Unfoldable(row.sequence, row.strand_id, row.now, *(wrong or ("strand heard", "said", strand)))
        given = (
            _as_delivered(delivered, row.now, listener, partition)
            if row.given is None
            else self._known_through(row.given).given(row.now, listener, partition)
        )
        return Recorded(
            row.sequence,
            strand,
            given._replace(instance=row.instance or given.instance),
            {each: said.get(each) for each in row.answers},
            row.module_version or "",
        )

    def unheard(self, listeners: Sequence[str]) -> Iterator[tuple[str, str, str, datetime]]:
        """Yield (listener, partition, strand's id, its moment) of what has neither a turn nor waits for one."""
        asked = {"listeners": list(listeners), "tags": sorted(tags.TAGS)}
        for table in tables.TABLES.values():
            yield from self._connection.execute(UNHEARD.format(table=table.name), asked).fetchall()

    def unsaid(self, listeners: Sequence[str]) -> Iterator[tuple[str, str, str, datetime]]:
        """Yield (module, symbol, strand's id, its moment) of what stands in a module's name and no turn of it said.

        A first cause in alpha's name is a plan from outside, which anybody may bring.
        """
        for name in listeners:
            if name in tables.TABLES:
                asked = {"listener": name, "least_hop": 1 if name in MAY_BE_A_FIRST_CAUSE else 0}
                yield from self._connection.execute(UNSAID.format(table=tables.TABLES[name].name), asked).fetchall()

    def _unknown_ruling(self, ruling: str | None) -> tuple[str, Any, Any] | None:
        self._read_rulings()
        if ruling is None or ruling in self._through:
            return None
        return "given", ruling, "no ruling in op_strands"

    def _known_through(self, ruling: str) -> Rulings:
        """Return the rulings up to one, as a turn knew them that names it."""
        self._read_rulings()
        return self._through[ruling]

    def _read_rulings(self) -> None:
        if not self._through:
            known = self._through[""] = Rulings(check=self._check)
            for identity, text in self._connection.execute(RULINGS, {"kinds": list(KINDS_OF_RULINGS)}).fetchall():
                known = known.copy()
                ruled.count(known, identity, text)
                self._through[known.last] = known

    def _page(self, listener: str, partition: str, after: int) -> Sequence[Any]:
        asked = {"listener": listener, "partition": partition, "after": after, "limit": PAGE}
        with self._connection.cursor(row_factory=namedtuple_row) as cursor:
            return cursor.execute(TURNS, asked).fetchall()

    def _strands(self, wanted: Iterable[tuple[str, str]]) -> Mapping[str, Strand | str]:
        """Return strands by id, and the reason in place of one that cannot be read."""
        by_table: dict[str, list[str]] = {}
        for table, identity in wanted:
            if table in tables.BY_NAME:
                by_table.setdefault(table, []).append(identity)
        return {
            identity: _read(tables.BY_NAME[table], text)
            for table, few in by_table.items()
            for identity, text in self._connection.execute(statements.read(table), {"ids": few}).fetchall()
        }


def _read(table: tables.Table, text: str) -> Strand | str:
    try:
        return rows.strand(table, text)
    except (ValueError, TypeError, KeyError, RecursionError) as fault:
        return f"unreadable: {type(fault).__name__}: {fault}"[:500]


def _json(text: str) -> Kept | str:
    try:
        kept: Kept = json.loads(text)
    except (ValueError, RecursionError) as fault:
        return f"unreadable: {type(fault).__name__}: {fault}"[:500]
    return kept


def _listed(answers: Any) -> list[str]:
    return answers if isinstance(answers, list) and all(isinstance(each, str) for each in answers) else []


def _table_of_answers(listener: str) -> str:
    """Return the table of what a listener says; who has none of its own speaks as people do."""
    return tables.TABLES[listener if listener in tables.TABLES else "op"].name


def _wrong(row: Any, strand: Strand | str | None, listener: str, partition: str) -> tuple[str, Any, Any] | None:
    """Return what of a record is not as its turn left it, was and is; None for a record that can be refolded."""
    if not isinstance(strand, Strand):
        return "strand heard", "said", strand or f"gone from {row.strand_table}"
    if row.now is None or _listed(row.answers) != row.answers:
        return "record", "a moment and a list of answers", f"now {row.now}, answers {str(row.answers)[:80]}"
    key = ids.message_id(max(strand.at, ids.EPOCH), listener, strand.id, row.tag, records.DELIVERED)
    if row.key != key:
        return "record", f"message_id {row.key}", f"of a turn of {listener} with {row.tag} and this strand, {key}"
    belongs = (strand.symbol or "") if tags.LISTENERS[listener].partition == tags.BY_SYMBOL else ""
    return None if belongs == partition else ("partition", partition, belongs)


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
