"""Calibration tells whether a curator that says 70 % is right seven times in ten."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curators import calibration

outcomes = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60)


def test_brier_is_the_squared_distance_from_what_happened() -> None:
    assert calibration.brier(0.7, right=True) == pytest.approx(0.09)
    assert calibration.brier(0.7, right=False) == pytest.approx(0.49)
    assert calibration.brier(1.0, right=True) == 0.0
    assert calibration.brier(1.0, right=False) == 1.0


@pytest.mark.parametrize("confidence", [-0.1, 1.1, math.nan, math.inf])
def test_a_confidence_that_is_no_share_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match=r"confidence: .* lies outside 0 to 1"):
        calibration.brier(confidence, right=True)
    with pytest.raises(ValueError, match=r"confidence: .* lies outside 0 to 1"):
        calibration.added(calibration.empty(10), confidence=confidence, right=True)


def test_the_expected_error_is_the_one_computed_by_hand() -> None:
    # Bin 0.7-0.8: three at 0.75, two right: gap 0.25/3 of 3. Bin 0.2-0.3: two at 0.2, one right: gap 0.3 of 2.
    told = [(0.75, True), (0.75, True), (0.75, False), (0.2, True), (0.2, False)]
    bins = calibration.filled(told, count=10)
    assert calibration.expected_error(bins) == pytest.approx((abs(2.25 - 2) + abs(0.4 - 1)) / 5)
    assert calibration.calibration(bins, unknown=0.5) == pytest.approx(1 - 0.17)


def test_nothing_is_known_of_a_curator_without_outcomes() -> None:
    assert calibration.expected_error(calibration.empty(10)) is None
    assert calibration.calibration(calibration.empty(10), unknown=0.5) == 0.5


def test_an_edge_belongs_to_the_upper_bin_and_one_to_the_last() -> None:
    assert [tally[0] for tally in calibration.filled([(0.5, True), (1.0, True)], count=4)] == [0, 0, 1, 1]


def test_the_diagram_states_mean_confidence_share_right_and_gap() -> None:
    empty, sure = calibration.reliability(calibration.filled([(0.9, True), (0.7, False)], count=2))
    assert (empty.n, empty.confidence, empty.share_right, empty.gap) == (0, None, None, 0.0)
    assert (sure.lower, sure.upper, sure.n) == (0.5, 1.0, 2)
    assert (sure.confidence, sure.share_right) == (pytest.approx(0.8), 0.5)
    assert sure.gap == pytest.approx(0.3)


def test_one_more_outcome_leaves_the_bins_before_as_they_were() -> None:
    before = calibration.empty(10)
    calibration.added(before, confidence=0.3, right=True)
    assert before == calibration.empty(10)


@given(outcomes)
def test_calibration_is_a_share_and_no_outcome_is_lost(told: list[tuple[float, bool]]) -> None:
    bins = calibration.filled(told, count=10)
    assert sum(each.n for each in calibration.reliability(bins)) == len(told)
    assert 0.0 <= calibration.calibration(bins, unknown=0.5) <= 1.0
    assert json.loads(json.dumps(bins)) == bins


@given(outcomes, st.randoms(use_true_random=False))
def test_the_order_of_outcomes_does_not_matter(told: list[tuple[float, bool]], dice: object) -> None:
    shuffled = list(told)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = calibration.filled(told, count=10), calibration.filled(shuffled, count=10)
    assert [tally[0::2] for tally in one] == [tally[0::2] for tally in other]
    assert [tally[1] for tally in one] == pytest.approx([tally[1] for tally in other], abs=1e-4)
