"""The engine: take strands, let their listener handle them, publish the answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from strands.given import Given
from strands.rulings.ruling import COLUMNS as RULINGS
from strands.strand import Strand, said_once
from strands.wire import Batch, Kept, State, Wire

#: now(strand) -> the moment that a turn is given.
Now = Callable[[Strand], datetime]


class Module(Protocol):
    """A module knows only what it has been told."""

    name: str
    version: str

    def start(self, partition: str) -> State:
        """Return the state before anything was heard."""

    def handle(self, state: State, strand: Strand, given: Given) -> tuple[State, Sequence[Strand]]:
        """Return the state after hearing a strand, and the answers; never change ``state`` in place."""

    def load(self, kept: Kept) -> State:
        """Return a state from what was kept of it, also by earlier versions; raises wire.NewerState."""

    def dump(self, state: State) -> Kept:
        """Return a state as it is kept: a JSON object with its version."""


def turn(module: Module, wire: Wire, now: Now, *, limit: int = 100) -> int:
    """Let a module take one batch; return how many strands it took."""
    with wire.take(module.name, limit) as batch:
        handle_batch(module, batch, now)
        return len(batch)


def handle_batch(module: Module, batch: Batch, now: Now) -> None:
    """Handle each turn in order; a fault spoils its own turn, and holds back its partition where it is tried again."""
    stopped: set[str] = set()
    for each in batch.turns:
        if each.partition in stopped:
            each.status = "held"
            continue
        state = batch.states.get(each.partition)
        each.given = batch.rulings.given(now(each.strand), module.name, each.partition)
        try:
            if each.strand.kind in RULINGS:
                batch.rulings.refuse(each.strand)
            if state is None:
                state = module.start(each.partition)
            after, answers = module.handle(state, each.strand, each.given)
            each.answers = said_once(answers)
        except Exception as fault:  # noqa: BLE001  (whatever a module raises is recorded on its turn, never lost)
            each.fault, each.status = fault, "failed"
            if batch.again(each):
                stopped.add(each.partition)
            continue
        batch.states[each.partition] = after
        each.status = "handled"


def drain(
    modules: Iterable[Module], wire: Wire, now: Now, *, limit: int = 100, tally: Counter[str] | None = None
) -> int:
    """Let modules take turns, each until it has nothing to take, round after round until all are quiet.

    Returns how many strands were taken, and adds them to ``tally`` by module.
    """
    tally = Counter() if tally is None else tally
    modules = tuple(modules)
    names = [module.name for module in modules]
    total, before = 0, -1
    # A round that took nothing found what is due in the hands of another worker.
    while total > before and (due := wire.due(names)):
        before = total
        for module in modules:
            if module.name in due:
                taken, answered = exhaust(module, wire, now, limit=limit)
                total += taken
                tally[module.name] += taken
                # An answer may have made a module due that comes later in this round.
                due = due | wire.due(names) if answered else due
    return total


def exhaust(module: Module, wire: Wire, now: Now, *, limit: int = 100) -> tuple[int, int]:
    """Let a module take batches until one comes back short; return how many strands it took, and how many it said."""
    taken = answered = 0
    size = limit
    while size == limit:
        with wire.take(module.name, limit) as batch:
            handle_batch(module, batch, now)
        size = len(batch)
        taken += size
        answered += sum(len(each.answers) for each in batch.turns)
    return taken, answered


def market_time(strand: Strand) -> datetime:
    """Return the moment of a strand's first cause: the clock of recorded and simulated markets."""
    return strand.at
