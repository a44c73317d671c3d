"""What people put in force reaches every turn taken after it was said, whoever says it and however."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from strands import ids
from strands.given import Given, HaltState
from strands.strand import Strand
from strands.wire import State
from strands.wires.lockstep import Lockstep
from strands.wires.postgres import PostgresWire
from tests import sessions
from tests.toys import Echo, a_plan
from tradingops import engine
from tradingops.people import acts
from tradingops.replay.postgres import TurnRecord
from tradingops.replay.refold import Recorded, Unfoldable

SAY = "INSERT INTO op_strands (id, kind, tags, op_halt) VALUES (%s, 'halt', '[]', %s)"
GIVEN = "SELECT given FROM module_messages ORDER BY sequence"


@dataclass
class Minded(Echo):
    """Remembers what it was given."""

    given: list[Given] = field(default_factory=list)

    def handle(self, state: State, strand: Strand, given: Given) -> tuple[State, Sequence[Strand]]:
        self.given.append(given)
        return super().handle(state, strand, given)


def say_halt(session: sessions.Session, identity: str, state: str, scope: str = "desk") -> None:
    session.execute(SAY, (identity, json.dumps({"scope": scope, "state": state})))


def turn(wire: PostgresWire, module: Any, *plans: int) -> None:
    wire.publish([a_plan(each) for each in plans])
    engine.turn(module, wire, engine.market_time)


def test_a_halt_said_by_plain_sql_is_given_to_the_next_turn_and_named_in_its_record(
    session: sessions.Session, wire: PostgresWire
) -> None:
    dm = Minded()
    turn(wire, dm, 1)
    say_halt(session, "first", "halted")
    turn(wire, dm, 2)
    say_halt(session, "second", "active")
    turn(wire, dm, 3)
    assert [each.halted() for each in dm.given] == [HaltState.ACTIVE, HaltState.HALTED, HaltState.ACTIVE]
    assert sessions.rows(session, GIVEN) == [("",), ("first",), ("second",)]


def test_a_new_connection_reads_the_rulings_from_the_first_on(session: sessions.Session, wire: PostgresWire) -> None:
    say_halt(session, "first", "reduce-only", "symbol:BTC-USD")
    turn(wire, Minded(), 1)
    dm = Minded()
    turn(PostgresWire(lambda: session), dm, 2)
    assert dm.given[0].halted("symbol:BTC-USD") is HaltState.REDUCE_ONLY
    assert dm.given[0].halted("symbol:ETH-USD") is HaltState.ACTIVE


def test_a_lockstep_gives_its_turns_what_the_database_holds(session: sessions.Session, wire: PostgresWire) -> None:
    say_halt(session, "first", "halted")
    dm = Minded()
    lockstep = Lockstep(wire, [dm], engine.market_time)
    lockstep.play([[a_plan(1)], [a_plan(2)]])
    say_halt(session, "second", "active")
    lockstep.play([[a_plan(3)]])
    assert [each.ruling for each in dm.given] == ["first", "first", "second"]
    assert sessions.rows(session, GIVEN) == [("first",), ("first",), ("second",)]


def test_a_refused_ruling_is_set_aside_at_once_with_its_reason_and_changes_nothing(
    session: sessions.Session, wire: PostgresWire
) -> None:
    say = "INSERT INTO op_strands (id, kind, tags, op_halt) VALUES ('odd', 'halt', '[\"dm:halt\"]', %s)"
    session.execute(say, ['{"scope": "the desk", "state": "halted"}'])
    dm = Minded()
    engine.turn(dm, wire, engine.market_time)
    turn(wire, dm, 1)
    [(status, error)] = sessions.rows(
        session, "SELECT status, error_message FROM module_messages WHERE strand_id = 'odd'"
    )
    assert status == "failed"
    assert "op_halt.scope: 'the desk' is no scope" in error
    assert [each.halted() for each in dm.given] == [HaltState.ACTIVE]


def test_recorded_turns_are_given_again_what_they_were_given(session: sessions.Session, wire: PostgresWire) -> None:
    dm = Minded()
    for number, state in enumerate(("halted", "reduce-only", "active")):
        turn(wire, dm, number)
        say_halt(session, f"ruling-{number}", state)
    recorded = list(TurnRecord(session).turns("dm", ""))
    assert [each.given for each in recorded if isinstance(each, Recorded)] == dm.given


def test_a_turn_whose_ruling_is_lost_is_named_and_the_next_is_read(
    session: sessions.Session, wire: PostgresWire
) -> None:
    for number in (1, 2):
        turn(wire, Minded(), number)
    session.execute("ALTER TABLE module_messages DISABLE TRIGGER USER")
    session.execute("UPDATE module_messages SET given = 'gone' WHERE strand_id = %s", [a_plan(1).id])
    lost, sound = TurnRecord(session).turns("dm", "")
    assert isinstance(lost, Unfoldable)
    assert (lost.what, lost.recorded, lost.found) == ("given", "gone", "no ruling in op_strands")
    assert isinstance(sound, Recorded)


def test_a_worker_that_knows_no_rulings_is_refused_and_what_it_took_stays(
    session: sessions.Session, wire: PostgresWire
) -> None:
    wire.publish([a_plan(1)])
    forgetful = "INSERT INTO module_messages (message_type, message_data, listener) VALUES ('trading_plan', '{}', 'dm')"
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="earlier version"), session.transaction():
        session.execute(forgetful)
    assert wire.waiting("dm") == 1


def test_messages_that_are_no_turns_are_written_as_the_specification_does(session: sessions.Session) -> None:
    session.execute("INSERT INTO module_messages (message_type, message_data) VALUES ('trading_plan', '{}')")


@pytest.mark.django_db(transaction=True)
def test_rulings_are_numbered_in_the_order_they_commit(real_wire: PostgresWire, rival: PostgresWire) -> None:
    """A reader follows the numbers, so a ruling may not commit below one that was read."""
    real_wire.connection.execute("BEGIN")
    say_halt(real_wire.connection, "early", "halted")
    rival.connection.execute("SET lock_timeout = '200ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        say_halt(rival.connection, "late", "active")
    real_wire.connection.execute("COMMIT")
    say_halt(rival.connection, "late", "active")
    numbered = sessions.rows(rival.connection, "SELECT id FROM op_strands ORDER BY said")
    assert numbered == [("early",), ("late",)]


def test_what_people_do_is_one_strand_each_and_asked_again_another(wire: PostgresWire) -> None:
    from tests.toys import T0

    asked = acts.Asked(by="ana", reason="news", at=T0, asked_at=T0)
    said = [acts.halt("desk", HaltState.HALTED, asked=asked), acts.policy("dm", {"approve_score": 0.9}, asked=asked)]
    assert wire.publish(said) == 2
    assert wire.publish(said) == 0


def test_turns_from_before_rulings_were_given_go_by_what_was_delivered_to_them(session: sessions.Session) -> None:
    """Of a halt that was delivered to both, the decision maker alone took notice."""
    halt = {"scope": "desk", "state": "halted"}
    sessions.insert(session, "op_strands", id="old", kind="halt", tags=["dm:halt", "trader:halt"], op_halt=halt)
    sessions.insert(session, "op_strands", id="later", kind="note", tags=["dm:lesson", "trader:lesson"], op_note={})
    session.execute("SET LOCAL session_replication_role = replica")
    for listener in ("dm", "trader"):
        for identity, tag in (("old", f"{listener}:halt"), ("later", f"{listener}:lesson")):
            [(at,)] = sessions.rows(session, "SELECT at FROM op_strands WHERE id = %s", identity)
            session.execute(
                "INSERT INTO module_messages (message_id, message_type, message_data, status, listener, partition, tag,"
                " strand_table, strand_id, now) VALUES (%s, 'trading_plan', %s, 'delivered', %s, '', %s, 'op_strands',"
                " %s, now())",
                (
                    *(ids.message_id(at, listener, identity, tag, "delivered"), '{"answers": []}'),
                    *(listener, tag, identity),
                ),
            )
    given = {name: [each.given.halted() for each in turns_of(session, name)] for name in ("dm", "trader")}
    assert given == {
        "dm": [HaltState.ACTIVE, HaltState.HALTED],
        "trader": [HaltState.ACTIVE, HaltState.ACTIVE],
    }


@pytest.mark.parametrize(
    "says",
    [
        '{"scope": "desk", "state": ["halted"]}',
        '{"scope": {"a": 1}, "state": "halted"}',
        '"halted"',
        "[" * 3000 + "]" * 3000,
        '{"scope": "desk", "state": "halted", "until": {}}',
    ],
    ids=["state", "scope", "text", "deep", "until"],
)
def test_no_ruling_however_odd_keeps_a_turn_from_being_taken(
    session: sessions.Session, wire: PostgresWire, says: str
) -> None:
    session.execute(SAY, ("odd", says))
    session.execute(
        "INSERT INTO op_strands (id, kind, tags, op_policy) VALUES ('odd too', 'policy_changed', %s, %s)",
        ('["dm:policy_changed"]', says),
    )
    dm = Minded()
    wire.publish([a_plan(1)])
    for _ in range(5):
        engine.turn(dm, wire, engine.market_time)
    assert dm.heard == [1]
    assert {each.halted() for each in dm.given} == {HaltState.ACTIVE}
    assert [each.given.ruling for each in turns_of(session, "dm")] == ["odd too"]


def turns_of(session: sessions.Session, listener: str) -> list[Recorded]:
    found = list(TurnRecord(session).turns(listener, ""))
    assert all(isinstance(each, Recorded) for each in found)
    return [each for each in found if isinstance(each, Recorded)]
