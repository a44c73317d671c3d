"""A writer at an OpenAI-compatible endpoint: a few tries, bounded in time, size and money, that fail safely."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import structlog

from strands.lessons.outcome import Unreadable
from strands.lessons.writers.endpoint import answer, budget, completion, exchange, prompt
from strands.lessons.writers.endpoint.budget import Call, Ledger
from strands.lessons.writers.endpoint.completion import Fault
from strands.lessons.writers.endpoint.configuration import KEY, Configuration
from strands.lessons.writers.endpoint.policy import WriterPolicy
from strands.lessons.writers.words import Spent, Status, Unwritten, Words

log = structlog.get_logger("tradingops.lessons")


class Endpoint:
    """Asks the configured model, at most once for the same content, and never beyond the day's cap.

    ``clock`` says on which day a question is paid for; ``stopwatch`` and ``sleep`` count seconds. ``trust`` holds the
    certificates that an https endpoint must answer to, the system's where none is given.
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        ledger: Ledger,
        policy: WriterPolicy | None = None,
        trust: ssl.SSLContext | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        stopwatch: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.configuration, self.ledger, self.policy = configuration, ledger, policy or WriterPolicy()
        self._trust = trust or ssl.create_default_context()
        self._clock, self._stopwatch, self._sleep = clock, stopwatch, sleep
        self._failures, self._rests_until = 0, 0.0

    def write(self, braid: Mapping[str, Any], *, lesson_id: str) -> Words | Unwritten:
        """Return a model's words for a braid's lesson, or why there are none; a fault of the ledger is raised."""
        question = prompt.ask(braid, model=self.configuration.model, policy=self.policy)
        blank = self._blank(question, lesson_id)
        if (known := self.ledger.cached(question.hash)) is not None:
            self.ledger.keep(replace(blank, status=Status.CACHED))
            return Words(model=blank.model, lesson=known["lesson"], notes=tuple(known["notes"]), cached=True)
        if self._failures >= self.policy.rest_after and self._stopwatch() < self._rests_until:
            return self._unasked(blank, Status.FAILED, f"not asked: the last {self._failures} questions failed")
        return self._ask(question, braid["lesson"], blank)

    def _blank(self, question: prompt.Question, lesson_id: str) -> Call:
        return Call(
            at=self._clock(),
            lesson_id=lesson_id,
            model=self.configuration.model,
            prompt_hash=question.hash,
            status=Status.RESERVED,
        )

    def _unasked(self, blank: Call, status: Status, reason: str) -> Unwritten:
        """Keep a call for which nobody was asked, and say so."""
        self.ledger.keep(replace(blank, status=status, reason=reason))
        return Unwritten(model=blank.model, status=status, reason=reason)

    # -- trying, within the time that there is

    def _ask(self, question: prompt.Question, given: Mapping[str, Any], blank: Call) -> Words | Unwritten:
        """Put a question until it is answered, tries run out or time does; each try is a call of its own."""
        until = self._stopwatch() + self.configuration.timeout
        waits = self.policy.waits(self.configuration.retries)
        earlier, tries = Decimal(0), 0
        while True:
            outcome, fault = self._try(question, given, replace(blank, at=self._clock()), until)
            tries += 1
            wait = None if fault is None else self._wait(fault, waits.seconds(tries), until)
            if wait is None or waits.exhausted(tries):
                self._remember(fault)
                return replace(outcome, spent=replace(outcome.spent, cost=earlier + outcome.spent.cost))
            earlier += outcome.spent.cost
            self._sleep(wait)

    def _wait(self, fault: Fault, otherwise: float, until: float) -> float | None:
        """Return how long to wait before another try, None where there is no point or no time."""
        wait = otherwise if fault.wait is None else fault.wait
        fits = wait <= self.policy.most_wait and self._stopwatch() + wait < until
        return wait if fault.again and fits else None

    def _remember(self, fault: Fault | None) -> None:
        """Count failures in a row; after too many of them nobody is asked for a while."""
        if fault is None:
            self._failures = 0
        elif fault.is_of_the_endpoint:
            self._failures += 1
            self._rests_until = self._stopwatch() + self.policy.rest_seconds
            log.warning("no words for a lesson", status=fault.status.value, reason=fault.reason)

    def _try(
        self, question: prompt.Question, given: Mapping[str, Any], blank: Call, until: float
    ) -> tuple[Words | Unwritten, Fault | None]:
        """Reserve the most that a question may cost, ask once, and settle what it came to."""
        worst = self._worst(question)
        cap = self.configuration.daily_cap
        number = self.ledger.reserve(replace(blank, spent=Spent(cost=worst)), cap=cap)
        if number is None:
            capped = Fault(Status.CAPPED, f"the day's cap of {cap} leaves no room for the {worst} it may cost")
            return self._unasked(blank, capped.status, capped.reason), capped
        begun = self._stopwatch()
        spent = Spent(cost=worst)
        try:
            reply = self._post(question, until)
            content, spent = completion.read(reply, prices=self.configuration.prices, worst=worst, now=self._clock())
            answered = self._answer(content, given)
        except Fault as fault:
            spent = spent if fault.billed else Spent()
            call = replace(blank, status=fault.status, reason=fault.reason, spent=spent)
            self.ledger.settle(number, replace(call, seconds=self._since(begun)))
            return Unwritten(model=blank.model, status=fault.status, reason=fault.reason, spent=spent), fault
        call = replace(blank, status=Status.ANSWERED, spent=spent, answer=answered.to_json())
        self.ledger.settle(number, replace(call, seconds=self._since(begun)))
        return Words(model=blank.model, lesson=answered.lesson, notes=answered.notes, spent=spent), None

    def _worst(self, question: prompt.Question) -> Decimal:
        asked = budget.most_tokens(question.messages, framing=self.policy.message_tokens)
        return self.configuration.prices.cost(prompt_tokens=asked, answer_tokens=self.policy.answer_tokens)

    def _since(self, begun: float) -> float:
        return round(self._stopwatch() - begun, 6)

    def _answer(self, content: str | None, given: Mapping[str, Any]) -> answer.Answer:
        if content is None:
            raise Fault(Status.REFUSED, "the model declined to answer", billed=True)
        try:
            answered = answer.read(content, given=given, policy=self.policy)
        except Unreadable as fault:
            raise Fault(Status.NONSENSE, str(fault), billed=True) from None
        key = self.configuration.key
        if key is not None and key.get_secret_value() in json.dumps(answered.to_json(), ensure_ascii=False):
            raise Fault(Status.NONSENSE, f"the answer repeats {KEY}", billed=True)
        return answered

    def _post(self, question: prompt.Question, until: float) -> completion.Reply:
        return exchange.post(
            question.as_bytes(),
            configuration=self.configuration,
            trust=self._trust,
            left=exchange.Left(until, self._stopwatch),
            largest=self.policy.largest_reply,
        )
