"""Many workers of one listener: each partition in order, nothing twice, nothing lost."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import pytest
from psycopg.errors import DeadlockDetected

from strands.given import Given
from strands.retry import RetryPolicy
from strands.strand import Strand
from strands.triggers import LANES
from strands.wire import State
from strands.wires.postgres import PostgresWire
from tests import sessions, workers
from tests.toys import Echo, a_plan, number_of
from tradingops import connections, engine

pytestmark = pytest.mark.django_db(transaction=True)

SYMBOLS = [f"S{number}" for number in range(7)]
STRANDS, HANDS = 280, 4
TAGS = ("trader:market_update",)


@dataclass
class Notes:
    """What all workers together heard, by partition, and whether two were ever in one at once."""

    heard: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    within: set[str] = field(default_factory=set)
    clashes: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Slow(Echo):
    """A trader that takes its time at random, and now and then stumbles over the database."""

    def __init__(self, notes: Notes, seed: int, *, stumble: float) -> None:
        super().__init__(name="trader", answers_as="trader", answers_to=(), column="tr_execution")
        self.notes, self.chance, self.stumble = notes, random.Random(seed), stumble

    def handle(self, state: State, strand: Strand, given: Given) -> tuple[State, Sequence[Strand]]:
        partition = strand.symbol or ""
        with self.notes.lock:
            if partition in self.notes.within:
                self.notes.clashes.append(partition)
            self.notes.within.add(partition)
        threading.Event().wait(self.chance.random() * 0.003)
        try:
            if self.chance.random() < self.stumble:
                raise DeadlockDetected("stumbled")
            after, answers = super().handle(state, strand, given)
            with self.notes.lock:
                self.notes.heard[partition].append(number_of(strand))
            return after, answers
        finally:
            with self.notes.lock:
                self.notes.within.discard(partition)


def work(module: Slow, lanes: list[int], limit: int) -> None:
    """Take turns until nothing waits, as a worker with this share of the lanes."""
    wire = PostgresWire(partial(connections.wire, durable=False), retry=RetryPolicy(attempts=50, first_seconds=0.0))
    if lanes:
        wire.lanes["trader"] = lanes
    while wire.waiting("trader"):
        if not engine.turn(module, wire, engine.market_time, limit=limit):
            wire.lanes.clear()
    wire.close()


@pytest.mark.parametrize(("stumble", "shared"), [(0.0, False), (0.0, True), (0.05, False)])
def test_each_partition_is_handled_in_order_by_one_at_a_time(
    real_wire: PostgresWire, stumble: float, shared: bool
) -> None:
    said = [a_plan(n, symbol=SYMBOLS[n * n % 7], tags=TAGS) for n in range(STRANDS)]
    real_wire.publish(said)
    notes = Notes()
    threads = [
        threading.Thread(
            target=work,
            args=(Slow(notes, hand, stumble=stumble), list(range(hand, LANES, HANDS)) if shared else [], 3 + hand),
        )
        for hand in range(HANDS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(workers.PATIENCE)
    assert notes.clashes == []
    in_order = {
        symbol: [number_of(each) for each in said if each.symbol == symbol] for symbol in {each.symbol for each in said}
    }
    assert dict(notes.heard) == in_order
    assert recorded(real_wire.connection) == {
        symbol: [each.id for each in said if each.symbol == symbol] for symbol in in_order
    }
    counted = sessions.rows(real_wire.connection, "SELECT partition, state FROM module_states")
    assert dict(counted) == {symbol: f'{{"count":{len(numbers)}}}' for symbol, numbers in in_order.items()}


def recorded(session: sessions.Session) -> dict[str, list[str]]:
    """Return the strands of each partition in the order in which their turns were recorded."""
    return dict(
        sessions.rows(
            session,
            "SELECT partition, array_agg(strand_id ORDER BY sequence) FROM module_messages "
            "WHERE status = 'delivered' GROUP BY 1",
        )
    )


def test_a_lane_that_another_holds_is_left_to_it(real_wire: PostgresWire, rival: PostgresWire) -> None:
    real_wire.publish([a_plan(n, symbol="AB"[n % 2], tags=TAGS) for n in range(4)])
    with real_wire.take("trader", 1) as mine, rival.take("trader", 10) as theirs:
        assert [number_of(turn.strand) for turn in mine.turns] == [0]
        assert [number_of(turn.strand) for turn in theirs.turns] == [1, 3]


def test_draining_does_not_wait_for_what_another_holds(real_wire: PostgresWire, rival: PostgresWire) -> None:
    real_wire.publish([a_plan(n, symbol="AB"[n % 2], tags=TAGS) for n in range(4)])
    trader = Echo(name="trader", answers_as="trader", answers_to=(), column="tr_execution")
    with real_wire.take("trader", 1):
        assert engine.drain([trader], rival, engine.market_time) == 2
    assert trader.heard == [1, 3]


def test_what_a_dying_worker_held_is_free_at_once(real_wire: PostgresWire, rival: PostgresWire) -> None:
    real_wire.publish([a_plan(n, tags=TAGS) for n in range(3)])
    with pytest.raises(KeyboardInterrupt):
        killed(real_wire)
    with rival.take("trader", 3) as batch:
        assert [number_of(turn.strand) for turn in batch.turns] == [0, 1, 2]


def killed(wire: PostgresWire) -> None:
    with wire.take("trader", 3):
        wire.close()
        raise KeyboardInterrupt


def test_a_state_that_another_worker_changed_is_read_anew(real_wire: PostgresWire, rival: PostgresWire) -> None:
    trader = Echo(name="trader", answers_as="trader", answers_to=(), column="tr_execution")
    for number, wire in enumerate((real_wire, rival, real_wire, real_wire, rival)):
        real_wire.publish([a_plan(number, tags=TAGS)])
        engine.turn(trader, wire, engine.market_time)
    counts = sessions.rows(real_wire.connection, "SELECT (tr_execution->>'count')::int FROM tr_strands ORDER BY said")
    assert counts == [(1,), (2,), (3,), (4,), (5,)]


def test_listeners_do_not_stand_in_each_other_s_way(real_wire: PostgresWire, rival: PostgresWire) -> None:
    real_wire.publish([a_plan(1, tags=["dm:evaluate_plan", "risk:halt"])])
    with real_wire.take("dm", 1) as one, rival.take("risk", 1) as other:
        assert (len(one), len(other)) == (1, 1)
