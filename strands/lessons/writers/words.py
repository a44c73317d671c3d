"""What a writer of lessons is asked, and what it may answer: words, or a no with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from strands.endpoint.spent import Spent, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A lesson in a writer's words; ``notes`` says where they were bounded, ``cached`` that nobody was asked again."""

    model: str
    lesson: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    spent: Spent = field(default_factory=Spent)
    cached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwritten:
    """A no: the lesson keeps the words it has, for this reason."""

    model: str
    status: Status
    reason: str
    spent: Spent = field(default_factory=Spent)


class Writer(Protocol):
    """Whoever finds words for lessons."""

    def write(self, braid: Mapping[str, Any], *, lesson_id: str) -> Words | Unwritten:
        """Return words for a braid's lesson, or why there are none; raises ValueError for a braid that is none."""
