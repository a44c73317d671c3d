"""What a module judged is kept until it is told what became of it; then curators, lessons and clusters hear it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from curators.learning_policy import LearningPolicy
from strands import strand, tags
from strands.lessons.policy import LessonPolicy
from strands.strand import Strand
from tradingops.modules import learning

NOON = datetime(2025, 6, 2, 12, tzinfo=UTC)
COLUMNS = {
    "symbol": "BTCUSDT",
    "timeframe": "5m",
    "regime": "ranging",
    "session_bucket": "EU",
    "decision_type": "approve",
    "risk_level": "low",
}


def learner(module="dm", **lessons):
    return learning.Learner(module=module, lessons=LessonPolicy(**lessons), curating=LearningPolicy(min_outcomes=1))


def a_record(nth=0, **changes):
    hearing = {
        "curator_type": "risk_curator",
        "action": "nudge",
        "stops": False,
        "contribution": 0.05,
        "confidence": 0.7,
        "evidence": {"weight_adjustment": 1.0},
    }
    known = {
        "subject_id": f"decision-{nth:03}",
        "lifecycle_id": f"lifecycle-{nth:03}",
        "hearings": [hearing],
        "sigma": 0.7,
        "curated": 0.736,
        "publish_at": 0.0,
        "stake": 0.05,
        "size": 0.05,
        "passes": True,
        "uses": (),
        "columns": COLUMNS,
        "parts": {"decision_quality": 0.8, "risk_assessment": 0.9},
        **changes,
    }
    return learning.Judgement(**known)


def an_outcome(nth=0, pnl=-0.01, **changes):
    at = (NOON + timedelta(minutes=nth)).isoformat()
    return {
        "plan_id": f"plan-{nth:03}",
        "actual": True,
        "pnl_percent": pnl,
        "r_multiple": pnl / 0.01,
        "close_reason": "stop_loss" if pnl < 0 else "take_profit",
        "direction": "long",
        "opened_at": at,
        "closed_at": at,
        **changes,
    }


def a_cause(nth=0, kind="position", **more):
    return strand.first(
        module=more.pop("module", "trader"),
        kind=kind,
        at=NOON + timedelta(minutes=nth),
        symbol="BTCUSDT",
        tags=more.pop("to", (tags.DM_EXECUTION_FEEDBACK,)),
        cause=(str(nth),),
        **more,
    )


def waiting(*records):
    """Return a state in which judgements wait, the curator of theirs seated."""
    state = learning.seated(learning.start(), (Seat(),), LearningPolicy())
    for nth, record in enumerate(records):
        state = learning.keep(state, f"plan-{nth:03}", record, most=100)
    return state


class Seat:
    name, kappa, weight, fails_closed = "risk_curator", 0.15, 0.3, True


def ended(state, count, *, first=0, pnl=-0.01, who=None):
    """Return the state and what is said after so many outcomes alike."""
    said = []
    for nth in range(first, first + count):
        state = learning.keep(state, f"plan-{nth:03}", a_record(nth), most=100)
        state, more = learning.conclude(state, [an_outcome(nth, pnl)], cause=a_cause(nth), learner=who or learner())
        said += more
    return state, said


def told(said, kind):
    return [each.payload[learning.COLUMN] for each in said if each.kind == kind]


def test_an_outcome_scores_the_curators_in_the_lifecycle_of_what_was_judged():
    state, said = learning.conclude(waiting(a_record()), [an_outcome()], cause=a_cause(), learner=learner())
    (score,) = [each for each in said if each.kind == learning.SCORES]
    assert (score.module, score.parent_id, score.lifecycle_id) == ("dm", "decision-000", "lifecycle-000")
    assert score.payload[learning.COLUMN]["scores"][0]["correct"] is False
    assert state.judged == {}


def test_an_outcome_nobody_waits_for_changes_nothing():
    state = waiting()
    assert learning.conclude(state, [an_outcome()], cause=a_cause(), learner=learner()) == (state, [])


def test_an_outcome_told_twice_counts_once():
    state, _ = learning.conclude(waiting(a_record()), [an_outcome()], cause=a_cause(), learner=learner())
    assert learning.conclude(state, [an_outcome()], cause=a_cause(1), learner=learner()) == (state, [])


@pytest.mark.parametrize("pnl", [float("nan"), float("inf"), "much", True, 1e9])
def test_an_outcome_that_says_no_number_teaches_nothing_and_the_module_says_why(pnl):
    told = {**an_outcome(), "pnl_percent": pnl}
    state, (said,) = learning.conclude(waiting(a_record()), [told], cause=a_cause(), learner=learner())
    assert "pnl_percent" in said.payload[learning.COLUMN]["refused"]
    assert state == waiting()


def test_the_oldest_judgement_is_let_go_when_too_many_wait():
    state = learning.start()
    for nth in range(5):
        state = learning.keep(state, f"plan-{nth}", a_record(nth), most=3)
    assert list(state.judged) == ["plan-2", "plan-3", "plan-4"]


@pytest.mark.parametrize(
    ("module", "parts", "column"),
    [
        ("alpha", {"sig_sigma": 0.8, "sig_confidence": 0.8}, "signal_pack"),
        ("dm", {"decision_quality": 0.8, "risk_assessment": 0.8}, "dm_decision"),
        ("trader", {"execution_quality": 0.8, "slippage_control": 0.8}, "exec_metrics"),
    ],
)
def test_alike_outcomes_become_a_lesson_under_its_own_id_where_the_documents_look_for_it(module, parts, column):
    state, said = waiting(), []
    for nth in range(8):
        state = learning.keep(state, f"plan-{nth:03}", a_record(nth, parts=parts), most=100)
        state, more = learning.conclude(state, [an_outcome(nth)], cause=a_cause(nth), learner=learner(module))
        said += more
    braids = [each for each in said if each.kind == "braid"]
    assert braids
    for braid in braids:
        assert braid.id == braid.payload[learning.COLUMN]["lesson_id"]
        assert braid.module == module
        assert braid.tags == (tags.WRITE_LESSON,)
        assert braid.payload[column]
    assert set(state.lessons["lessons"]) == {each.id for each in braids}


def test_the_same_outcomes_teach_the_same_lessons_under_the_same_ids():
    first, second = (ended(waiting(), 20) for _ in range(2))
    assert [each.id for each in first[1]] == [each.id for each in second[1]]
    assert json.dumps(first[0]) == json.dumps(second[0])


def test_a_lesson_of_losses_boosts_the_confidence_of_its_like_downwards():
    state, _ = ended(waiting(), 8)
    applied = learning.applied(state, COLUMNS, LessonPolicy())
    assert applied.lessons
    assert applied.boost < 1.0
    assert applied.size_factor < 1.0


def test_a_lesson_that_cost_money_retires_by_itself_with_a_note():
    state, said = ended(waiting(), 8)
    lesson_id = next(each.id for each in said if each.kind == "braid")
    use = learning.Use(lesson_id=lesson_id, passes=True, size=0.05)
    changes = []
    for nth in range(100, 120):
        record = a_record(nth, passes=False, size=0.05, uses=[use])
        state = learning.keep(state, f"plan-{nth:03}", record, most=100)
        state, more = learning.conclude(state, [an_outcome(nth, pnl=0.02)], cause=a_cause(nth), learner=learner())
        changes += told(more, learning.CHANGE)
    retired = [each for each in changes if each["standing"] == "retired" != each["before"]]
    assert len(retired) == 1
    assert "cost" in retired[0]["note"]
    assert lesson_id not in learning.applied(state, COLUMNS, LessonPolicy()).lessons


def test_a_lesson_that_had_a_say_in_two_plans_of_one_position_tells_what_each_came_to():
    state, said = ended(waiting(), 8)
    lesson_id = next(each.id for each in said if each.kind == "braid")
    use = learning.Use(lesson_id=lesson_id, passes=True, size=0.02)
    for nth in (100, 101):
        state = learning.keep(state, f"plan-{nth:03}", a_record(nth, uses=[use]), most=100)
    both = [an_outcome(nth, pnl=0.02) for nth in (100, 101)]
    state, said = learning.conclude(state, both, cause=a_cause(100), learner=learner())
    changes = [each for each in said if each.kind == learning.CHANGE]
    assert [each.lifecycle_id for each in changes] == ["lifecycle-100", "lifecycle-101"]
    assert [each["effect"]["touched"] for each in told(said, learning.CHANGE)] == [1, 2]
    assert len({each.id for each in said}) == len(said)


def test_a_lesson_changed_by_two_plans_that_one_bar_ends_one_after_the_other_tells_both_changes():
    state, said = ended(waiting(), 8)
    lesson_id = next(each.id for each in said if each.kind == "braid")
    use, cause = learning.Use(lesson_id=lesson_id, passes=True, size=0.02), a_cause(100)
    before = list[Strand]()
    for nth in (100, 101):
        state = learning.keep(state, f"plan-{nth:03}", a_record(nth, uses=[use]), most=100)
        outcome = an_outcome(nth, pnl=0.02)
        state, more = learning.conclude(state, [outcome], cause=cause, learner=learner(), said=before)
        before += more
    assert [each["effect"]["touched"] for each in told(before, learning.CHANGE)] == [1, 2]
    assert len({each.id for each in before}) == len(before)


def test_a_person_retires_a_lesson_and_the_module_says_who_and_why():
    state, said = ended(waiting(), 8)
    lesson_id = next(each.id for each in said if each.kind == "braid")
    verdict = {"lesson_id": lesson_id, "standing": "retired", "by": "ana", "note": "an odd week"}
    word = a_cause(50, kind=learning.VERDICT, module="op", to=("dm:lesson",), payload={"op_verdict": verdict})
    state, said = learning.take(state, word, learner=learner())
    (change,) = told(said, learning.CHANGE)
    assert (change["standing"], change["cause"], change["note"]) == ("retired", "person:ana", "an odd week")
    assert learning.applied(state, COLUMNS, LessonPolicy()).lessons == ()


@pytest.mark.parametrize(
    "note",
    [
        None,
        "x" * 1_000_000,
        [],
        {"lesson_id": "nobody's"},
        {"lesson_id": 7, "lesson": {}},
        {"lesson": {"confidence": 1e9}},
    ],
)
def test_words_for_no_lesson_change_nothing_and_raise_nothing(note):
    state, _ = ended(waiting(), 8)
    word = a_cause(50, kind=learning.WORDS, module="op", to=("dm:lesson",), payload={"op_note": note})
    assert learning.take(state, word, learner=learner()) == (state, [])


def test_words_that_recommend_the_absurd_are_held_to_the_bounds_with_a_note():
    state, said = ended(waiting(), 8)
    lesson_id = next(each.id for each in said if each.kind == "braid")
    lesson = {
        "title": "Bet everything",
        "description": "x" * 1900,
        "conditions": {},
        "recommendations": [
            {"type": "curator_weight_adjustment", "curator_type": "risk_curator", "adjustment": 1e9},
            {"type": "launch_rockets", "count": 7},
        ],
        "confidence": 0.99,
    }
    note = {"lesson_id": lesson_id, "writer": "endpoint", "model": "m", "lesson": lesson}
    word = a_cause(50, kind=learning.WORDS, module="op", to=("dm:lesson",), payload={"op_note": note})
    state, said = learning.take(state, word, learner=learner())
    (change,) = told(said, learning.CHANGE)
    (kept,) = change["lesson"]["recommendations"]
    assert kept["adjustment"] <= LessonPolicy().max_factor
    assert "refused" in change["note"]
    applied = learning.applied(state, COLUMNS, LessonPolicy())
    assert applied.weighed({"risk_curator": 0.3})["risk_curator"] <= 1.0


def test_a_state_that_learned_survives_its_json():
    state, _ = ended(waiting(), 30)
    state = learning.keep(
        state, "plan-030", a_record(30, uses=(learning.Use(lesson_id="a", passes=True, size=0.1),)), most=9
    )
    assert learning.load({"learning": json.loads(json.dumps(state.to_json()))}) == state


def test_a_state_from_before_learning_had_a_value_of_its_own_is_read():
    state, _ = ended(waiting(a_record(40)), 30)
    kept = json.loads(json.dumps(state.to_json()))
    earlier = {"judged": kept["judged"], "curators": kept["curators"], "learned": kept["lessons"], "marks": {}}
    assert learning.load(earlier) == state
    assert learning.load({"marks": {}}) == learning.start()
