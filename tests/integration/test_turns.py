"""The turn is the transaction: strand, answers, state, record and rows for people together, or nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import pytest

from strands import ids, roots, tables
from strands.given import Given
from strands.retry import RetryPolicy
from strands.strand import Strand
from strands.wires.lockstep import Lockstep
from strands.wires.postgres import PostgresWire
from tests import sessions
from tests.toys import T0, Echo, a_plan, a_trader
from tradingops import engine

RECORD = """
    SELECT message_id, sender_module_id, receiver_module_id, message_type, message_data, priority, ttl_seconds, status,
           delivery_attempts, last_delivery_attempt = now() AS tried_now, error_message, listener, partition, tag,
           strand_table, strand_id, now, module_version, timestamp = now() AS told_now
      FROM module_messages ORDER BY sequence
"""


def records(session: sessions.Session) -> list[dict[str, Any]]:
    with session.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return cursor.execute(RECORD).fetchall()


def turn(wire: PostgresWire, module: Any, limit: int = 100) -> int:
    return engine.turn(module, wire, engine.market_time, limit=limit)


def drain(wire: PostgresWire, *modules: Any) -> int:
    return engine.drain(modules, wire, engine.market_time)


def left_behind(session: sessions.Session) -> dict[str, int]:
    """Return how many rows a turn has left in each place that it may write."""
    places = ("dm_strands", "module_states", "module_messages", "deliveries", "tr_positions")
    return {place: sessions.rows(session, f"SELECT count(*) FROM {place}")[0][0] for place in places}


# -- the record


def test_a_finished_turn_is_recorded_with_every_column_of_the_specification(session: sessions.Session) -> None:
    wire = PostgresWire(lambda: session, keepers={"dm": Echo(version="7")})
    plan = a_plan(1)
    wire.publish([plan])
    turn(wire, Echo())
    [record] = records(session)
    [(answer,)] = sessions.rows(session, "SELECT id FROM dm_strands")
    assert record == {
        "message_id": record["message_id"],
        "sender_module_id": roots.ROOTS["alpha"].module_id,
        "receiver_module_id": roots.ROOTS["dm"].module_id,
        "message_type": "trading_plan",
        "message_data": {"kind": "signal", "symbol": "BTC-USD", "answers": [answer]},
        "priority": 1,
        "ttl_seconds": 300,
        "status": "delivered",
        "delivery_attempts": 1,
        "tried_now": True,
        "error_message": None,
        "listener": "dm",
        "partition": "",
        "tag": "dm:evaluate_plan",
        "strand_table": "ad_strands",
        "strand_id": plan.id,
        "now": T0,
        "module_version": "7",
        "told_now": True,
    }


def test_records_are_numbered_in_the_order_of_the_turns(session: sessions.Session, wire: PostgresWire) -> None:
    plans = [a_plan(number) for number in range(7)]
    wire.publish(plans)
    while turn(wire, Echo(), limit=3):
        pass
    assert [record["strand_id"] for record in records(session)] == [plan.id for plan in plans]


def test_a_speaker_that_is_registered_nowhere_is_left_out_of_the_record(
    session: sessions.Session, wire: PostgresWire
) -> None:
    sessions.insert(session, "ad_strands", id="S1", module_id=ids.uuid_of("nobody"), kind="signal", symbol="A",
                    tags=["dm:evaluate_plan"], trading_plan={"number": 1})  # fmt: skip
    turn(wire, Echo())
    assert [record["sender_module_id"] for record in records(session)] == [None]


def test_the_key_of_a_record_comes_from_its_cause(session: sessions.Session, wire: PostgresWire) -> None:
    with session.transaction(force_rollback=True):
        wire.publish([a_plan(1)])
        turn(wire, Echo())
        first = records(session)[0]["message_id"]
    again = PostgresWire(lambda: session)
    again.publish([a_plan(1)])
    turn(again, Echo())
    assert records(session)[0]["message_id"] == first


def test_a_strand_that_was_handled_cannot_be_handled_again(session: sessions.Session, wire: PostgresWire) -> None:
    wire.publish([a_plan(1)])
    with session.transaction(force_rollback=True):
        pass
    kept = sessions.rows(session, "SELECT * FROM deliveries")[0]
    turn(wire, Echo())
    before = left_behind(session)
    session.execute(f"INSERT INTO deliveries VALUES ({', '.join(['%s'] * len(kept))})", kept)
    echo = Echo()
    turn(wire, echo)
    assert echo.heard == [1]
    assert left_behind(session) == {**before, "module_messages": before["module_messages"] + 1}
    [(error,)] = sessions.rows(session, "SELECT error_message FROM module_messages WHERE status = 'failed'")
    assert "UniqueViolation" in error


def test_a_market_in_lockstep_leaves_the_records_that_turns_one_by_one_leave(session: sessions.Session) -> None:
    """Who said it, to whom, how it travelled, how it ended."""
    plans, told = [a_plan(number) for number in range(3)], []
    for play in (_one_by_one, _in_lockstep):
        with session.transaction(force_rollback=True):
            play(PostgresWire(lambda: session), plans)
            told.append(sorted(records(session), key=lambda record: str(record["message_id"])))
    assert told[0] == told[1]
    assert {record["sender_module_id"] for record in told[0]} == {
        roots.ROOTS[name].module_id for name in ("alpha", "dm")
    }


def _one_by_one(wire: PostgresWire, plans: Sequence[Strand]) -> None:
    wire.publish(plans)
    drain(wire, Echo(), a_trader())


def _in_lockstep(wire: PostgresWire, plans: Sequence[Strand]) -> None:
    Lockstep(wire, [Echo(), a_trader()], engine.market_time).play([plans])


# -- all of it or nothing


def test_an_interrupted_turn_leaves_everything_as_it_was(session: sessions.Session, wire: PostgresWire) -> None:
    wire.publish([a_plan(number) for number in range(3)])
    before = left_behind(session)
    with pytest.raises(KeyboardInterrupt):
        interrupted(wire)
    assert left_behind(session) == before
    echo = Echo()
    assert turn(wire, echo) == 3
    assert echo.heard == [0, 1, 2]


def interrupted(wire: PostgresWire) -> None:
    with wire.take("dm", 2) as batch:
        engine.handle_batch(Echo(), batch, engine.market_time)
        raise KeyboardInterrupt


@pytest.mark.parametrize("fault", [LookupError, ValueError, KeyError, ArithmeticError])
def test_a_fault_outside_any_module_is_nobody_s_turn_s(session: sessions.Session, fault: type[Exception]) -> None:
    wire = PostgresWire(lambda: session)
    wire.publish([a_plan(1)])
    with pytest.raises(fault), wire.take("dm", 1):
        raise fault
    assert sessions.rows(session, "SELECT attempts FROM deliveries") == [(0,)]


def a_position(connection: Any, strands: Sequence[Strand]) -> None:
    """A projection: one row for each strand."""
    for strand in strands:
        connection.execute(
            "INSERT INTO tr_positions (id, symbol, quantity, avg_price, unrealized_pnl, realized_pnl) "
            "VALUES (%s, 'A', 1, 1, 0, 0)",
            [strand.id],
        )


def test_rows_for_people_are_written_with_the_strands_they_come_from(session: sessions.Session) -> None:
    wire = PostgresWire(lambda: session, projections=[a_position])
    wire.publish([a_plan(1)])
    turn(wire, Echo())
    assert left_behind(session)["tr_positions"] == 2


def test_a_projection_that_raises_rolls_back_a_publication(session: sessions.Session) -> None:
    def broken(connection: Any, strands: Sequence[Strand]) -> None:
        a_position(connection, strands)
        raise AttributeError("a projection's mistake")

    wire = PostgresWire(lambda: session, projections=[broken])
    with pytest.raises(AttributeError):
        wire.publish([a_plan(1)])
    assert sessions.rows(session, "SELECT count(*) FROM ad_strands") == [(0,)]
    assert set(left_behind(session).values()) == {0}


@pytest.mark.parametrize("fault", [AttributeError, ZeroDivisionError, KeyError, ValueError])
def test_a_projection_that_raises_spoils_only_the_turn_whose_answer_it_fell_over(
    session: sessions.Session, fault: type[Exception]
) -> None:
    def picky(connection: Any, strands: Sequence[Strand]) -> None:
        a_position(connection, strands)
        if any(strand.payload.get("dm_decision", {}).get("number") == 1 for strand in strands):
            raise fault("one that it does not like")

    wire = PostgresWire(lambda: session, projections=[a_position], retry=RetryPolicy(attempts=1))
    wire.publish([a_plan(number) for number in range(3)])
    wire = PostgresWire(lambda: session, projections=[picky], retry=RetryPolicy(attempts=1))
    drain(wire, Echo())
    told = [(record["message_data"]["answers"] != [], record["status"]) for record in records(session)]
    assert told == [(True, "delivered"), (False, "failed"), (True, "delivered")]
    assert fault.__name__ in records(session)[1]["error_message"]


def test_a_projection_of_a_table_that_is_not_there_is_not_the_strand_s_fault(session: sessions.Session) -> None:
    wire = PostgresWire(lambda: session)
    wire.publish([a_plan(1)])

    def unmigrated(connection: Any, strands: Sequence[Strand]) -> None:
        connection.execute("SELECT * FROM a_table_of_the_next_version")

    before = left_behind(session)
    with pytest.raises(psycopg.errors.UndefinedTable), session.transaction():
        turn(PostgresWire(lambda: Kept(session), projections=[unmigrated]), Echo())  # type: ignore[arg-type]
    assert left_behind(session) == before


class Kept:
    """A session that a wire in doubt does not close: it is the test's."""

    def __init__(self, session: sessions.Session) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def close(self) -> None:
        """Leave the session open."""


