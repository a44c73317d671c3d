"""The trigger that delivers: one row for each strand and listener, one notification for each listener."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from strands import tables, tags, triggers
from strands.wires.postgres import PostgresWire
from tests import sessions, toys
from tradingops import engine

WAITING = "SELECT listener, tag FROM deliveries ORDER BY listener, tag"


def waiting(session: sessions.Session) -> list[tuple[Any, ...]]:
    return sessions.rows(session, WAITING)


def delivery(session: sessions.Session, column: str) -> Any:
    [(value,)] = sessions.rows(session, f"SELECT {column} FROM deliveries")
    return value


# -- what an insert leaves


@pytest.mark.parametrize("table", [*sorted(tables.BY_NAME), "dm_strand", "tr_strand"])
def test_any_client_s_insert_is_delivered(session: sessions.Session, table: str) -> None:
    sessions.insert(session, table, id="S1", tags=["dm:execution_feedback"])
    physical = f"{table}s" if table in ("dm_strand", "tr_strand") else table
    assert sessions.rows(session, "SELECT listener, strand_table, strand_id FROM deliveries") == [
        ("dm", physical, "S1")
    ]


@pytest.mark.parametrize("tag", sorted(tags.TAGS))
def test_a_tag_is_delivered_with_its_own_priority_and_time_to_live(session: sessions.Session, tag: str) -> None:
    sessions.insert(session, "op_strands", id="S1", tags=[tag])
    [(listener, kept, priority, ttl, life)] = sessions.rows(
        session, "SELECT listener, tag, priority, ttl_seconds, expires_at - not_before FROM deliveries"
    )
    known = tags.TAGS[tag]
    assert (listener, kept, priority, ttl) == (known.listener, tag, known.priority, known.ttl_seconds)
    assert life == timedelta(seconds=known.ttl_seconds)


def test_a_listener_named_by_two_tags_hears_once_by_the_first(session: sessions.Session) -> None:
    sessions.insert(session, "ad_strands", id="S1", tags=["dm:risk_update", "trader:halt", "dm:evaluate_plan"])
    assert waiting(session) == [("dm", "dm:risk_update"), ("trader", "trader:halt")]


def test_a_tag_written_twice_is_delivered_once(session: sessions.Session) -> None:
    sessions.insert(session, "ad_strands", id="S1", tags=["dm:evaluate_plan", "dm:evaluate_plan"])
    assert waiting(session) == [("dm", "dm:evaluate_plan")]


def test_an_alias_is_delivered_under_its_canonical_name(session: sessions.Session) -> None:
    sessions.insert(session, "dm_strands", id="S1", tags=["tr:execute"])
    assert waiting(session) == [("trader", "trader:execute_plan")]


@pytest.mark.parametrize(
    "word", ["priority:high", "timeout:9", "original_strand:X", "learning:x", "error:x", "expired:dm:halt"]
)
def test_an_open_family_is_delivered_to_nobody(session: sessions.Session, word: str) -> None:
    sessions.insert(session, "ad_strands", id="S1", tags=[word])
    assert waiting(session) == []


@pytest.mark.parametrize(("word", "priority"), sorted(tags.PRIORITIES.items()))
def test_a_priority_among_the_tags_goes_before_the_tag_s_own(
    session: sessions.Session, word: str, priority: int
) -> None:
    sessions.insert(session, "ad_strands", id="S1", tags=[f"priority:{word}", "dm:evaluate_plan"])
    assert delivery(session, "priority") == priority


def test_a_timeout_among_the_tags_goes_before_the_tag_s_own(session: sessions.Session) -> None:
    sessions.insert(session, "ad_strands", id="S1", tags=["dm:evaluate_plan", "timeout:17"])
    assert delivery(session, "ttl_seconds") == 17
    assert delivery(session, "expires_at - created_at") == timedelta(seconds=17)


@pytest.mark.parametrize("listener", sorted(tags.LISTENERS))
@pytest.mark.parametrize("symbol", ["BTC-USD", "Ärger/€", "", None])
def test_the_partition_is_what_the_listener_keeps_its_state_by(
    session: sessions.Session, listener: str, symbol: str | None
) -> None:
    sessions.insert(session, "op_strands", id="S1", symbol=symbol, tags=[f"{listener}:halt"])
    partition = tags.LISTENERS[listener].partition_of(symbol)
    assert delivery(session, "partition") == partition
    lane = hashlib.md5(partition.encode(), usedforsecurity=False).digest()[0] % triggers.LANES
    assert delivery(session, "lane") == lane


def test_strands_of_one_statement_are_queued_in_its_order(session: sessions.Session) -> None:
    session.execute(
        "INSERT INTO ad_strands (id, tags) SELECT 'S' || n, '[\"dm:evaluate_plan\"]' FROM generate_series(1, 50) AS n"
    )
    queued = sessions.rows(session, "SELECT strand_id FROM deliveries ORDER BY seq")
    assert queued == [(f"S{number}",) for number in range(1, 51)]


def test_telling_a_strand_again_delivers_nothing(session: sessions.Session, wire: PostgresWire) -> None:
    assert wire.publish([toys.a_plan(1)]) == 1
    session.execute("DELETE FROM deliveries")
    assert wire.publish([toys.a_plan(1)]) == 0
    assert waiting(session) == []


def test_no_setting_keeps_a_strand_from_who_has_not_handled_it(session: sessions.Session) -> None:
    session.execute(f"SET LOCAL {triggers.HANDLED_HERE} = 'dm,trader'")
    sessions.insert(session, "ad_strands", id="S1", tags=["dm:halt", "trader:halt"])
    assert sessions.rows(session, "SELECT listener FROM deliveries ORDER BY 1") == [("dm",), ("trader",)]


def test_what_a_transaction_handles_itself_is_delivered_to_others_only(session: sessions.Session) -> None:
    with session.transaction():
        for listener in ("dm", "trader"):
            turn = {"strand_id": "S1", "listener": listener, "status": "delivered", "given": ""}
            sessions.insert(session, "module_messages", message_type="trading_plan", message_data={}, **turn)
        session.execute(f"SET LOCAL {triggers.HANDLED_HERE} = 'dm,trader'")
        sessions.insert(session, "ad_strands", id="S1", tags=["dm:halt", "trader:halt", "risk:halt"])
        session.execute(f"SET LOCAL {triggers.HANDLED_HERE} = ''")
    sessions.insert(session, "ad_strands", id="S2", tags=["dm:halt"])
    assert sessions.rows(session, "SELECT strand_id, listener FROM deliveries ORDER BY 1") == [
        ("S1", "risk"),
        ("S2", "dm"),
    ]


# -- what an update leaves


def after_update(session: sessions.Session, before: list[str], after: list[str]) -> list[tuple[Any, ...]]:
    sessions.insert(session, "dm_strands", id="S1", tags=before)
    session.execute("DELETE FROM deliveries")
    session.execute("UPDATE dm_strands SET tags = %s", [json.dumps(after)])
    return waiting(session)


def test_an_update_delivers_just_the_tag_that_it_added(session: sessions.Session) -> None:
    before = ["alpha:decision_feedback"]
    assert after_update(session, before, [*before, "trader:execute_plan"]) == [("trader", "trader:execute_plan")]


def test_an_update_that_replaces_tags_delivers_the_new_ones(session: sessions.Session) -> None:
    assert after_update(session, ["alpha:decision_feedback"], ["trader:execute_plan"]) == [
        ("trader", "trader:execute_plan")
    ]


@pytest.mark.parametrize("after", [["alpha:decision_feedback", "dm:lesson"], ["dm:lesson", "error:x"], ["error:x"]])
def test_an_update_that_adds_no_address_delivers_nothing(session: sessions.Session, after: list[str]) -> None:
    assert after_update(session, ["alpha:decision_feedback", "dm:lesson"], after) == []


def test_an_update_of_many_strands_delivers_each(session: sessions.Session) -> None:
    for number in range(5):
        sessions.insert(session, "dm_strands", id=f"S{number}", symbol="A")
    session.execute("UPDATE dm_strand SET tags = tags || '[\"trader:execute\"]' WHERE id <> 'S3'")
    assert sessions.rows(session, "SELECT array_agg(strand_id ORDER BY strand_id) FROM deliveries") == [
        (["S0", "S1", "S2", "S4"],)
    ]


def test_the_priority_that_comes_with_an_added_tag_counts(session: sessions.Session) -> None:
    after_update(session, [], ["trader:execute_plan", "priority:low"])
    assert delivery(session, "priority") == tags.LOW


# -- who is woken


def many(wire: PostgresWire, number: int) -> None:
    wire.publish([toys.a_plan(each, tags=["dm:evaluate_plan", "risk:halt"]) for each in range(number)])


@pytest.mark.django_db(transaction=True)
def test_a_statement_of_500_strands_wakes_each_listener_once(real_wire: PostgresWire) -> None:
    channels = [listener.channel for listener in tags.LISTENERS.values()]
    with sessions.listening(*channels, triggers.STREAM_CHANNEL) as session:
        many(real_wire, 500)
        assert sorted(sessions.heard(session)) == [
            ("tradingops_dm", ""),
            ("tradingops_risk", ""),
            ("tradingops_stream", ""),
        ]
    assert real_wire.waiting() == 1000


@pytest.mark.django_db(transaction=True)
def test_a_rollback_leaves_no_delivery_and_wakes_nobody(real_wire: PostgresWire) -> None:
    with sessions.listening("tradingops_dm", triggers.STREAM_CHANNEL) as session:
        with real_wire.connection.transaction(force_rollback=True):
            many(real_wire, 3)
        assert sessions.heard(session) == []
    assert real_wire.waiting() == 0
    assert sessions.rows(real_wire.connection, "SELECT count(*) FROM ad_strands") == [(0,)]


@pytest.mark.django_db(transaction=True)
def test_a_strand_told_again_wakes_nobody(real_wire: PostgresWire) -> None:
    many(real_wire, 1)
    with sessions.listening("tradingops_dm", triggers.STREAM_CHANNEL) as session:
        many(real_wire, 1)
        assert sessions.heard(session) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("switch", "told"), [(None, 0), ("off", 0), ("on", 2)])
def test_observers_hear_each_strand_on_its_tag_s_channel_when_switched_on(
    real_wire: PostgresWire, switch: str | None, told: int
) -> None:
    session = real_wire.connection
    if switch:
        session.execute(f"SET {triggers.OBSERVER_CHANNELS} = '{switch}'")
    with sessions.listening("dm_evaluate_plan", "alpha_decision_feedback", "trader_execute_plan") as observer:
        sessions.insert(session, "ad_strands", id="AD_1a2b3c4d5e6f", tags=["dm:evaluate", "learning:x"])
        sessions.insert(session, "dm_strand", id="DM_1", tags=["alpha:decision_feedback"])
        assert (
            sessions.heard(observer)
            == [
                ("dm_evaluate_plan", "AD_1a2b3c4d5e6f"),
                ("alpha_decision_feedback", "DM_1"),
            ][:told]
        )
        session.execute("UPDATE dm_strands SET tags = tags || '[\"trader:execute_plan\"]'")
        assert sessions.heard(observer) == [("trader_execute_plan", "DM_1")][:told]


def test_a_tag_put_back_is_not_delivered_to_one_who_has_handled_it(
    session: sessions.Session, wire: PostgresWire
) -> None:
    wire.publish([toys.a_plan(1)])
    engine.drain([toys.Echo()], wire, engine.market_time)
    session.execute("ALTER TABLE ad_strands DISABLE TRIGGER USER")
    session.execute("UPDATE ad_strands SET tags = '[]'")
    session.execute("ALTER TABLE ad_strands ENABLE TRIGGER USER")
    session.execute("UPDATE ad_strands SET tags = '[\"dm:evaluate_plan\"]'")
    assert wire.waiting("dm") == 0
