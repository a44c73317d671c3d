"""Words from a model over real HTTP: whatever the other side does, a lesson keeps its words and the turn goes on."""

from __future__ import annotations

import json
import logging
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from strands.endpoint import budget
from strands.endpoint.budget import MemoryLedger
from strands.endpoint.configuration import Configuration
from strands.endpoint.spent import Status
from strands.lessons.writers.endpoint import prompt, writer
from strands.lessons.writers.endpoint.policy import WriterPolicy
from strands.lessons.writers.endpoint.writer import EndpointWriter
from strands.lessons.writers.words import Unwritten, Words
from tests import endpoints, factories

KEY = "sk-not-for-other-eyes"
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class Desk:
    """An endpoint's writer whose waits are noted and not waited, and its ledger."""

    def __init__(self, url: str, *, trust: ssl.SSLContext | None = None, **policy: Any) -> None:
        self.url, self.trust, self.policy = url, trust, WriterPolicy(**policy)
        self.ledger, self.waits, self.now = MemoryLedger(), list[float](), NOON
        self.writer = self.with_()

    def with_(self, **configured: Any) -> EndpointWriter:
        given = {
            "key": SecretStr(KEY),
            "timeout": 5.0,
            "daily_cap": Decimal(10),
            "prices": endpoints.PRICES,
            **configured,
        }
        self.writer = writer.at(
            Configuration(url=self.url, model="a-model", **given),
            ledger=self.ledger,
            policy=self.policy,
            trust=self.trust,
            clock=lambda: self.now,
            sleep=self.waits.append,
        )
        return self.writer

    def write(self, **braid: Any) -> Words | Unwritten:
        return self.writer.write(factories.a_braid(**braid), lesson_id="L1")

    def refusal(self) -> Unwritten:
        told = self.write()
        assert isinstance(told, Unwritten)
        return told

    def worst(self) -> Decimal:
        """Return the most that the question about a braid may cost."""
        question = prompt.ask(factories.a_braid(), model="a-model", policy=self.policy)
        tokens = budget.most_tokens(question.messages, framing=self.policy.message_tokens)
        return endpoints.PRICES.cost(prompt_tokens=tokens, answer_tokens=self.policy.answer_tokens)

    @property
    def statuses(self) -> list[Status]:
        return [call.status for call in self.ledger.calls]


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port at which nobody listens, and nobody will while it is held."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


# --- a well-behaved endpoint


def test_a_model_s_words_come_back_with_their_price() -> None:
    with endpoints.serving(endpoints.words()) as server:
        desk = Desk(server.url)
        told = desk.write()
    assert isinstance(told, Words)
    assert told.lesson == endpoints.LESSON
    assert (told.spent.prompt_tokens, told.spent.answer_tokens, told.spent.cost) == (400, 100, endpoints.COST)
    assert desk.statuses == [Status.ANSWERED]
    assert desk.ledger.spent_today(NOON.date()) == endpoints.COST


def test_the_request_is_a_chat_completion_with_the_key_in_its_header_alone() -> None:
    with endpoints.serving(endpoints.words()) as server:
        Desk(server.url).write()
    head, _, _ = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/chat/completions HTTP/1.1\r\n")
    assert f"Authorization: Bearer {KEY}".encode() in head
    (body,) = server.bodies
    assert (body["model"], body["temperature"], body["max_tokens"], body["stream"]) == ("a-model", 0.0, 1000, False)
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert KEY not in json.dumps(body)


def test_an_endpoint_without_a_key_is_sent_none() -> None:
    with endpoints.serving(endpoints.words()) as server:
        desk = Desk(server.url)
        desk.with_(key=None)
        assert isinstance(desk.write(), Words)
    assert b"authorization" not in server.requests[0].lower()


def test_the_same_content_is_asked_once_whatever_the_braid_is_called() -> None:
    with endpoints.serving(endpoints.words()) as server:
        desk = Desk(server.url)
        first = desk.write()
        again = desk.with_().write(
            factories.a_braid(lesson_id="another", created_at="2026-02-01T00:00:00+00:00"), lesson_id="L2"
        )
    assert isinstance(first, Words)
    assert isinstance(again, Words)
    assert (again.cached, again.lesson, again.spent.cost) == (True, first.lesson, Decimal(0))
    assert len(server.requests) == 1
    assert desk.statuses == [Status.ANSWERED, Status.CACHED]


# --- failures that may pass


