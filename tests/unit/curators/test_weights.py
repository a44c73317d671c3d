"""Weights follow what curators were worth, slowly and within bounds."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from curators import weights
from curators.learning_policy import LearningPolicy
from curators.scorecard import Mark, Score

NOON = datetime(2022, 1, 3, 12, tzinfo=UTC)
POLICY = LearningPolicy()
#: Quick to move, so that a test need not wait for a thousand outcomes.
QUICK = LearningPolicy(rate=0.5, min_outcomes=1)


def a_score(
    *, right: bool = True, confidence: float = 0.9, impact: float | None = None, action: str = "approve", **more: Any
) -> Score:
    mark = Mark(
        correct=right,
        confidence=confidence,
        accuracy=1 - (confidence - right) ** 2,
        impact=(0.6 if right else 0.4) if impact is None else impact,
    )
    return Score(curator=more.pop("curator", "risk"), action=action, mark=mark, actual=True, **more)


def after(*scores: Score, policy: LearningPolicy = POLICY, base: float = 0.3) -> tuple[weights.Record, list[Any]]:
    """Return the record of a curator after scores, and all its changes, one outcome each."""
    standing, told = weights.start({"risk": base}, policy=policy), []
    for nth, score in enumerate(scores):
        at = NOON + timedelta(minutes=nth)
        standing, changes = weights.learn(standing, [score], at=at, cause=f"outcome-{nth}", policy=policy)
        told += changes
    return standing["risk"], told


def test_a_curator_starts_at_its_configured_weight_within_the_bounds() -> None:
    standing = weights.start({"risk": 0.3, "tiny": 0.001, "huge": 7.0}, policy=POLICY)
    assert weights.current(standing) == {"risk": 0.3, "tiny": 0.05, "huge": 1.0}


def test_before_any_outcome_every_grade_is_the_unknown_one() -> None:
    graded = weights.grades(weights.start({"risk": 0.3}, policy=POLICY)["risk"], policy=POLICY)
    assert (graded.accuracy, graded.calibration, graded.impact, graded.performance) == (0.5, 0.5, 0.5, 0.5)


def test_a_weight_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="weight: nan is no number"):
        weights.start({"risk": float("nan")}, policy=POLICY)


def test_a_weight_moves_by_what_the_formula_says() -> None:
    # Right ten times at confidence 0.9: accuracy 1, calibration 0.9, impact 0.6; mean 0.8333, above 0.7.
    record, [change] = after(*[a_score()] * 10)
    assert record["weight"] == pytest.approx(0.01 * 0.33 + 0.99 * 0.3)
    assert change == {
        "curator": "risk",
        "before": 0.3,
        "after": 0.3003,
        "factor": 1.1,
        "perf": 0.833333,
        "accuracy": 1.0,
        "calibration": 0.9,
        "impact": 0.6,
        "confidence": record["learning_accuracy"],
        "n": 10,
        "cause": "outcome-9",
        "at": "2022-01-03T12:09:00+00:00",
    }


def test_nothing_moves_before_there_are_enough_outcomes() -> None:
    record, changes = after(*[a_score()] * 9)
    assert (record["weight"], record["n"], changes) == (0.3, 9, [])


def test_a_curator_neither_good_nor_poor_keeps_its_weight() -> None:
    # Half right at confidence 0.5: accuracy 0.5, calibration 1, impact 0.5; mean 0.6667.
    halves = [a_score(right=nth % 2 == 0, confidence=0.5, impact=0.5) for nth in range(20)]
    record, changes = after(*halves, policy=QUICK)
    assert (record["weight"], record["n"], changes) == (0.3, 20, [])


def test_learning_can_be_switched_off_and_outcomes_are_counted_still() -> None:
    record, changes = after(*[a_score()] * 30, policy=LearningPolicy(enabled=False))
    assert (record["weight"], record["n"], changes) == (0.3, 30, [])


def test_who_is_always_right_rises_to_the_ceiling_and_who_is_always_wrong_sinks_to_the_floor() -> None:
    right, rises = after(*[a_score()] * 120, policy=QUICK)
    wrong, falls = after(*[a_score(right=False)] * 120, policy=QUICK)
    assert right["weight"] == pytest.approx(1.0, abs=1e-4)
    assert wrong["weight"] == pytest.approx(0.05, abs=1e-4)
    assert all(change["before"] < change["after"] for change in rises)
    assert all(change["before"] > change["after"] for change in falls)
    assert [change["before"] for change in rises[1:]] == [change["after"] for change in rises[:-1]]


def test_learning_accuracy_is_the_smoothed_accuracy_of_single_opinions() -> None:
    record, _ = after(a_score(confidence=0.9), a_score(right=False, confidence=0.9))
    assert record["learning_accuracy"] == pytest.approx(0.7 * (0.7 * 0.5 + 0.3 * 0.99) + 0.3 * 0.19)


def test_vetoes_nudges_and_opinions_against_are_counted_apart() -> None:
    record, _ = after(
        a_score(action="veto", saved=0.002),
        a_score(action="veto", right=False, missed=0.001),
        a_score(action="nudge", contribution=-0.05),
        a_score(action="nudge", contribution=0.02, right=False),
        a_score(action="nudge"),
        a_score(),
    )
    assert (record["n"], record["correct"]) == (6, 4)
    assert (record["vetoes"], record["vetoes_correct"], record["saved"], record["missed"]) == (2, 1, 0.002, 0.001)
    assert (record["nudges"], record["nudges_correct"], record["nudge_sum"]) == (2, 1, -0.03)
    assert (record["against"], record["against_correct"]) == (3, 2)


def test_an_opinion_that_could_not_be_scored_teaches_nothing() -> None:
    standing = weights.start({"risk": 0.3}, policy=QUICK)
    silent = Score(curator="risk", action="abstained", actual=True, reason="abstained")
    assert weights.learn(standing, [silent], at=NOON, cause="x", policy=QUICK) == (standing, [])


def test_a_curator_that_never_sat_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="curator: 'stranger' has no record among"):
        weights.learn({}, [a_score(curator="stranger")], at=NOON, cause="x", policy=QUICK)


def test_the_standing_before_is_left_as_it_was() -> None:
    standing = weights.start({"risk": 0.3}, policy=QUICK)
    before = json.dumps(standing)
    weights.learn(standing, [a_score()], at=NOON, cause="x", policy=QUICK)
    assert json.dumps(standing) == before


def test_newcomers_are_seated_and_a_new_configuration_moves_the_learned_weight_in_proportion() -> None:
    record, _ = after(*[a_score()] * 10)
    seated = weights.seated({"risk": record}, {"risk": 0.6, "budget": 0.25}, policy=POLICY)
    assert weights.current(seated) == {"risk": pytest.approx(0.6006), "budget": 0.25}
    assert seated["risk"]["n"] == 10
    assert weights.seated(seated, {"budget": 0.25}, policy=POLICY) is seated


@pytest.mark.parametrize("bad", [float("nan"), -0.1, 1.1])
def test_a_mark_outside_its_range_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match=r"impact: .* is no number from 0 to 1"):
        a_score(impact=bad)


@pytest.mark.parametrize("absurd", [{"poor_below": 0.8}, {"min_weight": 1.0}, {"rate": 2.0}, {"max_weight": 1.5}])
def test_a_policy_that_contradicts_itself_is_refused(absurd: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        LearningPolicy(**absurd)


streams = st.lists(
    st.builds(
        a_score,
        right=st.booleans(),
        confidence=st.floats(0, 1),
        impact=st.floats(0, 1),
        action=st.sampled_from(["veto", "nudge", "approve"]),
        contribution=st.floats(-0.15, 0.15),
        saved=st.floats(0, 1),
    ),
    max_size=40,
)


@given(stream=streams, base=st.floats(0, 2), rate=st.floats(0, 1))
def test_no_stream_of_scores_takes_a_weight_out_of_its_bounds(stream: list[Score], base: float, rate: float) -> None:
    policy = LearningPolicy(rate=rate, min_outcomes=1)
    record, changes = after(*stream, policy=policy, base=base)
    seen = [record["weight"], *(change[side] for change in changes for side in ("before", "after"))]
    assert all(0.05 <= weight <= 1.0 for weight in seen)
    assert all(change["before"] != change["after"] for change in changes)
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["n"] == len(stream) == sum(tally[0] for tally in record["bins"])


@given(stream=streams)
def test_one_outcome_moves_a_weight_by_at_most_the_rate_times_a_tenth(stream: list[Score]) -> None:
    _, changes = after(*stream, policy=LearningPolicy(min_outcomes=1))
    assert all(abs(change["after"] / change["before"] - 1) <= 0.01 * 0.1 + 1e-5 for change in changes)
