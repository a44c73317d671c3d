"""The money of questions to a model: what a question costs, what it may cost at worst, and who may still ask today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_UP, Decimal
from typing import Any, Protocol

from strands.endpoint.spent import Spent, Status

#: Costs are kept to a millionth of the currency, rounded against us.
CENTS = Decimal("0.000001")
PER = Decimal(1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Currency per 1000 tokens of a prompt and of an answer."""

    prompt: Decimal
    answer: Decimal

    def cost(self, *, prompt_tokens: int, answer_tokens: int) -> Decimal:
        """Return what so many tokens cost, rounded up."""
        exact = (prompt_tokens * self.prompt + answer_tokens * self.answer) / PER
        return exact.quantize(CENTS, rounding=ROUND_UP)


def most_tokens(messages: tuple[Mapping[str, str], ...], *, framing: int) -> int:
    """Return how many tokens a prompt cannot exceed: no tokeniser makes more tokens of a text than it has bytes."""
    return sum(len(message["content"].encode()) + framing for message in messages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One question put to a model, as the ledger keeps it; ``lesson_id`` names what it was about."""

    at: datetime
    lesson_id: str
    model: str
    prompt_hash: str
    status: Status
    spent: Spent = field(default_factory=Spent)
    seconds: float | None = None
    answer: Mapping[str, Any] | None = None
    reason: str | None = None

    @property
    def day(self) -> date:
        """The day in UTC on which it is paid for."""
        return self.at.astimezone(UTC).date()


class Ledger(Protocol):
    """What was asked and what it cost; ``tests/conformance/test_writer_ledger.py`` holds each ledger to it."""

    def spent_today(self, day: date) -> Decimal:
        """Return what the calls of a day (UTC) cost, those not yet back at what was reserved for them."""

    def cached(self, prompt_hash: str) -> Mapping[str, Any] | None:
        """Return the newest answer to the same question, None where there is none."""

    def reserve(self, call: Call, *, cap: Decimal) -> int | None:
        """Keep a call at the most it may cost and return its number; None if its day would cost more than ``cap``.

        However many ask at once, what they reserve together stays within the cap.
        """

    def settle(self, number: int, call: Call) -> None:
        """Put what became of a reserved call in its place."""

    def keep(self, call: Call) -> None:
        """Keep a call for which nobody was asked."""


class MemoryLedger:
    """A ledger that is forgotten with the process."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def spent_today(self, day: date) -> Decimal:
        return sum((call.spent.cost for call in self.calls if call.day == day), Decimal(0))

    def cached(self, prompt_hash: str) -> Mapping[str, Any] | None:
        return next(self._answers(prompt_hash), None)

    def reserve(self, call: Call, *, cap: Decimal) -> int | None:
        if self.spent_today(call.day) + call.spent.cost > cap:
            return None
        self.keep(call)
        return len(self.calls) - 1

    def settle(self, number: int, call: Call) -> None:
        self.calls[number] = call

    def keep(self, call: Call) -> None:
        self.calls.append(call)

    def _answers(self, prompt_hash: str) -> Iterator[Mapping[str, Any]]:
        for call in reversed(self.calls):
            if call.prompt_hash == prompt_hash and call.status is Status.ANSWERED and call.answer is not None:
                yield call.answer
