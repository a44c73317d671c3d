"""The key figures of curators, and what people should be alerted to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from curators import weights
from curators.learning_policy import LearningPolicy

#: Decimals of a figure.
_DECIMALS = 6


def of(records: weights.Records, *, policy: LearningPolicy) -> dict[str, dict[str, Any]]:
    """Return the figures of every curator of a records; a figure that nothing is known of yet is None.

    - ``accuracy``, ``calibration``, ``impact`` and their weighed sum ``score``; ``brier``, the mean Brier score;
    - ``veto_rate``, ``veto_accuracy``, ``nudge_effectiveness``: the share of opinions that were vetoes, and of vetoes
      and of nudges that were right; ``mean_nudge`` [logarithm of the score];
    - ``precision``, ``recall``, ``f1`` of speaking for a plan, where plans that won are the ones to find;
    - ``alerts``: each with the figure's name, its value and the limit it passed.
    """
    return {name: _figures(record, policy=policy) for name, record in sorted(records.items())}


def _figures(record: weights.Record, *, policy: LearningPolicy) -> dict[str, Any]:
    figures = {**_graded(record, policy=policy), **_found(record), **_actions(record)}
    rounded = {name: None if value is None else round(value, _DECIMALS) for name, value in figures.items()}
    return {
        "n": record["n"],
        "weight": record["weight"],
        "base": record["base"],
        **rounded,
        "saved": record["saved"],
        "missed": record["missed"],
        "learning_accuracy": record["learning_accuracy"],
        "alerts": list(_alerts(rounded, policy=policy)),
    }


def _graded(record: weights.Record, *, policy: LearningPolicy) -> dict[str, float | None]:
    graded = weights.grades(record, policy=policy)
    parts = (
        policy.accuracy_share * graded.accuracy,
        policy.calibration_share * graded.calibration,
        policy.impact_share * graded.impact,
    )
    return {
        "score": math.fsum(parts),
        "accuracy": graded.accuracy,
        "calibration": graded.calibration,
        "impact": graded.impact,
        "brier": _share(record["brier_sum"], record["n"]),
    }


def _found(record: weights.Record) -> dict[str, float | None]:
    """Return how well a curator tells the plans that win: ``f1`` is the harmonic mean of precision and recall."""
    spoken_for = record["n"] - record["against"]
    found = record["correct"] - record["against_correct"]
    winners = found + record["against"] - record["against_correct"]
    return {
        "precision": _share(found, spoken_for),
        "recall": _share(found, winners),
        "f1": _share(2 * found, spoken_for + winners),
    }


def _actions(record: weights.Record) -> dict[str, float | None]:
    return {
        "veto_rate": _share(record["vetoes"], record["n"]),
        "veto_accuracy": _share(record["vetoes_correct"], record["vetoes"]),
        "nudge_effectiveness": _share(record["nudges_correct"], record["nudges"]),
        "mean_nudge": _share(record["nudge_sum"], record["nudges"]),
    }


def _alerts(figures: dict[str, float | None], *, policy: LearningPolicy) -> Iterator[dict[str, Any]]:
    limits = {"veto_rate": policy.max_veto_rate, "mean_nudge": policy.max_mean_nudge}
    for name, limit in limits.items():
        value = figures[name]
        if value is not None and abs(value) > limit:
            yield {"figure": name, "value": value, "limit": limit}


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
