"""A strand that fails is set aside at once, where a person finds it; only what the database did is tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from psycopg import OperationalError, errors

from strands.retry import RetryPolicy
from strands.wires.postgres import PostgresWire
from tests import sessions
from tests.toys import Echo, a_plan, a_trader
from tradingops import engine

TAGS = ("trader:market_update",)
SLOWLY = RetryPolicy(attempts=3, first_seconds=10.0, factor=3.0)


#: What no turn is guilty of.
PASSING = errors.SerializationFailure


def turn(wire: PostgresWire, module: Any, limit: int = 100) -> int:
    return engine.turn(module, wire, engine.market_time, limit=limit)


def drain(wire: PostgresWire, *modules: Any) -> int:
    return engine.drain(modules, wire, engine.market_time)


@pytest.fixture
def slow_wire(session: sessions.Session) -> PostgresWire:
    """A wire whose clock stands still: what waits ten seconds waits for ever."""
    return PostgresWire(lambda: session, retry=SLOWLY)


def time_passes(session: sessions.Session, seconds: int) -> None:
    """Let a time pass for all that waits."""
    session.execute("UPDATE deliveries SET not_before = not_before - %s * interval '1 second'", [seconds])


def test_a_failed_strand_waits_longer_after_each_failure(session: sessions.Session, slow_wire: PostgresWire) -> None:
    slow_wire.publish([a_plan(1)])
    echo = Echo(stumbles={1: 9}, fault=PASSING)
    for attempts, wait in ((1, 10), (2, 30)):
        turn(slow_wire, echo)
        assert sessions.rows(session, "SELECT attempts, not_before - now(), last_error FROM deliveries") == [
            (attempts, timedelta(seconds=wait), "SerializationFailure: stumbled over 1")
        ]
        assert turn(slow_wire, echo) == 0
        time_passes(session, wait)


def test_its_partition_waits_with_it_and_others_go_on(session: sessions.Session, slow_wire: PostgresWire) -> None:
    slow_wire.publish([a_plan(n, symbol=symbol, tags=TAGS) for n, symbol in enumerate("AABAC")])
    trader = a_trader(stumbles={0: 1}, fault=PASSING)
    drain(slow_wire, trader)
    assert trader.heard == [2, 4]
    time_passes(session, 10)
    drain(slow_wire, trader)
    assert trader.heard == [2, 4, 0, 1, 3]


def test_what_waits_behind_a_failed_strand_fills_no_batch(session: sessions.Session, slow_wire: PostgresWire) -> None:
    """However many of one partition wait, and however small the batch, another partition's turn comes."""
    slow_wire.publish([a_plan(n, symbol="A" if n < 20 else "B", tags=TAGS) for n in range(22)])
    trader = a_trader(stumbles={0: 1}, fault=PASSING)
    for _ in range(4):
        turn(slow_wire, trader, limit=2)
    assert trader.heard == [20, 21]


def test_what_waits_behind_a_failed_strand_is_due_when_that_is(
    session: sessions.Session, slow_wire: PostgresWire
) -> None:
    slow_wire.publish([a_plan(n, symbol="A", tags=TAGS) for n in range(3)])
    turn(slow_wire, a_trader(stumbles={0: 1}, fault=PASSING))
    assert slow_wire.next_due(["trader"]) == 10.0
    assert slow_wire.due(["trader"]) == set()


def test_a_more_urgent_strand_does_not_overtake_within_the_partition(
    session: sessions.Session, slow_wire: PostgresWire
) -> None:
    slow_wire.publish([a_plan(0, symbol="A", tags=TAGS)])
    trader = a_trader(stumbles={0: 1}, fault=PASSING)
    turn(slow_wire, trader)
    slow_wire.publish([a_plan(1, symbol="A", tags=["trader:halt", "priority:high"])])
    assert turn(slow_wire, trader) == 0
    assert trader.heard == []


@pytest.mark.parametrize("fault", [PASSING, errors.DeadlockDetected, errors.AdminShutdown, OperationalError])
def test_what_the_database_did_is_tried_again(
    session: sessions.Session, wire: PostgresWire, fault: type[Exception]
) -> None:
    wire.publish([a_plan(number) for number in range(3)])
    echo = Echo(stumbles={1: 2}, fault=fault)
    drain(wire, echo)
    assert echo.heard == [0, 1, 2]


