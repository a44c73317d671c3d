"""A model's answer as a lesson: found, held to its shape, bounded, or refused."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands.lessons import lesson_json
from strands.lessons.outcome import Unreadable
from strands.lessons.writers.endpoint import answer
from strands.lessons.writers.endpoint.policy import WriterPolicy
from tests import endpoints, factories

POLICY = WriterPolicy()
GIVEN = factories.a_braid()["lesson"]
LESSON = endpoints.LESSON
TEXT = json.dumps(LESSON)

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(), parts, max_size=4),
    max_leaves=20,
)


def read(content: str) -> answer.Answer:
    return answer.read(content, given=GIVEN, policy=POLICY)


def changed(**parts: Any) -> answer.Answer:
    return read(json.dumps({**LESSON, **parts}))


def recommended(**parts: Any) -> answer.Answer:
    return changed(recommendations=[{"because": "It lost.", **parts}])


@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        f"\n  {TEXT}\n",
        f"```json\n{TEXT}\n```",
        f"Here is the lesson:\n\n```\n{TEXT}\n```\nI hope it helps.",
        f"The lesson is {TEXT} and that is all.",
        f'```json\n{{"thoughts": "first"}}\n```\nand then\n```json\n{TEXT}\n```',
    ],
)
def test_a_lesson_is_found_in_whatever_surrounds_it(content: str):
    assert read(content).lesson == LESSON
    assert read(content).notes == ()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "fewer than 50 characters"),
        ("{}" + " " * 100, "fewer than 50 characters"),
        ("I am sorry, but I cannot possibly comment on breakouts of any kind.", "no JSON object"),
        (f"[{TEXT}, {TEXT}]", "no JSON object"),
        (json.dumps({**LESSON, "title": 7}), "title: a text is wanted"),
        (json.dumps({**LESSON, "title": " \x00 "}), "title: a text is wanted"),
        (json.dumps({**LESSON, "recommendations": {"type": "none"}}), "recommendations: a list is wanted"),
        (json.dumps({**LESSON, "confidence": True}), "confidence: .* is no finite number"),
        (json.dumps({**LESSON, "confidence": None}), "confidence: .* is no finite number"),
    ],
)
def test_what_is_no_lesson_is_refused_with_the_field_and_the_rule(content: str, reason: str):
    with pytest.raises(Unreadable, match=reason):
        read(content)


@pytest.mark.parametrize(
    ("kind", "name", "number", "given_", "held"),
    [
        ("curator_weight_adjustment", "curator_type", "adjustment", 1e9, 1.5),
        ("curator_weight_adjustment", "curator_type", "adjustment", -1, 0.5),
        ("curator_weight_adjustment", "curator_type", "adjustment", 10**4000, 1.5),
        ("confidence_boost", "condition", "boost_factor", 0, 0.5),
        ("risk_adjustment", "risk_type", "risk_value", 2, 1.0),
        ("threshold_adjustment", "threshold_type", "threshold_value", 7, 0.9),
    ],
)
def test_a_number_beyond_its_bounds_is_held_to_them_with_a_note(
    kind: str, name: str, number: str, given_: float, held: float
):
    answered = recommended(**{"type": kind, name: "publish", number: given_})
    assert answered.lesson["recommendations"][0][number] == held
    assert answered.notes == (f"{number}: {str(given_)[:20]} is held to {held:g}",)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"type": "sell_everything"}, "type: one of"),
        ({"type": ["confidence_boost"]}, "type: one of"),
        (
            {"type": "risk_adjustment", "risk_type": "size", "risk_value": "small"},
            "risk_value: 'small' is no finite number",
        ),
        ({"type": "risk_adjustment", "risk_type": "size'; DROP", "risk_value": 1}, "risk_type: small letters"),
        ({"type": "risk_adjustment", "risk_value": 1}, "risk_type: small letters"),
        ({"type": "risk_adjustment", "risk_type": "size", "risk_value": 1, "because": ""}, "because: a text is wanted"),
    ],
)
def test_a_recommendation_that_is_none_is_left_out_and_the_rest_of_the_lesson_stays(parts: dict[str, Any], reason: str):
    answered = recommended(**parts)
    assert answered.lesson["recommendations"] == []
    (note,) = answered.notes
    assert note.startswith(f"recommendations[0]: refused, {reason}")


@pytest.mark.parametrize("condition", ["volume_ratio above 2", {"regime": "ranging", "trend": "up"}])
def test_a_boost_has_a_condition_in_words_or_in_columns(condition: Any):
    answered = recommended(type="confidence_boost", condition=condition, boost_factor=1.1)
    assert answered.lesson["recommendations"][0]["condition"] == condition


@pytest.mark.parametrize(
    "condition", [{"regime": ["ranging"]}, {"trend": 0.5}, {"Regime;": "x"}, {f"c{n}": "x" for n in range(11)}]
)
def test_a_condition_that_is_none_takes_its_recommendation_with_it(condition: Any):
    answered = recommended(type="confidence_boost", condition=condition, boost_factor=1.1)
    assert answered.lesson["recommendations"] == []
    assert "condition: a text, or columns" in answered.notes[0]


def test_a_model_cannot_say_that_a_lesson_applies_elsewhere():
    answered = changed(conditions={})
    assert answered.lesson["conditions"] == GIVEN["conditions"]
    assert answered.notes == ("conditions: those of the cluster hold",)


def test_a_model_may_doubt_and_not_be_surer_than_the_members_allow():
    assert changed(confidence=0.2).lesson["confidence"] == 0.2
    assert changed(confidence=1).lesson["confidence"] == GIVEN["confidence"]


def test_what_nobody_asked_for_is_left_out():
    answered = changed(standing="active", lesson_id="L0")
    assert answered.lesson == LESSON
    assert answered.notes == ("left out lesson_id, standing",)


def test_texts_and_lists_are_cut_with_a_note():
    answered = changed(description="x" * 1_000_000, recommendations=LESSON["recommendations"] * 1000)
    assert len(answered.lesson["description"]) == POLICY.text_length
    assert len(answered.lesson["recommendations"]) == POLICY.max_recommendations
    assert len(answered.notes) == 2


def test_letters_that_no_database_keeps_and_no_eye_sees_are_taken_out():
    answered = changed(title="Break\x00outs \ud800fail\u202e\x1b[31m", description="One line.\nAnother line.")
    assert answered.lesson["title"] == "Breakouts fail[31m"
    assert answered.lesson["description"] == "One line.\nAnother line."


@given(_json)
def test_whatever_json_an_answer_is_it_is_a_bounded_lesson_or_nonsense(value: Any):
    _sound(json.dumps(value))


@given(st.fixed_dictionaries(dict.fromkeys(LESSON, _json)))
def test_whatever_the_parts_of_a_lesson_are_it_is_bounded_or_nonsense(value: dict[str, Any]):
    _sound(json.dumps(value))


@given(
    st.lists(
        st.fixed_dictionaries({"type": st.sampled_from(list(lesson_json.SHAPES)), "because": st.text()}), max_size=3
    ),
    _json,
)
def test_whatever_a_recommendation_holds_it_is_bounded_or_left_out(recommendations: list[dict[str, Any]], part: Any):
    parts = ("curator_type", "threshold_type", "condition", "risk_type")
    numbers = ("adjustment", "threshold_value", "boost_factor", "risk_value")
    full = [{**dict.fromkeys(parts, "publish"), **dict.fromkeys(numbers, part), **each} for each in recommendations]
    _sound(json.dumps({**LESSON, "recommendations": full}))


@given(st.text())
def test_whatever_text_an_answer_is_it_is_a_bounded_lesson_or_nonsense(content: str):
    _sound(content)


def _sound(content: str) -> None:
    try:
        answered = read(content)
    except Unreadable:
        return
    assert set(answered.lesson) == set(LESSON)
    assert 0 <= answered.lesson["confidence"] <= GIVEN["confidence"]
    for each in answered.lesson["recommendations"]:
        shape = lesson_json.SHAPES[each["type"]]
        assert math.isfinite(each[shape.number])
        assert 0 <= each[shape.number] <= POLICY.max_factor
    # What an endpoint keeps, the module that hears of it keeps as it is.
    heard = lesson_json.read(answered.lesson, bounds=POLICY)
    assert (heard.lesson and heard.lesson.to_json(), heard.notes) == (answered.lesson, ())
    kept = json.dumps(answered.to_json(), allow_nan=False, ensure_ascii=False)
    assert "\x00" not in kept.encode().decode()
