"""A writer at an OpenAI-compatible endpoint: one POST, bounded in time, size and money, that can only fail safely.

The standard library's client carries it. One request a lesson needs no pool of connections, and what matters here, an
end to the whole exchange rather than to each read of it, is what other clients would have to be taught as well.
"""

from __future__ import annotations

import http.client
import io
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import structlog

from strands.lessons.writers import answer, budget, completion, prompt
from strands.lessons.writers.budget import Call, Ledger
from strands.lessons.writers.completion import Fault, Reply
from strands.lessons.writers.configuration import KEY, Configuration
from strands.lessons.writers.policy import WriterPolicy
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
            told, fault = self._try(question, given, replace(blank, at=self._clock()), until)
            tries += 1
            wait = None if fault is None else self._wait(fault, waits.seconds(tries), until)
            if wait is None or waits.exhausted(tries):
                self._remember(fault)
                return replace(told, spent=replace(told.spent, cost=earlier + told.spent.cost))
            earlier += told.spent.cost
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
            reading = self._reading(content, given)
        except Fault as fault:
            spent = spent if fault.billed else Spent()
            call = replace(blank, status=fault.status, reason=fault.reason, spent=spent)
            self.ledger.settle(number, replace(call, seconds=self._since(begun)))
            return Unwritten(model=blank.model, status=fault.status, reason=fault.reason, spent=spent), fault
        call = replace(blank, status=Status.ANSWERED, spent=spent, answer=reading.to_json())
        self.ledger.settle(number, replace(call, seconds=self._since(begun)))
        return Words(model=blank.model, lesson=reading.lesson, notes=reading.notes, spent=spent), None

    def _worst(self, question: prompt.Question) -> Decimal:
        asked = budget.most_tokens(question.messages, framing=self.policy.message_tokens)
        return self.configuration.prices.cost(prompt_tokens=asked, answer_tokens=self.policy.answer_tokens)

    def _since(self, begun: float) -> float:
        return round(self._stopwatch() - begun, 6)

    def _reading(self, content: str | None, given: Mapping[str, Any]) -> answer.Reading:
        if content is None:
            raise Fault(Status.REFUSED, "the model declined to answer", billed=True)
        try:
            reading = answer.read(content, given=given, policy=self.policy)
        except answer.Nonsense as fault:
            raise Fault(Status.NONSENSE, str(fault), billed=True) from None
        key = self.configuration.key
        if key is not None and key.get_secret_value() in json.dumps(reading.to_json(), ensure_ascii=False):
            raise Fault(Status.NONSENSE, f"the answer repeats {KEY}", billed=True)
        return reading

    def _post(self, question: prompt.Question, until: float) -> Reply:
        """Return the reply to one request; raises Fault where there is none, whatever was sent instead."""
        sent = False
        left = _Left(until, self._stopwatch)
        try:
            with _opened(self.configuration, self._trust, left) as opened:
                sent = True
                response = _posted(self.configuration, question.as_bytes(), _Timed(opened, left))
                return _reply(response, self.policy.largest_reply)
        except TimeoutError:
            reason = f"no whole answer within {self.configuration.timeout:g} s"
            raise Fault(Status.TIMEOUT, reason, billed=sent) from None
        except ssl.SSLCertVerificationError as fault:
            raise Fault(Status.REFUSED, f"its certificate is not trusted: {fault.verify_message}") from None
        except (OSError, http.client.HTTPException) as fault:
            # Never the exception's own text: it may hold what the other side wrote, and that side knows the key.
            reason = getattr(fault, "strerror", None) or type(fault).__name__
            raise Fault(Status.FAILED, f"the connection failed: {reason}", billed=sent, again=True) from None


# --- one exchange, all of it within the time that is left


@dataclass(frozen=True, slots=True)
class _Left:
    """The time that is left, in seconds; raises TimeoutError once there is none."""

    until: float
    stopwatch: Callable[[], float]

    def __call__(self) -> float:
        left = self.until - self.stopwatch()
        if left <= 0:
            raise TimeoutError
        return left


@contextmanager
def _opened(configuration: Configuration, trust: ssl.SSLContext, left: _Left) -> Iterator[socket.socket]:
    """Hold a connection to the endpoint, encrypted where its address says so."""
    parts = configuration.parts
    host = parts.hostname or ""
    with closing(_connect(host, configuration.port, left)) as plain:
        if parts.scheme == "http":
            yield plain
            return
        with closing(trust.wrap_socket(plain, server_hostname=host)) as encrypted:
            yield encrypted


def _connect(host: str, port: int, left: _Left) -> socket.socket:
    """Return a connection to the first of a host's addresses that answers; raises the last one's OSError.

    Only the look-up of the name keeps to a time of its own, the resolver's.
    """
    fault: OSError = socket.gaierror("the host has no address")
    for *_, found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            opened = socket.create_connection((str(found[0]), port), timeout=left())
        except OSError as refusal:
            fault = refusal
            continue
        opened.settimeout(left())
        return opened
    raise fault


def _posted(configuration: Configuration, body: bytes, timed: Any) -> http.client.HTTPResponse:
    """Send a question and return the head of the reply."""
    parts = configuration.parts
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "Accept": "application/json",
        "User-Agent": "tradingops",
        "Connection": "close",
    }
    if configuration.key is not None:
        headers["Authorization"] = f"Bearer {configuration.key.get_secret_value()}"
    connection = http.client.HTTPConnection(parts.hostname or "", configuration.port)
    connection.sock = timed
    connection.request("POST", parts.path, body=body, headers=headers)
    return connection.getresponse()


def _reply(response: http.client.HTTPResponse, largest: int) -> Reply:
    """Return a reply, its body read only where it is a success and no larger than ``largest`` bytes."""
    known = response.status in set(HTTPStatus)
    reply = Reply(
        status=response.status,
        phrase=HTTPStatus(response.status).phrase if known else "",
        kind=response.headers.get_content_type(),
        retry_after=response.headers.get("Retry-After", "").strip(),
    )
    return replace(reply, body=_body(response, largest)) if reply.status == completion.OK else reply


def _body(response: http.client.HTTPResponse, largest: int) -> bytes:
    """Return a whole body; raises Fault for one that is too large, IncompleteRead for one that ends early."""
    announced = response.length or 0
    body = b"" if announced > largest else response.read(largest + 1)
    if max(announced, len(body)) > largest:
        raise Fault(Status.NONSENSE, f"the reply is larger than {largest} bytes", billed=True)
    # A read of so many bytes is silent about a body that ended before what was announced.
    if len(body) < announced:
        raise http.client.IncompleteRead(b"", announced - len(body))
    return body


class _Timed:
    """A socket as http.client uses one, every use of which ends when the time for all of them does.

    A socket's own timeout begins anew with each byte that drips in. Whoever opened the socket closes it.
    """

    def __init__(self, opened: socket.socket, left: _Left) -> None:
        self._opened, self._left = opened, left

    def sendall(self, data: bytes) -> None:
        self._opened.settimeout(self._left())
        self._opened.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Inflow(self._opened, self._left))

    def close(self) -> None:
        """Leave the closing to whoever opened it: http.client would do it before the body is read."""


class _Inflow(io.RawIOBase):
    """What comes in, as bytes."""

    def __init__(self, opened: socket.socket, left: _Left) -> None:
        self._opened, self._left = opened, left

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        self._opened.settimeout(self._left())
        return self._opened.recv_into(into)
