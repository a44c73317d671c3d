"""Acts told to a replay: each once the desk is quiet after its moment, and what came of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from strands.kinds import people
from strands.strand import Strand
from strands.wires.memory import MemoryWire
from tradingops.replay.acts.act import Act

#: Why an act is unapplied that nobody refused, and that nobody answered.
NOTHING = "nothing came of it"


class Unapplied(NamedTuple):
    """An act that changed nothing, and why."""

    act: Act
    reason: str

    def __str__(self) -> str:
        said = self.act.strand
        return f"line {self.act.line}: {said.kind} {said.id}: {self.reason}"


@dataclass
class Telling:
    """The acts of a replay that are still to be told, in their order; ``unapplied`` gathers those that did nothing."""

    acts: deque[Act]
    unapplied: list[Unapplied]
    told: int = 0

    @classmethod
    def of(cls, acts: Sequence[Act]) -> Telling:
        """Return a telling of acts that begins with the first."""
        return cls(deque(acts), [])

    def before(self, moment: datetime, wire: MemoryWire, drain: Callable[[], object]) -> None:
        """Tell what took effect before a moment of the market; the desk is quiet after each."""
        while self.acts and (self.acts[0].after is None or self.acts[0].after < moment):
            self._tell(self.acts.popleft(), wire, drain)

    def end(self, last: datetime, wire: MemoryWire, drain: Callable[[], object]) -> None:
        """Tell what took effect after the last moment; what belongs to later bars is not told, and is reported."""
        while self.acts and (self.acts[0].after is None or self.acts[0].after <= last):
            self._tell(self.acts.popleft(), wire, drain)
        reason = f"after: later than the last bar, {last.isoformat()}; not told"
        self.unapplied += [Unapplied(act, reason) for act in self.acts]
        self.acts.clear()

    def _tell(self, act: Act, wire: MemoryWire, drain: Callable[[], object]) -> None:
        said, self.told = act.strand, self.told + 1
        known = wire.rulings.copy()
        known.add(said)
        if reason := known.refused.get(said.id):
            # As on a desk: it is known and refused, and nobody's turn comes of it.
            wire.publish([replace(said, tags=())])
            self.unapplied.append(Unapplied(act, reason))
            return
        before = len(wire.strands)
        wire.publish([said])
        drain()
        answers = [each for each in list(wire.strands.values())[before:] if each.id != said.id]
        if reason := _refusal(said, answers):
            self.unapplied.append(Unapplied(act, reason))


def _refusal(said: Strand, answers: Sequence[Strand]) -> str:
    """Return why an intervention came to nothing; empty for one that was done, and for every other act."""
    if said.kind != people.INTERVENTION.name:
        return ""
    told = [each.payload.get("monitoring_state") or {} for each in answers]
    reasons = [str(each.get("reason")) for each in told if each.get("state") == "refused"]
    return reasons[0] if reasons else ("" if answers else NOTHING)