@pytest.mark.parametrize("fault", [RuntimeError, errors.NumericValueOutOfRange, errors.UniqueViolation])
def test_what_a_turn_did_itself_is_not_tried_again(
    session: sessions.Session, wire: PostgresWire, fault: type[Exception]
) -> None:
    wire.publish([a_plan(1)])
    drain(wire, Echo(stumbles={1: 9}, fault=fault))
    assert sessions.rows(session, "SELECT status, delivery_attempts FROM module_messages") == [("failed", 1)]


def test_four_strands_without_a_next_hop_are_set_aside_with_field_and_rule(
    session: sessions.Session, wire: PostgresWire
) -> None:
    wire.publish([replace(a_plan(number), hop=32_767) for number in range(4)] + [a_plan(4)])
    turn(wire, Echo())
    told = sessions.rows(
        session, "SELECT status, delivery_attempts, error_message FROM module_messages ORDER BY status"
    )
    assert [row[:2] for row in told] == [("delivered", 1)] + [("failed", 1)] * 4
    assert all("hop: 32767" in row[2] and "the most" in row[2] for row in told[1:])


def test_after_the_last_attempt_it_is_recorded_tagged_and_gone(session: sessions.Session, wire: PostgresWire) -> None:
    plan = a_plan(1)
    wire.publish([plan])
    drain(wire, Echo(stumbles={1: 99}, fault=PASSING))
    assert sessions.rows(
        session, "SELECT status, delivery_attempts, error_message, strand_id, message_data FROM module_messages"
    ) == [
        (
            "failed",
            3,
            "SerializationFailure: stumbled over 1",
            plan.id,
            {"kind": "signal", "symbol": "BTC-USD", "answers": []},
        )
    ]
    assert sessions.rows(session, "SELECT tags FROM ad_strands") == [(["dm:evaluate_plan", "error:processing_failed"],)]
    assert sessions.rows(session, "SELECT count(*) FROM deliveries") == [(0,)]


def test_the_error_tag_starts_no_loop(session: sessions.Session, wire: PostgresWire) -> None:
    wire.publish([a_plan(1, tags=["dm:evaluate_plan", "risk:halt"])])
    drain(wire, Echo(stumbles={1: 99}))
    session.execute("UPDATE ad_strands SET tags = tags || '[\"error:processing_failed\"]'")
    assert sessions.rows(session, "SELECT listener FROM deliveries") == [("risk",)]


def test_the_state_is_that_of_before_the_strand_that_failed(session: sessions.Session, wire: PostgresWire) -> None:
    wire.publish([a_plan(number) for number in range(3)])
    drain(wire, Echo(stumbles={1: 99}))
    assert sessions.rows(session, "SELECT state FROM module_states") == [('{"count":2}',)]


def test_setting_aside_lets_its_partition_go_on_in_order(session: sessions.Session, wire: PostgresWire) -> None:
    wire.publish([a_plan(n, symbol="A", tags=TAGS) for n in range(4)])
    trader = a_trader(stumbles={1: 99})
    drain(wire, trader)
    assert trader.heard == [0, 2, 3]


def test_a_requeued_strand_is_a_new_attempt_and_may_succeed(session: sessions.Session, wire: PostgresWire) -> None:
    wire.publish([a_plan(1)])
    drain(wire, Echo(stumbles={1: 99}))
    session.execute(
        "INSERT INTO deliveries (listener, strand_table, strand_id, tag, partition, lane) "
        "SELECT listener, strand_table, strand_id, tag, partition, 20 FROM module_messages"
    )
    echo = Echo()
    drain(wire, echo)
    assert echo.heard == [1]
    assert sessions.rows(session, "SELECT status FROM module_messages ORDER BY sequence") == [
        ("failed",),
        ("delivered",),
    ]


def test_a_requeued_strand_may_fail_again(session: sessions.Session, wire: PostgresWire) -> None:
    wire.publish([a_plan(1)])
    for _ in range(2):
        drain(wire, Echo(stumbles={1: 99}))
        session.execute(
            "INSERT INTO deliveries (listener, strand_table, strand_id, tag, partition, lane) "
            "SELECT listener, strand_table, strand_id, tag, partition, 20 FROM module_messages LIMIT 1"
        )
    assert sessions.rows(session, "SELECT status FROM module_messages") == [("failed",), ("failed",)]


def test_an_error_s_text_is_kept_to_a_length_and_free_of_nul(session: sessions.Session, wire: PostgresWire) -> None:
    class Loud(Echo):
        def start(self, partition: str) -> Any:
            raise RuntimeError("\x00" + "x" * 10_000)

    wire.publish([a_plan(1)])
    drain(wire, Loud())
    [(error,)] = sessions.rows(session, "SELECT error_message FROM module_messages")
    assert len(error) == 2000
    assert error.startswith("RuntimeError: xxx")
