"""Small modules that stand in for real ones where the wire itself is under test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from strands import tags as words
from strands.given import Given
from strands.kinds import alpha, declared
from strands.kinds.kind import Kind, Look
from strands.strand import Strand, first
from strands.wire import Kept, State

T0 = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


#: A plan for whomever a test likes: real plans go to the decision maker alone.
FOR_ANYBODY = Kind(
    name="plan_for_anybody",
    means="a toy plan",
    payload=alpha.SignalPayload,
    hearers=tuple(words.TAGS),
    reads=(),
    line=lambda payload: [],
    look=Look("toy"),
)
declared.stand_in("alpha", FOR_ANYBODY)

#: What an echo says in each role.
ANSWERS = {"dm": "decision", "trader": "execution", "risk": "risk_update"}


def a_plan(number: int = 0, *, symbol: str = "BTC-USD", tags: Sequence[str] = ("dm:evaluate_plan",)) -> Strand:
    """A signal with a plan, told apart by its number; with other tags than a signal's, a toy plan."""
    return first(
        module="alpha",
        kind=kind_of_a_plan(tags),
        at=T0,
        symbol=symbol,
        timeframe="1m",
        tags=tags,
        payload={"sig_sigma": 0.7, "trading_plan": {"number": number}},
        cause=(number,),
    )


def kind_of_a_plan(tags: Sequence[str]) -> str:
    """Return the kind of a plan with these tags: a signal where a signal may carry them, else a toy."""
    named = words.TAGS.keys() & words.normalise(tags)
    return alpha.SIGNAL.name if named <= set(alpha.SIGNAL.hearers) else FOR_ANYBODY.name


@dataclass
class Echo:
    """Counts what it hears and answers with the count; raises for the numbers it is told to stumble over.

    With ``fault`` it stumbles over its database, as a module with an outside voice may, and not over itself.
    """

    name: str = "dm"
    answers_as: str = "dm"
    answers_to: tuple[str, ...] = ("trader:execute_plan",)
    column: str = "dm_decision"
    stumbles: dict[int, int] = field(default_factory=dict)
    fault: type[Exception] = RuntimeError
    version: str = "1"
    heard: list[int] = field(default_factory=list)

    def start(self, partition: str) -> State:
        return {"count": 0}

    def load(self, kept: Kept) -> State:
        return dict(kept)

    def dump(self, state: State) -> Kept:
        return dict(state)

    def handle(self, state: State, strand: Strand, given: Given) -> tuple[State, Sequence[Strand]]:
        number = number_of(strand)
        if self.stumbles.get(number, 0) > 0:
            self.stumbles[number] -= 1
            raise self.fault(f"stumbled over {number}")
        self.heard.append(number)
        count = state["count"] + 1
        payload = {self.column: {"number": number, "count": count}}
        return {"count": count}, [
            strand.answer(module=self.answers_as, kind=ANSWERS[self.answers_as], tags=self.answers_to, payload=payload)
        ]


def a_trader(**options: Any) -> Echo:
    return Echo(name="trader", answers_as="trader", answers_to=(), column="tr_execution", **options)


def number_of(strand: Strand) -> int:
    """Return the number a toy's strand carries, whichever table it is in."""
    for column in ("trading_plan", "dm_decision", "tr_execution"):
        if column in strand.payload:
            return int(strand.payload[column]["number"])
    raise KeyError(f"strand {strand.id} carries no number")
