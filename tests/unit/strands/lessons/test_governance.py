"""Lessons come by what was learned and go by what they were worth."""

from datetime import UTC, datetime, timedelta

import pytest

from strands.lessons import braiding, governance, member, outcome
from strands.lessons.policy import LessonPolicy
from strands.lessons.writers.template import Template

NOON = datetime(2025, 6, 2, 12, tzinfo=UTC)
POLICY = LessonPolicy()


def known(*, standing="active", policy=POLICY):
    """Return what is learned by a module that has one lesson, and its id."""
    learned = braiding.start()
    braids = []
    for nth in range(8):
        told = {
            "plan_id": f"plan-{nth}",
            "actual": True,
            "pnl_percent": -0.01,
            "r_multiple": -1.0,
            "close_reason": "stop_loss",
            "closed_at": (NOON + timedelta(minutes=nth)).isoformat(),
        }
        one = member.of(
            "dm",
            subject_id=f"decision-{nth}",
            columns={"symbol": "BTCUSDT", "timeframe": "5m"},
            parts={"decision_quality": 0.9, "risk_assessment": 0.9},
            outcome=outcome.Outcome.from_json(told, policy=policy),
            policy=policy,
        )
        learned, more = braiding.hear_outcome(learned, member=one, at=NOON + timedelta(minutes=nth), policy=policy)
        braids += more
    lesson_id = braids[0]["lesson_id"]
    if standing != "active":
        learned, _ = governance.decided(
            learned, {"lesson_id": lesson_id, "standing": standing, "by": "ana"}, policy=policy
        )
    return learned, lesson_id


def measured(learned, lesson_id, gains, *, policy=POLICY):
    """Return what is learned, and every change, after results that the lesson moved by so much each."""
    changes = []
    for nth, gain in enumerate(gains):
        learned, more = governance.measure(
            learned,
            lesson_id=lesson_id,
            with_pnl=gain,
            without_pnl=0.0,
            flipped=True,
            at=NOON + timedelta(hours=nth),
            policy=policy,
        )
        changes += more
    return learned, changes


def retired(changes):
    return [each for each in changes if (each["before"], each["standing"]) == ("active", "retired")]


@pytest.mark.parametrize(
    ("gains", "word"),
    [
        ([-0.001] * 8, "cost"),
        ([0.0001, -0.0001] * 12, "gained nothing"),
        ([0.002] * 10 + [-0.0015] * 10, "harmful over the last"),
    ],
)
def test_a_lesson_goes_by_itself_once_it_is_known_to_be_worth_nothing(gains, word):
    _, changes = measured(*known(), gains)
    (gone,) = retired(changes)
    assert word in gone["note"]


@pytest.mark.parametrize("gains", [[-0.001] * 7, [0.001] * 40, [0.0] * 100, [0.002] * 10 + [0.0019] * 10])
def test_a_lesson_stays_while_it_helps_or_too_little_is_known(gains):
    _, changes = measured(*known(), gains)
    assert retired(changes) == []


def test_a_lesson_that_retired_is_measured_on_and_never_brought_back_by_the_machine():
    learned, lesson_id = known()
    learned, _ = measured(learned, lesson_id, [-0.001] * 8)
    learned, changes = measured(learned, lesson_id, [0.01] * 50)
    assert {each["standing"] for each in changes} == {"retired"}
    assert learned["lessons"][lesson_id]["standing"] == "retired"


def test_a_person_brings_a_retired_lesson_back():
    learned, lesson_id = known(standing="retired")
    verdict = {"lesson_id": lesson_id, "standing": "active", "by": "ana", "note": "the market has turned"}
    learned, (change,) = governance.decided(learned, verdict, policy=POLICY)
    assert (change["before"], change["standing"], change["cause"]) == ("retired", "active", "person:ana")


def test_where_a_person_decides_a_lesson_is_only_proposed():
    learned, lesson_id = known(policy=LessonPolicy(activation="person"))
    assert learned["lessons"][lesson_id]["standing"] == "proposed"


@pytest.mark.parametrize("standing", [None, "proposed", "loved", 7])
def test_a_verdict_that_names_no_standing_changes_nothing(standing):
    learned, lesson_id = known()
    assert governance.decided(learned, {"lesson_id": lesson_id, "standing": standing}, policy=POLICY) == (learned, [])


LOSSES = {
    "n": 8,
    "wins": 2,
    "pnl_sum": -0.05,
    "graded_sum": 2.0,
    "strength_won": 1.8,
    "strength_lost": 3.6,
    "actual": 8,
    "r": [0, 0.0],
    "reasons": {"stop_loss": 6, "take_profit": 2},
    "curators": {},
}


def recommended(module):
    """Return what losses teach a module, by type."""
    lesson = Template().write(module=module, columns={"symbol": "BTCUSDT"}, facts=LOSSES, policy=POLICY)
    return {each["type"]: each for each in lesson["recommendations"]}


@pytest.mark.parametrize("module", ["alpha", "dm", "trader"])
def test_losers_that_were_weaker_than_winners_raise_what_is_asked_for(module):
    threshold = recommended(module)["threshold_adjustment"]
    assert 0.6 < threshold["threshold_value"] <= 0.75
    assert "losers" in threshold["because"]


@pytest.mark.parametrize(
    ("module", "moved"),
    [("alpha", {"confidence_boost"}), ("dm", {"confidence_boost", "risk_adjustment"}), ("trader", set())],
)
def test_a_module_is_recommended_only_what_it_can_do(module, moved):
    assert set(recommended(module)) - {"threshold_adjustment"} == moved


def test_losses_teach_the_decision_maker_a_smaller_size():
    assert recommended("dm")["risk_adjustment"]["risk_value"] < 1
