"""What review tests say: a decision maker that asks people, their verdicts, and word of who may decide."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from strands.strand import Strand
from tests.deciding import NOON, a_signal
from tradingops.modules.decision.module import DecisionMaker
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.people import acts

SOON = NOON + timedelta(minutes=1)


def asking(*bands: dict[str, Any], dm: dict[str, Any] | None = None, **terms: Any) -> DecisionMaker:
    """Return a decision maker whose plans need one person, or as many as these bands say."""
    review = {"bands": bands or ({"needs": "one"},), "answer_seconds": 1800, **terms}
    return DecisionMaker(policy=DecisionPolicy(review=review, **(dm or {})), curators=())


def a_long_plan(**changed: Any) -> Strand:
    """Return a signal whose plan may be entered for two hours."""
    return a_signal(**{"valid_until": (NOON + timedelta(hours=2)).isoformat(), **changed})


def hash_of(review: Strand) -> str:
    """Return the hash of what a review shows."""
    return str(review.payload["dm_decision"]["review"]["hash"])


def a_verdict(
    review: Strand, word: str = "approve", *, by: str = "ann", at: datetime = SOON, nth: int = 0, **more: Any
) -> Strand:
    """Return somebody's verdict on what a review shows."""
    asked = acts.Asked(by=by, reason="as seen", at=at, asked_at=at + timedelta(microseconds=nth))
    plan_id = review.payload["dm_decision"]["plan_id"]
    shown = more.pop("shown", hash_of(review))
    return acts.verdict(plan_id, word, shown=shown, symbol=review.symbol, lifecycle_id=None, asked=asked, **more)


def reviewers(review: Strand, *people: str, at: datetime = SOON) -> Strand:
    """Return the desk's word on who may decide on a plan."""
    plan_id = review.payload["dm_decision"]["plan_id"]
    return acts.reviewers(
        plan_id, {each: each for each in people}, symbol=review.symbol, at=at, asked_at=at, reason="as rights stand"
    )


def told(answer: Strand) -> dict[str, Any]:
    """Return what a strand tells of a review."""
    return dict(answer.payload["dm_decision"]["review"])


def kinds(answers: list[Strand]) -> list[str]:
    return [each.kind for each in answers]
