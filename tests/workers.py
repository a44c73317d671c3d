"""Workers that a test can watch: threads that run toys, and the patience to wait for what they do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from strands.given import Given
from strands.retry import RetryPolicy
from strands.strand import Strand
from strands.wire import State
from strands.wires.postgres import PostgresWire
from tests.toys import Echo
from tradingops import connections, engine
from tradingops.listening import Pace, Worker

#: How long a test waits for what should come at once, in seconds.
PATIENCE = 40.0
#: A worker that would sleep for ten minutes unless woken.
WOKEN_ONLY = Pace(poll=600.0, beat=0.5, first_wait=0.02, glance=0.05)
AT_ONCE = RetryPolicy(attempts=3, first_seconds=0.0)


def until(true: Callable[[], bool], *, what: str) -> None:
    """Return as soon as something holds; fails when it does not within the test's patience."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"not within {PATIENCE} s: {what}"
        threading.Event().wait(0.01)


@dataclass
class Watched(Echo):
    """A module that tells when it has heard so many strands, and that can be held in the middle of a turn."""

    name: str = "dm"
    entered: threading.Event = field(default_factory=threading.Event)
    may_go_on: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.may_go_on.set()

    def handle(self, state: State, strand: Strand, given: Given) -> tuple[State, Sequence[Strand]]:
        self.entered.set()
        assert self.may_go_on.wait(PATIENCE)
        return super().handle(state, strand, given)


class WatchedWorker(Worker):
    """A worker that tells when it has nothing to do and goes to sleep."""

    asleep: threading.Event

    def __post_init__(self) -> None:
        super().__post_init__()
        self.asleep = threading.Event()

    def _await(self, seconds: float) -> None:
        self.asleep.set()
        super()._await(seconds)
        self.asleep.clear()


class DeafWorker(WatchedWorker):
    """A worker whose notifications are all lost."""

    def _listen(self) -> None:
        super()._listen()
        assert self._bell is not None
        self._bell.execute("UNLISTEN *")


@contextmanager
def at_work(
    *modules: engine.Module, kind: type[WatchedWorker] = WatchedWorker, pace: Pace = WOKEN_ONLY, **options: Any
) -> Iterator[WatchedWorker]:
    """Run modules in a thread; at the end they are told to stop, and have to."""
    wire = PostgresWire(partial(connections.wire, durable=False), retry=AT_ONCE)
    worker = kind(modules=modules, wire=wire, now=engine.market_time, pace=pace, **options)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the worker did not stop"
