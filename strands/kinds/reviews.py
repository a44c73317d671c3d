"""The verdict on a plan that waited for a review, whoever gives it: people or the company."""

from __future__ import annotations

from typing import Any, TypedDict

from strands import tags, telling
from strands.json_values import at
from strands.kinds.kind import Kind, Look
from strands.telling import Part, Payload, Tone


class Verdict(TypedDict, total=False):
    """``verdict`` is one of approve, modify and reject; ``plan_hash`` is of what whoever gave it saw.

    ``by`` is a name, ``person`` whom it stands for: nobody counts twice by being renamed. ``changes`` are the plan's
    fields that modify changes; ``lapsed`` tells, by person, why an earlier approval counts no more; ``mark`` is
    the market's price as it was given; ``bulk`` names the click that gave several at once.
    """

    verdict: str
    plan_id: str
    plan_hash: str
    by: str
    person: str
    reason: str
    changes: dict[str, Any]
    lapsed: dict[str, str]
    mark: str
    bulk: str


class Reviewers(TypedDict, total=False):
    """Who may decide on a plan that waits: told by the desk, which no person is."""

    plan_id: str
    people: list[str]
    names: list[str]
    reason: str


class Due(TypedDict, total=False):
    """That the deadline of a plan has come: said by the database with the first bar at or past it."""

    plan_id: str
    reason: str


#: Why a deadline is told.
HAS_COME = "the deadline has come"


class Review(TypedDict, total=False):
    """On which terms a plan waits, and in an answer what became of a verdict or of silence.

    ``item`` is the first question's id, none in itself; ``hash`` of what is shown in this ``version``; ``have`` whose
    word counts so far. ``counted`` tells whether a verdict did, ``reason`` why not; ``outcome`` is approved, changed,
    rejected, expired or withdrawn once the review has ended. ``due`` is the id of the strand that tells the deadline.
    """

    item: str | None
    version: int
    hash: str
    needs: str
    have: list[str]
    authors: list[str]
    changes: dict[str, Any]
    before: dict[str, Any]
    verdicts: list[dict[str, Any]]
    deadline: str
    due: str
    silence: str
    price_band: list[str]
    policy: str
    escalated: bool
    verdict_id: str | None
    verdict: str | None
    by: str | None
    comment: str | None
    counted: bool
    outcome: str | None
    reason: str | None
    finding: dict[str, Any] | None
    lapsed: dict[str, str]
    may_decide: list[str] | None
    people: list[str]
    silence_acted: str | None


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
        means="a verdict on a plan that waits, bound to what was seen of it; the company says none yet",
        payload=payload,
        hearers=(tags.REVIEW_VERDICT,),
        reads=tuple(f"{column}.{name}" for name in ("verdict", "by", "reason", "plan_id")),
        line=line,
        look=Look("verdict", Tone.INFO),
    )
