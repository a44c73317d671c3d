"""Weights that learn: what every curator's record says, and how much the curator counts for it.

The records are plain JSON, one a curator: ``weight`` and the ``base`` it was configured with; ``n`` outcomes
and how many were ``correct``; ``vetoes`` and ``nudges`` (those that moved a score) and how many were right;
``against``, the outcomes in which it spoke against the plan, and how many were right; sums of Brier scores, impacts
and nudges; reliability ``bins``; money ``saved`` and ``missed`` [fractions of the portfolio's value]; and the running
``learning_accuracy``, the smoothed accuracy of single opinions (1 - Brier): how much of its stated confidence a curator
has lately deserved.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from curators import calibration
from curators.learning_policy import LearningPolicy
from curators.panel import Voice
from curators.scorecard import Mark, Score

Record = dict[str, Any]
Records = dict[str, Record]
Change = dict[str, Any]

#: Decimals of what is kept of a record.
_DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Grades:
    """What a record is worth: shares between 0 and 1."""

    accuracy: float
    calibration: float
    impact: float

    @property
    def performance(self) -> float:
        """The plain mean, which moves the weight."""
        return math.fsum((self.accuracy, self.calibration, self.impact)) / 3


def start(bases: Mapping[str, float], *, policy: LearningPolicy) -> Records:
    """Return the records of curators that were never scored, each at its configured weight within the bounds."""
    return {name: _new(bases[name], policy=policy) for name in sorted(bases)}


def seated(records: Records, bases: Mapping[str, float], *, policy: LearningPolicy) -> Records:
    """Return the records with every curator that now sits.

    A newcomer starts at its configured weight. Where the configured weight has changed, the learned one changes in the
    same proportion. Curators that no longer sit keep their records.
    """
    renewed = {
        name: _rebased(records[name], base=base, policy=policy) if name in records else _new(base, policy=policy)
        for name, base in sorted(bases.items())
        if name not in records or records[name]["base"] != _clipped(base, policy=policy)
    }
    return {**records, **renewed} if renewed else records


def current(records: Records) -> dict[str, float]:
    """Return every curator's weight, as a panel takes them."""
    return {name: record["weight"] for name, record in records.items()}


def learn(
    records: Records, scores: Iterable[Score], *, at: datetime, cause: str, policy: LearningPolicy
) -> tuple[Records, list[Change]]:
    """Return the records after one outcome, and what changed in the weights because of ``cause``.

    Scores without a verdict on them teach nothing. After ``min_outcomes`` a weight aims at itself times a factor,
    raised above ``good_above``, lowered below ``poor_below``, within the bounds, and goes the ``rate`` of the way.
    Raises ValueError for a curator without a record.
    """
    changes: list[Change] = []
    for score in scores:
        if score.mark is None:
            continue
        record = _counted(_known(records, score.curator), score, score.mark, policy=policy)
        after, change = _adapted(record, policy=policy)
        records = {**records, score.curator: {**record, "weight": after}}
        if change:
            changes.append({"curator": score.curator, **change, "cause": cause, "at": at.isoformat()})
    return records, changes


def grades(record: Record, *, policy: LearningPolicy) -> Grades:
    """Return a record's accuracy (share of opinions that were right), calibration (1 - ECE) and mean impact."""
    n = record["n"]
    return Grades(
        accuracy=record["correct"] / n if n else policy.unknown,
        calibration=calibration.calibration(record["bins"], unknown=policy.unknown),
        impact=record["impact_sum"] / n if n else policy.unknown,
    )


def _new(base: float, *, policy: LearningPolicy) -> Record:
    weight = _clipped(base, policy=policy)
    return {
        "weight": weight,
        "base": weight,
        **dict.fromkeys(("n", "correct", "vetoes", "vetoes_correct", "nudges", "nudges_correct"), 0),
        **dict.fromkeys(("against", "against_correct"), 0),
        **dict.fromkeys(("brier_sum", "impact_sum", "nudge_sum", "saved", "missed"), 0.0),
        "bins": calibration.empty(policy.bins),
        "learning_accuracy": policy.unknown,
    }


def _rebased(record: Record, *, base: float, policy: LearningPolicy) -> Record:
    base = _clipped(base, policy=policy)
    return {**record, "base": base, "weight": _clipped(record["weight"] * base / record["base"], policy=policy)}


def _clipped(weight: float, *, policy: LearningPolicy) -> float:
    if not math.isfinite(weight):
        raise ValueError(
            f"weight: {weight!r} is no number; configure one from {policy.min_weight} to {policy.max_weight}"
        )
    return round(min(max(weight, policy.min_weight), policy.max_weight), _DECIMALS)


def _known(records: Records, curator: str) -> Record:
    if curator not in records:
        raise ValueError(f"curator: {curator!r} has no record among {sorted(records)}; seat it before it is scored")
    return records[curator]


def _counted(record: Record, score: Score, mark: Mark, *, policy: LearningPolicy) -> Record:
    """Return the record with one more outcome."""
    right = int(mark.correct)
    vetoed = score.action == Voice.VETO
    nudged = score.action == Voice.NUDGE and score.contribution != 0
    counts = {
        **_tally(record, ("n", "correct"), counts=True, right=right),
        **_tally(record, ("vetoes", "vetoes_correct"), counts=vetoed, right=right),
        **_tally(record, ("nudges", "nudges_correct"), counts=nudged, right=right),
        **_tally(record, ("against", "against_correct"), counts=score.against, right=right),
    }
    learned = policy.keep * record["learning_accuracy"] + (1 - policy.keep) * mark.accuracy
    return {
        **record,
        **counts,
        "brier_sum": round(record["brier_sum"] + 1.0 - mark.accuracy, _DECIMALS),
        "impact_sum": round(record["impact_sum"] + mark.impact, _DECIMALS),
        "nudge_sum": round(record["nudge_sum"] + (score.contribution if nudged else 0.0), _DECIMALS),
        "saved": round(record["saved"] + score.saved, _DECIMALS),
        "missed": round(record["missed"] + score.missed, _DECIMALS),
        "bins": calibration.added(record["bins"], confidence=mark.confidence, right=mark.correct),
        "learning_accuracy": round(learned, _DECIMALS),
    }


def _tally(record: Record, names: Sequence[str], *, counts: bool, right: int) -> dict[str, int]:
    all_of_them, the_right_ones = names
    if not counts:
        return {}
    return {all_of_them: record[all_of_them] + 1, the_right_ones: record[the_right_ones] + right}


def _adapted(record: Record, *, policy: LearningPolicy) -> tuple[float, Change | None]:
    """Return the weight after the record, and the change if it moved."""
    before = record["weight"]
    if not policy.enabled or record["n"] < policy.min_outcomes:
        return before, None
    graded = grades(record, policy=policy)
    factor = _factor(graded.performance, policy=policy)
    aim = min(max(before * factor, policy.min_weight), policy.max_weight)
    after = _clipped(policy.rate * aim + (1 - policy.rate) * before, policy=policy)
    if after == before:
        return before, None
    return after, {
        "before": before,
        "after": after,
        "factor": factor,
        "perf": round(graded.performance, _DECIMALS),
        "accuracy": round(graded.accuracy, _DECIMALS),
        "calibration": round(graded.calibration, _DECIMALS),
        "impact": round(graded.impact, _DECIMALS),
        "confidence": record["learning_accuracy"],
        "n": record["n"],
    }


def _factor(performance: float, *, policy: LearningPolicy) -> float:
    if performance > policy.good_above:
        return policy.raise_factor
    return policy.lower_factor if performance < policy.poor_below else 1.0
