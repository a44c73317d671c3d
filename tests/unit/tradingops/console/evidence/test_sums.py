"""The sums of evidence: made again from what the experts said, whatever else is written there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curators.dsi import fusion
from curators.dsi.evidence import COLUMNS
from curators.dsi.expert import Expert, ExpertSaid
from curators.dsi.policy import FusionPolicy
from tradingops.console.evidence import plots, sums
from tradingops.console.showing import experts as read

shares = st.floats(0.01, 1.0).map(lambda each: round(each, 6))
experts = st.dictionaries(
    st.sampled_from([each.value for each in Expert]), st.tuples(shares, shares, shares), min_size=1
)
anything = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def payload(said: dict[str, tuple[float, float, float]]) -> dict[str, Any]:
    """Return what a signal carries of experts with evidence, confidence and weight."""
    judged = {name: ExpertSaid(evidence=e, confidence=c) for name, (e, c, _) in said.items()}
    weights = {name: weight for name, (_, _, weight) in said.items()}
    fused = fusion.fuse(judged, weights=weights, policy=FusionPolicy())
    columns = {column: judged[each].to_json() if each in judged else None for each, column in COLUMNS.items()}
    return {
        **columns,
        "mx_expert_weights": weights,
        "mx_evidence": fused.evidence,
        "mx_confidence": fused.confidence,
        "mx_confirm": fused.confirm,
        "mx_confidence_interval": list(fused.interval),
    }


@given(experts)
def test_the_sums_made_again_are_those_that_the_fusion_made(said):
    made = sums.sums(payload(said))
    assert made.agrees is True
    assert made.confidence_made_again == pytest.approx(made.confidence, abs=1e-5)
    assert {each.name for each in made.experts} == set(said)


def test_a_sum_that_is_not_what_was_said_is_told():
    told = {**payload({"grammar": (0.5, 0.5, 0.25)}), "mx_evidence": 0.9}
    assert sums.sums(told).agrees is False


def test_without_an_expert_nothing_is_made_again():
    made = sums.sums({"mx_evidence": 0.4})
    assert (made.made_again, made.confidence_made_again, made.agrees) == (None, None, None)


@given(st.dictionaries(st.sampled_from([*read.COLUMNS, "mx_expert_weights", "mx_confidence_interval"]), anything))
def test_evidence_of_another_make_gives_fewer_facts_and_never_an_error(told):
    sums.sums(told)


@pytest.mark.parametrize("told", [[0.2, 0.8], {"lower": 0.2, "upper": 0.8}])
def test_an_interval_is_read_whichever_way_it_is_told(told):
    assert sums.sums({"mx_confidence_interval": told}).interval == (0.2, 0.8)


def test_a_strip_is_broken_where_the_tape_says_nothing():
    nan = float("nan")
    strip = plots.strip("volume", [nan, 0.0, 1.0, nan, 0.5])
    assert [line.count(",") for line in strip.lines] == [2, 1]
    assert (strip.last, strip.told) == (0.5, "volume: from 0.00 to 0.50, 3 of 5 rows known")


def test_a_feature_that_is_absent_is_said_to_be():
    assert plots.strip("volume", [float("nan")] * 3).told == "volume: absent"
