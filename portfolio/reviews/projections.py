"""Reviews as rows for people: dm_reviews, from questions, answers and decisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from portfolio.reviews import rows
from strands.strand import Strand
from strands.written import Written

_LATER = [name for name in rows.ASKED.columns if name not in ("id", "plan_id", "lifecycle_id", "asked_at")]
_ASK = f"""
    INSERT INTO dm_reviews ({rows.ASKED.names})
    SELECT {rows.ASKED.names} FROM {rows.ASKED.of_json}
    ON CONFLICT (id) DO UPDATE SET may_decide = NULL, {", ".join(f"{name} = EXCLUDED.{name}" for name in _LATER)}
    WHERE dm_reviews.version < EXCLUDED.version
"""
#: Answers are numbered as they come: their ids tell nothing of the order of those of one moment.
_ANSWER = f"""
    UPDATE dm_reviews AS review
    SET have = coalesce(given.have, review.have), may_decide = coalesce(given.may_decide, review.may_decide),
        answers = CASE WHEN given.answer IS NULL OR review.answers ? given.answer_id THEN review.answers
            ELSE coalesce(review.answers, '{{}}') || jsonb_build_object(given.answer_id, given.answer ||
                jsonb_build_object('nth', (SELECT count(*) FROM jsonb_object_keys(review.answers)))) END
    FROM {rows.ANSWERED.of_json} WHERE review.id = given.id
"""
_END = f"""
    UPDATE dm_reviews AS review
    SET outcome = given.outcome, decision_id = given.decision_id, ended_at = given.ended_at,
        have = coalesce(given.have, review.have)
    FROM {rows.ENDED.of_json} WHERE review.id = given.id
"""

_WRITERS: dict[tuple[str, str], tuple[Callable[[Strand], dict[str, Any] | None], Written, str]] = {
    ("dm", "review"): (rows.asked, rows.ASKED, _ASK),
    ("dm", "review_answer"): (rows.answered, rows.ANSWERED, _ANSWER),
    ("dm", "decision"): (rows.ended, rows.ENDED, _END),
}


def project(connection: psycopg.Connection[Any], strands: Sequence[Strand]) -> None:
    """Write each question, answer and end among these strands, in the caller's transaction; idempotent.

    One after the other: what a later strand says of a review holds over what an earlier one said.
    """
    for strand in strands:
        writer = _WRITERS.get((strand.module, strand.kind))
        row = writer[0](strand) if writer else None
        if writer and row is not None:
            connection.execute(writer[2], writer[1].json([row]))
