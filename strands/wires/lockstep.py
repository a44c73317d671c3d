"""The wire at a market's pace: many moments played in memory and told to the database in one transaction.

A recorded or simulated market waits for the desk, so one process may hold every module. It holds all their lanes,
plays the moments over a wire in memory that begins with the states the database has, and writes what that said: the
same strands, turns, states and rows for people that turns taken one by one would have left, all of it or nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from strands import tables, tags
from strands.strand import Strand
from strands.triggers import LANES
from strands.wire import State, Turn
from strands.wires import records, statements
from strands.wires.memory import MemoryWire
from strands.wires.postgres import PostgresWire

#: By listener, then partition: how often the state was saved, and the state.
States = dict[str, dict[str, tuple[int, State]]]


class Played(NamedTuple):
    """How many strands of the market were new, and how many turns they led to, by listener."""

    new: int
    turns: Counter[str]


class Waiting(RuntimeError):
    """Something already waits for the desk; it must be taken turn by turn before a market may be played."""


#: By the states of a desk's modules and the moment that is over: what its end makes somebody say.
Alarm = Callable[[Mapping[str, Mapping[str, State]], datetime], Sequence[Strand]]


def silent(states: Mapping[str, Mapping[str, State]], at: datetime) -> Sequence[Strand]:
    """Say nothing at the end of a moment."""
    return ()


class Lockstep:
    """All modules of a desk in one process, over a PostgreSQL wire; ``alarm`` tells what is due at a moment's end."""

    def __init__(
        self,
        wire: PostgresWire,
        modules: Sequence[Any],
        now: Callable[[Strand], datetime],
        *,
        alarm: Alarm = silent,
    ) -> None:
        self._wire, self._modules, self._now, self._alarm = wire, tuple(modules), now, alarm
        self._names = [module.name for module in self._modules]
        self._states: States = {}

    def play(self, moments: Sequence[Sequence[Strand]]) -> Played:
        """Play moments, each until the desk is quiet, in one transaction.

        What is already on the wire is not played again. Raises Waiting, and whatever a module raises; then nothing
        happened.
        """
        try:
            with self._wire.transaction():
                self._hold()
                unsaid = self._unsaid(moments)
                memory = self._played(unsaid)
                changed = self._changed(memory)
                self._tell(memory, changed)
        except BaseException:
            self._states = {}
            raise
        for name, saved in changed.items():
            self._states.setdefault(name, {}).update(saved)
        return Played(sum(map(len, unsaid)), Counter(turn.tag.partition(":")[0] for turn in memory.turns))

    def _hold(self) -> None:
        """Hold every lane, and make sure that the states in hand are the newest and that nothing else waits."""
        execute = self._wire.connection.execute
        keys = [tags.LISTENERS[name].lock_key for name in self._names]
        execute(statements.HOLD_LANES, {"keys": keys, "lanes": LANES - 1})
        saves = execute(statements.SAVES, {"listeners": self._names})
        due = execute(statements.DUE, {"listeners": self._names})
        newest = {(name, partition): turns for name, partition, turns in saves.fetchall()}
        if waiting := [row[0] for row in due.fetchall()]:
            raise Waiting(f"strands wait for {', '.join(waiting)}; take them first")
        known = {(name, each): held[0] for name, states in self._states.items() for each, held in states.items()}
        if known != newest:
            self._load(newest)

    def _load(self, newest: Mapping[tuple[str, str], int]) -> None:
        self._states = {}
        for name in self._names:
            asked = {"ids": [f"{name}:{partition}" for listener, partition in newest if listener == name]}
            loaded = self._wire.connection.execute(statements.LOAD_STATES, asked).fetchall()
            self._states[name] = {
                partition: (turns, self._wire.load_state(name, text)) for partition, turns, text in loaded
            }

    def _unsaid(self, moments: Sequence[Sequence[Strand]]) -> list[list[Strand]]:
        """Return the moments without the strands that are already on the wire."""
        by_table: dict[str, list[str]] = {}
        for strand in (each for moment in moments for each in moment):
            by_table.setdefault(tables.TABLES[strand.module].name, []).append(strand.id)
        asked = [
            self._wire.connection.execute(statements.KNOWN.format(table=table), {"ids": wanted})
            for table, wanted in by_table.items()
        ]
        known = {row[0] for cursor in asked for row in cursor.fetchall()}
        return [[strand for strand in moment if strand.id not in known] for moment in moments]

    def _played(self, moments: Sequence[Sequence[Strand]]) -> MemoryWire:
        memory = MemoryWire(rulings=self._wire.rulings())
        memory.states = {
            name: {partition: state for partition, (_, state) in states.items()}
            for name, states in self._states.items()
        }
        for moment in moments:
            memory.publish(moment)
            memory.drain(self._modules, self._now)
            if moment and (due := self._alarm(memory.states, moment[0].at)):
                memory.publish(due)
                memory.drain(self._modules, self._now)
        return memory

    def _changed(self, memory: MemoryWire) -> States:
        """Return the states that the moments changed, each with the number of the save to come."""
        return {
            name: {
                partition: (self._saves(name, partition) + 1, state)
                for partition, state in states.items()
                if state is not self._states.get(name, {}).get(partition, (0, None))[1]
            }
            for name, states in memory.states.items()
        }

    def _saves(self, name: str, partition: str) -> int:
        return self._states.get(name, {}).get(partition, (0, None))[0]

    def _tell(self, memory: MemoryWire, changed: States) -> None:
        """Write records, strands, rows for people and states; what is recorded first is left waiting for nobody."""
        said = list(memory.strands.values())
        by_listener: dict[str, list[Turn]] = {}
        for turn in memory.turns:
            by_listener.setdefault(turn.tag.partition(":")[0], []).append(turn)
        for name, turns in by_listener.items():
            self._wire.record(name, [records.of_handled(turn) for turn in turns])
        self._wire.connection.execute(statements.HANDLED_HERE, {"listeners": ",".join(self._names)})
        self._wire.write(said)
        self._wire.project(said)
        for name, saved in changed.items():
            self._wire.save_states(name, saved)
