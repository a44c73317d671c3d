"""What judged a run is read from its strands alone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.deciding import NOON
from tests.unit.tradingops.replay import stories
from tradingops.replay import judgement


def test_a_run_of_nothing_judged_nothing():
    made = judgement.build([])
    assert (made.entered, made.stopped, made.vetoes) == ({}, {}, {})
    assert (made.closed.error, made.counterfactual.outcomes) == (None, 0)


def test_only_plans_with_a_filled_entry_were_entered():
    unfilled = stories.an_entry("waits")[:1]
    made = judgement.build([stories.a_signal("waits"), *unfilled, *stories.a_trade("goes", pnl="5", minute=1)])
    assert {plan_id: each.pnl for plan_id, each in made.entered.items()} == {"goes": 5}


def test_plans_of_one_position_share_what_it_came_to():
    told = [stories.a_signal("a"), stories.a_signal("b"), *stories.an_entry("a"), *stories.an_entry("b", minute=2)]
    made = judgement.build([*told, stories.a_close("a", "b", pnl="-5")])
    assert {each.pnl for each in made.entered.values()} == {Decimal("-2.5")}


def test_a_position_that_is_still_open_has_earned_nothing_yet():
    made = judgement.build([stories.a_signal("a"), *stories.an_entry("a")])
    assert made.entered["a"].pnl is None


def test_a_plan_counts_from_the_moment_that_it_was_told():
    early, late = stories.a_trade("early", pnl="5"), stories.a_trade("late", pnl="-5", minute=10)
    made = judgement.build([*early, *late], since=NOON + timedelta(minutes=10))
    assert list(made.entered) == ["late"]
    assert made.closed.outcomes == 1


def test_confidence_is_laid_beside_what_came_true():
    right, wrong = stories.a_trade("right", pnl="5", confidence=0.9), stories.a_trade("wrong", pnl="-5", minute=7)
    assert judgement.build(right).closed.error == pytest.approx(0.1)
    assert judgement.build(wrong).closed.error == pytest.approx(0.8)
    assert judgement.build([*right, *wrong]).closed.error == pytest.approx((0.1 + 0.8) / 2)


def test_plans_that_were_not_entered_are_judged_apart_and_those_never_entered_not_at_all():
    told = [stories.a_signal("a"), stories.a_decision("a", confidence=0.6), stories.a_counterfactual("a", -0.02)]
    never = [stories.a_signal("b"), stories.a_decision("b"), stories.a_counterfactual("b", None)]
    made = judgement.build([*told, *never])
    assert (made.closed.outcomes, made.counterfactual.outcomes, made.counterfactual.error) == (0, 1, 0.6)


def test_a_plan_that_alpha_withheld_has_alphas_confidence():
    withheld = stories.a_signal("a", kind="withheld", sig_confidence=0.7)
    made = judgement.build([withheld, stories.a_counterfactual("a", 0.01)])
    assert (made.counterfactual.outcomes, made.counterfactual.error) == (1, 0.3)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
def test_the_calibration_error_is_a_share_and_forgets_the_order(outcomes: list[tuple[float, bool]]):
    error = judgement.bin_errors(outcomes)
    assert error is not None
    assert 0 <= error <= 1
    assert judgement.bin_errors(outcomes[::-1]) == pytest.approx(error, abs=1e-5)


def test_every_veto_counts_once_and_its_worth_where_the_outcome_is_known():
    vetoed = [stories.a_hearing("risk_curator", "veto"), stories.a_hearing("budget_curator", "approve")]
    told = [stories.a_signal("a"), stories.a_decision("a", curator_decisions=vetoed)]
    known = stories.scores("a", stories.a_score("risk_curator", saved=0.002), stories.a_score("x", action="nudge"))
    made = judgement.build([*told, known])
    assert made.stopped == {"dm risk_curator": 1}
    assert made.vetoes == {"dm risk_curator": judgement.Vetoes(count=1, right=1, saved=0.002, missed=0.0)}


def test_a_veto_of_alpha_and_one_of_the_trader_are_found_where_they_are_told():
    veto = [stories.a_hearing("pattern", "veto")]
    withheld = stories.a_signal("a", kind="withheld", curator_feedback={"curators": veto})
    stopped = stories.said(
        "trader", "execution", {"order_spec": {"plan_id": "a"}, "tr_execution": {"curators": veto}, "exec_metrics": {}}
    )
    assert judgement.build([withheld, stopped]).stopped == {"alpha pattern": 1, "trader pattern": 1}


def test_lessons_stand_as_the_last_change_left_them():
    kept, dropped = stories.a_braid(1), stories.a_braid(2, standing="proposed")
    changes = [stories.a_change(dropped, "active"), stories.a_change(dropped, "retired"), stories.a_change(kept, None)]
    lessons = judgement.build([kept, dropped, stories.a_braid(3, kind="meta_braid"), *changes]).lessons
    assert lessons.learned == {"braid": 2, "meta_braid": 1}
    assert lessons.standing == {"active": 2, "retired": 1}


def test_a_lesson_is_applied_where_a_judgement_names_it():
    named = {"lessons_applied": ["L"]}
    decided = stories.a_decision("a", lesson_metadata=named)
    ordered = stories.said(
        "trader", "execution", {"order_spec": {"plan_id": "a"}, "tr_execution": {"lessons": named}, "exec_metrics": {}}
    )
    unmoved = stories.a_decision("b", lesson_metadata={"lessons_applied": []}, minute=2)
    assert judgement.build([decided, ordered, unmoved]).lessons.applied == {"dm": 1, "trader": 1}
