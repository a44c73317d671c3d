"""A trial: recorded turns folded as they were, and each decision among them made again under a draft.

The recorded version runs first, through today's code. Only a decision that today's code makes again, word for word, is
decided under the draft; what differs there differs by data or code, and is no answer about the rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from strands import tags
from strands.strand import Strand
from strands.wire import State
from tradingops.engine import Module
from tradingops.replay.refold import Fold, Recorded, Unfoldable
from tradingops.whatif import said
from tradingops.whatif.draft import Draft
from tradingops.whatif.reordered import reordered
from tradingops.whatif.said import GateChange, Said

#: Whose decisions are decided again.
LISTENER = "dm"
PROBE_EVERY = 32


class Undecided(StrEnum):
    """Why a recorded decision cannot be decided again."""

    OTHER_VERSION = "made by another version of the module"
    NOT_RECORDED = "its turn is not as it was recorded"
    STATE_LOST = "a turn before it cannot be taken again"
    CHANGED = "data or code changed"
    NO_ANSWER = "the draft gives no decision"


class Again(NamedTuple):
    """One recorded decision and what became of it: the draft's, or why there is none (``undecided``, ``told``)."""

    sequence: int
    strand_id: str
    plan_id: str | None = None
    lifecycle_id: str | None = None
    symbol: str | None = None
    at: datetime | None = None
    was: Said | None = None
    now: Said | None = None
    undecided: Undecided | None = None
    told: str = ""

    @property
    def flipped(self) -> bool:
        """Whether the draft says yes where no was said, or no where yes was."""
        return self.was is not None and self.now is not None and self.was.passes != self.now.passes

    @property
    def resized(self) -> bool:
        """Whether both say yes, to another size."""
        both = self.was is not None and self.now is not None and self.was.passes and self.now.passes
        return both and self.was.size != self.now.size  # type: ignore[union-attr]  # both are there

    @property
    def gates(self) -> list[GateChange]:
        """The gates that found otherwise."""
        if self.was is None or self.now is None:
            return []
        return list(said.changed_gates(self.was, self.now))


@dataclass
class Trial:
    """The turns of the decision maker, taken one after another; the state is kept once, and the draft's thrown away.

    ``state`` is what the fold begins with, where it does not begin at the beginning.
    """

    module: Module
    draft: Draft
    state: State | None = None
    lost: str = ""
    #: Every how many decisions the recorded one is made once more, from a state whose mappings were filled in another
    #: order; what answers otherwise then would have answered otherwise in another process, too.
    probe_every: int = PROBE_EVERY
    decided: int = 0
    partition: str = ""
    fold: Fold = field(init=False)

    def __post_init__(self) -> None:
        self.fold = Fold(self.module, self.partition, self.state)

    def take(self, turn: Recorded | Unfoldable, *, decide: bool = True) -> Again | None:
        """Fold one turn; return what became of its decision, None where it asked for none or ``decide`` is False."""
        if isinstance(turn, Unfoldable):
            self._lose(turn.sequence, turn.what)
            told = f"{turn.what} was {turn.recorded!r}, is {turn.found!r}"
            return Again(turn.sequence, turn.strand_id, undecided=Undecided.NOT_RECORDED, told=told) if decide else None
        if turn.version and turn.version != self.module.version:
            self._lose(turn.sequence, f"taken by version {turn.version}, and this is {self.module.version}")
        before, lost = self.fold.state, self.lost
        differences = list(self.fold.take(turn))
        if raised := next((each for each in differences if each.what == "turn"), None):
            self._lose(turn.sequence, str(raised.refolded))
        if not decide or not asks(turn.strand):
            return None
        again = _recorded(turn)
        if lost:
            return again._replace(undecided=Undecided.STATE_LOST, told=lost)
        if again.was is None or differences:
            told = str(differences[0]) if differences else again.told
            return again._replace(undecided=Undecided.CHANGED, told=told)
        if self.decided % self.probe_every == 0 and (told := self._by_order(turn, before)):
            return again._replace(undecided=Undecided.CHANGED, told=told)
        self.decided += 1
        return self._decided(turn, before, again)

    def _by_order(self, turn: Recorded, before: State | None) -> str:
        """Return what of the recorded decision the order of its state's mappings decides; nothing where none does."""
        other = Fold(self.module, "", reordered(before))
        return next((f"by the order of a mapping: {each}" for each in other.take(turn)), "")

    def _lose(self, sequence: int, what: str) -> None:
        self.lost = self.lost or f"turn {sequence}: {what}"

    def _decided(self, turn: Recorded, before: State | None, again: Again) -> Again:
        state = self.module.start("") if before is None else before
        try:
            _, answers = self.module.handle(state, turn.strand, self.draft.given(turn.given))
            decision = said.decision(answers)
        except Exception as fault:  # noqa: BLE001  (whatever a draft makes a module raise is why there is no answer)
            return again._replace(undecided=Undecided.NO_ANSWER, told=f"{type(fault).__name__}: {fault}"[:500])
        if decision is None:
            return again._replace(undecided=Undecided.NO_ANSWER, told="it answers without a decision")
        return again._replace(now=said.read(decision))


def asks(strand: Strand) -> bool:
    """Return whether a strand asks for a decision."""
    return tags.EVALUATE_PLAN in strand.tags


def _recorded(turn: Recorded) -> Again:
    """Return a recorded decision by itself; ``was`` is None where it cannot be read."""
    strand = turn.strand
    again = Again(turn.sequence, strand.id, _plan_id(strand), strand.lifecycle_id, strand.symbol, strand.at)
    answers = [each for each in turn.answers.values() if isinstance(each, Strand)]
    try:
        decision = said.decision(answers)
        return (
            again._replace(told="no decision is recorded")
            if decision is None
            else again._replace(was=said.read(decision))
        )
    except (KeyError, TypeError, AttributeError) as fault:
        return again._replace(told=f"unreadable: {type(fault).__name__}: {fault}"[:500])


def _plan_id(strand: Strand) -> str | None:
    plan: Any = strand.payload.get("trading_plan")
    named = plan.get("plan_id") if isinstance(plan, dict) else None
    return named if isinstance(named, str) else None
