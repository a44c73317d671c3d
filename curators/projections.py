"""Scores and weights of curators as rows for people: the curator tables of alpha, decision maker and trader."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from strands.strand import Strand
from strands.written import Written

KIND = "curator_scores"

#: How many changes of a weight its row keeps.
KEPT_CHANGES = 20

#: What a ``DECIMAL(8,4)`` can hold.
_MOST = 9999.9999


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Where one module's curators are kept: ``about`` is the column of what was judged."""

    performance: str
    weights: str
    about: str
    weight_id: Callable[[Strand, str], str]


def _by_symbol(strand: Strand, curator: str) -> str:
    return f"{strand.symbol}:{curator}"


def _whole_desk(_strand: Strand, curator: str) -> str:
    return curator


TABLES = {
    "alpha": Tables(
        performance="ad_curator_performance", weights="ad_curator_weights", about="signal_id", weight_id=_by_symbol
    ),
    "dm": Tables(
        performance="dm_curator_performance", weights="dm_curator_weights", about="decision_id", weight_id=_whole_desk
    ),
    "trader": Tables(
        performance="tr_curator_performance", weights="tr_curator_weights", about="execution_id", weight_id=_by_symbol
    ),
}

#: A score and the weight it left, as its row gives them.
_SCORE = Written(
    columns={
        **dict.fromkeys(("id", "curator", "about"), "text"),
        **dict.fromkeys(("contribution", "accuracy"), "numeric"),
        "metadata": "text",
        "at": "timestamptz",
        "weight_id": "text",
        **dict.fromkeys(("weight", "confidence"), "numeric"),
        "change": "text",
    }
)

#: A weight is written in the same statement, and only with a score that was not there before: what is told again, in
#: whatever batches, changes nothing.
_KEEP = """
    WITH given AS (
        SELECT * FROM {unnested} WITH ORDINALITY AS given ({names}, nth)
    ), scored AS (
        INSERT INTO {performance}
            (id, curator_type, {about}, contribution_score, accuracy_score, learning_metadata, created_at)
        SELECT id, curator, about, contribution, accuracy, metadata::jsonb, at FROM given ORDER BY nth
        ON CONFLICT (id) DO NOTHING
        RETURNING id
    ), learned AS (
        SELECT weight_id, curator, min(at) AS first_at, max(at) AS last_at,
               (array_agg(weight ORDER BY nth DESC))[1] AS weight,
               (array_agg(confidence ORDER BY nth DESC))[1] AS confidence,
               coalesce(jsonb_agg(change::jsonb ORDER BY nth) FILTER (WHERE change IS NOT NULL), '[]') AS changes
        FROM given WHERE weight IS NOT NULL AND id IN (SELECT id FROM scored)
        GROUP BY weight_id, curator
    )
    INSERT INTO {weights} AS held
        (id, curator_type, weight, confidence, lesson_adjustments, created_at, updated_at)
    SELECT weight_id, curator, weight, confidence, {newest_given}, first_at, last_at FROM learned ORDER BY weight_id
    ON CONFLICT (id) DO UPDATE SET (weight, confidence, lesson_adjustments, updated_at)
        = (excluded.weight, excluded.confidence, {newest}, excluded.updated_at)
"""


def project(connection: psycopg.Connection[Any], strands: Sequence[Strand]) -> None:
    """Write the scores of curators among these strands and the weights that they moved, in the caller's transaction.

    One row for each opinion that was scored, one for each curator whose weight was said, with the last changes of the
    weight, newest last. The column ``confidence`` of a weight is the curator's running learning accuracy. Strands are
    told in the order they were said; telling them again changes nothing.
    """
    for module, kept in TABLES.items():
        scores = {each.id: each for each in strands if each.kind == KIND and each.module == module}
        rows = [row for each in scores.values() for row in _rows(each, kept)]
        if rows:
            connection.execute(_STATEMENTS[module], _SCORE.arrays(rows))


def _statement(kept: Tables) -> str:
    return _KEEP.format(
        unnested=_SCORE.unnested,
        names=_SCORE.names,
        performance=kept.performance,
        weights=kept.weights,
        about=kept.about,
        newest_given=_newest("changes"),
        newest=_newest("coalesce(held.lesson_adjustments, '[]') || excluded.lesson_adjustments"),
    )


def _newest(changes: str) -> str:
    return f"jsonb_path_query_array({changes}, '$[last - {KEPT_CHANGES - 1} to last]')"


def _rows(strand: Strand, kept: Tables) -> Iterator[dict[str, Any]]:
    """Yield one row for each curator of a strand that was scored, with its weight where the strand says it."""
    metadata = strand.payload["lesson_metadata"]
    changes = {change["curator"]: change for change in metadata["weights"]}
    for score in metadata["scores"]:
        if score["correct"] is not None:
            yield _row(strand, score, change=changes.get(score["curator"]), kept=kept)


def _row(strand: Strand, score: dict[str, Any], *, change: dict[str, Any] | None, kept: Tables) -> dict[str, Any]:
    metadata, curator = strand.payload["lesson_metadata"], score["curator"]
    weight, confidence = _record(metadata, curator, change=change)
    about = {
        "outcome": metadata["outcome"],
        "weight_before": change["before"] if change else weight,
        "weight_after": weight,
        "plan_id": metadata["plan_id"],
        "symbol": strand.symbol,
        "at": strand.at.isoformat(),
    }
    return {
        "id": f"{strand.id}:{curator}",
        "curator": curator,
        "about": metadata["subject_id"],
        "contribution": _fitting(score["contribution"]),
        "accuracy": _fitting(score["accuracy"]),
        "metadata": json.dumps({**score, **about}),
        "at": strand.at,
        "weight_id": kept.weight_id(strand, curator),
        "weight": _fitting(weight),
        "confidence": _fitting(confidence),
        "change": json.dumps(change) if change else None,
    }


def _record(
    metadata: dict[str, Any], curator: str, *, change: dict[str, Any] | None
) -> tuple[float, float] | tuple[None, None]:
    """Return the weight and learning accuracy that a strand says of a curator, or that a change left it with."""
    record = metadata.get("standing", {}).get(curator)
    if record:
        return record["weight"], record["learning_accuracy"]
    return (change["after"], change["confidence"]) if change else (None, None)


def _fitting(number: float | None) -> float | None:
    """Return a number as near as its column can hold it."""
    return None if number is None else max(-_MOST, min(_MOST, number))


_STATEMENTS = {module: _statement(kept) for module, kept in TABLES.items()}
