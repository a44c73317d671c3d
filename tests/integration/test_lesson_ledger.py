"""The ledger in PostgreSQL: nobody overspends however many ask at once, and what is spent stays spent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import psycopg
import pytest

from strands.endpoint.budget import Call
from strands.endpoint.postgres import PostgresLedger
from strands.endpoint.spent import Spent, Status
from tests import sessions
from tradingops import connections

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
A_THIRD = Call(
    at=NOON,
    lesson_id="L1",
    model="m",
    prompt_hash="a" * 64,
    status=Status.RESERVED,
    spent=Spent(cost=Decimal("0.33")),
)
WORKERS = 8


@pytest.fixture
def ledger(transactional_db: None) -> Iterator[PostgresLedger]:
    opened = PostgresLedger(connections.wire)
    yield opened
    opened.close()


def test_many_who_ask_at_once_stay_within_the_cap_together(ledger: PostgresLedger) -> None:
    together = threading.Barrier(WORKERS)
    reserved: list[int | None] = []

    def ask() -> None:
        own = PostgresLedger(connections.wire)
        own.spent_today(NOON.date())
        together.wait(10)
        reserved.extend(own.reserve(A_THIRD, cap=Decimal(1)) for _ in range(3))
        own.close()

    threads = [threading.Thread(target=ask) for _ in range(WORKERS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert len(reserved) == 3 * WORKERS
    assert sum(number is not None for number in reserved) == 3
    assert ledger.spent_today(NOON.date()) == Decimal("0.99")


def test_whoever_asks_second_waits_for_the_first_and_counts_what_it_reserved(ledger: PostgresLedger) -> None:
    first, reserved = PostgresLedger(connections.wire), list[int | None]()
    with first.connection.transaction():
        first.reserve(A_THIRD, cap=Decimal("0.5"))
        second = threading.Thread(target=lambda: reserved.append(ledger.reserve(A_THIRD, cap=Decimal("0.5"))))
        second.start()
        with sessions.connections.wire() as watching:
            while not sessions.rows(watching, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
                assert second.is_alive()
    second.join(30)
    first.close()
    assert reserved == [None]


def test_what_was_spent_in_a_turn_stays_spent_when_the_turn_is_undone(ledger: PostgresLedger) -> None:
    with sessions.undone() as turn:
        turn.execute("SELECT 1")
        assert ledger.reserve(A_THIRD, cap=Decimal(1)) is not None
    assert ledger.spent_today(NOON.date()) == Decimal("0.33")


def test_a_lost_connection_is_opened_again(ledger: PostgresLedger) -> None:
    lost = ledger.connection.info.backend_pid
    with sessions.connections.wire() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [lost])
    with pytest.raises(psycopg.OperationalError):
        ledger.spent_today(NOON.date())
    assert ledger.spent_today(NOON.date()) == 0


def test_every_column_of_a_call_is_kept(ledger: PostgresLedger) -> None:
    number = ledger.reserve(A_THIRD, cap=Decimal(1))
    assert number is not None
    spent = Spent(prompt_tokens=400, answer_tokens=100, cost=Decimal("0.007"))
    done = Call(
        at=NOON,
        lesson_id="L1",
        model="m",
        prompt_hash="a" * 64,
        status=Status.NONSENSE,
        spent=spent,
        seconds=0.25,
        reason="no JSON",
    )
    ledger.settle(number, done)
    with sessions.connections.wire() as session:
        kept = sessions.rows(
            session,
            "SELECT at, lesson_id, model, prompt_hash, status, prompt_tokens, answer_tokens, cost, seconds, answer, "
            "reason FROM lesson_writer_calls",
        )
    assert kept == [
        (NOON, "L1", "m", "a" * 64, "nonsense", 400, 100, Decimal("0.007"), 0.25, None, "no JSON"),
    ]
