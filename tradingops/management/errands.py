"""Errands: what a desk does beside its turns, by whichever of its processes comes to it first.

Every process that runs modules or brings bars runs them in a thread of its own, so that they hold with any set of
processes; what one of them does at a time is kept by a lock of the database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from django.db import Error as DatabaseFault
from django.db import ProgrammingError, connection, transaction

from tradingops.notices import sending, watching
from tradingops.people import reviewers

log = structlog.get_logger("tradingops.errands")

#: How long between two rounds, in seconds: what people wait for is to be prompt.
EVERY = 0.5
#: How long a process that ends waits for an errand under way, in seconds.
LEAVING = 5.0

Errand = Callable[[], object]


def of_a_desk() -> dict[str, Errand]:
    """Return the errands by name."""
    return {
        "deadlines": alone("deadlines", reviewers.tell_deadlines),
        "who may decide": alone("who may decide", reviewers.Telling()),
        "notices": alone("notices", watching.Looking()),
    }


def outside() -> dict[str, Errand]:
    """Return the errands that speak to the world outside, which may keep them waiting."""
    return {"messages": sending.send_all}


def alone(name: str, errand: Errand) -> Errand:
    """Return an errand that one process at a time does, in one transaction; the others pass it over."""

    def guarded() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"errand: {name}"])
            if cursor.fetchone()[0]:
                errand()

    return guarded


class Errands:
    """The errands of one process; one that its database role may not do is left to another process."""

    def __init__(self, errands: dict[str, Errand]) -> None:
        self.errands = dict(errands)
        self._stop = threading.Event()
        self._faults: dict[str, str] = {}

    def round(self) -> None:
        """Do each errand once; a fault of one holds up no other, and is told once."""
        for name, errand in list(self.errands.items()):
            try:
                errand()
            except ProgrammingError as fault:
                log.warning("errand left to others", errand=name, because=_words(fault))
                self.errands.pop(name)
            except DatabaseFault as fault:
                self._tell_once(name, fault)
                connection.close()
            else:
                self._faults.pop(name, None)

    def _tell_once(self, name: str, fault: Exception) -> None:
        if self._faults.get(name) != (words := _words(fault)):
            self._faults[name] = words
            log.warning("errand failed; it is tried again", errand=name, because=words)

    def _run(self) -> None:
        try:
            while not self._stop.wait(EVERY):
                self.round()
        finally:
            connection.close()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run them in a thread for the length of the block."""
        thread = threading.Thread(target=self._run, name="errands", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join(LEAVING)


@contextmanager
def running() -> Iterator[None]:
    """Run a desk's errands for the length of the block, those outside in a thread of their own."""
    with Errands(of_a_desk()).running(), Errands(outside()).running():
        yield


def _words(fault: Exception) -> str:
    return next(iter(str(fault).strip().splitlines()), type(fault).__name__)
