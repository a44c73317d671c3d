"""Errands are done by one process at a time, and one that fails or is not allowed holds up no other."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError, connection, connections

from tradingops.management import errands

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_fault_of_one_holds_up_no_other_and_what_is_not_allowed_is_left_to_others() -> None:
    done: list[str] = []

    def forbidden() -> None:
        done.append("forbidden")
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM no_table_of_ours")

    def fails() -> None:
        done.append("fails")
        raise OperationalError("the connection is lost")

    mine = errands.Errands({"one": forbidden, "two": fails, "three": lambda: done.append("three")})
    mine.round()
    mine.round()
    assert done == ["forbidden", "fails", "three", "fails", "three"]
    assert list(mine.errands) == ["two", "three"]


def test_one_process_at_a_time_does_an_errand() -> None:
    inside, may_end, done = threading.Event(), threading.Event(), []

    def slow() -> None:
        inside.set()
        assert may_end.wait(30)

    def other() -> None:
        errands.alone("the same", slow)()
        connections.close_all()

    thread = threading.Thread(target=other)
    thread.start()
    assert inside.wait(30)
    errands.alone("the same", lambda: done.append("passed over"))()
    errands.alone("another", lambda: done.append("done"))()
    may_end.set()
    thread.join(30)
    errands.alone("the same", lambda: done.append("now"))()
    assert done == ["done", "now"]


def test_a_desk_has_every_errand_and_keeps_what_speaks_to_the_outside_apart() -> None:
    assert set(errands.of_a_desk()) == {"deadlines", "who may decide", "notices"}
    assert set(errands.outside()) == {"messages"}
    with errands.running():
        names = [each.name for each in threading.enumerate()]
    assert names.count("errands") == 2