# -- poisonous answers


def poisoned(change: Callable[[Strand], Strand], number: int = 2) -> Echo:
    """A module one of whose answers no database takes."""

    class Poisoned(Echo):
        def handle(self, state: Any, strand: Strand, given: Given) -> tuple[Any, Sequence[Strand]]:
            state, answers = super().handle(state, strand, given)
            return state, [change(each) if self.heard[-1] == number else each for each in answers]

    return Poisoned()


def saying(value: Any) -> Callable[[Strand], Strand]:
    return lambda answer: dataclasses.replace(answer, payload={"dm_decision": {"number": 2, "poison": value}})


POISON: dict[str, Callable[[Strand], Strand]] = {
    "not a number": saying(float("nan")),
    "an infinite number": saying(float("inf")),
    "a NUL character": saying("a\x00b"),
    "half a surrogate pair": saying("\ud800"),
    "no JSON": saying({1, 2}),
    "an unknown column": lambda answer: dataclasses.replace(answer, payload={"dm_mood": "good"}),
    "another module's column": lambda answer: dataclasses.replace(answer, payload={"trading_plan": {}}),
    "an unknown module": lambda answer: dataclasses.replace(answer, module="nobody"),
    "an unknown tag": lambda answer: dataclasses.replace(answer, tags=("dm:think_hard",)),
    "a NUL in a text column": lambda answer: dataclasses.replace(answer, symbol="A\x00"),
    "an object in a text column": lambda answer: dataclasses.replace(answer, payload={"alpha_bundle_ref": {}}),
    "a symbol too long for its index": lambda answer: dataclasses.replace(
        answer, symbol="".join(ids.uuid_of(n).hex for n in range(2000))
    ),
    "a module's id that is none": lambda answer: dataclasses.replace(answer, module_id="me"),
    "no moment": lambda answer: dataclasses.replace(answer, at="yesterday-ish"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("poison", POISON)
def test_a_poisonous_answer_fails_its_own_turn_and_no_other(session: sessions.Session, poison: str) -> None:
    wire = PostgresWire(lambda: Kept(session), retry=RetryPolicy(attempts=2, first_seconds=0))  # type: ignore[arg-type]
    wire.publish([a_plan(number) for number in range(5)])
    drain(wire, poisoned(POISON[poison]))
    told = {record["strand_id"]: record["status"] for record in records(session)}
    assert told == {a_plan(n).id: "failed" if n == 2 else "delivered" for n in range(5)}
    assert [number for (number,) in sessions.rows(session, NUMBERS)] == [0, 1, 3, 4]
    assert sessions.rows(session, "SELECT count(*) FROM deliveries WHERE listener = 'dm'") == [(0,)]


NUMBERS = "SELECT (dm_decision->>'number')::int FROM dm_strands ORDER BY said"


def test_after_a_poisonous_answer_batches_are_whole_again(session: sessions.Session, wire: PostgresWire) -> None:
    wire.publish([a_plan(number) for number in range(3)])
    drain(wire, poisoned(POISON["not a number"], number=0))
    wire.publish([a_plan(number) for number in range(10, 20)])
    assert turn(wire, Echo()) == 10


def test_a_state_that_is_no_json_fails_its_turn(session: sessions.Session, wire: PostgresWire) -> None:
    class Unsound(Echo):
        def handle(self, state: Any, strand: Strand, given: Given) -> tuple[Any, Sequence[Strand]]:
            state, answers = super().handle(state, strand, given)
            return ({**state, "mean": float("nan")} if self.heard[-1] == 2 else state), answers

    wire.publish([a_plan(number) for number in range(3)])
    drain(wire, Unsound())
    assert [record["status"] for record in records(session)] == ["delivered", "delivered", "failed"]
    assert sessions.rows(session, "SELECT state FROM module_states") == [('{"count":2}',)]


def test_a_module_that_cannot_start_fails_its_turns_and_not_the_worker(
    session: sessions.Session, wire: PostgresWire
) -> None:
    class Unready(Echo):
        def start(self, partition: str) -> Any:
            raise RuntimeError("no policy")

    wire.publish([a_plan(1)])
    drain(wire, Unready())
    assert [(record["status"], record["error_message"]) for record in records(session)] == [
        ("failed", "RuntimeError: no policy")
    ]


# -- strands of others that cannot be read


@pytest.mark.parametrize(
    ("column", "value"),
    [("trading_plan", "('1' || repeat('0', 5000))::jsonb")],
)
def test_a_strand_that_cannot_be_read_is_set_aside_and_the_rest_goes_on(
    session: sessions.Session, wire: PostgresWire, column: str, value: str
) -> None:
    session.execute(f"INSERT INTO ad_strands (id, tags, {column}) VALUES ('S1', '[\"dm:evaluate_plan\"]', {value})")
    wire.publish([a_plan(1)])
    echo = Echo()
    drain(wire, echo)
    assert echo.heard == [1]
    assert [(record["strand_id"], record["status"]) for record in records(session)] == [
        ("S1", "failed"),
        (a_plan(1).id, "delivered"),
    ]
    assert sessions.rows(session, "SELECT tags FROM ad_strands WHERE id = 'S1'") == [
        (["dm:evaluate_plan", "error:processing_failed"],)
    ]


def test_a_foreign_strand_with_nothing_but_an_id_is_heard(session: sessions.Session, wire: PostgresWire) -> None:
    sessions.insert(session, "dm_strand", id="DM_1", tags=["trader:execute"], dm_decision={"number": 4})
    trader = a_trader()
    drain(wire, trader)
    assert trader.heard == [4]
    [(parent, thread, symbol)] = sessions.rows(session, "SELECT parent_id, lifecycle_id, symbol FROM tr_strands")
    assert (parent, thread, symbol) == ("DM_1", "DM_1", None)


def test_every_table_s_strands_reach_a_listener(session: sessions.Session, wire: PostgresWire) -> None:
    for table in tables.BY_NAME:
        sessions.insert(session, table, id=f"S_{table}", tags=["dm:halt"])
    with wire.take("dm", 100) as batch:
        assert {each.strand.module for each in batch.turns} == set(tables.TABLES)
