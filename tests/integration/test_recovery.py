"""A person hands a strand over again, or passes over it: once, recorded, and never while it is being handled."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections

from strands import models
from strands.retry import RetryPolicy
from strands.wires.postgres import PostgresWire
from tests.console import desk
from tests.toys import Echo, a_trader
from tradingops import connections as ours
from tradingops import engine
from tradingops.people import acts, recovery

ASKED = acts.Asked(by="ada", reason="the stop check was mended", at=desk.NOON, asked_at=desk.NOON)

pytestmark = pytest.mark.django_db


def drain(*modules: Any) -> None:
    engine.drain(modules, desk.wire(), engine.market_time)


def keys_of_messages() -> list[Any]:
    return list(desk.messages().values_list("pk", flat=True))


def test_a_requeued_strand_is_handled_and_the_record_of_its_failure_stays() -> None:
    desk.failed()
    assert recovery.requeue(keys_of_messages(), asked=ASKED).count == 1
    assert list(models.Delivery.objects.values_list("attempts", "last_error")) == [(0, None)]
    echo = Echo()
    drain(echo)
    assert echo.heard == [0]
    assert list(desk.messages().values_list("status", flat=True)) == ["failed", "delivered"]


def test_requeueing_twice_delivers_once() -> None:
    desk.failed()
    keys = keys_of_messages()
    assert [recovery.requeue(keys, asked=ASKED).count for _ in range(2)] == [1, 0]
    assert models.Delivery.objects.filter(listener="dm").count() == 1


def test_a_strand_that_was_handled_since_is_not_handed_over_again() -> None:
    desk.failed()
    keys = keys_of_messages()
    recovery.requeue(keys, asked=ASKED)
    drain(Echo())
    assert recovery.requeue(keys, asked=ASKED).count == 0


def test_a_strand_that_expired_can_be_requeued_and_lives_its_whole_time_again() -> None:
    desk.expired()
    assert recovery.requeue(keys_of_messages(), asked=ASKED).count == 1
    echo = Echo()
    drain(echo)
    assert echo.heard == [700]


@pytest.mark.parametrize("symbol", ["BTC-PERP", "ÄÖ-USD", "X"])
def test_a_requeued_delivery_travels_as_the_first_did(symbol: str) -> None:
    travels = ("listener", "strand_table", "strand_id", "tag", "partition", "lane", "priority", "ttl_seconds")
    desk.said([desk.a_plan(1, symbol=symbol, to="trader:execute_plan")])
    before = list(models.Delivery.objects.values(*travels))
    drain(a_trader(stumbles={1: 9}))
    recovery.requeue(keys_of_messages(), asked=ASKED)
    assert list(models.Delivery.objects.values(*travels)) == before


def test_a_skipped_strand_is_never_handled_and_its_partition_goes_on() -> None:
    plan = desk.retrying()
    desk.said([desk.a_plan(501)])
    [delivery] = models.Delivery.objects.filter(strand_id=plan.id)
    assert recovery.skip([delivery.seq], asked=ASKED).strands == {"dm": [plan.id]}
    echo = Echo()
    drain(echo)
    assert echo.heard == [501]


def test_a_skip_is_recorded_as_a_failed_turn_with_who_and_why() -> None:
    desk.retrying()
    recovery.skip(models.Delivery.objects.values_list("pk", flat=True), asked=ASKED)
    [record] = desk.messages()
    assert (record.status, record.error_message) == ("failed", "skipped by ada: the stop check was mended")
    assert record.message_data["last_error"] == "DeadlockDetected: stumbled over 500"
    assert recovery.skip([1], asked=ASKED).count == 0


def test_what_was_done_is_said_on_the_wire() -> None:
    [plan] = desk.failed()
    recovery.requeue(keys_of_messages(), asked=ASKED)
    [note] = models.PeopleStrand.objects.all()
    expected = {"action": "requeue", "reason": ASKED.reason, "user": "ada", "listener": "dm", "strand_ids": [plan.id]}
    assert (note.kind, note.module, note.op_note) == ("note", "op", expected)


def test_where_nothing_was_done_nothing_is_said() -> None:
    recovery.requeue([], asked=ASKED)
    recovery.skip([999], asked=ASKED)
    assert models.PeopleStrand.objects.count() == 0


def test_a_failure_is_open_until_something_was_done_about_it() -> None:
    desk.failed(2)
    desk.retrying()
    recovery.skip(models.Delivery.objects.values_list("pk", flat=True), asked=ASKED)
    assert recovery.open_failures().count() == 2
    recovery.requeue(keys_of_messages()[:1], asked=ASKED)
    assert recovery.open_failures().count() == 1
    drain(Echo())
    assert recovery.open_failures().count() == 1


def test_the_command_requeues_what_was_set_aside_for_a_listener(capsys: pytest.CaptureFixture[str]) -> None:
    desk.failed(3)
    call_command("requeue", "--listener", "dm", "--json")
    assert '{"requeued": 3, "listeners": {"dm": 3}}' in capsys.readouterr().out
    assert models.Delivery.objects.count() == 3


def test_the_command_refuses_a_strand_that_never_failed() -> None:
    with pytest.raises(CommandError, match="NOSUCH neither failed nor expired"):
        call_command("requeue", "--id", "NOSUCH")


@pytest.mark.django_db(transaction=True)
def test_a_strand_is_not_handed_over_again_while_it_is_being_handled() -> None:
    wire = PostgresWire(ours.wire, retry=RetryPolicy(attempts=1))
    wire.publish([desk.a_plan(1)])
    engine.drain([Echo(stumbles={1: 1})], wire, engine.market_time)
    keys = keys_of_messages()
    recovery.requeue(keys, asked=ASKED)
    done: list[recovery.Recovered] = []
    again = threading.Thread(target=lambda: (done.append(recovery.requeue(keys, asked=ASKED)), connections.close_all()))
    with wire.take("dm", 1) as batch:
        again.start()
        _until_somebody_waits_for_a_lane()
        engine.handle_batch(Echo(), batch, engine.market_time)
    again.join(30)
    wire.close()
    assert [each.count for each in done] == [0]


def _until_somebody_waits_for_a_lane() -> None:
    """Return once a session waits for an advisory lock."""
    for _ in range(10_000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waited: the strand was handed over while it was being handled")
