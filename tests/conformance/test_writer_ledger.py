"""What every ledger of writers promises, held against each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from strands.endpoint.budget import Call, Ledger, MemoryLedger
from strands.endpoint.postgres import PostgresLedger
from strands.endpoint.spent import Spent, Status

LATE = datetime(2026, 1, 5, 23, 59, 59, tzinfo=UTC)
HASH = "a" * 64
ANSWER = {"lesson": {"title": "T"}, "notes": []}


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.django_db(transaction=True))])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    if request.param == "memory":
        yield MemoryLedger()
        return
    from tradingops import connections

    real = PostgresLedger(connections.wire)
    yield real
    real.close()


def a_call(cost: str = "0", **changes: object) -> Call:
    blank = Call(at=LATE, lesson_id="L1", model="m", prompt_hash=HASH, status=Status.RESERVED)
    return replace(blank, spent=Spent(cost=Decimal(cost)), **changes)


def test_a_day_begins_with_nothing_spent(ledger: Ledger) -> None:
    assert ledger.spent_today(LATE.date()) == 0


def test_what_is_reserved_is_spent_until_it_is_settled(ledger: Ledger) -> None:
    number = ledger.reserve(a_call("0.5"), cap=Decimal(1))
    assert number is not None
    assert ledger.spent_today(LATE.date()) == Decimal("0.5")
    ledger.settle(number, a_call("0.000123", status=Status.ANSWERED, answer=ANSWER, seconds=1.5))
    assert ledger.spent_today(LATE.date()) == Decimal("0.000123")


def test_a_cap_may_be_reached_and_not_passed(ledger: Ledger) -> None:
    assert ledger.reserve(a_call("0.6"), cap=Decimal(1)) is not None
    assert ledger.reserve(a_call("0.400001"), cap=Decimal(1)) is None
    assert ledger.reserve(a_call("0.4"), cap=Decimal(1)) is not None
    assert ledger.spent_today(LATE.date()) == 1


def test_a_question_without_a_price_always_fits(ledger: Ledger) -> None:
    assert ledger.reserve(a_call("0"), cap=Decimal(0)) is not None


def test_each_day_in_utc_has_a_cap_of_its_own(ledger: Ledger) -> None:
    ledger.reserve(a_call("1"), cap=Decimal(1))
    midnight = LATE + timedelta(seconds=1)
    assert ledger.reserve(a_call("1", at=midnight), cap=Decimal(1)) is not None
    assert ledger.reserve(a_call("1", at=midnight + timedelta(hours=23)), cap=Decimal(1)) is None
    assert (ledger.spent_today(LATE.date()), ledger.spent_today(midnight.date())) == (1, 1)


def test_the_newest_answer_to_the_same_question_is_found(ledger: Ledger) -> None:
    assert ledger.cached(HASH) is None
    for title in ("first", "second"):
        number = ledger.reserve(a_call(), cap=Decimal(1))
        assert number is not None
        ledger.settle(number, a_call(status=Status.ANSWERED, answer={"lesson": {"title": title}, "notes": ["é"]}))
    assert ledger.cached(HASH) == {"lesson": {"title": "second"}, "notes": ["é"]}
    assert ledger.cached("b" * 64) is None


@pytest.mark.parametrize("status", [Status.NONSENSE, Status.REFUSED, Status.TIMEOUT, Status.FAILED, Status.CACHED])
def test_nothing_but_an_answer_is_an_answer(ledger: Ledger, status: Status) -> None:
    ledger.keep(a_call(status=status, answer=ANSWER, reason="none"))
    assert ledger.cached(HASH) is None
