"""A question to a model: what is sent, and the hash of everything on which its answer depends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from strands.endpoint.policy import AskingPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is sent to a model; questions of one hash have one answer."""

    body: Mapping[str, Any]
    hash: str

    @property
    def messages(self) -> tuple[Mapping[str, str], ...]:
        return tuple(self.body["messages"])

    def as_bytes(self) -> bytes:
        return plain(self.body).encode()


def of(system: str, user: str, *, model: str, policy: AskingPolicy) -> Question:
    """Return the question that a task and its text are; raises ValueError for a number that is none."""
    body = {
        "model": model,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
        "temperature": policy.temperature,
        policy.answer_tokens_field: policy.answer_tokens,
        "stream": False,
    }
    return Question(body=body, hash=sha256(plain(body).encode()).hexdigest())


def plain(value: Any) -> str:
    """Return a value as JSON that is the same for what is the same."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
