"""No order of a halted scope gets into the tables, whoever says it and by whatever road."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strands import tags
from strands.given import DESK, Given, HaltState
from strands.rulings.fold import Rulings
from strands.rulings.triggers import HALTED
from strands.strand import Strand
from strands.wire import State
from strands.wires.postgres import PostgresWire
from tests import sessions
from tests.toys import T0, Echo, a_plan
from tradingops import connections, engine

SAY_HALT = "INSERT INTO op_strands (id, kind, tags, op_halt) VALUES (%s, 'halt', '[]', %s)"
SAY_ORDER = """
    INSERT INTO tr_strands (id, kind, symbol, tags, at, order_spec, route_hint)
    VALUES (%s, 'order', %s, %s, %s, %s, %s)
"""
ENTRY: dict[str, Any] = {"intent": "entry"}
EXIT: dict[str, Any] = {"intent": "exit", "reduce_only": True, "exit_reason": "expiry"}
ENLARGING: dict[str, Any] = {"intent": "exit", "reduce_only": False, "exit_reason": "expiry"}
STOP: dict[str, Any] = {"intent": "exit", "reduce_only": True, "exit_reason": "stop_loss", "group": "pair"}
BY_A_PERSON: dict[str, Any] = {"intent": "exit", "reduce_only": True, "exit_reason": "manual"}
PASSING = {
    HaltState.ACTIVE: (ENTRY, EXIT, ENLARGING, STOP, BY_A_PERSON),
    HaltState.REDUCE_ONLY: (EXIT, STOP, BY_A_PERSON),
    HaltState.HALTED: (STOP, BY_A_PERSON),
}


def say_halt(session: psycopg.Connection[Any], scope: str, state: str, **says: str) -> None:
    identity = f"halt-{time.monotonic_ns()}"
    session.execute(SAY_HALT, (identity, json.dumps({"scope": scope, "state": state, **says})))


def say_order(
    session: psycopg.Connection[Any], spec: dict[str, Any], *, symbol: str = "BTC-USD", venue: str | None = "binance"
) -> None:
    identity = f"order-{time.monotonic_ns()}"
    session.execute(SAY_ORDER, (identity, symbol, json.dumps([tags.SUBMIT_ORDER]), T0, json.dumps(spec), venue))


def is_refused(session: psycopg.Connection[Any], spec: dict[str, Any], **said: Any) -> bool:
    """Say whether the database refuses an order for a halt, and nothing else."""
    try:
        with session.transaction():
            say_order(session, spec, **said)
    except psycopg.DatabaseError as fault:
        if fault.sqlstate != HALTED:
            raise
        return True
    return False


@pytest.mark.parametrize("state", HaltState)
@pytest.mark.parametrize("spec", [ENTRY, EXIT, ENLARGING, STOP, BY_A_PERSON], ids=lambda spec: str(list(spec.values())))
def test_a_state_lets_pass_what_it_names(session: sessions.Session, state: HaltState, spec: dict[str, Any]) -> None:
    say_halt(session, DESK, state)
    assert is_refused(session, spec) is (spec not in PASSING[state])


@pytest.mark.parametrize("scope", [DESK, "module:trader", "module:venue", "symbol:BTC-USD", "venue:binance"])
def test_a_halt_stops_the_orders_of_its_scope(session: sessions.Session, scope: str) -> None:
    say_halt(session, scope, "halted")
    assert is_refused(session, ENTRY)


@pytest.mark.parametrize("scope", ["module:dm", "symbol:ETH-USD", "venue:coinbase"])
def test_a_halt_stops_no_other(session: sessions.Session, scope: str) -> None:
    say_halt(session, scope, "halted")
    assert not is_refused(session, ENTRY)


def test_an_order_that_names_no_venue_goes_to_none_while_one_is_halted(session: sessions.Session) -> None:
    say_halt(session, "venue:hyperliquid", "halted")
    assert is_refused(session, ENTRY, venue=None)
    assert is_refused(session, ENTRY, venue="")


def test_the_symbol_that_an_order_itself_names_counts_too(session: sessions.Session) -> None:
    say_halt(session, "symbol:BTC-USD", "halted")
    assert is_refused(session, {**ENTRY, "symbol": "BTC-USD"}, symbol="ETH-USD")


def test_resuming_one_scope_lifts_no_other(session: sessions.Session) -> None:
    for scope in (DESK, "symbol:BTC-USD"):
        say_halt(session, scope, "halted")
    say_halt(session, DESK, "active")
    assert is_refused(session, ENTRY)
    assert not is_refused(session, ENTRY, symbol="ETH-USD")


def test_a_tag_added_later_is_no_way_round(session: sessions.Session) -> None:
    session.execute(SAY_ORDER, ("later", "BTC-USD", "[]", T0, json.dumps(ENTRY), "binance"))
    say_halt(session, DESK, "halted")
    with pytest.raises(psycopg.DatabaseError) as refused, session.transaction():
        session.execute("UPDATE tr_strands SET tags = %s WHERE id = 'later'", (json.dumps([tags.SUBMIT_ORDER]),))
    assert refused.value.sqlstate == HALTED


@pytest.mark.parametrize("table", ["ad_strands", "dm_strands", "rm_strands", "op_strands", "md_strands", "vn_strands"])
def test_the_table_of_another_module_is_no_way_round(session: sessions.Session, table: str) -> None:
    say_halt(session, DESK, "halted")
    with pytest.raises(psycopg.DatabaseError) as refused, session.transaction():
        session.execute(
            f"INSERT INTO {table} (id, kind, symbol, tags) VALUES ('there', 'order', 'BTC-USD', %s)",
            (json.dumps([tags.SUBMIT_ORDER]),),
        )
    assert refused.value.sqlstate == HALTED


def test_an_order_already_out_may_be_tagged_and_asked_back_under_a_halt(session: sessions.Session) -> None:
    session.execute(SAY_ORDER, ("out", "BTC-USD", json.dumps([tags.SUBMIT_ORDER]), T0, json.dumps(ENTRY), "binance"))
    say_halt(session, DESK, "halted")
    session.execute("UPDATE tr_strands SET tags = tags || '\"learning:seen\"' WHERE id = 'out'")
    session.execute(
        "INSERT INTO tr_strands (id, kind, symbol, tags) VALUES ('back', 'cancel', 'BTC-USD', %s)",
        (json.dumps([tags.CANCEL_ORDER]),),
    )


MOMENTS = (
    st.none()
    | st.integers(-3, 3).map(lambda hours: (T0 + timedelta(hours=hours)).isoformat())
    | st.sampled_from(["2026-11-27T10:00:00", "never", 5, "2026-11-27T10:00:00Z"])
)
SAYINGS = st.fixed_dictionaries(
    {
        "scope": st.sampled_from([DESK, "symbol:BTC-USD", "symbol:", "module:nobody", "venue:binance", 7, None]),
        "state": st.sampled_from([*HaltState, "paused", None, 3]),
    },
    optional={"from": MOMENTS, "until": MOMENTS},
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(said=st.lists(SAYINGS, max_size=6), hours=st.integers(-4, 4))
def test_the_database_and_the_modules_read_the_same_halts(
    session: sessions.Session, said: list[dict[str, Any]], hours: int
) -> None:
    rulings, now = Rulings(), T0 + timedelta(hours=hours)
    with session.transaction(force_rollback=True):
        for nth, says in enumerate(said):
            session.execute(SAY_HALT, (f"halt-{nth}", json.dumps(says)))
            rulings.add(_as_strand(f"halt-{nth}", says))
        found = session.execute(
            "SELECT DISTINCT ON (scope) scope, state FROM halts WHERE (begins IS NULL OR begins <= %(now)s) "
            "AND (ends IS NULL OR %(now)s < ends) ORDER BY scope, said DESC",
            {"now": now},
        ).fetchall()
    assert {scope: state for scope, state in found if state != "active"} == rulings.in_force(now).halts


def _as_strand(identity: str, says: dict[str, Any]) -> Strand:
    return Strand(id=identity, module="op", kind="halt", at=T0, payload={"op_halt": says})


def test_an_order_waits_for_a_halt_that_is_being_said_and_is_refused(transactional_db: None) -> None:
    with connections.wire() as person, connections.wire() as trader:
        refused: list[bool] = []
        with person.transaction():
            say_halt(person, DESK, "halted")
            order = threading.Thread(target=lambda: refused.append(is_refused(trader, ENTRY)))
            order.start()
            _until_waiting(person, trader)
        order.join(10)
        assert refused == [True]


def test_a_halt_waits_for_an_order_under_way_and_commits_after_it(transactional_db: None) -> None:
    with connections.wire() as person, connections.wire() as trader, connections.wire() as watch:
        halt = threading.Thread(target=lambda: say_halt(person, DESK, "halted"))
        with trader.transaction():
            say_order(trader, ENTRY)
            halt.start()
            _until_waiting(watch, person)
            assert not watch.execute("SELECT 1 FROM op_strands").fetchall()
        halt.join(10)
        said = watch.execute("SELECT (SELECT said FROM tr_strands) < (SELECT said FROM op_strands)").fetchone()
        assert said == (True,)


def _until_waiting(watch: psycopg.Connection[Any], other: psycopg.Connection[Any]) -> None:
    """Wait until a session waits for an advisory lock."""
    until = time.monotonic() + 10
    asked = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND pid = %s"
    while not watch.execute(asked, (other.info.backend_pid,)).fetchall():
        assert time.monotonic() < until, "nothing waited for the lock"
        time.sleep(0.01)


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_transaction_that_could_not_see_a_halt_may_say_no_orders(transactional_db: None, level: str) -> None:
    with connections.wire() as trader:
        trader.execute(f"BEGIN ISOLATION LEVEL {level}")
        with pytest.raises(psycopg.errors.CheckViolation, match="does not see halts"):
            say_order(trader, ENTRY)
        trader.execute("ROLLBACK")


@dataclass
class Deaf(Echo):
    """Orders whatever it hears, whatever is halted."""

    name: str = "trader"

    def handle(self, state: State, strand: Strand, given: Given) -> tuple[State, Sequence[Strand]]:
        state, _ = super().handle(state, strand, given)
        order = strand.answer(
            module="trader",
            kind="order",
            tags=(tags.SUBMIT_ORDER,),
            payload={"order_spec": ENTRY, "route_hint": "binance"},
        )
        return state, [order]


def test_a_module_that_does_not_obey_is_refused_with_the_reason_and_the_desk_goes_on(
    real_wire: PostgresWire,
) -> None:
    symbols = ("A", "BTC-USD", "A", "BTC-USD", "C")
    plans = [a_plan(nth, symbol=symbol, tags=("trader:market_update",)) for nth, symbol in enumerate(symbols)]
    real_wire.publish(plans)
    with connections.wire() as person:
        say_halt(person, "symbol:BTC-USD", "halted")
        engine.drain([Deaf()], real_wire, engine.market_time)
        turns = person.execute("SELECT strand_id, status, error_message FROM module_messages ORDER BY strand_id")
        outcome = {strand: (status, error or "") for strand, status, error in turns.fetchall()}
        ordered = person.execute("SELECT symbol FROM tr_strands WHERE kind = 'order' ORDER BY symbol").fetchall()
    assert ordered == [("A",), ("A",), ("C",)]
    for plan in plans:
        status, error = outcome[plan.id]
        assert (status == "failed") is (plan.symbol == "BTC-USD")
        assert ("halted: symbol:BTC-USD is halted" in error) is (plan.symbol == "BTC-USD")
    assert real_wire.waiting("trader") == 0


def test_a_halt_counts_for_a_symbol_that_nobody_has_heard_of_yet(session: sessions.Session) -> None:
    say_halt(session, "symbol:NEW-USD", "reduce-only")
    assert is_refused(session, ENTRY, symbol="NEW-USD")
