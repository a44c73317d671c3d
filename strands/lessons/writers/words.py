"""What a writer of lessons is asked, and what it may answer: words, or a no with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol


class Status(StrEnum):
    """What came of a question put to a writer; a call that is only ``reserved`` has not come back yet."""

    RESERVED = "reserved"
    ANSWERED = "answered"
    CACHED = "cached"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    NONSENSE = "nonsense"
    CAPPED = "capped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a question cost: tokens as the other side counted them, None where it did not say; money in the prices'
    currency."""

    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    cost: Decimal = Decimal(0)

    def to_json(self) -> dict[str, Any]:
        return {
            "tokens": {"prompt": self.prompt_tokens, "answer": self.answer_tokens},
            "cost": format(self.cost, "f"),
        }


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
