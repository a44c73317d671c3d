"""A plan that needs people is traded on their word alone, in time, of what they saw, and within every limit."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import Any

import pydantic
import pytest

from tests.deciding import BTC, ETH, NOON, a_bar, a_halt, a_risk_update, a_signal, heard, ready, ruled
from tests.reviews import SOON, a_long_plan, a_verdict, asking, hash_of, kinds, reviewers, told
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.reviews.policy import ReviewPolicy
from tradingops.people import acts

DEADLINE = NOON + timedelta(minutes=30)
LATE = DEADLINE + timedelta(minutes=1)


def asked(dm: Any, signal: Any = None) -> Any:
    """Return the state in which a plan waits, and its review."""
    state, answers = heard(dm, [signal or a_long_plan()], ready(dm))
    assert kinds(answers) == ["review", "feedback"]
    return state, answers[0]


def decision_type(answer: Any) -> str:
    return str(answer.payload["dm_decision"]["decision_type"])


def test_nobody_is_asked_by_default():
    dm = asking({"needs": "none"})
    assert kinds(heard(dm, [a_signal()], ready(dm))[1]) == ["decision", "feedback"]
    assert DecisionPolicy().review.bands == ()


def test_a_plan_that_fails_a_gate_is_refused_and_asked_about_by_nobody():
    dm = asking(dm={"min_confidence": 0.9})
    assert kinds(heard(dm, [a_signal()], ready(dm))[1]) == ["decision", "feedback"]


def test_the_question_tells_its_terms_and_alpha_and_trades_nothing():
    dm = asking()
    state, answers = heard(dm, [a_long_plan()], ready(dm))
    review, feedback = answers
    terms = told(review)
    assert (terms["needs"], terms["silence"], terms["deadline"]) == ("one", "reject", DEADLINE.isoformat())
    assert terms["price_band"] == ["99.5", "100.5"]
    assert len(terms["hash"]) == 64
    assert review.tags == ()
    assert feedback.payload["dm_decision"]["decision_type"] == "review"
    assert state.plans == {}


@pytest.mark.parametrize(
    ("band", "needs"),
    [
        ({"min_size": 0.2}, "none"),
        ({"min_size": 0.01}, "one"),
        ({"symbols": [ETH]}, "none"),
        ({"symbols": [BTC]}, "one"),
        ({"max_confidence": 0.5}, "none"),
        ({"max_confidence": 0.8}, "one"),
        ({"regimes": ["ranging"]}, "none"),
        ({"modes": ["live"]}, "none"),
        ({"modes": ["paper"]}, "one"),
    ],
)
def test_a_band_holds_the_plans_that_each_of_its_fields_lets_in(band: dict[str, Any], needs: str):
    dm = asking({"needs": "one", **band})
    _, answers = heard(dm, [a_long_plan()], ready(dm))
    assert (answers[0].kind == "review") is (needs == "one")


def test_the_strictest_band_counts_in_whatever_order_they_stand():
    for bands in (({"needs": "one"}, {"needs": "two"}), ({"needs": "two"}, {"needs": "one"})):
        assert told(asked(asking(*bands))[1])["needs"] == "two"


def test_a_deadline_below_one_bar_and_a_minute_is_refused_unless_asked_for_on_purpose():
    with pytest.raises(pydantic.ValidationError, match="answer_seconds: 119 is below one base bar and 60 s"):
        ReviewPolicy(answer_seconds=119)
    assert ReviewPolicy(answer_seconds=120).answer_seconds == 120
    assert ReviewPolicy(answer_seconds=5, short_deadlines=True).answer_seconds == 5


def test_an_approved_plan_is_executed_and_names_who_approved_it():
    dm = asking()
    state, review = asked(dm)
    state, answers = heard(dm, [a_verdict(review)], state)
    answer, decision, feedback = answers
    assert (told(answer)["counted"], told(answer)["outcome"]) == (True, "approved")
    assert decision.tags == ("trader:execute_plan",)
    assert (decision.parent_id, decision.lifecycle_id) == (review.id, review.lifecycle_id)
    assert (told(decision)["people"], told(decision)["outcome"]) == (["ann"], "approved")
    assert feedback.payload["dm_decision"]["decision_id"] == decision.id
    assert list(state.plans) == [review.payload["dm_decision"]["plan_id"]]
    assert state.reviews == {}


def test_a_rejected_plan_is_traded_by_nobody():
    dm = asking()
    state, review = asked(dm)
    state, (answer, decision, _) = heard(dm, [a_verdict(review, "reject")], state)
    assert told(answer)["outcome"] == "rejected"
    assert (decision_type(decision), decision.tags) == ("reject", ())
    assert state.plans == {}


def test_the_second_verdict_is_told_who_decided():
    dm = asking()
    state, review = asked(dm)
    state, _ = heard(dm, [a_verdict(review)], state)
    _, answers = heard(dm, [a_verdict(review, by="bob")], state)
    assert kinds(answers) == ["review_answer"]
    assert "decided by ann" in told(answers[0])["reason"]


def test_at_the_very_deadline_the_deadline_wins_and_the_loser_is_told():
    dm = asking()
    state, review = asked(dm)
    state, answers = heard(dm, [a_verdict(review, at=DEADLINE)], state)
    assert kinds(answers) == ["review_answer", "decision", "feedback", "review_answer"]
    assert told(answers[0])["outcome"] == "expired"
    assert told(answers[0])["by"] is None
    assert answers[1].tags == ()
    assert told(answers[3])["reason"] == f"expired at {DEADLINE.isoformat()}"


def test_a_moment_before_the_deadline_the_verdict_wins_whether_or_not_a_bar_came():
    dm = asking()
    state, review = asked(dm)
    last = DEADLINE - timedelta(microseconds=1)
    _, answers = heard(dm, [a_bar(at=last), a_verdict(review, at=last), a_bar(at=LATE)], state)
    assert [told(each)["outcome"] for each in answers if each.kind == "review_answer"] == ["approved"]


def test_of_a_thousand_races_each_has_exactly_one_outcome_and_the_same_when_replayed():
    dm, dice = asking(), random.Random(11)
    state, review = asked(dm)
    for nth in range(1000):
        racing = [
            a_verdict(review, dice.choice(["approve", "reject"]), by=who, nth=nth, at=DEADLINE + _apart(dice))
            for who in ("ann", "bob")
        ]
        racing += [a_bar(at=DEADLINE + _apart(dice))] * dice.randint(0, 1) + [a_bar(at=LATE)]
        racing.sort(key=lambda each: each.at)
        ends = []
        for kept in (False, True):
            start = dm.load(json.loads(json.dumps(dm.dump(state)))) if kept else state
            _, answers = heard(dm, racing, start)
            ends.append([told(each)["outcome"] for each in answers if each.kind == "decision"])
            assert [
                told(e)["outcome"] for e in answers if e.kind == "review_answer" and told(e).get("outcome")
            ] == ends[-1]
        assert ends[0] == ends[1]
        assert len(ends[0]) == 1
        first = racing[0]
        if first.at < DEADLINE and first.kind == "verdict":
            won = {"approve": "approved", "reject": "rejected"}[first.payload["op_verdict"]["verdict"]]
            assert ends[0] == [won]
        if first.at >= DEADLINE:
            assert ends[0] == ["expired"]


def _apart(dice: random.Random) -> timedelta:
    return timedelta(microseconds=dice.choice([-2, -1, 0, 0, 1, 2]))


def test_silence_rejects_and_names_the_policy_and_no_person():
    dm = asking()
    state, _ = asked(dm)
    _, answers = heard(dm, [a_bar(at=LATE)], state)
    assert kinds(answers) == ["review_answer", "decision", "feedback"]
    assert decision_type(answers[1]) == "reject"
    assert (told(answers[1])["people"], told(answers[1])["silence_acted"]) == ([], "reject")


def test_silence_may_leave_a_smaller_plan():
    dm = asking(silence="smaller", smaller_share=0.5)
    state, review = asked(dm)
    fresh = a_risk_update(at=LATE - timedelta(minutes=2))
    _, answers = heard(dm, [fresh, a_bar(at=LATE)], state)
    decision = answers[1]
    assert (decision.tags, told(decision)["outcome"]) == (("trader:execute_plan",), "expired")
    plan, shown = (each.payload["dm_decision"]["plan"]["position_size"] for each in (decision, review))
    assert plan == pytest.approx(shown / 2, rel=0.01)


def test_silence_may_ask_two_people_once_more_and_then_rejects():
    dm = asking(silence="escalate")
    state, _ = asked(dm)
    state, answers = heard(dm, [a_bar(at=LATE)], state)
    assert kinds(answers) == ["review_answer", "review"]
    assert told(answers[1])["needs"] == "two"
    _, answers = heard(dm, [a_bar(at=LATE + timedelta(minutes=31))], state)
    assert kinds(answers) == ["review_answer", "decision", "feedback"]
    assert decision_type(answers[1]) == "reject"


def test_two_people_are_needed_and_nobody_counts_twice():
    dm = asking({"needs": "two"})
    state, review = asked(dm)
    state, answers = heard(dm, [a_verdict(review), a_verdict(review, nth=1)], state)
    assert kinds(answers) == ["review_answer", "review_answer"]
    assert told(answers[0])["have"] == ["ann"]
    assert "ann is for it already" in told(answers[1])["reason"]
    _, answers = heard(dm, [a_verdict(review, by="bob")], state)
    assert told(answers[1])["people"] == ["ann", "bob"]


def test_an_approval_whose_right_has_lapsed_counts_no_more():
    dm = asking({"needs": "two"})
    state, review = asked(dm)
    state, _ = heard(dm, [a_verdict(review)], state)
    _, answers = heard(dm, [a_verdict(review, by="bob", lapsed={"ann": "is no longer active"})], state)
    assert kinds(answers) == ["review_answer"]
    assert told(answers[0])["lapsed"] == {"ann": "is no longer active"}
    assert told(answers[0])["have"] == ["bob"]


def test_a_changed_plan_is_carried_out_as_changed():
    dm = asking()
    state, review = asked(dm)
    changes = {"position_size": 0.02, "stop_loss": "99.1", "take_profit": "102"}
    _, answers = heard(dm, [a_verdict(review, "modify", changes=changes)], state)
    assert kinds(answers) == ["review_answer", "decision", "feedback"]
    plan = answers[1].payload["dm_decision"]["plan"]
    assert (plan["position_size"], plan["stop_loss"]) == (0.02, "99.1")
    assert told(answers[1])["outcome"] == "changed"


def test_a_stop_moved_beyond_the_limit_is_refused_with_value_and_limit_and_the_plan_waits_on():
    dm = asking()
    state, review = asked(dm)
    after, answers = heard(dm, [a_verdict(review, "modify", changes={"stop_loss": "97"})], state)
    finding = told(answers[0])["finding"]
    assert kinds(answers) == ["review_answer"]
    assert finding["gate"] == "plan_valid"
    assert finding["passed"] is False
    assert list(after.reviews) == list(state.reviews)
    assert kinds(heard(dm, [a_verdict(review)], after)[1]) == ["review_answer", "decision", "feedback"]


def test_a_size_raised_into_a_stricter_band_makes_the_verdict_one_of_two():
    dm = asking({"needs": "one"}, {"needs": "two", "min_size": 0.06})
    small = a_long_plan(position_size=0.05)
    state, review = asked(dm, small)
    state, answers = heard(dm, [a_verdict(review, "modify", changes={"position_size": 0.08})], state)
    assert kinds(answers) == ["review_answer", "review"]
    assert (told(answers[0])["needs"], told(answers[0])["have"]) == ("two", ["ann"])
    changed = answers[1]
    assert hash_of(changed) != hash_of(review)
    state, (refused,) = heard(dm, [a_verdict(review, by="bob")], state)
    assert hash_of(changed) in told(refused)["reason"]
    assert hash_of(review) in told(refused)["reason"]
    _, answers = heard(dm, [a_verdict(changed, by="bob")], state)
    assert told(answers[1])["people"] == ["ann", "bob"]


def test_who_changed_the_plan_is_its_author_and_no_second_person():
    dm = asking({"needs": "two"})
    state, review = asked(dm)
    state, (_, second) = heard(dm, [a_verdict(review, "modify", changes={"position_size": 0.03})], state)
    state, (_, third) = heard(dm, [a_verdict(second, "modify", by="bob", changes={"position_size": 0.04})], state)
    state, (refused,) = heard(dm, [a_verdict(third, by="ann")], state)
    assert "ann changed the plan and is its author" in told(refused)["reason"]
    assert told(heard(dm, [a_verdict(third, by="cem")], state)[1][1])["people"] == ["bob", "cem"]


def test_a_verdict_is_refused_while_the_price_is_out_of_its_band():
    dm = asking()
    state, review = asked(dm)
    state, answers = heard(dm, [a_bar(at=SOON, close="101"), a_verdict(review)], state)
    assert told(answers[0])["finding"] == {
        "gate": "price_band",
        "value": "101",
        "limit": ["99.5", "100.5"],
        "passed": False,
    }
    assert len(state.reviews) == 1


def test_the_price_as_the_verdict_was_given_counts_before_the_last_that_was_heard():
    dm = asking()
    state, review = asked(dm)
    after, answers = heard(dm, [a_verdict(review, mark="99")], state)
    assert told(answers[0])["finding"]["value"] == "99"
    assert len(after.reviews) == 1
    _, answers = heard(dm, [a_bar(at=SOON, close="101"), a_verdict(review, mark="100.4")], state)
    assert told(answers[1])["outcome"] == "approved"


def test_no_verdict_goes_round_a_halt():
    dm = asking()
    state, review = asked(dm)
    state, answers = heard(dm, [a_verdict(review)], state, rulings=ruled(a_halt("desk")))
    assert kinds(answers) == ["review_answer"]
    assert told(answers[0])["finding"]["gate"] == "halted"


def test_a_plan_seen_under_another_policy_is_shown_anew():
    dm = asking()
    state, review = asked(dm)
    at_noon = acts.Asked(by="ann", reason="tighter", at=NOON, asked_at=NOON)
    changed = ruled(acts.policy("dm", {"max_exposure": 0.4}, asked=at_noon))
    state, answers = heard(dm, [a_verdict(review)], state, rulings=changed)
    assert kinds(answers) == ["review_answer", "review"]
    assert "policy: it changed" in told(answers[0])["reason"]
    _, answers = heard(dm, [a_verdict(answers[1], by="ann", nth=1)], state, rulings=changed)
    assert told(answers[1])["outcome"] == "approved"


def test_of_many_approved_at_once_as_many_pass_as_the_caps_allow_and_the_others_say_why():
    dm = asking(dm={"max_open_positions": 3, "max_exposure": 1.0})
    names = [f"C{nth:02}-PERP" for nth in range(50)]
    state = ready(dm, volatility=dict.fromkeys(names, 0.2))
    state, _ = heard(dm, [a_bar(symbol=each) for each in names], state)
    state, answers = heard(dm, [a_long_plan(symbol=each, position_size=0.02) for each in names], state)
    reviews = [each for each in answers if each.kind == "review"]
    assert len(reviews) == 50
    state, answers = heard(dm, [a_verdict(each) for each in reviews], state)
    assert [each.symbol for each in answers if each.kind == "decision"] == names[:3]
    refused = [told(each) for each in answers if each.kind == "review_answer" and told(each)["reason"]]
    assert len(refused) == 47
    assert {each["finding"]["gate"] for each in refused} == {"max_open_positions"}
    assert {(each["finding"]["value"], each["finding"]["limit"]) for each in refused} == {(4, 3)}


def test_too_few_who_may_decide_let_silence_act_at_once():
    dm = asking({"needs": "two"})
    state, review = asked(dm)
    after, answers = heard(dm, [reviewers(review, "ann", "bob")], state)
    assert [told(each)["may_decide"] for each in answers] == [["ann", "bob"]]
    _, answers = heard(dm, [reviewers(review, "ann")], after)
    assert kinds(answers) == ["review_answer", "decision", "feedback"]
    assert told(answers[0])["outcome"] == "expired"
    assert "1 of 2 people may decide on it: ann" in told(answers[0])["reason"]


def test_nobody_counts_whom_the_desk_did_not_tell_among_those_who_may_decide():
    dm = asking()
    state, review = asked(dm)
    state, _ = heard(dm, [reviewers(review, "ann", "bob")], state)
    state, (refused,) = heard(dm, [a_verdict(review, by="eve")], state)
    assert "eve is none of those who may decide: ann, bob" in told(refused)["reason"]
    assert told(heard(dm, [a_verdict(review, by="bob")], state)[1][1])["people"] == ["bob"]


def test_who_lost_the_right_after_approving_is_for_it_no_more():
    dm = asking({"needs": "two"})
    state, review = asked(dm)
    state, _ = heard(dm, [reviewers(review, "ann", "bob", "cem"), a_verdict(review)], state)
    state, _ = heard(dm, [reviewers(review, "bob", "cem")], state)
    state, answers = heard(dm, [a_verdict(review, by="bob")], state)
    assert kinds(answers) == ["review_answer"]
    assert told(answers[0])["have"] == ["bob"]


def test_a_newer_plan_of_the_same_symbol_and_timeframe_withdraws_the_one_that_waits():
    dm = asking()
    state, review = asked(dm)
    newer = a_long_plan(at=SOON, plan_id="11111111-1111-4111-8111-111111111111")
    state, answers = heard(dm, [newer], state)
    assert kinds(answers) == ["review_answer", "decision", "feedback", "review", "feedback"]
    assert (told(answers[1])["outcome"], told(answers[1])["people"], answers[1].tags) == ("withdrawn", [], ())
    assert list(state.reviews) == ["11111111-1111-4111-8111-111111111111"]
    _, (late,) = heard(dm, [a_verdict(review)], state)
    assert "withdrawn at" in told(late)["reason"]
    assert "superseded by the newer plan" in told(late)["reason"]


def test_a_plan_of_another_symbol_withdraws_nothing():
    dm = asking()
    state, _ = asked(dm)
    state, answers = heard(dm, [a_long_plan(symbol=ETH)], state)
    assert kinds(answers) == ["review", "feedback"]
    assert len(state.reviews) == 2


@pytest.mark.parametrize(
    ("terms", "rulings", "because"),
    [
        ({}, (a_halt("desk"),), "halted: halted as its deadline came"),
        ({"act_seconds": 0, "answer_seconds": 7200}, (), "valid_until: the plan itself ended"),
    ],
)
def test_a_deadline_at_which_nobody_could_have_approved_withdraws_and_blames_no_silence(
    terms: dict[str, Any], rulings: tuple[Any, ...], because: str
):
    dm = asking(**terms)
    state, _ = asked(dm)
    _, answers = heard(dm, [a_bar(at=NOON + timedelta(hours=2))], state, rulings=ruled(*rulings))
    assert told(answers[0])["outcome"] == "withdrawn"
    assert because in told(answers[0])["reason"]
    assert (decision_type(answers[1]), answers[1].tags) == ("reject", ())


def test_a_plan_beyond_the_places_of_the_inbox_is_refused_at_once():
    dm = asking(most_waiting=1)
    state, _ = asked(dm)
    _, answers = heard(dm, [a_long_plan(symbol=ETH)], state)
    assert answers[0].payload["dm_decision"]["reason"] == "inbox_full"


@pytest.mark.parametrize(
    "said",
    [
        {"verdict": "perhaps"},
        {"verdict": "modify"},
        {"verdict": "approve", "changes": {"stop_loss": "99"}},
        {"verdict": "modify", "changes": {"direction": "short"}},
        {"verdict": "modify", "changes": {"position_size": "much"}},
        {"by": ""},
    ],
)
def test_what_is_no_verdict_trades_nothing_and_is_answered(said: dict[str, Any]):
    dm = asking()
    state, review = asked(dm)
    verdict = a_verdict(review)
    verdict.payload["op_verdict"].update(said)
    after, answers = heard(dm, [verdict], state)
    assert kinds(answers) == ["review_answer"]
    assert "op_verdict" in told(answers[0])["reason"] or "changes" in told(answers[0])["reason"]
    assert after.reviews == state.reviews


def test_a_state_with_reviews_comes_back_from_json_as_it_was():
    dm = asking({"needs": "two"})
    state, review = asked(dm)
    state, _ = heard(dm, [a_verdict(review, "modify", changes={"position_size": 0.03})], state)
    kept = json.loads(json.dumps(dm.dump(state), allow_nan=False))
    assert dm.load(kept) == state
    assert dm.dump(dm.load(kept)) == kept
