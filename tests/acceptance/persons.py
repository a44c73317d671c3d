"""Somebody at a desk who halts it, cancels, moves, closes and changes a policy, as soon as there is something to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from strands.given import HaltState
from strands.market.bar import Bar
from strands.strand import Strand
from strands.wires import rows
from strands.wires.lockstep import Lockstep
from tests import states as in_memory
from tradingops import connections, engine, environments
from tradingops.people import acts, say
from tradingops.replay.acts.act import Act

STATES = "SELECT partition, state FROM module_states WHERE listener = 'trader' ORDER BY partition"
EVERYTHING = ("cancel", "move", "close", "halt", "policy_changed", "active")


class Person:
    """Somebody who does each thing once, and once again in each further round; ``rest`` is how long a halt stands."""

    def __init__(self, *, rest: timedelta, rounds: int = 1) -> None:
        self.did: list[str] = []
        self._rest, self._rounds = rest, rounds
        self._done: set[str] = set()
        self._halted_at: datetime | None = None

    def wants(self, states: Mapping[str, Mapping[str, Any]], at: datetime) -> Iterator[Strand]:
        """Yield what they say once a moment is over, by the trader's states as JSON."""
        if self._rounds == 0:
            return
        for symbol, state in states.items():
            yield from self._of(symbol, state, at)
        if "close" in self._done and "halt" not in self._done:
            self._halted_at = at
            yield self._does("halt", acts.halt("desk", HaltState.HALTED, asked=self._asked(at)))
            score = 0.71 + self._rounds / 100
            yield self._does("policy_changed", acts.policy("dm", {"approve_score": score}, asked=self._asked(at)))
        elif self._halted_at and at - self._halted_at > self._rest:
            yield self._does("active", acts.halt("desk", HaltState.ACTIVE, asked=self._asked(at)))
            self._rounds, self._done, self._halted_at = self._rounds - 1, set(), None

    def _of(self, symbol: str, state: Mapping[str, Any], at: datetime) -> Iterator[Strand]:
        held, asked = state["holding"], self._asked(at)
        entries = [each for each in state["executions"].values() if each["intent"] == "entry"]
        if "cancel" not in self._done and entries and held is None:
            wanted = acts.intervention(symbol, "cancel", asked=asked, plan_id=entries[0]["plan_id"])
            yield self._does("cancel", wanted)
        elif held and not held["exit_reason"] and "move" not in self._done:
            yield self._does("move", acts.intervention(symbol, "move", asked=asked, stop_loss=_farther(held)))
        elif held and not held["exit_reason"] and "close" not in self._done:
            yield self._does("close", acts.intervention(symbol, "close", asked=asked))

    def _asked(self, at: datetime) -> acts.Asked:
        asked_at = at + timedelta(seconds=len(self.did))
        return acts.Asked(by="ada", reason="a look at the tape", at=at, asked_at=asked_at)

    def _does(self, what: str, strand: Strand) -> Strand:
        self.did.append(what)
        self._done.add(what)
        return strand


def _farther(held: Mapping[str, Any]) -> str:
    stop, target = Decimal(held["stop_loss"]), Decimal(held["take_profit"])
    step = Decimal(1).scaleb(int(stop.as_tuple().exponent))
    return str(stop - step if stop < target else stop + step)


def lived(told: Sequence[Sequence[Strand]], person: Person, *, steps: Iterable[int]) -> None:
    """Let a desk over PostgreSQL play moments up to each of some, whereupon a person acts, and then the rest."""
    wire = environments.wire(connections.wire)
    modules = list(environments.modules().values())
    lockstep = Lockstep(wire, modules, engine.market_time)
    try:
        for start, end in pairwise([0, *steps, len(told)]):
            lockstep.play(told[start:end])
            found = wire.connection.execute(STATES).fetchall()
            for wanted in person.wants({name: rows.decode(text) for name, text in found}, say.present()):
                say.publish(wanted)
                engine.drain(modules, wire, engine.market_time)
    finally:
        wire.close()


def lived_in_memory(feeds: Sequence[Sequence[Bar]], person: Person) -> tuple[dict[str, Strand], list[Act]]:
    """Let a desk in memory play bars with a person who acts after any moment; return what was said, and their acts."""
    desk, said = environments.replay(), list[Act]()
    for moment, strands in desk.market.moments([[list(bars)] for bars in feeds]):
        desk.wire.publish(strands)
        desk.wire.drain(desk.desk, engine.market_time)
        busy = {
            symbol: state
            for symbol, state in desk.wire.states.get("trader", {}).items()
            if state.holding or state.executions
        }
        for wanted in person.wants(in_memory.kept({"trader": busy})["trader"], moment):
            said.append(Act(moment, wanted))
            desk.wire.publish([wanted])
            desk.wire.drain(desk.desk, engine.market_time)
    return desk.wire.strands, said
