"""The shell around modules: take turns while anything waits, else sleep until woken."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
import structlog

from strands import tags
from strands.strand import Strand
from strands.wires.postgres import PostgresWire
from tradingops import connections, engine, heartbeat

log = structlog.get_logger("tradingops.listening")


def wall_time(strand: Strand) -> datetime:
    """Return the moment it is: the clock of live markets."""
    return datetime.now(UTC)


@dataclass
class Pace:
    """How a worker spends its time, in seconds."""

    poll: float = 1.0
    beat: float = 2.0
    first_wait: float = 0.1
    most_wait: float = 5.0
    most_idle: float = 0.05
    #: How soon a request to stop is heard, and a heartbeat that is due is given, while nothing happens.
    glance: float = 0.25


@dataclass
class Worker:
    """One process that runs modules over the wire until told to stop."""

    modules: Sequence[engine.Module]
    wire: PostgresWire
    now: engine.Now
    batch: int = 100
    pace: Pace = field(default_factory=Pace)
    stopping: bool = False
    turns: Counter[str] = field(default_factory=Counter)
    faults: int = 0
    _bell: psycopg.Connection[Any] | None = None
    _beaten: float = 0.0

    def __post_init__(self) -> None:
        self.heart = heartbeat.Heart(heartbeat.here(), self.modules)

    def stop(self, *_: object) -> None:
        """Finish the turn in hand and leave."""
        self.stopping = True

    def run(self, *, once: bool = False) -> None:
        """Take turns until stopped; with ``once``, until nothing waits. A lost database is waited for."""
        wait = self.pace.first_wait
        while not self.stopping:
            try:
                if self._work(once=once):
                    break
                wait = self.pace.first_wait
            except (psycopg.OperationalError, psycopg.InterfaceError) as fault:
                self.faults += 1
                log.warning("database lost", error=str(fault).strip().splitlines()[:1], again_in=wait)
                self._forget()
                self._sleep(wait)
                wait = min(wait * 2, self.pace.most_wait)
        self._leave()

    def _work(self, *, once: bool) -> bool:
        """Take one round of turns, or wait for the next; return whether the work is done for good."""
        self._listen()
        self._beat()
        before = self.turns.total()
        for module in self.modules:
            self.turns[module.name] += engine.turn(module, self.wire, self.now, limit=self.batch)
        if self.turns.total() > before:
            return False
        due = self.wire.next_due([module.name for module in self.modules])
        if once and due is None:
            return True
        self._await(self._patience(due, once=once))
        if due is not None and due <= 0:
            self._take_over()
        return False

    def _patience(self, due: float | None, *, once: bool) -> float:
        """Return how long to wait at most, in seconds, when the next delivery is due in so many, or none waits.

        One that is due already and was not taken belongs to another worker, which may have died.
        """
        if due is None or due > 0:
            return self.pace.poll if due is None else min(self.pace.poll, due)
        return self.pace.most_idle if once else min(self.pace.poll, self.pace.beat)

    def _take_over(self) -> None:
        """Take from every lane until the next heartbeat: what is overdue may belong to a worker that died."""
        self.wire.lanes.clear()

    def _listen(self) -> None:
        """Listen before looking, so that nothing said in between is missed."""
        if self._bell is not None and not self._bell.closed:
            return
        self._bell = connections.listening()
        for module in self.modules:
            self._bell.execute(f'LISTEN "{tags.LISTENERS[module.name].channel}"')

    def _await(self, seconds: float) -> None:
        """Wait for a notification, and no longer than given; meanwhile stay alive, and hear a request to stop."""
        until = time.monotonic() + seconds
        while self._bell is not None and not self.stopping and (left := until - time.monotonic()) > 0:
            if list(self._bell.notifies(timeout=min(left, self.pace.glance), stop_after=1)):
                return
            self._beat()

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))

    def _beat(self) -> None:
        if time.monotonic() - self._beaten < self.pace.beat and self._beaten:
            return
        self._beaten = time.monotonic()
        shares = self.heart.beat(self.wire.connection, turns=self.turns, faults=self.faults)
        self.wire.lanes.update(shares)

    def _forget(self) -> None:
        self.wire.close()
        if self._bell is not None:
            self._bell.close()
            self._bell = None

    def _leave(self) -> None:
        try:
            self.heart.leave(self.wire.connection)
        except psycopg.Error as fault:
            log.warning("left without a goodbye", error=str(fault).strip())
        self._forget()


@contextmanager
def settled() -> Iterator[None]:
    """Leave what a process has loaded out of every collection within the block.

    A full collection walks the whole framework, for a tenth of a second and more, to find nothing: all of it stays.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def choose_clock(name: str) -> Callable[[Strand], datetime]:
    """Return the clock of a name, ``market`` or ``wall``; raises KeyError for another."""
    return {"market": engine.market_time, "wall": wall_time}[name]
