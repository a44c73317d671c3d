"""Outcomes become lessons, lessons move judgements within bounds, and harmful ones go."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands.lessons import application, braiding, governance, lesson_json, member, outcome
from strands.lessons.policy import LessonPolicy

START = datetime(2022, 1, 3, tzinfo=UTC)
POLICY = LessonPolicy()
HERE = {"symbol": "BTC-PERP", "timeframe": "1m", "regime": "ranging", "session_bucket": "EU", "signal_type": "long"}


def an_outcome(pnl: float = -0.01, r: float | None = -1.0, at: datetime = START) -> outcome.Outcome:
    told = {"plan_id": "p", "actual": True, "pnl_percent": pnl, "r_multiple": r, "closed_at": at.isoformat()}
    return outcome.Outcome.from_json(told, policy=POLICY)


def a_member(nth: int, *, pnl: float = -0.01, at: datetime = START, regime: str = "ranging") -> member.Member:
    return member.of(
        "alpha",
        subject_id=f"S{nth}",
        columns={**HERE, "regime": regime},
        parts={"sig_sigma": 1.0, "sig_confidence": 1.0},
        outcome=an_outcome(pnl, 100 * pnl, at),
        scores=[{"curator": "dsi", "correct": pnl > 0}],
        policy=POLICY,
    )


def taught(count: int, *, pnl: float = -0.01, policy: LessonPolicy = POLICY):
    learned, braids = braiding.start(), []
    for nth in range(count):
        at = START + timedelta(minutes=nth)
        learned, said = braiding.hear_outcome(learned, member=a_member(nth, pnl=pnl, at=at), at=at, policy=policy)
        braids += said
    return learned, braids


def test_losses_teach_caution():
    _, (braid,) = taught(5)
    recommended = {each["type"]: each for each in braid["recommendations"]}
    assert recommended["confidence_boost"]["boost_factor"] < 1
    assert "risk_adjustment" not in recommended
    assert recommended["curator_weight_adjustment"]["adjustment"] < 1


def test_wins_teach_confidence_and_never_a_larger_size():
    _, braids = taught(4, pnl=0.01)
    assert braids[0]["recommendations"][0]["boost_factor"] > 1
    assert "risk_adjustment" not in {each["type"] for each in braids[0]["recommendations"]}


def test_braids_of_braids_reach_the_highest_level():
    _, braids = taught(60, pnl=0.01)
    assert {each["braid_level"] for each in braids} == {2, 3, 4}
    assert all(len(each["source_strands"]) >= POLICY.min_members for each in braids)


STREAM = st.lists(
    st.tuples(st.integers(0, 40), st.floats(-0.05, 0.05), st.integers(0, 60), st.sampled_from(["ranging", "up"])),
    max_size=80,
)


def told(stream, policy: LessonPolicy):
    learned, braids, at = braiding.start(), [], START
    for nth, pnl, days, regime in stream:
        at += timedelta(days=days / 10)
        learned, said = braiding.hear_outcome(
            learned, member=a_member(nth, pnl=pnl, at=at, regime=regime), at=at, policy=policy
        )
        braids += said
    return learned, braids


@given(STREAM)
def test_no_source_is_used_twice_a_level_and_the_same_stream_learns_the_same(stream):
    learned, braids = told(stream, POLICY)
    used = [(each["braid_level"], source["id"]) for each in braids for source in each["source_strands"]]
    assert len(used) == len(set(used))
    assert (learned, braids) == told(stream, POLICY)
    assert json.loads(json.dumps(learned, allow_nan=False)) == learned


@given(STREAM)
def test_what_is_kept_stays_bounded_whatever_is_heard(stream):
    small = LessonPolicy(max_clusters=2, max_members=4, max_heard=8, max_lessons=3)
    learned, _ = told(stream, small)
    assert len(learned["clusters"]) <= 2
    assert all(len(each["members"]) <= 4 for each in learned["clusters"].values())
    assert len(learned["heard"]) <= 8
    assert len(learned["lessons"]) <= 3


@given(STREAM)
def test_what_was_learned_before_is_never_changed_in_place(stream):
    learned, _ = told(stream, POLICY)
    before = json.dumps(learned)
    at = START + timedelta(days=1000)
    braiding.hear_outcome(learned, member=a_member(99, at=at), at=at, policy=POLICY)
    assert json.dumps(learned) == before


def test_a_source_older_than_the_window_teaches_nothing():
    learned, _ = taught(2)
    late = START + timedelta(days=31)
    learned, said = braiding.hear_outcome(learned, member=a_member(7, at=late), at=late, policy=POLICY)
    assert said == []
    assert [len(each["members"]) for each in learned["clusters"].values()] == [1]


def test_lessons_are_applied_where_they_belong_and_nowhere_else():
    learned, (braid,) = taught(5)
    here = application.applied(learned, situation=HERE, policy=POLICY)
    assert here.lessons == (braid["lesson_id"],)
    assert here.boost < 1
    assert here.size_factor == 1.0
    assert here.weighed({"dsi": 0.3, "regime": 0.1})["dsi"] < 0.3
    elsewhere = {**HERE, "symbol": "ETH-PERP", "regime": "trending_up"}
    assert application.applied(learned, situation=elsewhere, policy=POLICY).lessons == ()


def test_without_its_only_lesson_nothing_is_moved():
    learned, (braid,) = taught(5)
    others = application.applied(learned, situation=HERE, policy=POLICY).without()
    assert others[braid["lesson_id"]].boost == 1.0


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.5, 1.5)), max_size=20))
def test_a_boost_stays_within_its_bounds_and_counts_five_lessons_at_most(given_lessons):
    lessons = {
        f"L{nth}": {
            "module": "alpha",
            "columns": HERE,
            "standing": "active",
            "confidence": confidence,
            "recommendations": [{"type": "confidence_boost", "boost_factor": factor}],
        }
        for nth, (confidence, factor) in enumerate(given_lessons)
    }
    found = application.applied(
        {"lessons": lessons, "index": application.indexed(lessons)}, situation=HERE, policy=POLICY
    )
    assert POLICY.min_boost <= found.boost <= POLICY.max_boost
    assert len(set(found.lessons)) == len(found.lessons) <= 5


def test_switched_off_nothing_is_learned_and_nothing_applied():
    off = LessonPolicy(enabled=False)
    assert taught(9, policy=off) == (braiding.start(), [])
    assert not application.applied(taught(5)[0], situation=HERE, policy=off).lessons


def test_a_lesson_waits_for_a_person_where_people_decide():
    learned, (braid,) = taught(5, policy=LessonPolicy(activation="person"))
    assert braid["standing"] == "proposed"
    assert not application.applied(learned, situation=HERE, policy=POLICY).lessons
    verdict = {"lesson_id": braid["lesson_id"], "standing": "active", "by": "ada", "note": "seen it"}
    learned, (change,) = governance.decided(learned, verdict)
    assert (change["before"], change["standing"], change["cause"]) == ("proposed", "active", "person:ada")
    assert application.applied(learned, situation=HERE, policy=POLICY).lessons


def measured(gain: float, times: int):
    learned, (braid,) = taught(5)
    for _ in range(times):
        learned, (change,) = governance.measure(
            learned,
            lesson_id=braid["lesson_id"],
            with_pnl=gain,
            without_pnl=0.0,
            flipped=True,
            at=START,
            policy=POLICY,
        )
    return learned, change


def test_a_harmful_lesson_retires_with_a_note_and_stays_retired():
    assert measured(-0.001, 7)[1]["standing"] == "active"
    learned, change = measured(-0.001, 8)
    assert (change["standing"], change["before"]) == ("retired", "active")
    assert "cost" in change["note"]
    assert measured(-0.001, 20)[1]["standing"] == "retired"
    assert not application.applied(learned, situation=HERE, policy=POLICY).lessons


def test_a_lesson_that_helps_stays():
    assert measured(0.001, 50)[1]["standing"] == "active"


SOUND = {
    "title": "t",
    "description": "d",
    "conditions": {"regime": "ranging"},
    "recommendations": [],
    "confidence": 0.5,
}


def with_one(**recommendation):
    return {**SOUND, "recommendations": [{"because": "so", **recommendation}]}


def test_an_absurd_number_is_held_to_its_bound_and_noted():
    absurd = with_one(type="curator_weight_adjustment", curator_type="dsi", adjustment=1e9)
    found = lesson_json.read(absurd, bounds=POLICY)
    assert found.lesson.recommendations[0]["adjustment"] == 1.5
    assert any("held to 1.5" in note for note in found.notes)


def test_an_unknown_type_is_refused_and_the_rest_kept():
    found = lesson_json.read(with_one(type="buy_everything"), bounds=POLICY)
    assert (found.lesson.recommendations, len(found.notes)) == ((), 1)


@pytest.mark.parametrize(
    "poison",
    [
        {**SOUND, "confidence": float("nan")},
        {**SOUND, "confidence": True},
        {**SOUND, "title": "x" * 1_000_000},
        {**SOUND, "recommendations": "all"},
        "[" * 50_000,
        '{"confidence": 1e999}',
        b"bytes",
        None,
        {**SOUND, "title": "\ud800"},
        {**SOUND, "title": "a\x00b"},
    ],
)
def test_poison_is_refused_with_a_reason(poison):
    found = lesson_json.read(poison, bounds=POLICY)
    assert found.lesson is None
    assert found.notes


@pytest.mark.parametrize("pnl", [float("nan"), float("inf"), None, "1", True, 1e9])
def test_an_outcome_that_is_no_number_is_refused(pnl):
    with pytest.raises(outcome.Unreadable, match="pnl_percent"):
        an_outcome(pnl)
