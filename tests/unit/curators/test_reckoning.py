"""After an outcome the curators are scored, their weights learn, and one record says both."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curators import panel, reckoning, weights
from curators.curator import Action, Inputs, Opinion
from curators.learning_policy import LearningPolicy

NOON = datetime(2022, 1, 3, 12, tzinfo=UTC)
QUICK = LearningPolicy(rate=0.5, min_outcomes=1)
BASES = {"sage": 0.3, "fool": 0.3}


class Knowing:
    """A curator that is told how a plan will end, and says so or the contrary."""

    kappa, weight, fails_closed = 0.1, 0.3, False

    def __init__(self, name: str, *, honest: bool) -> None:
        self.name, self.honest = name, honest

    def judge(self, inputs: Inputs) -> Opinion | None:
        good = inputs["wins"] is self.honest
        return Opinion(action=Action.NUDGE, contribution=0.1 if good else -0.1, confidence=0.9)


CURATORS = (Knowing("sage", honest=True), Knowing("fool", honest=False))


def played(wins: list[bool], *, policy: LearningPolicy = QUICK) -> tuple[weights.Records, list[dict[str, Any]]]:
    """Return the standing, and what was said, after plans that each passed the panel under the weights learned."""
    standing, said = weights.start(BASES, policy=policy), []
    for nth, won in enumerate(wins):
        verdict = panel.convene(CURATORS, sigma=0.5, inputs={"wins": won}, weights=weights.current(standing))
        standing, told = reckoning.reckon(
            standing,
            verdict.to_json(),
            plan_id=f"P{nth}",
            subject_id=f"S{nth}",
            sigma=0.5,
            curated=verdict.curated,
            outcome={"plan_id": f"P{nth}", "pnl_percent": 0.01 if won else -0.01, "actual": True},
            size=0.1,
            at=NOON + timedelta(minutes=nth),
            cause=f"C{nth}",
            policy=policy,
        )
        said.append(told)
    return standing, said


def test_who_knows_comes_to_count_more_than_who_is_always_wrong() -> None:
    standing, _ = played([True, False] * 30)
    assert weights.current(standing) == {"sage": pytest.approx(1.0, abs=1e-3), "fool": pytest.approx(0.05, abs=1e-3)}
    said = panel.convene(CURATORS, sigma=0.5, inputs={"wins": True}, weights=weights.current(standing))
    assert said.curated > 0.5


def test_the_record_names_plan_subject_outcome_scores_changes_and_standing() -> None:
    standing, [told] = played([True])
    assert (told["plan_id"], told["subject_id"], told["outcome"]["pnl_percent"]) == ("P0", "S0", 0.01)
    assert [(each["curator"], each["correct"]) for each in told["scores"]] == [("sage", True), ("fool", False)]
    assert [(each["curator"], each["cause"]) for each in told["weights"]] == [("sage", "C0"), ("fool", "C0")]
    assert told["standing"]["sage"]["weight"] == standing["sage"]["weight"] == told["weights"][0]["after"]


def test_a_weight_that_did_not_move_is_said_nevertheless() -> None:
    _, [told] = played([True], policy=LearningPolicy())
    assert told["weights"] == []
    assert told["standing"]["sage"] == {"weight": 0.3, "learning_accuracy": pytest.approx(0.647), "n": 1}


@given(st.lists(st.booleans(), max_size=12))
def test_the_same_outcomes_teach_the_same_and_everything_is_json(wins: list[bool]) -> None:
    once, again = played(wins), played(wins)
    assert once == again
    assert json.loads(json.dumps(once[1], allow_nan=False)) == once[1]
    assert json.loads(json.dumps(once[0], allow_nan=False)) == once[0]
