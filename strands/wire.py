"""The Wire: how strands are published and taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from strands.strand import Strand

State = dict[str, Any]


@dataclass(slots=True)
class Turn:
    """One listener's handling of one strand, before and after it happened."""

    strand: Strand
    tag: str
    partition: str
    attempts: int = 0
    now: datetime | None = None
    answers: Sequence[Strand] = ()
    fault: Exception | None = None
    #: waiting -> handled | failed | held (an earlier turn of its partition failed)
    status: str = "waiting"


@dataclass(slots=True)
class Batch:
    """Turns taken together, in order, with the states of the partitions they belong to."""

    listener: str
    turns: list[Turn] = field(default_factory=list)
    states: dict[str, State | None] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.turns)


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
