"""The reckoning after one outcome: curators are scored, their weights learn, and both are said in one record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from curators import scorecard, weights
from curators.learning_policy import LearningPolicy


def reckon(
    records: weights.Records,
    hearings: Sequence[Mapping[str, Any]],
    *,
    plan_id: str,
    subject_id: str,
    sigma: float,
    curated: float,
    outcome: Mapping[str, Any],
    size: float,
    at: datetime,
    cause: str,
    policy: LearningPolicy,
    publish_at: float = 0.0,
) -> tuple[weights.Records, dict[str, Any]]:
    """Return the records after an outcome, and the ``lesson_metadata`` of the strand that says so.

    ``subject_id`` is the strand that was judged, ``cause`` the one that told the outcome; the rest is as
    ``scorecard.judge`` and ``weights.learn`` take it, and so are the errors. The record's ``standing`` holds weight,
    learning accuracy and outcomes of every curator that was scored, whether its weight moved or not.
    """
    scores = scorecard.judge(
        hearings, sigma=sigma, curated=curated, outcome=outcome, size=size, policy=policy, publish_at=publish_at
    )
    learned, changes = weights.learn(records, scores, at=at, cause=cause, policy=policy)
    return learned, {
        "plan_id": plan_id,
        "subject_id": subject_id,
        "outcome": dict(outcome),
        "scores": [each.to_json() for each in scores],
        "weights": changes,
        "standing": {each.curator: _summary(learned[each.curator]) for each in scores if each.mark},
    }


def _summary(record: weights.Record) -> dict[str, Any]:
    return {name: record[name] for name in ("weight", "learning_accuracy", "n")}
