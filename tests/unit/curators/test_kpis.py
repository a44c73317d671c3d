"""The key figures of a curator, derived from its record."""

from __future__ import annotations

from typing import Any

import pytest

from curators import kpis, weights
from curators.learning_policy import LearningPolicy

POLICY = LearningPolicy()


def figures(**record: Any) -> dict[str, Any]:
    [new] = weights.start({"risk": 0.3}, policy=POLICY).values()
    return kpis.of({"risk": {**new, **record}}, policy=POLICY)["risk"]


def test_nothing_is_claimed_of_a_curator_without_outcomes() -> None:
    told = figures()
    unknown = ("brier", "precision", "recall", "f1", "veto_rate", "veto_accuracy", "nudge_effectiveness", "mean_nudge")
    assert [told[name] for name in unknown] == [None] * len(unknown)
    assert (told["score"], told["alerts"]) == (0.5, [])


def test_precision_recall_and_f1_are_of_finding_the_plans_that_win() -> None:
    # For 6 plans, of which 4 won; against 4, of which 3 lost and 1 won.
    told = figures(n=10, correct=7, against=4, against_correct=3)
    assert told["precision"] == pytest.approx(4 / 6, abs=1e-6)
    assert told["recall"] == pytest.approx(4 / 5)
    assert told["f1"] == pytest.approx(2 * (4 / 6) * 0.8 / (4 / 6 + 0.8), abs=1e-6)


def test_the_score_weighs_accuracy_calibration_and_impact() -> None:
    bins = [[0, 0.0, 0]] * 9 + [[10, 9.0, 8]]
    told = figures(n=10, correct=8, impact_sum=6.0, bins=bins, brier_sum=1.7)
    assert told["score"] == pytest.approx(0.4 * 0.8 + 0.3 * 0.9 + 0.3 * 0.6)
    assert told["brier"] == pytest.approx(0.17)


def test_people_are_alerted_to_many_vetoes_and_to_nudges_that_lean_one_way() -> None:
    told = figures(n=10, vetoes=4, vetoes_correct=1, nudges=5, nudges_correct=3, nudge_sum=-0.6)
    assert told["veto_accuracy"] == 0.25
    assert told["nudge_effectiveness"] == 0.6
    assert told["alerts"] == [
        {"figure": "veto_rate", "value": 0.4, "limit": 0.3},
        {"figure": "mean_nudge", "value": -0.12, "limit": 0.1},
    ]
    assert figures(n=10, vetoes=3, nudges=5, nudge_sum=0.5)["alerts"] == []
