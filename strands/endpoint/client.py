"""Questions to an OpenAI-compatible endpoint: a few tries, bounded in time, size and money, that fail safely."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import structlog

from strands.endpoint import budget, completion, exchange
from strands.endpoint.budget import Call, Ledger
from strands.endpoint.completion import Fault
from strands.endpoint.configuration import KEY, Configuration
from strands.endpoint.policy import AskingPolicy
from strands.endpoint.question import Question
from strands.endpoint.spent import Answered, Spent, Status, Unanswered

log = structlog.get_logger("tradingops.endpoint")

#: read(text) -> what a model's text says, as JSON; raises ValueError, whose words are the reason, for nonsense.
Read = Callable[[str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question on its way: how its answer is read, the call that the ledger keeps of it, and when time is over."""

    question: Question
    read: Read
    blank: Call
    until: float


class Client:
    """Asks the configured model, at most once for the same content, and never beyond the day's cap.

    ``clock`` says on which day a question is paid for; ``stopwatch`` and ``sleep`` count seconds. ``trust`` holds the
    certificates that an https endpoint must answer to, the system's where none is given.
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        ledger: Ledger,
        policy: AskingPolicy,
        trust: ssl.SSLContext | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        stopwatch: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.configuration, self.ledger, self.policy = configuration, ledger, policy
        self._trust = trust or ssl.create_default_context()
        self._clock, self._stopwatch, self._sleep = clock, stopwatch, sleep
        self._failures, self._rests_until = 0, 0.0

    def ask(self, question: Question, *, about: str, read: Read) -> Answered | Unanswered:
        """Return what a model says to a question about something, or why nothing; a fault of the ledger is raised."""
        blank = self._blank(question, about)
        if (known := self.ledger.cached(question.hash)) is not None:
            self.ledger.keep(replace(blank, status=Status.CACHED))
            return Answered(answer=known, cached=True)
        if self._failures >= self.policy.rest_after and self._stopwatch() < self._rests_until:
            return self._unasked(blank, Status.FAILED, f"not asked: the last {self._failures} questions failed")
        return self._ask(_Asked(question, read, blank, self._stopwatch() + self.configuration.timeout))

    def _blank(self, question: Question, about: str) -> Call:
        return Call(
            at=self._clock(),
            lesson_id=about,
            model=self.configuration.model,
            prompt_hash=question.hash,
            status=Status.RESERVED,
        )

    def _unasked(self, blank: Call, status: Status, reason: str) -> Unanswered:
        """Keep a call for which nobody was asked, and say so."""
        self.ledger.keep(replace(blank, status=status, reason=reason))
        return Unanswered(status=status, reason=reason)

    # -- trying, within the time that there is

    def _ask(self, asked: _Asked) -> Answered | Unanswered:
        """Put a question until it is answered, tries run out or time does; each try is a call of its own."""
        waits = self.policy.waits(self.configuration.retries)
        earlier, tries = Decimal(0), 0
        while True:
            outcome, fault = self._try(replace(asked, blank=replace(asked.blank, at=self._clock())))
            tries += 1
            wait = None if fault is None else self._wait(fault, waits.seconds(tries), asked.until)
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
            log.warning("no answer of a model", status=fault.status.value, reason=fault.reason)

    def _try(self, asked: _Asked) -> tuple[Answered | Unanswered, Fault | None]:
        """Reserve the most that a question may cost, ask once, and settle what it came to."""
        worst, cap, blank = self._worst(asked.question), self.configuration.daily_cap, asked.blank
        number = self.ledger.reserve(replace(blank, spent=Spent(cost=worst)), cap=cap)
        if number is None:
            capped = Fault(Status.CAPPED, f"the day's cap of {cap} leaves no room for the {worst} it may cost")
            return self._unasked(blank, capped.status, capped.reason), capped
        begun = self._stopwatch()
        spent = Spent(cost=worst)
        try:
            reply = self._post(asked)
            content, spent = completion.read(reply, prices=self.configuration.prices, worst=worst, now=self._clock())
            answer = self._read(content, asked.read)
        except Fault as fault:
            spent = spent if fault.billed else Spent()
            call = replace(blank, status=fault.status, reason=fault.reason, spent=spent)
            self.ledger.settle(number, replace(call, seconds=self._since(begun)))
            return Unanswered(status=fault.status, reason=fault.reason, spent=spent), fault
        call = replace(blank, status=Status.ANSWERED, spent=spent, answer=answer)
        self.ledger.settle(number, replace(call, seconds=self._since(begun)))
        return Answered(answer=answer, spent=spent), None

    def _worst(self, question: Question) -> Decimal:
        asked = budget.most_tokens(question.messages, framing=self.policy.message_tokens)
        return self.configuration.prices.cost(prompt_tokens=asked, answer_tokens=self.policy.answer_tokens)

    def _since(self, begun: float) -> float:
        return round(self._stopwatch() - begun, 6)

    def _read(self, content: str | None, read: Read) -> Mapping[str, Any]:
        if content is None:
            raise Fault(Status.REFUSED, "the model declined to answer", billed=True)
        try:
            answer = read(content)
        except ValueError as fault:
            raise Fault(Status.NONSENSE, str(fault), billed=True) from None
        key = self.configuration.key
        if key is not None and key.get_secret_value() in json.dumps(dict(answer), ensure_ascii=False):
            raise Fault(Status.NONSENSE, f"the answer repeats {KEY}", billed=True)
        return answer

    def _post(self, asked: _Asked) -> exchange.Reply:
        left = asked.until - self._stopwatch()
        if left <= 0:
            raise Fault(Status.TIMEOUT, f"no whole answer within {self.configuration.timeout:g} s")
        try:
            return exchange.post(
                asked.question.as_bytes(),
                to=exchange.Address(url=self.configuration.parts.geturl()),
                headers=self.configuration.headers,
                trust=self._trust,
                seconds=left,
                largest=self.policy.largest_reply,
            )
        except exchange.NoReply as fault:
            raise self._fault(fault) from None

    def _fault(self, fault: exchange.NoReply) -> Fault:
        match fault:
            case exchange.TooLate():
                reason = f"no whole answer within {self.configuration.timeout:g} s"
                return Fault(Status.TIMEOUT, reason, billed=fault.sent)
            case exchange.Untrusted():
                return Fault(Status.REFUSED, fault.reason)
            case exchange.TooLarge():
                return Fault(Status.NONSENSE, fault.reason, billed=True)
            case _:
                return Fault(Status.FAILED, fault.reason, billed=fault.sent, again=True)
