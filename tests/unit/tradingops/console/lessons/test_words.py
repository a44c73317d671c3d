"""Lessons in words: plain sentences for what is known, and something to read for whatever else is there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands.telling import Tone
from tradingops.console.lessons import plots, words

anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KINDS = ("curator_weight_adjustment", "threshold_adjustment", "confidence_boost", "risk_adjustment", "other")


@pytest.mark.parametrize(
    ("recommendation", "text"),
    [
        (
            {"type": "curator_weight_adjustment", "curator_type": "risk_curator", "adjustment": 1.1},
            "Let the risk curator count 10 % more.",
        ),
        (
            {"type": "threshold_adjustment", "threshold_type": "publish", "threshold_value": 0.4},
            "Set the publish threshold to 0.4.",
        ),
        (
            {"type": "confidence_boost", "condition": {"regime": "ranging_quiet"}, "boost_factor": 0.92},
            "Be 8 % less sure, where regime is ranging quiet.",
        ),
        ({"type": "confidence_boost", "boost_factor": 1.0}, "Be neither surer nor less sure."),
        ({"type": "risk_adjustment", "risk_type": "position_size", "risk_value": 0.8}, "Take 20 % less position size."),
        ({"type": "wait_longer", "bars": 3}, "wait longer: bars 3"),
    ],
)
def test_a_recommendation_is_a_sentence(recommendation, text):
    [told] = words.recommendations([{**recommendation, "because": "it paid"}])
    assert (told.text, told.because) == (text, "it paid")


@given(anything)
def test_a_lesson_of_another_make_gives_words_and_never_an_error(told):
    for kind in KINDS:
        words.recommendations([told, {"type": kind, "boost_factor": told, "adjustment": told, "condition": told}])
    words.conditions(told)
    words.effect(told)


def test_an_effect_is_what_came_with_it_less_what_would_have_come_without():
    effect = words.effect({"touched": 3, "flipped": 1, "with_pnl": 0.01, "without_pnl": 0.015})
    assert effect.gained == pytest.approx(-0.005)
    assert effect.tone is Tone.BAD
    assert effect.told == "3 decisions with a known result, 1 of them turned into their opposite."


def test_what_was_not_measured_is_not_zero():
    effect = words.effect({})
    assert (effect.gained, effect.mean, effect.tone) == (None, None, Tone.PLAIN)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=150))
def test_every_bar_lies_within_the_drawing_and_stands_on_the_line_of_nothing_won(results):
    plot = plots.bars(results)
    assert len(plot.bars) == min(len(results), plots.MOST)
    for bar in plot.bars:
        foot = bar.y + bar.height if bar.won else bar.y
        assert foot == pytest.approx(plot.zero, abs=0.02)
        assert -plots.LEAST - 0.02 <= bar.y <= plots.HEIGHT + 0.02
        assert 0 <= bar.x <= plots.WIDTH


def test_without_a_result_there_is_nothing_to_draw():
    assert plots.bars([]) is None
