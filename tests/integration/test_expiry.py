"""A delivery past its time to live is recorded as expired and never handled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from psycopg.errors import DeadlockDetected

from strands.retry import RetryPolicy
from strands.wires.postgres import PostgresWire
from tests import sessions
from tests.toys import Echo, a_plan
from tradingops import engine


def drain(wire: PostgresWire, *modules: Any) -> int:
    return engine.drain(modules, wire, engine.market_time)


def expire(session: sessions.Session, *strands: Any) -> None:
    """Let the time to live of some strands' deliveries run out this moment."""
    query = "UPDATE deliveries SET expires_at = now() WHERE strand_id = ANY(%s)"
    session.execute(query, [[strand.id for strand in strands]])


def test_an_expired_strand_is_not_handled_and_the_rest_is(session: sessions.Session, wire: PostgresWire) -> None:
    plans = [a_plan(number) for number in range(4)]
    wire.publish(plans)
    expire(session, plans[0], plans[2])
    echo = Echo()
    drain(wire, echo)
    assert echo.heard == [1, 3]
    assert sessions.rows(session, "SELECT count(*) FROM deliveries WHERE listener = 'dm'") == [(0,)]


def test_its_record_says_so(session: sessions.Session, wire: PostgresWire) -> None:
    plan = a_plan(1, tags=["dm:evaluate_plan", "timeout:17"])
    wire.publish([plan])
    expire(session, plan)
    drain(wire, Echo())
    assert sessions.rows(
        session, "SELECT status, strand_id, ttl_seconds, delivery_attempts, error_message, now FROM module_messages"
    ) == [("expired", plan.id, 17, 1, "past its time to live", None)]


def test_its_strand_says_so_and_is_not_delivered_again(session: sessions.Session, wire: PostgresWire) -> None:
    plan = a_plan(1)
    wire.publish([plan])
    expire(session, plan)
    drain(wire, Echo())
    assert sessions.rows(session, "SELECT tags FROM ad_strands") == [
        (["dm:evaluate_plan", "expired:dm:evaluate_plan"],)
    ]
    assert sessions.rows(session, "SELECT count(*) FROM deliveries") == [(0,)]


def test_it_is_expired_for_one_listener_and_heard_by_another(session: sessions.Session, wire: PostgresWire) -> None:
    wire.publish([a_plan(1, tags=["dm:evaluate_plan", "risk:halt"])])
    session.execute("UPDATE deliveries SET expires_at = now() WHERE listener = 'dm'")
    dm, risk = Echo(), Echo(name="risk", answers_as="risk", answers_to=(), column="rm_alert_data")
    drain(wire, dm, risk)
    assert (dm.heard, risk.heard) == ([], [1])


def test_more_expired_strands_than_a_batch_holds_do_not_stop_a_worker(
    session: sessions.Session, wire: PostgresWire
) -> None:
    plans = [a_plan(number) for number in range(12)]
    wire.publish(plans)
    expire(session, *plans[:11])
    echo = Echo()
    assert engine.turn(echo, wire, engine.market_time, limit=3) == 1
    assert echo.heard == [11]
    assert sessions.rows(session, "SELECT status, count(*) FROM module_messages GROUP BY status ORDER BY 1") == [
        ("delivered", 1),
        ("expired", 11),
    ]


def test_a_strand_that_failed_may_expire_while_it_waits(session: sessions.Session) -> None:
    wire = PostgresWire(lambda: session, retry=RetryPolicy(attempts=9, first_seconds=0))
    plan = a_plan(1)
    wire.publish([plan])
    echo = Echo(stumbles={1: 1}, fault=DeadlockDetected)
    engine.turn(echo, wire, engine.market_time)
    expire(session, plan)
    drain(wire, echo)
    assert echo.heard == []
    assert sessions.rows(session, "SELECT status, delivery_attempts FROM module_messages") == [("expired", 2)]


def test_a_failure_does_not_lengthen_a_strand_s_life(session: sessions.Session, wire: PostgresWire) -> None:
    wire.publish([a_plan(1, tags=["dm:evaluate_plan", "timeout:17"])])
    engine.turn(Echo(stumbles={1: 1}, fault=DeadlockDetected), wire, engine.market_time)
    assert sessions.rows(session, "SELECT expires_at - now() FROM deliveries") == [(timedelta(seconds=17),)]


def test_an_expired_strand_leaves_no_state(session: sessions.Session, wire: PostgresWire) -> None:
    plan = a_plan(1)
    wire.publish([plan])
    expire(session, plan)
    drain(wire, Echo())
    assert sessions.rows(session, "SELECT count(*) FROM module_states") == [(0,)]


@pytest.mark.parametrize("seconds", [1, 300, 31_536_000])
def test_a_strand_lives_as_long_as_its_tag_says(session: sessions.Session, wire: PostgresWire, seconds: int) -> None:
    wire.publish([a_plan(1, tags=["dm:evaluate_plan", f"timeout:{seconds}"])])
    assert sessions.rows(session, "SELECT expires_at - not_before FROM deliveries") == [(timedelta(seconds=seconds),)]