def test_a_server_in_disorder_is_asked_again() -> None:
    with endpoints.serving(endpoints.reply(500), endpoints.words()) as server:
        desk = Desk(server.url)
        told = desk.write()
    assert isinstance(told, Words)
    assert told.spent.cost == endpoints.COST
    assert desk.statuses == [Status.FAILED, Status.ANSWERED]
    assert desk.waits == [0.5]


def test_a_server_that_stays_in_disorder_is_asked_so_often_and_no_more() -> None:
    with endpoints.serving(endpoints.reply(503)) as server:
        desk = Desk(server.url)
        desk.with_(retries=2)
        told = desk.refusal()
    assert (told.status, told.reason, told.spent.cost) == (Status.FAILED, "503 Service Unavailable", 0)
    assert len(server.requests) == 3
    assert desk.waits == [0.5, 1.0]


@pytest.mark.parametrize("asked", ["3", "Mon, 05 Jan 2026 12:00:03 GMT"])
def test_too_many_requests_wait_as_long_as_is_asked(asked: str) -> None:
    with endpoints.serving(endpoints.reply(429, Retry_After=asked), endpoints.words()) as server:
        desk = Desk(server.url)
        assert isinstance(desk.write(), Words)
    assert desk.waits == [3.0]


@pytest.mark.parametrize(("asked", "timeout"), [("60", 300.0), ("9", 5.0)], ids=["too long", "no time for it"])
def test_nobody_waits_an_hour_for_words(asked: str, timeout: float) -> None:
    with endpoints.serving(endpoints.reply(429, Retry_After=asked), endpoints.words()) as server:
        desk = Desk(server.url)
        desk.with_(timeout=timeout)
        assert desk.refusal().status is Status.REFUSED
    assert (len(server.requests), desk.waits) == (1, [])


def test_a_refused_connection_is_tried_again_and_costs_nothing(closed_port: int) -> None:
    desk = Desk(f"http://127.0.0.1:{closed_port}/v1")
    told = desk.refusal()
    assert (told.status, told.reason) == (Status.FAILED, "the connection failed: Connection refused")
    assert desk.statuses == [Status.FAILED] * 3
    assert desk.ledger.spent_today(NOON.date()) == 0


def test_a_host_without_an_address_is_a_failure() -> None:
    told = Desk("http://nowhere.invalid/v1").refusal()
    assert told.status is Status.FAILED
    assert told.spent.cost == 0


@pytest.mark.parametrize(
    "answer",
    [
        endpoints.raw(b""),
        endpoints.raw(b"HTTP/1."),
        endpoints.raw(b"220 mail.example ESMTP\r\n"),
        endpoints.raw(HEAD + b'Content-Length: 1000\r\n\r\n{"choices": ['),
        endpoints.raw(HEAD + b'Transfer-Encoding: chunked\r\n\r\n40\r\n{"choices"'),
        endpoints.raw(HEAD + b"X: 1\r\n" * 100_000 + b"\r\n"),
    ],
    ids=["nothing", "half a status", "another protocol", "half a body", "half a chunk", "a head without end"],
)
def test_a_reply_that_ends_early_or_is_none_counts_at_its_worst(answer: endpoints.Answer) -> None:
    with endpoints.serving(answer) as server:
        desk = Desk(server.url)
        desk.with_(retries=0)
        told = desk.refusal()
    assert told.status is Status.FAILED
    assert told.spent.cost > endpoints.PRICES.cost(prompt_tokens=0, answer_tokens=1000)


# --- time


