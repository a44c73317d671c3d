"""The engine: take strands, let their listener handle them, publish the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from strands.strand import Strand
from strands.wire import Batch, State, Wire

#: now(strand) -> the time that a turn is given.
Now = Callable[[Strand], datetime]


class Module(Protocol):
    """A module knows only what it has been told."""

    name: str
    version: str

    def start(self, partition: str) -> State:
        """Return the state before anything was heard."""

    def handle(self, state: State, strand: Strand, now: datetime) -> tuple[State, Sequence[Strand]]:
        """Return the state after hearing a strand, and the answers; never change ``state`` in place."""


def turn(module: Module, wire: Wire, now: Now, *, limit: int = 100) -> int:
    """Let a module take one batch; return how many strands it took."""
    with wire.take(module.name, limit) as batch:
        handle_batch(module, batch, now)
        return len(batch)


def handle_batch(module: Module, batch: Batch, now: Now) -> None:
    """Handle each turn in order; a fault spoils its own turn and holds back the rest of its partition."""
    stopped: set[str] = set()
    for each in batch.turns:
        if each.partition in stopped:
            each.status = "held"
            continue
        state = batch.states.get(each.partition)
        if state is None:
            state = module.start(each.partition)
        each.now = now(each.strand)
        try:
            after, each.answers = module.handle(state, each.strand, each.now)
        except Exception as fault:  # noqa: BLE001  (whatever a module raises is recorded on its turn, never lost)
            each.fault, each.status = fault, "failed"
            stopped.add(each.partition)
            continue
        batch.states[each.partition] = after
        each.status = "handled"


def drain(modules: Iterable[Module], wire: Wire, now: Now, *, limit: int = 100) -> int:
    """Let modules take turns, each until it has nothing to take, round after round until all are quiet; return how many turns."""
    modules = tuple(modules)
    total, busy = 0, True
    while busy:
        busy = False
        for module in modules:
            while taken := turn(module, wire, now, limit=limit):
                total += taken
                busy = True
    return total


def market_time(strand: Strand) -> datetime:
    """Return the moment of a strand's first cause: the clock of recorded and simulated markets."""
    return strand.at
