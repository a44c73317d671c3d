"""What an endpoint sent back, read as a chat completion: the model's text and its price, or the fault that it is."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, TypeGuard

from strands.endpoint.budget import Prices
from strands.endpoint.exchange import Reply
from strands.endpoint.spent import Spent, Status

OK = 200
REDIRECTS = range(300, 400)
NOT_ADMITTED = (401, 403)
#: Too many requests, and a server or what stands before it in disorder: the same question may be put again.
PASSING = (429, 500, 502, 503, 504)
#: More tokens than this are a slip of the counter, and nothing to reckon with.
MOST_TOKENS = 1_000_000
#: Digits of the longest wait that is read as a number: thirty years.
LONGEST_WAIT_DIGITS = 9


class Fault(Exception):
    """A question got no usable answer.

    ``billed`` where the other side may charge for it all the same; ``again`` where another try may fare better, after
    ``wait`` seconds if the other side named them.
    """

    def __init__(
        self, status: Status, reason: str, *, billed: bool = False, again: bool = False, wait: float | None = None
    ) -> None:
        super().__init__(reason)
        self.status, self.reason, self.billed, self.again, self.wait = status, reason, billed, again, wait

    @property
    def is_of_the_endpoint(self) -> bool:
        """Whether the next question would meet it too, however it is worded."""
        return self.status in (Status.FAILED, Status.TIMEOUT) or (self.status is Status.REFUSED and not self.billed)


def read(reply: Reply, *, prices: Prices, worst: Decimal, now: datetime) -> tuple[str | None, Spent]:
    """Return the model's text, None where it declined, and what it cost; ``worst`` where nobody says. Raises Fault."""
    if reply.status != OK:
        raise refusal(reply, now)
    try:
        if reply.kind != "application/json":
            raise ValueError("it is no JSON")
        completion = json.loads(reply.body)
        content = completion["choices"][0]["message"]["content"]
        if not isinstance(content, str | None):
            raise TypeError("it is no text")
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise Fault(Status.NONSENSE, "the reply is no chat completion", billed=True) from None
    return content, _spent(completion.get("usage"), prices, worst)


def refusal(reply: Reply, now: datetime) -> Fault:
    """Return the fault that a status other than success stands for."""
    answered = f"{reply.status} {reply.phrase}".strip()
    if reply.status in REDIRECTS:
        return Fault(Status.REFUSED, f"{answered}: it sends elsewhere, which is not followed")
    if reply.status in NOT_ADMITTED:
        return Fault(Status.REFUSED, f"{answered}: it does not accept the key")
    again = reply.status in PASSING
    status = Status.FAILED if reply.status >= 500 else Status.REFUSED
    return Fault(status, answered, again=again, wait=seconds(reply.retry_after, now) if again else None)


def seconds(retry_after: str, now: datetime) -> float | None:
    """Return how long a Retry-After asks to wait, None where it says nothing that can be read."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:LONGEST_WAIT_DIGITS])
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (at - now).total_seconds()) if at.tzinfo else None


def _spent(usage: Any, prices: Prices, worst: Decimal) -> Spent:
    counts = usage if isinstance(usage, dict) else {}
    asked, answered = counts.get("prompt_tokens"), counts.get("completion_tokens")
    if not (_is_count(asked) and _is_count(answered)):
        return Spent(cost=worst)
    cost = prices.cost(prompt_tokens=asked, answer_tokens=answered)
    return Spent(prompt_tokens=asked, answer_tokens=answered, cost=cost)


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS
