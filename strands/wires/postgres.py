"""The wire over PostgreSQL: tables carry, one transaction a batch, NOTIFY only wakes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from strands import tables, tags
from strands.retry import RetryPolicy
from strands.rulings.fold import Check, Rulings
from strands.strand import Strand
from strands.triggers import LANES
from strands.wire import Batch, Keeper, State, Turn
from strands.wires import claims, faults, records, rows, ruled, statements, transactions
from strands.wires.claims import Claimed

Connection = psycopg.Connection[Any]
#: project(connection, strands): write rows for people, inside the transaction that published the strands.
Projection = Callable[[Connection, Sequence[Strand]], None]

ERROR_TAG = "error:processing_failed"
#: What a delivery that is put back keeps.
_PUT_BACK_AS_TAKEN = (
    *("seq", "strand_table", "strand_id", "tag", "partition", "lane", "priority", "ttl_seconds", "expires_at"),
)


#: Whose words may halt: of strands written together, the database must see orders first that were said before.
MAY_HALT = ("risk", "op")


class PostgresWire:
    """Strands, deliveries, states and turns in PostgreSQL; one instance belongs to one thread.

    ``connect`` opens an autocommit connection. ``keepers`` know, by listener, how its states are kept and which version
    its turns are recorded under; without one a state is kept as the JSON object it is. ``check`` refuses rulings.
    ``projections`` run in the transaction of every publication. ``lanes`` limits what this taker takes, for workers
    that share a listener.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        *,
        projections: Sequence[Projection] = (),
        keepers: Mapping[str, Keeper] | None = None,
        check: Check | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._projections = tuple(projections)
        self._keepers = dict(keepers or {})
        self._known = ruled.KnownRulings(check=check)
        self._retry = retry or RetryPolicy()
        self._states: dict[str, dict[str, tuple[int, State]]] = {}
        #: Turns to take one by one, after a batch that the database refused, to find the one at fault.
        self._careful: dict[str, int] = {}
        self.lanes: dict[str, list[int]] = {}

    @property
    def connection(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._states.clear()
            self._known.forget()
            self._connection = self._connect()
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    # -- publishing

    def publish(self, strands: Iterable[Strand]) -> int:
        strands = list(strands)
        if not strands:
            return 0
        with self._whole(), self.transaction():
            written = self.write(strands)
            self.project(strands)
        return sum(cursor.rowcount for cursor in written)

    def write(self, strands: Sequence[Strand]) -> list[psycopg.Cursor[Any]]:
        """Queue one INSERT a table, strands in the order given; what may halt comes after the orders said before it."""
        by_module: dict[str, list[Strand]] = {}
        for strand in strands:
            by_module.setdefault(strand.module, []).append(strand)
        written = []
        for module, said in sorted(by_module.items(), key=lambda each: each[0] in MAY_HALT):
            table = tables.TABLES[module]
            payload, arrays = rows.columns(table, said)
            arrays["module_id"] = [strand.module_id or records.root_of(module) for strand in said]
            written.append(self.connection.execute(statements.publish(table.name, payload), arrays))
        return written

    def project(self, strands: Sequence[Strand]) -> None:
        """Let every projection write its rows for these strands."""
        if strands:
            for projection in self._projections:
                projection(self.connection, strands)

    # -- taking

    @contextmanager
    def take(self, listener: str, limit: int) -> Iterator[Batch]:
        careful = self._careful.get(listener, 0)
        with self._whole():
            claimed: list[Claimed] = []
            handled = False
            try:
                with self.transaction():
                    claimed = self._claim(listener, 1 if careful else limit)
                    batch = self._batch(listener, claimed)
                    loaded = dict(batch.states)
                    yield batch
                    handled = True
                    self._finish(listener, claimed, batch, loaded)
            except Exception as fault:
                self._states.pop(listener, None)
                if not (handled and len(batch) and faults.spoils_a_turn(fault)):
                    raise
                self._blame(listener, claimed, fault)
                return
            self._remember(listener, batch, loaded)
            if careful:
                self._careful[listener] = careful - max(1, len(batch)) if len(batch) else 0

    def _claim(self, listener: str, limit: int) -> list[Claimed]:
        """Take due deliveries with their strands, and more while all of them are over before a module saw them."""
        claimed: list[Claimed] = []
        while all(each.over for each in claimed):
            more = self._claim_rows(listener, limit)
            if not more:
                break
            claimed += self._read(more)
        return claimed

    def _claim_rows(self, listener: str, limit: int) -> list[Any]:
        """Take due deliveries, past the partitions in which another session holds a row that comes first."""
        asked: dict[str, Any] = {
            "listener": listener,
            "limit": limit,
            "key": tags.LISTENERS[listener].lock_key,
            "lanes": self.lanes.get(listener) or list(range(LANES)),
            "blocked": [],
        }
        while True:
            locked, claimed = self._claim_next(asked)
            if claimed or not locked:
                return claimed
            blocked = [partition for (partition,) in self.connection.execute(statements.BLOCKED, asked).fetchall()]
            if not blocked:
                return []
            asked["blocked"] = [*asked["blocked"], *blocked]

    def _claim_next(self, asked: dict[str, Any]) -> tuple[str, list[Any]]:
        """Lock the lanes of what comes next and take from them; return those lanes, and what was taken."""
        lanes = self.connection.execute(statements.LOCK_LANES, asked)
        cursor = self.connection.cursor(row_factory=namedtuple_row)
        cursor.execute(statements.CLAIM, asked)
        # Asked after the claim, so that a ruling is known to the turn that hears of it; sent along with it.
        newer = self._known.ask(self.connection.execute)
        claimed = cursor.fetchall()
        self._known.count(newer)
        locked = lanes.fetchone()
        return (locked[0] if locked else ""), claimed

    def _read(self, taken: Sequence[Any]) -> list[Claimed]:
        by_table: dict[str, list[str]] = {}
        for row in taken:
            by_table.setdefault(row.strand_table, []).append(row.strand_id)
        reading = {
            name: self.connection.execute(statements.read(name), {"ids": wanted}) for name, wanted in by_table.items()
        }
        found = {identity: text for cursor in reading.values() for identity, text in cursor.fetchall()}
        return [claims.claimed(row, found[row.strand_id]) for row in taken if row.strand_id in found]

    def _batch(self, listener: str, claimed: Sequence[Claimed]) -> Batch:
        kept = self._states.setdefault(listener, {})
        newest = {each.row.partition: each.row.state_turns for each in claimed}
        stale = [
            partition
            for partition, turns in newest.items()
            if turns is not None and (partition not in kept or kept[partition][0] != turns)
        ]
        if stale:
            asked = {"ids": [f"{listener}:{partition}" for partition in stale]}
            for partition, turns, text in self.connection.execute(statements.LOAD_STATES, asked).fetchall():
                kept[partition] = (turns, self.load_state(listener, text))
        states = {partition: kept[partition][1] if turns is not None else None for partition, turns in newest.items()}
        turns = [each.turn for each in claimed if not each.over]
        return Batch(listener, turns, states, self._known.rulings, self._again)

    def rulings(self) -> Rulings:
        """Return what people have put in force, as known now; the caller may add to it."""
        self._known.count(self._known.ask(self.connection.execute))
        return self._known.rulings.copy()

    def load_state(self, listener: str, text: str) -> State:
        """Return a state from the text it is kept as."""
        keeper, kept = self._keepers.get(listener), rows.decode(text)
        return keeper.load(kept) if keeper else kept

    def _dump_state(self, listener: str, state: State) -> str:
        keeper = self._keepers.get(listener)
        return rows.encode(keeper.dump(state) if keeper else state)

    def _version(self, listener: str) -> str:
        keeper = self._keepers.get(listener)
        return keeper.version if keeper else ""

    def _finish(
        self, listener: str, claimed: Sequence[Claimed], batch: Batch, loaded: Mapping[str, State | None]
    ) -> None:
        """Queue everything that the turns left: answers, projections, states, records, deliveries put back."""
        if not claimed:
            return
        answers = [answer for turn in batch.turns if turn.status == "handled" for answer in turn.answers]
        self.write(answers)
        self.project(answers)
        self._save_states(listener, batch, loaded)
        back = [each for each in claimed if self._waits_on(each)]
        done = [each for each in claimed if not self._waits_on(each)]
        self._record(listener, done)
        self._put_back(listener, back)
        self._tag(ERROR_TAG, [each for each in done if each.turn.status == "failed"])
        for name in {each.row.tag for each in done if each.row.expired}:
            self._tag(f"expired:{name}", [each for each in done if each.row.expired and each.row.tag == name])

    def _waits_on(self, each: Claimed) -> bool:
        if each.over:
            return False
        return self._again(each.turn) if each.turn.status == "failed" else each.turn.status != "handled"

    def _again(self, turn: Turn) -> bool:
        """Return whether a failed turn is tried again: the database's fault, and not its last try."""
        mine = turn.fault is None or faults.spoils_a_turn(turn.fault)
        return not (mine or self._retry.exhausted(turn.attempts + 1))

    def _save_states(self, listener: str, batch: Batch, loaded: Mapping[str, State | None]) -> None:
        kept = self._states.get(listener, {})
        self.save_states(
            listener,
            {
                partition: (kept[partition][0] + 1 if partition in kept else 1, state)
                for partition, state in batch.states.items()
                if state is not None and state is not loaded.get(partition)
            },
        )

    def save_states(self, listener: str, changed: Mapping[str, tuple[int, State]]) -> None:
        """Queue the states that changed, each with the number of its save."""
        if changed:
            told = {
                "listener": listener,
                "version": self._version(listener),
                "partitions": list(changed),
                "states": [self._dump_state(listener, state) for _, state in changed.values()],
                "turns": [saves for saves, _ in changed.values()],
            }
            self.connection.execute(statements.SAVE_STATES, told)

    def _record(self, listener: str, done: Sequence[Claimed]) -> None:
        self.record(listener, [claims.record_of(each) for each in done])

    def record(self, listener: str, finished: Sequence[records.Record]) -> None:
        """Queue the record of one listener's finished turns."""
        if finished:
            told = records.parameters(listener, self._version(listener), finished)
            self.connection.execute(statements.RECORD_TURNS, told)

    def _put_back(self, listener: str, back: Sequence[Claimed]) -> None:
        if not back:
            return
        failed = [each.turn.status == "failed" for each in back]
        arrays: dict[str, Any] = {name: [getattr(each.row, name) for each in back] for name in _PUT_BACK_AS_TAKEN}
        arrays["listener"] = listener
        arrays["attempts"] = [each.row.attempts + ill for each, ill in zip(back, failed, strict=True)]
        arrays["wait"] = [
            self._retry.seconds(each.row.attempts + 1) if ill else 0.0 for each, ill in zip(back, failed, strict=True)
        ]
        arrays["error"] = [faults.told(each.turn.fault) if each.turn.fault else None for each in back]
        self.connection.execute(statements.PUT_BACK, arrays)

    def _tag(self, tag: str, those: Sequence[Claimed]) -> None:
        for table in {each.row.strand_table for each in those}:
            ids_there = [each.row.strand_id for each in those if each.row.strand_table == table]
            self.connection.execute(statements.add_tag(table), {"tag": tag, "ids": ids_there})

    def _remember(self, listener: str, batch: Batch, loaded: Mapping[str, State | None]) -> None:
        """Keep the states that were committed, so that the next batch need not load them."""
        kept = self._states.setdefault(listener, {})
        for partition, state in batch.states.items():
            if state is not None and state is not loaded.get(partition):
                kept[partition] = (kept[partition][0] + 1 if partition in kept else 1, state)

    def _blame(self, listener: str, claimed: Sequence[Claimed], fault: Exception) -> None:
        """After a refused transaction: find the turn at fault by taking one at a time, or fail the only one."""
        turns = [each for each in claimed if not each.over]
        if len(turns) > 1:
            self._careful[listener] = len(turns)
            return
        self._careful[listener] = max(0, self._careful.get(listener, 0) - 1)
        for each in turns:
            each.turn.answers, each.turn.fault, each.turn.status = (), fault, "failed"
        with self.transaction():
            again = self._claim(listener, 1)
            for each in again:
                if not each.over:
                    same = each.row.seq == turns[0].row.seq
                    each.turn.fault, each.turn.status = (fault, "failed") if same else (None, "held")
            self._finish(listener, again, Batch(listener, [each.turn for each in again]), {})

    # -- looking

    def waiting(self, listener: str | None = None) -> int:
        row = self.connection.execute(statements.WAITING, {"listener": listener}).fetchone()
        return int(row[0]) if row else 0

    def next_due(self, listeners: Sequence[str]) -> float | None:
        """Return the seconds until the next delivery is due, None when nothing waits."""
        row = self.connection.execute(statements.NEXT_DUE, {"listeners": list(listeners)}).fetchone()
        return None if row is None or row[0] is None else max(0.0, float(row[0]))

    def due(self, listeners: Sequence[str]) -> set[str]:
        """Return those listeners for whom something is due."""
        return {row[0] for row in self.connection.execute(statements.DUE, {"listeners": list(listeners)}).fetchall()}

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Send the block as one transaction in pipeline mode: a round trip only where an answer is read.

        Within somebody's transaction it is a part of that one.
        """
        with transactions.whole(self.connection):
            yield

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Drop a connection that an error left in doubt: the next use opens another and reads the table again."""
        try:
            yield
        except psycopg.Error:
            self.close()
            raise
