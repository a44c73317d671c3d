"""What came of a question put to an endpoint, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """What came of a question; a call that is only ``reserved`` has not come back yet."""

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
class Answered:
    """What a model said, as it was read; ``cached`` where nobody was asked again."""

    answer: Mapping[str, Any]
    spent: Spent = field(default_factory=Spent)
    cached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """That there is no answer that can be used, and why."""

    status: Status
    reason: str
    spent: Spent = field(default_factory=Spent)
