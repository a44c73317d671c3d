"""What a question costs, and what it may cost at most."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands.endpoint import budget
from strands.endpoint.budget import Call, Prices
from strands.endpoint.spent import Status

PRICES = Prices(prompt=Decimal("0.01"), answer=Decimal("0.03"))


@pytest.mark.parametrize(
    ("prompt", "answer", "cost"),
    [(0, 0, "0"), (1000, 0, "0.01"), (0, 1000, "0.03"), (400, 100, "0.007"), (123, 7, "0.00144")],
)
def test_tokens_cost_their_price_by_the_thousand(prompt: int, answer: int, cost: str):
    assert PRICES.cost(prompt_tokens=prompt, answer_tokens=answer) == Decimal(cost)


def test_what_is_finer_than_a_millionth_is_rounded_up():
    dear = Prices(prompt=Decimal("0.0000001"), answer=Decimal(0))
    assert dear.cost(prompt_tokens=1, answer_tokens=0) == Decimal("0.000001")


@given(st.lists(st.text(), max_size=4))
def test_no_text_has_more_tokens_than_bytes(texts: list[str]):
    messages = tuple({"role": "user", "content": text} for text in texts)
    bound = budget.most_tokens(messages, framing=16)
    assert bound == sum(len(text.encode()) for text in texts) + 16 * len(texts)


def test_a_call_is_paid_for_on_its_day_in_utc():
    tokyo = timezone(timedelta(hours=9))
    call = Call(
        at=datetime(2026, 1, 6, 8, tzinfo=tokyo), lesson_id="L1", model="m", prompt_hash="", status=Status.RESERVED
    )
    assert call.day == datetime(2026, 1, 5, tzinfo=UTC).date()
