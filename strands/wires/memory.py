"""A wire in memory: the same promises without a database, for replay and for tests."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from strands import tags
from strands.given import Given
from strands.ids import EPOCH
from strands.kinds import declared
from strands.rulings import automatic
from strands.rulings.fold import Rulings
from strands.rulings.ruling import COLUMNS as RULINGS
from strands.strand import Strand, said_once
from strands.wire import Batch, State, Turn

#: A delivery: one strand waiting for one listener, the tag that names it, and the partition it belongs to there.
Waiting = tuple[Strand, str, str]
Level = deque[Waiting]
#: Deliveries of one listener: high, medium, low.
Queue = tuple[Level, Level, Level]
#: One way of a strand: the queue's level, the tag that names it, whether the state there is kept by symbol.
Way = tuple[Level, str, bool]


class Route(NamedTuple):
    """What strands of one role, kind and tags may say, whether they rule or may halt, and where they go."""

    columns: Set[str]
    rules: bool
    alerts: bool
    ways: tuple[Way, ...]


class Seat(NamedTuple):
    """A module at the table of a drain: its deliveries by priority, and its states."""

    module: Any
    high: Level
    medium: Level
    low: Level
    states: dict[str, State]
    #: What its turns are given beside the moment while nobody has ruled anything.
    unruled: tuple[Any, ...]


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
        rulings: Rulings | None = None,
    ) -> None:
        self.rulings = rulings if rulings is not None else Rulings()
        self.strands: dict[str, Strand] = {}
        self.states: dict[str, dict[str, State]] = {}
        self.turns: list[Turn] = []
        self.turns_taken = 0
        self._told: set[str] = set()
        self._keep = keep
        self._record = record
        self._queues: dict[str, Queue] = {}
        self._routes: dict[tuple[str, str, tuple[str, ...]], Route] = {}
        self._seated: tuple[Sequence[Any], dict[str, dict[str, State]], list[Seat]] = ((), self.states, [])

    def publish(self, strands: Iterable[Strand]) -> int:
        new, told, keep = 0, self._told, self._keep
        for strand in strands:
            if strand.id in told:
                continue
            route = self._routes.get((strand.module, strand.kind, strand.tags)) or self._new_route(strand)
            if not strand.payload.keys() <= route.columns:
                declared.check(strand)
            told.add(strand.id)
            new += 1
            if keep is None or keep(strand):
                self.strands[strand.id] = strand
            if route.rules:
                self.rulings.add(strand)
            if route.alerts:
                new += self.publish(automatic.halts_of(strand))
            for level, tag, by_symbol in route.ways:
                level.append((strand, tag, (strand.symbol or "") if by_symbol else ""))
        return new

    def _new_route(self, strand: Strand) -> Route:
        """Return where strands like this one go; raises Undeclared for one that says what nobody declared."""
        route = Route(
            declared.columns_of(strand), strand.kind in RULINGS, strand.kind == automatic.KIND, self._ways(strand.tags)
        )
        self._routes[strand.module, strand.kind, strand.tags] = route
        return route

    def _ways(self, given: tuple[str, ...]) -> tuple[Way, ...]:
        return tuple(
            (
                self._queue(each.listener)[each.priority - 1],
                each.tag,
                tags.LISTENERS[each.listener].partition == tags.BY_SYMBOL,
            )
            for each in tags.addresses(given)
        )

    def _queue(self, listener: str) -> Queue:
        queue = self._queues.get(listener)
        if queue is None:
            queue = self._queues[listener] = (deque(), deque(), deque())
        return queue

    def due(self, listeners: Sequence[str]) -> set[str]:
        return {name for name in listeners if self.waiting(name)}

    def waiting(self, listener: str | None = None) -> int:
        chosen = self._queues.values() if listener is None else [self._queue(listener)]
        return sum(len(level) for queue in chosen for level in queue)

    @contextmanager
    def take(self, listener: str, limit: int) -> Iterator[Batch]:
        taken = self._first(listener, limit)
        states = self.states.setdefault(listener, {})
        batch = Batch(
            listener,
            [Turn(*each) for each in taken],
            {partition: states.get(partition) for _, _, partition in taken},
            self.rulings,
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
            if turn.status not in ("handled", "failed"):
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
        seats = self._seats(modules)
        taken, before = 0, -1
        while taken != before:
            before = taken
            for seat in seats:
                if seat.high or seat.medium or seat.low:
                    taken += self._hear_all(seat, now)
        self.turns_taken += taken
        return taken

    def _seats(self, modules: Sequence[Any]) -> list[Seat]:
        """Return each module's seat; a replay asks again for the same ones at every moment."""
        of, states, seats = self._seated
        if modules is not of or states is not self.states:
            states = self.states
            seats = [self._seat(module) for module in modules]
            self._seated = modules, states, seats
        return seats

    def _seat(self, module: Any) -> Seat:
        states = self.states.setdefault(module.name, {})
        _, *unruled = Rulings().given(EPOCH, module.name)
        return Seat(module, *self._queue(module.name), states, tuple(unruled))

    def _hear_all(self, seat: Seat, now: Callable[[Strand], datetime]) -> int:
        module, high, medium, low, states, unruled = seat
        rulings, name, new = self.rulings, module.name, tuple.__new__
        taken = 0
        while high or medium or low:
            strand, tag, partition = (high or medium or low).popleft()
            state = states.get(partition)
            if state is None:
                state = module.start(partition)
            if rulings.refused:
                rulings.refuse(strand)
            # Most replays know no ruling, and ask for a turn of every bar: they need not ask the rulings as well.
            moment = now(strand)
            given = rulings.given(moment, name, partition) if rulings.last else new(Given, (moment, *unruled))
            states[partition], answers = module.handle(state, strand, given)
            taken += 1
            if self._record:
                self.turns.append(Turn(strand, tag, partition, 0, given, answers, None, "handled"))
            if answers:
                self.publish(said_once(answers))
        return taken
