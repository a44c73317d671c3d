"""The timeline has a line for all that judgement and learning say, whatever they wrote."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingops.console.showing import lifecycle_lines
from tradingops.console.showing.summaries import Tone

KINDS = ("curator_scores", "withheld", "counterfactual", "braid", "meta_braid", "meta2_braid", "lesson")
anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
TOLD: list[tuple[str, dict[str, Any], str, Tone]] = [
    (
        "curator_scores",
        {"scores": [{"correct": True}, {"correct": False}, {"correct": None}], "weights": [{}]},
        "1 of 2 curators were right · 1 weight moved",
        Tone.CALM,
    ),
    (
        "counterfactual",
        {"outcome": {"pnl_percent": 0.012, "close_reason": "take_profit"}},
        "would have come to +1.20 % · take profit",
        Tone.GOOD,
    ),
    (
        "counterfactual",
        {"outcome": {"pnl_percent": None, "close_reason": "never_entered"}},
        "would not have been entered: never entered",
        Tone.CALM,
    ),
    (
        "braid",
        {"lesson": {"title": "Longs paid"}, "strand_count": 5},
        "learned · Longs paid · from 5 members",
        Tone.GOOD,
    ),
    (
        "lesson",
        {"before": "active", "standing": "retired", "note": "it harms"},
        "lesson active → retired · it harms",
        Tone.CALM,
    ),
    ("lesson", {"before": "active", "standing": "active"}, "lesson active, measured again", Tone.CALM),
]


@pytest.mark.parametrize(("kind", "told", "text", "tone"), TOLD)
def test_a_strand_about_learning_is_a_line(kind, told, text, tone):
    line = lifecycle_lines.of(kind, {"lesson_metadata": told})
    assert (line.text, line.tone) == (text, tone)


def test_a_withheld_signal_says_how_strong_it_was():
    line = lifecycle_lines.of("withheld", {"sig_direction": "short", "sig_sigma": 0.5, "sig_confidence": 0.6})
    assert line.text == "short withheld · strength 0.50, confidence 0.60"


@given(st.sampled_from(KINDS), anything)
def test_a_strand_of_another_make_has_a_line_and_never_an_error(kind, told):
    odd = dict.fromkeys(("outcome", "scores", "lesson", "weights", "standing", "before", "note"), told)
    assert lifecycle_lines.of(kind, {"lesson_metadata": odd})
    assert lifecycle_lines.of(kind, {"lesson_metadata": told, "sig_direction": told})


def test_every_other_kind_is_left_to_the_summaries():
    assert lifecycle_lines.of("signal", {}) is None
