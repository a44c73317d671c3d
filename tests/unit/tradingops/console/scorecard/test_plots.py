"""Plots of the scorecard: dots and lines lie where their numbers say, within the drawing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curators import calibration
from tradingops.console.scorecard import plots
from tradingops.console.scorecard.plots import BOTTOM, LEFT, LONG_BOTTOM, LONG_TOP, RIGHT, TOP, Point

T0 = datetime(2026, 1, 5, tzinfo=UTC)

outcomes = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60)
weights = st.lists(st.floats(0.05, 1.0), min_size=1, max_size=80)


def plot_of(pairs: list[tuple[float, bool]]) -> plots.Reliability:
    return plots.reliability(calibration.reliability(calibration.filled(pairs, count=10)))


def course_of(given: list[float], name: str = "") -> plots.Courses | None:
    return plots.courses({name: [Point(T0 + timedelta(hours=nth), each) for nth, each in enumerate(given)]})


def test_a_curator_that_knows_itself_lies_on_the_ideal_line():
    [dot] = plot_of([(0.75, True), (0.75, True), (0.75, True), (0.75, False)]).dots
    assert (dot.x - LEFT) / (RIGHT - LEFT) == pytest.approx((BOTTOM - dot.y) / (BOTTOM - TOP), abs=0.01)


@given(outcomes)
def test_every_dot_lies_within_the_axes_and_no_outcome_is_lost(pairs):
    plot = plot_of(pairs)
    assert all(LEFT <= dot.x <= RIGHT and TOP <= dot.y <= BOTTOM for dot in plot.dots)
    assert sum(n for _, n, _, _ in plot.rows) == len(pairs)


def test_the_dot_with_more_outcomes_is_larger():
    few, many = plot_of([(0.15, True), *[(0.85, True)] * 30]).dots
    assert few.radius < many.radius == plots.LARGEST


def test_without_an_outcome_the_plot_says_so():
    assert plot_of([]).told == "No outcome is known yet."


@given(weights)
def test_every_weight_lies_within_the_drawing(given):
    [line] = course_of(given).lines
    heights = [float(place.split(",")[1]) for place in line.points.split()]
    assert all(LONG_TOP - 0.1 <= height <= LONG_BOTTOM + 0.1 for height in heights)


def test_a_higher_weight_lies_higher():
    [line] = course_of([0.2, 0.4]).lines
    first, last = (float(place.split(",")[1]) for place in line.points.split())
    assert last < first


def test_a_single_weight_is_a_level_line():
    [line] = course_of([0.3]).lines
    (_, first), (_, last) = (place.split(",") for place in line.points.split())
    assert first == last


def test_only_as_many_lines_are_drawn_as_can_be_told_apart_the_most_moved_first():
    moved = {f"S{nth}": [Point(T0, 0.3), Point(T0 + timedelta(hours=1), 0.3 + nth / 100)] for nth in range(9)}
    drawn = plots.courses(moved)
    assert [line.name for line in drawn.lines] == ["S8", "S7", "S6", "S5", "S4", "S3"]
    assert drawn.left_out == 3


def test_without_a_weight_there_is_nothing_to_draw():
    assert plots.courses({}) is None
