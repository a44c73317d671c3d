"""A reply as a chat completion or as the fault that it is."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands.endpoint import completion
from strands.endpoint.completion import Fault
from strands.endpoint.exchange import Reply
from strands.endpoint.spent import Status
from tests import endpoints

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
WORST = Decimal("0.5")


def read(body: bytes, kind: str = "application/json") -> tuple[str, object]:
    reply = Reply(status=200, kind=kind, body=body)
    return completion.read(reply, prices=endpoints.PRICES, worst=WORST, now=NOON)


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("9" * 5000, 999_999_999.0),
        ("Mon, 05 Jan 2026 12:00:30 GMT", 30.0),
        ("Mon, 05 Jan 2026 11:00:00 GMT", 0.0),
        ("Mon, 05 Jan 2026 12:00:30 -0000", None),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("²", None),
    ],
)
def test_a_retry_after_is_read_in_both_its_forms_or_not_at_all(asked: str, wait: float | None):
    assert completion.seconds(asked, NOON) == wait


@given(st.text())
def test_no_retry_after_is_a_fault(asked: str):
    wait = completion.seconds(asked, NOON)
    assert wait is None or wait >= 0


@given(st.binary())
def test_whatever_a_body_holds_it_is_text_or_a_fault(body: bytes):
    with pytest.raises(Fault) as fault:
        read(body)
    assert (fault.value.status, fault.value.billed, fault.value.again) == (Status.NONSENSE, True, False)


def test_the_model_s_text_comes_with_its_price():
    body = endpoints.completion("words", usage={"prompt_tokens": 400, "completion_tokens": 100})
    content, spent = read(body)
    assert content == "words"
    assert spent == completion.Spent(prompt_tokens=400, answer_tokens=100, cost=endpoints.COST)


def test_only_what_may_pass_is_asked_again_and_no_status_is_billed():
    faults = {each: completion.refusal(Reply(status=each, retry_after="5"), NOON) for each in range(100, 600)}
    assert {each for each, fault in faults.items() if fault.again} == {429, 500, 502, 503, 504}
    assert {fault.wait for fault in faults.values() if fault.again} == {5.0}
    assert not any(fault.billed for fault in faults.values())
    assert {each for each, fault in faults.items() if fault.status is Status.FAILED} == set(range(500, 600))