@pytest.mark.parametrize(
    "answer",
    [
        endpoints.hang,
        endpoints.drip(b"HTTP/1.1 200 OK\r\nX-Slow: "),
        endpoints.drip(HEAD + b"\r\n"),
        endpoints.drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        endpoints.drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["silence", "a dripping head", "a dripping body", "dripping chunks", "continue without end"],
)
def test_no_exchange_outlasts_its_time_however_slowly_it_drips(answer: endpoints.Answer) -> None:
    with endpoints.serving(answer) as server:
        desk = Desk(server.url)
        desk.with_(timeout=0.4)
        told = desk.refusal()
    assert (told.status, told.reason) == (Status.TIMEOUT, "no whole answer within 0.4 s")
    assert len(server.requests) == 1
    assert told.spent.cost > 0


# --- replies that are no lesson


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (endpoints.reply(200, b"<html><body>Welcome</body></html>", kind="text/html"), "no chat completion"),
        (endpoints.reply(200, endpoints.completion(json.dumps(endpoints.LESSON)), kind="text/plain"), "no chat"),
        (endpoints.reply(200, b"{"), "no chat completion"),
        (endpoints.reply(200, b"\xff\xfe"), "no chat completion"),
        (endpoints.reply(200, b"[" * 100_000), "no chat completion"),
        (endpoints.reply(200, b'{"choices": []}'), "no chat completion"),
        (endpoints.reply(200, b'{"error": "no"}'), "no chat completion"),
        (endpoints.said([{"type": "text", "text": "in parts"}]), "no chat completion"),
        (endpoints.said("Buy low, sell high."), "fewer than 50 characters"),
        (endpoints.said("As a model I would rather write you a long letter about the weather."), "no JSON object"),
        (
            endpoints.words({"title": "T", "answer": "There is much to be said for breakouts, all in all."}),
            "description",
        ),
        (endpoints.words({**endpoints.LESSON, "confidence": "high"}), "confidence: 'high' is no finite number"),
        (endpoints.said(json.dumps(endpoints.LESSON).replace("0.6", "NaN")), "no JSON object"),
        (endpoints.said(json.dumps(endpoints.LESSON).replace("0.6", "1e999")), "no JSON object"),
        (endpoints.flood(10_000_000, announced=True), "larger than 1000000 bytes"),
        (endpoints.flood(10_000_000, announced=False), "larger than 1000000 bytes"),
    ],
)
def test_nonsense_is_recorded_with_its_reason_and_not_asked_for_again(answer: endpoints.Answer, reason: str) -> None:
    with endpoints.serving(answer) as server:
        desk = Desk(server.url)
        told = desk.refusal()
    assert told.status is Status.NONSENSE
    assert reason in told.reason
    assert len(server.requests) == 1
    assert desk.statuses == [Status.NONSENSE]
    assert desk.ledger.calls[0].reason == told.reason
    assert told.spent.cost > 0


def test_a_weight_of_a_billion_is_held_to_the_most_that_is_allowed() -> None:
    bold = {**endpoints.LESSON["recommendations"][0], "adjustment": 1e9}
    with endpoints.serving(endpoints.words({**endpoints.LESSON, "recommendations": [bold]})) as server:
        told = Desk(server.url).write()
    assert isinstance(told, Words)
    assert told.lesson["recommendations"][0]["adjustment"] == 1.5
    assert told.notes == ("adjustment: 1000000000.0 is held to 1.5",)


def test_a_model_that_declines_is_a_refusal_and_no_failure_of_the_endpoint() -> None:
    declined = endpoints.completion(None, usage={"prompt_tokens": 400, "completion_tokens": 100})
    with endpoints.serving(endpoints.reply(body=declined)) as server:
        desk = Desk(server.url, rest_after=1)
        told = [desk.refusal() for _ in range(2)]
    assert {(each.status, each.reason) for each in told} == {(Status.REFUSED, "the model declined to answer")}
    assert {each.spent.cost for each in told} == {endpoints.COST}
    assert len(server.requests) == 2


# --- refusals


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "401 Unauthorized: it does not accept the key"),
        (403, "403 Forbidden: it does not accept the key"),
        (404, "404 Not Found"),
        (400, "400 Bad Request"),
        (799, "799"),
    ],
)
def test_a_refusal_is_not_asked_again_and_costs_nothing(status: int, reason: str) -> None:
    with endpoints.serving(
        endpoints.reply(status, b'{"error": {"message": "Incorrect API key: ' + KEY.encode())
    ) as server:
        desk = Desk(server.url)
        told = desk.refusal()
    assert told.reason == reason
    assert len(server.requests) == 1
    assert told.spent.cost == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_followed_elsewhere(status: int) -> None:
    with endpoints.serving(endpoints.words()) as elsewhere:
        with endpoints.serving(endpoints.reply(status, Location=f"{elsewhere.url}/chat/completions")) as server:
            told = Desk(server.url).refusal()
        assert told.status is Status.REFUSED
        assert told.reason.endswith("it sends elsewhere, which is not followed")
        assert elsewhere.requests == []


def test_after_failures_in_a_row_nobody_is_asked_for_a_while() -> None:
    with endpoints.serving(endpoints.reply(401)) as server:
        desk = Desk(server.url, rest_after=2)
        reasons = [desk.refusal().reason for _ in range(4)]
    assert len(server.requests) == 2
    assert reasons[2:] == ["not asked: the last 2 questions failed"] * 2
    assert desk.statuses[2:] == [Status.FAILED] * 2


