"""The Wire: how strands are published and taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from strands.given import Given
from strands.rulings.fold import Rulings
from strands.strand import Strand

#: What a module keeps between turns: a value of its own type, never changed in place.
State = Any
#: A state as it is kept: a JSON object.
Kept = dict[str, Any]


@dataclass(slots=True)
class Turn:
    """One listener's handling of one strand, before and after it happened."""

    strand: Strand
    tag: str
    partition: str
    attempts: int = 0
    given: Given | None = None
    answers: Sequence[Strand] = ()
    fault: Exception | None = None
    #: waiting -> handled | failed | held (an earlier turn of its partition is to be tried again)
    status: str = "waiting"


def never(turn: Turn) -> bool:
    """Return that a failed turn is not worth another: a pure function that failed will fail again."""
    return False


@dataclass(slots=True)
class Batch:
    """Turns taken together, in order, with the states of the partitions they belong to."""

    listener: str
    turns: list[Turn] = field(default_factory=list)
    states: dict[str, State | None] = field(default_factory=dict)
    #: What people have put in force, as known to this transaction.
    rulings: Rulings = field(default_factory=Rulings)
    #: Whether a failed turn is tried again, so that its partition waits with it; else its strand is set aside.
    again: Callable[[Turn], bool] = never

    def __len__(self) -> int:
        return len(self.turns)


class NewerState(RuntimeError):
    """A state that a later version of its module left: this one cannot tell what it means."""

    def __init__(self, module: str, version: object, known: int) -> None:
        super().__init__(
            f"state of {module}: version {version} is newer than {known}, the newest that this worker knows; "
            "stop it, and start it from the version that is deployed"
        )


def version_of(kept: Kept, *, module: str, newest: int) -> int:
    """Return the version of a kept state, 0 where it names none; raises NewerState beyond the newest known."""
    version = kept.get("version", 0)
    if not isinstance(version, int) or version > newest:
        raise NewerState(module, version, newest)
    return version


class Keeper(Protocol):
    """Whoever knows how a listener's states are kept; the wire asks it, and knows no state itself."""

    version: str

    def load(self, kept: Kept) -> State:
        """Return a state from what was kept of it, also by earlier versions; raises NewerState."""

    def dump(self, state: State) -> Kept:
        """Return a state as it is kept."""


class Wire(Protocol):
    """What every wire promises; ``tests/conformance/test_wire.py`` holds each to it."""

    def publish(self, strands: Iterable[Strand]) -> int:
        """Write strands once and leave a delivery for each listener their tags name; return how many were new."""

    def take(self, listener: str, limit: int) -> AbstractContextManager[Batch]:
        """Hold the listener's oldest waiting strands, oldest first within priority, in one transaction.

        What the block left in the batch is written when it ends well: answers, states, the record of each turn.
        When it raises, nothing happened. An empty batch means that nothing waits that this taker may have.
        """

    def due(self, listeners: Sequence[str]) -> set[str]:
        """Return those of the listeners for whom something waits that may be taken now."""

    def waiting(self, listener: str | None = None) -> int:
        """Return how many deliveries wait, due or not, for one listener or for all."""
