"""Lessons move a confidence, never past certainty, and nothing learned moves nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands.lessons import lesson


@given(st.floats(0, 1))
def test_nothing_learned_changes_nothing(stated: float):
    assert lesson.NOTHING_LEARNED.confidence(stated) == stated


def test_nothing_learned_says_so():
    assert lesson.NOTHING_LEARNED.to_json() == {
        "lesson_enhanced": False,
        "lessons_applied": [],
        "confidence_boost": 1.0,
    }


@pytest.mark.parametrize(("stated", "boost", "expected"), [(0.6, 1.5, 0.9), (0.8, 1.5, 1.0), (0.8, 0.5, 0.4)])
def test_a_boost_multiplies_a_confidence_up_to_certainty(stated: float, boost: float, expected: float):
    assert lesson.Applied(boost=boost, lessons=("L1",)).confidence(stated) == pytest.approx(expected)


def test_applied_lessons_are_named():
    told = lesson.Applied(boost=1.2, lessons=("L1", "L2")).to_json()
    assert (told["lesson_enhanced"], told["lessons_applied"]) == (True, ["L1", "L2"])
