"""A wire in memory: the same promises without a database, for replay and for tests."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from strands import tags
from strands.retry import RetryPolicy
from strands.strand import Strand
from strands.wire import Batch, State, Turn

Queue = tuple[deque["Waiting"], ...]


@dataclass(slots=True)
class Waiting:
    """A delivery: one strand waiting for one listener."""

    strand: Strand
    tag: str
    partition: str
    attempts: int = 0


class MemoryWire:
    """Strands, deliveries, states and turns in dictionaries.

    ``keep`` chooses the strands to remember whole (all, unless told otherwise); of the others only the id is kept, so
    that telling them again still changes nothing. ``record`` keeps finished turns.
    """

    def __init__(
        self,
        *,
        keep: Callable[[Strand], bool] | None = None,
        record: bool = True,
        retry: RetryPolicy | None = None,
    ) -> None:
        self.strands: dict[str, Strand] = {}
        self.states: dict[str, dict[str, State]] = {}
        self.turns: list[Turn] = []
        self.turns_taken = 0
        self._told: set[str] = set()
        self._keep = keep
        self._record = record
        self._retry = retry or RetryPolicy()
        self._queues: dict[str, Queue] = {}
        self._addresses: dict[tuple[str, ...], tuple[tuple[str, str, int, bool], ...]] = {}

    def publish(self, strands: Iterable[Strand]) -> int:
        new = 0
        for strand in strands:
            if strand.id in self._told:
                continue
            self._told.add(strand.id)
            new += 1
            if self._keep is None or self._keep(strand):
                self.strands[strand.id] = strand
            self._deliver(strand)
        return new

    def _deliver(self, strand: Strand) -> None:
        addresses = self._addresses.get(strand.tags)
        if addresses is None:
            addresses = self._addresses[strand.tags] = _addresses(strand.tags)
        for listener, tag, priority, by_symbol in addresses:
            partition = (strand.symbol or "") if by_symbol else ""
            self._queue(listener)[priority - 1].append(Waiting(strand, tag, partition))

    def _queue(self, listener: str) -> Queue:
        queue = self._queues.get(listener)
        if queue is None:
            queue = self._queues[listener] = (deque(), deque(), deque())
        return queue

    def waiting(self, listener: str | None = None) -> int:
        chosen = self._queues.values() if listener is None else [self._queue(listener)]
        return sum(len(level) for queue in chosen for level in queue)

    @contextmanager
    def take(self, listener: str, limit: int) -> Iterator[Batch]:
        taken = self._first(listener, limit)
        states = self.states.setdefault(listener, {})
        batch = Batch(
            listener,
            [Turn(each.strand, each.tag, each.partition, each.attempts) for each in taken],
            {each.partition: states.get(each.partition) for each in taken},
        )
        yield batch
        self._finish(listener, taken, batch)

    def _first(self, listener: str, limit: int) -> list[Waiting]:
        taken: list[Waiting] = []
        for level in self._queue(listener):
            taken.extend(level[place] for place in range(min(len(level), limit - len(taken))))
        return taken

    def _finish(self, listener: str, taken: Sequence[Waiting], batch: Batch) -> None:
        queue = self._queue(listener)
        for waiting, turn in zip(taken, batch.turns, strict=True):
            if turn.status == "held":
                continue
            if turn.status == "failed" and not self._retry.exhausted(waiting.attempts + 1):
                waiting.attempts += 1
                continue
            level = next(level for level in queue if waiting in level)
            level.remove(waiting)
            self._remember(turn)
            self.publish(turn.answers)
        self.states[listener].update({key: state for key, state in batch.states.items() if state is not None})

    def _remember(self, turn: Turn) -> None:
        self.turns_taken += 1
        if self._record:
            self.turns.append(turn)

    def drain(self, modules: Sequence[Any], now: Callable[[Strand], datetime]) -> int:
        """Let modules handle until all are quiet, as ``engine.drain`` does, without a transaction to keep.

        A module that raises stops the run with its own exception: a replay has nobody to set a strand aside for.
        """
        taken, busy = 0, True
        while busy:
            busy = False
            for module in modules:
                before = taken
                taken += self._drain_one(module, now)
                busy = busy or taken > before
        self.turns_taken += taken
        return taken

    def _drain_one(self, module: Any, now: Callable[[Strand], datetime]) -> int:
        high, medium, low = self._queue(module.name)
        states = self.states.setdefault(module.name, {})
        handle, taken = module.handle, 0
        while high or medium or low:
            waiting = (high or medium or low).popleft()
            partition, strand = waiting.partition, waiting.strand
            state = states.get(partition)
            if state is None:
                state = module.start(partition)
            states[partition], answers = handle(state, strand, now(strand))
            taken += 1
            if answers:
                self.publish(answers)
        return taken


def _addresses(given: tuple[str, ...]) -> tuple[tuple[str, str, int, bool], ...]:
    """Return (listener, tag, priority, partitioned by symbol) for each listener that tags name."""
    return tuple(
        (each.listener, each.tag, each.priority, tags.LISTENERS[each.listener].partition == tags.BY_SYMBOL)
        for each in tags.addresses(given)
    )
