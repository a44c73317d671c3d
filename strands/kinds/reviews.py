"""The verdict on a plan that waited for a review, whoever gives it: people or the company."""

from __future__ import annotations

from typing import TypedDict

from strands import tags, telling
from strands.json_values import at
from strands.kinds.kind import Kind, Look
from strands.telling import Part, Payload, Tone


class Verdict(TypedDict, total=False):
    """``verdict`` is one of approve, reject and modify; ``by`` who gave it."""

    verdict: str
    plan_id: str
    plan_hash: str
    by: str
    reason: str


def verdict(column: str, payload: type) -> Kind:
    """Return the kind of a verdict that lies in this column."""

    def line(payload: Payload) -> list[Part]:
        return [
            telling.pill(at(payload, f"{column}.verdict") or "verdict"),
            telling.labelled("by", telling.words(at(payload, f"{column}.by"))),
            Part(telling.words(at(payload, f"{column}.reason"))),
            telling.labelled("plan", telling.words(at(payload, f"{column}.plan_id")), Tone.MUTED),
        ]

    return Kind(
        name="verdict",
        means="a verdict on a plan that waited for review; reserved, nothing says it yet",
        payload=payload,
        hearers=(tags.REVIEW_VERDICT,),
        reads=tuple(f"{column}.{name}" for name in ("verdict", "by", "reason", "plan_id")),
        line=line,
        look=Look("verdict", Tone.INFO),
    )
