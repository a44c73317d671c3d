"""A scorecard holds what each curator said against what became of the plan."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curators import panel, scorecard
from curators.curator import Action, Inputs, Opinion
from curators.learning_policy import LearningPolicy
from curators.scorecard import Score

POLICY = LearningPolicy()


def heard(action: str, contribution: float = 0.0, *, confidence: Any = 0.8, **more: Any) -> dict[str, Any]:
    return {
        "curator_type": "risk_curator",
        "action": action,
        "stops": action == "veto",
        "contribution": contribution,
        "confidence": confidence,
        "evidence": {"weight_adjustment": 1.0},
        **more,
    }


def became(pnl: float, *, actual: bool = True) -> dict[str, Any]:
    return {"plan_id": "P", "pnl_percent": pnl, "actual": actual}


def judged(*hearings: dict[str, Any], pnl: float = 0.02, actual: bool = True, **options: Any) -> list[Score]:
    given_ = {"sigma": 0.5, "curated": 0.5, "size": 0.1, **options}
    return scorecard.judge(hearings, outcome=became(pnl, actual=actual), policy=POLICY, **given_)


def mark(score: Score) -> scorecard.Mark:
    assert score.mark is not None
    return score.mark


@pytest.mark.parametrize(
    ("action", "contribution", "right_when_it_won"),
    [("veto", 0.0, False), ("approve", 0.0, True), ("nudge", 0.05, True), ("nudge", -0.05, False), ("nudge", 0, True)],
)
def test_for_is_right_about_winners_and_against_about_the_rest(
    action: str, contribution: float, right_when_it_won: bool
) -> None:
    for pnl, won in ((0.02, True), (-0.02, False), (0.0, False)):
        [score] = judged(heard(action, contribution), pnl=pnl)
        assert mark(score).correct is (right_when_it_won if won else not right_when_it_won)


def test_accuracy_is_the_complement_of_the_brier_score() -> None:
    right, wrong = judged(heard("approve", confidence=0.7), heard("nudge", -0.05, confidence=0.7), pnl=0.01)
    assert mark(right).accuracy == pytest.approx(0.91)
    assert mark(wrong).accuracy == pytest.approx(0.51)


def test_who_gave_no_opinion_is_not_scored_and_says_why() -> None:
    abstained, failed = judged(heard("abstained", confidence=None), heard("failed", confidence=None))
    assert abstained.mark is failed.mark is None
    assert "abstained" in abstained.reason
    assert abstained.to_json()["correct"] is None


@pytest.mark.parametrize("confidence", [math.nan, math.inf, -0.1, 1.1, None, "sure", True])
def test_a_confidence_that_is_no_share_is_not_scored_and_says_why(confidence: Any) -> None:
    [score] = judged(heard("approve", confidence=confidence))
    assert score.mark is None
    assert score.reason.startswith("confidence: ")
    json.dumps(score.to_json(), allow_nan=False)


def test_a_nudge_or_a_weight_that_is_no_number_is_not_scored() -> None:
    nudge, weighed = judged(
        heard("nudge", math.nan), heard("nudge", 0.1, evidence={"weight_adjustment": math.inf}), heard("approve")
    )[:2]
    assert nudge.mark is weighed.mark is None
    assert nudge.reason.startswith("contribution: nan")
    assert weighed.reason.startswith("weight_adjustment: inf")


@pytest.mark.parametrize(
    ("name", "given_"),
    [
        ("pnl_percent", {"pnl": math.nan}),
        ("pnl_percent", {"pnl": 1e6}),
        ("sigma", {"sigma": 1.5}),
        ("curated", {"curated": math.nan}),
        ("size", {"size": -0.1}),
        ("size", {"size": math.inf}),
    ],
)
def test_a_case_that_cannot_be_is_refused_by_name(name: str, given_: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"^{name}: .* is no number from"):
        judged(heard("approve"), **given_)


def test_nudges_share_the_move_of_the_score_by_their_size() -> None:
    # The score went from 0.5 to 0.53: 6 %, of which two thirds and one third, of the 15 % that count as full.
    big, small, silent = judged(heard("nudge", 0.1), heard("nudge", -0.05), heard("approve"), curated=0.53)
    assert mark(big).impact == pytest.approx((1 + 0.04 / 0.15) / 2, abs=1e-6)
    assert mark(small).impact == pytest.approx((1 - 0.02 / 0.15) / 2, abs=1e-6)
    assert mark(silent).impact == 0.5


def test_a_veto_moves_everything_and_what_else_was_said_nothing() -> None:
    veto, nudge = judged(heard("veto"), heard("nudge", -0.1), pnl=-0.02, actual=False)
    assert (mark(veto).impact, mark(nudge).impact) == (1.0, 0.5)
    [wrong] = judged(heard("veto"), pnl=0.02, actual=False)
    assert mark(wrong).impact == 0.0


def test_a_veto_saves_the_loss_or_misses_the_gain_of_what_was_at_stake() -> None:
    [saved] = judged(heard("veto"), pnl=-0.02, size=0.1, actual=False)
    [missed] = judged(heard("veto"), pnl=0.03, size=0.1, actual=False)
    assert (saved.saved, saved.missed) == (pytest.approx(0.002), 0.0)
    assert (missed.saved, missed.missed) == (0.0, pytest.approx(0.003))


def test_a_veto_of_a_plan_that_was_entered_saved_nothing() -> None:
    [score] = judged(heard("veto"), pnl=-0.02, actual=True)
    assert (score.saved, score.missed) == (0.0, 0.0)
    assert mark(score).correct


def test_who_stopped_a_plan_together_shares_what_it_saved() -> None:
    failed = heard("failed", confidence=None, stops=True)
    one, other, closed = judged(heard("veto"), heard("veto"), failed, pnl=-0.03, size=0.1, actual=False)
    assert one.saved == other.saved == pytest.approx(0.001)
    assert closed.saved == 0.0


def test_a_nudge_that_did_not_flip_the_decision_saved_nothing() -> None:
    [score] = judged(heard("nudge", -0.1), pnl=-0.02, curated=0.45, publish_at=0.4)
    assert (score.saved, score.missed) == (0.0, 0.0)


def test_nudges_that_held_a_plan_back_share_the_loss_they_saved() -> None:
    down, more, up = judged(
        *(heard("nudge", -0.1), heard("nudge", -0.05), heard("nudge", 0.01)),
        pnl=-0.03,
        actual=False,
        size=0.1,
        curated=0.43,
        publish_at=0.45,
    )
    assert down.saved == pytest.approx(0.002)
    assert more.saved == pytest.approx(0.001)
    assert (up.saved, up.missed) == (0.0, 0.0)


def test_a_nudge_that_let_a_loser_pass_is_worth_its_loss() -> None:
    [score] = judged(heard("nudge", 0.1), pnl=-0.03, size=0.1, curated=0.55, publish_at=0.52)
    assert (score.saved, score.missed) == (0.0, pytest.approx(0.003))


def test_a_nudge_whose_plan_another_gate_stopped_is_worth_nothing() -> None:
    [score] = judged(heard("nudge", 0.1), pnl=-0.03, actual=False, curated=0.55, publish_at=0.52)
    assert (score.saved, score.missed) == (0.0, 0.0)


def test_a_score_says_under_what_weight_it_was_heard() -> None:
    [score] = judged(heard("nudge", 0.1, evidence={"weight_adjustment": 1.25}))
    assert score.to_json()["weight"] == 1.25


def test_a_nudge_too_small_to_be_kept_let_the_plan_be() -> None:
    [score] = judged(heard("nudge", -1e-9), pnl=0.02)
    assert mark(score).correct
    assert not score.against


class Sitting:
    """A curator that says one thing."""

    kappa, weight, fails_closed = 0.1, 0.3, False

    def __init__(self, name: str, says: Opinion | None) -> None:
        self.name, self.says = name, says

    def judge(self, inputs: Inputs) -> Opinion | None:
        return self.says


opinions = st.one_of(
    st.none(),
    st.builds(
        Opinion,
        action=st.sampled_from(Action),
        contribution=st.floats(-1, 1),
        confidence=st.floats(allow_nan=True, allow_infinity=True) | st.floats(0, 1),
    ),
)


@given(
    said=st.lists(opinions, max_size=5),
    sigma=st.floats(0, 1),
    pnl=st.floats(-1, 5),
    size=st.floats(0, 3),
    actual=st.booleans(),
    publish_at=st.floats(0, 1),
)
def test_whatever_a_panel_heard_can_be_scored(
    said: list[Opinion | None], sigma: float, pnl: float, size: float, actual: bool, publish_at: float
) -> None:
    verdict = panel.convene([Sitting(f"c{nth}", each) for nth, each in enumerate(said)], sigma=sigma, inputs={})
    scores = scorecard.judge(
        verdict.to_json(),
        sigma=sigma,
        curated=verdict.curated,
        size=size,
        publish_at=publish_at,
        outcome=became(pnl, actual=actual),
        policy=POLICY,
    )
    assert [each.curator for each in scores] == [each.curator for each in verdict.hearings]
    told = [each.to_json() for each in scores]
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    marks = [each.mark for each in scores if each.mark]
    assert all(0 <= share <= 1 for each in marks for share in (each.accuracy, each.impact, each.confidence))
    at_stake = abs(pnl) * size
    assert sum(each.saved for each in scores) <= at_stake + 1e-5
    assert sum(each.missed for each in scores) <= at_stake + 1e-5