def test_after_the_rest_one_question_finds_out_whether_it_is_over() -> None:
    with endpoints.serving(endpoints.reply(401), endpoints.words()) as server:
        desk = Desk(server.url, rest_after=1, rest_seconds=0)
        desk.refusal()
        assert isinstance(desk.write(), Words)
    assert len(server.requests) == 2


# --- money


def test_a_question_that_the_day_cannot_bear_is_not_asked() -> None:
    with endpoints.serving(endpoints.words()) as server:
        desk = Desk(server.url)
        desk.with_(daily_cap=Decimal("0.01"))
        told = desk.refusal()
    assert told.status is Status.CAPPED
    assert told.reason.startswith("the day's cap of 0.01 leaves no room for ")
    assert server.requests == []


def test_the_cap_is_one_for_all_tries() -> None:
    with endpoints.serving(endpoints.raw(b"")) as server:
        desk = Desk(server.url)
        worst = desk.worst()
        desk.with_(daily_cap=worst * 2, retries=5)
        told = desk.refusal()
    assert told.status is Status.CAPPED
    assert told.spent.cost == worst * 2
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "usage", [{}, [], {"prompt_tokens": -5, "completion_tokens": 3}, {"prompt_tokens": 10**12, "completion_tokens": 1}]
)
def test_an_answer_of_which_nobody_says_what_it_cost_costs_the_most_it_may(usage: Any) -> None:
    with endpoints.serving(endpoints.words(usage=usage)) as server:
        desk = Desk(server.url)
        told = desk.write()
    assert isinstance(told, Words)
    assert told.spent.prompt_tokens is None
    assert told.spent.cost == desk.worst()


def test_tomorrow_is_another_day() -> None:
    with endpoints.serving(endpoints.words()) as server:
        desk = Desk(server.url)
        worst = desk.worst()
        desk.with_(daily_cap=worst)
        desk.write()
        assert desk.write(accumulated_score=4.5).status is Status.CAPPED  # type: ignore[union-attr]
        desk.now += timedelta(days=1)
        assert isinstance(desk.write(accumulated_score=4.5), Words)


# --- the key


def test_the_key_is_nowhere_but_in_the_request(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echoed = {**endpoints.LESSON, "description": f"The key that I was sent is {KEY}, and it is a good one."}
    answers = (
        endpoints.words(echoed),
        endpoints.reply(401, f'{{"error": "{KEY}"}}'.encode()),
        endpoints.raw(f"{KEY}\r\n".encode()),
        endpoints.reply(302, Location=f"https://elsewhere.example/?key={KEY}"),
    )
    with endpoints.serving(*answers) as server:
        desk = Desk(server.url)
        desk.with_(retries=0)
        told = [desk.refusal() for _ in answers]
    assert [each.status for each in told] == ["nonsense", "refused", "failed", "refused"]
    printed = capsys.readouterr()
    seen = (
        told,
        desk.ledger.calls,
        desk.writer.client.configuration,
        vars(desk.writer.client),
        caplog.text,
        printed.out,
        printed.err,
    )
    assert KEY not in repr(seen)
    assert KEY not in desk.writer.client.configuration.model_dump_json()


# --- encryption


def test_an_endpoint_whose_certificate_is_not_trusted_is_told_nothing(tmp_path: Path) -> None:
    _, of_the_server = endpoints.certificate(tmp_path)
    with endpoints.serving(endpoints.words(), trust=of_the_server()) as server:
        told = Desk(server.url).refusal()
    assert told.status is Status.REFUSED
    assert told.reason.startswith("its certificate is not trusted: ")
    assert server.requests == []


def test_a_trusted_endpoint_is_spoken_to_in_secret(tmp_path: Path) -> None:
    path, of_the_server = endpoints.certificate(tmp_path)
    trust = ssl.create_default_context(cafile=str(path))
    with endpoints.serving(endpoints.words(), trust=of_the_server()) as server:
        assert isinstance(Desk(server.url, trust=trust).write(), Words)
    assert len(server.requests) == 1


def test_time_runs_out_in_secret_too(tmp_path: Path) -> None:
    path, of_the_server = endpoints.certificate(tmp_path)
    trust = ssl.create_default_context(cafile=str(path))
    with endpoints.serving(endpoints.drip(HEAD + b"\r\n"), trust=of_the_server()) as server:
        desk = Desk(server.url, trust=trust)
        desk.with_(timeout=0.4)
        assert desk.refusal().status is Status.TIMEOUT
