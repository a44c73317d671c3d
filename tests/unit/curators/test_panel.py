"""A panel folds opinions into one verdict that no single curator can run away with."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curators import panel
from curators.curator import Action, Inputs, Opinion


@dataclass
class Judge:
    """A curator that says what it was made to say, or raises it."""

    says: Any = None
    name: str = "risk_curator"
    kappa: float = 0.1
    weight: float = 0.3
    fails_closed: bool = False
    read: list[Inputs] = field(default_factory=list)

    def judge(self, inputs: Inputs) -> Opinion | None:
        self.read.append(inputs)
        if isinstance(self.says, Exception):
            raise self.says
        opinion: Opinion | None = self.says
        return opinion


def a_nudge(contribution: float, **said: Any) -> Opinion:
    return Opinion(action=Action.NUDGE, contribution=contribution, **said)


VETO, APPROVAL = Opinion(action=Action.VETO, reason="no"), Opinion(action=Action.APPROVE, contribution=9.0)

sigmas = st.floats(0, 1)
opinions = st.one_of(
    st.none(),
    st.builds(a_nudge, st.floats(allow_nan=True, allow_infinity=True)),
    st.sampled_from([VETO, APPROVAL]),
    st.builds(lambda text: RuntimeError(text), st.text()),
)
judges = st.builds(
    Judge,
    says=opinions,
    name=st.sampled_from("abc"),
    kappa=st.floats(allow_nan=True),
    weight=st.floats(allow_nan=True),
    fails_closed=st.booleans(),
)


def convene(*curators: Judge, sigma: float = 0.5, **options: Any) -> panel.Verdict:
    return panel.convene(curators, sigma=sigma, inputs={}, **options)


@given(sigmas)
def test_without_curators_the_score_is_untouched(sigma: float):
    verdict = convene(sigma=sigma)
    assert (verdict.curated, verdict.approved, verdict.to_json()) == (sigma, True, [])


@given(sigmas, st.lists(judges, max_size=4), st.dictionaries(st.sampled_from("abc"), st.floats(allow_nan=True)))
def test_whatever_curators_say_the_verdict_is_a_score_and_json(
    sigma: float, sat: list[Judge], weights: dict[str, float]
):
    verdict = panel.convene(sat, sigma=sigma, inputs={}, weights=weights)
    assert 0 <= verdict.curated <= 1
    assert abs(math.log(max(verdict.curated, 1e-9) / max(sigma, 1e-9))) <= panel.MAX_KAPPA * len(sat) + 1e-9
    assert len(verdict.hearings) == len(sat)
    json.dumps(verdict.to_json(), allow_nan=False)


def test_nudges_add_up_in_logarithms():
    verdict = convene(Judge(a_nudge(0.05)), Judge(a_nudge(-0.02)))
    assert verdict.curated == pytest.approx(0.5 * math.exp(0.03))


def test_a_nudge_beyond_kappa_is_clipped_to_it():
    assert convene(Judge(a_nudge(7.0))).curated == pytest.approx(0.5 * math.exp(0.1))


def test_no_curator_is_given_more_than_the_largest_kappa():
    assert convene(Judge(a_nudge(-7.0), kappa=3.0)).curated == pytest.approx(0.5 * math.exp(-0.15))


def test_a_curator_at_its_configured_weight_nudges_by_what_it_says():
    verdict = convene(Judge(a_nudge(0.04), weight=0.3), weights={"risk_curator": 0.3})
    assert verdict.hearings[0].contribution == pytest.approx(0.04)


def test_a_learned_weight_scales_the_nudge_and_the_result_is_clipped_again():
    weighed = [
        convene(Judge(a_nudge(0.04), weight=0.3), weights={"risk_curator": weight}).hearings[0].contribution
        for weight in (0.15, 0.6, 0.9)
    ]
    assert weighed == pytest.approx([0.02, 0.08, 0.1])


def test_a_veto_stops_the_plan_and_leaves_the_score():
    verdict = convene(Judge(a_nudge(0.1)), Judge(VETO, name="budget_curator"))
    assert (verdict.curated, verdict.approved) == (0.5, False)
    assert [each.curator for each in verdict.vetoes] == ["budget_curator"]


def test_an_approval_moves_nothing():
    assert convene(Judge(APPROVAL)).curated == 0.5


def test_an_abstention_is_recorded_and_moves_nothing():
    verdict = convene(Judge(None))
    assert (verdict.curated, verdict.hearings[0].voice) == (0.5, panel.Voice.ABSTAINED)


@pytest.mark.parametrize("says", [RuntimeError("broken"), a_nudge(math.nan), a_nudge(0.1, confidence=math.inf), "yes"])
def test_a_failing_curator_is_a_recorded_failure_and_not_an_approval(says: Any):
    verdict = convene(Judge(says), Judge(a_nudge(0.05), name="budget_curator"))
    assert [each.curator for each in verdict.failures] == ["risk_curator"]
    assert verdict.failures[0].reason
    assert (verdict.approved, verdict.curated) == (True, pytest.approx(0.5 * math.exp(0.05)))


def test_a_curator_that_fails_closed_stops_the_plan_by_failing():
    verdict = convene(Judge(RuntimeError("broken"), fails_closed=True))
    assert (verdict.approved, verdict.hearings[0].voice) == (False, panel.Voice.FAILED)


def test_a_plan_passes_from_the_publishing_score_on():
    assert [convene(sigma=sigma, publish_at=0.35).approved for sigma in (0.34, 0.35)] == [False, True]


def test_a_score_of_nothing_can_be_nudged_without_a_logarithm_of_zero():
    assert convene(Judge(a_nudge(0.1)), sigma=0.0).curated == pytest.approx(1e-9 * math.exp(0.1))


@pytest.mark.parametrize("sigma", [-0.1, 1.1, math.nan])
def test_a_sigma_that_is_no_score_is_refused(sigma: float):
    with pytest.raises(ValueError, match="sigma"):
        convene(sigma=sigma)


def test_every_curator_reads_the_same_inputs():
    sat = [Judge(None), Judge(None)]
    panel.convene(sat, sigma=0.5, inputs={"plan": 1})
    assert [judge.read for judge in sat] == [[{"plan": 1}], [{"plan": 1}]]
