"""Pivots are known late, levels need touches, and only a close through a level by the margin on volume breaks it."""

from __future__ import annotations

import numpy as np
import pytest

from strands.market import patterns
from strands.market.bar import Timeframe

POLICY = patterns.PatternPolicy()


def twin_peaks(*, last: float, ratio: float = 2.0, sign: int = 1) -> dict[str, np.ndarray]:
    """Return the patterns of a price at 100 with two peaks to 110 and a last close; ``sign`` -1 makes them valleys."""
    close = np.full(60, 100.0)
    close[[15, 30]] = 100.0 + sign * 10.0
    close[-1] = last
    high, low = close + 0.5, close - 0.5
    volume_ratio = np.ones(60)
    volume_ratio[-1] = ratio
    return patterns.find(high, low, close, volume_ratio, np.full(60, 50.0), Timeframe.H1, POLICY)


def test_a_pivot_exceeds_its_wings() -> None:
    values = np.array([1, 2, 3, 4, 5, 9, 5, 4, 3, 2, 1, 1.0])
    assert patterns.pivots(values, 5).tolist() == [5]


def test_of_two_equal_tops_the_first_is_the_pivot() -> None:
    values = np.array([1, 1, 7, 7, 1, 1, 1.0])
    assert patterns.pivots(values, 2).tolist() == [2]


def test_a_close_through_a_level_by_the_margin_on_volume_is_a_breakout() -> None:
    found = twin_peaks(last=112.0)
    assert (found["breakout"][-1], found["breakout_level"][-1]) == (2.0, 110.5)
    assert not found["breakout"][:-1].any()


def test_a_breakout_downwards_is_negative() -> None:
    found = twin_peaks(last=88.0, sign=-1)
    assert (found["breakout"][-1], found["breakout_level"][-1]) == (-2.0, 89.5)


@pytest.mark.parametrize(
    ("last", "ratio"), [(111.0, 2.0), (112.0, 1.4)], ids=["less than the margin", "less than the volume"]
)
def test_a_close_without_margin_or_volume_breaks_nothing(last: float, ratio: float) -> None:
    found = twin_peaks(last=last, ratio=ratio)
    assert found["breakout"][-1] == 0.0
    assert np.isnan(found["breakout_level"][-1])


def test_strength_is_the_volume_up_to_its_cap() -> None:
    assert twin_peaks(last=112.0, ratio=1.7)["breakout"][-1] == 1.7
    assert twin_peaks(last=112.0, ratio=9.0)["breakout"][-1] == POLICY.breakout_cap


def test_one_touch_makes_no_level() -> None:
    close = np.full(60, 100.0)
    close[30], close[-1] = 110.0, 112.0
    found = patterns.find(close, close, close, np.full(60, 2.0), np.full(60, 50.0), Timeframe.H1, POLICY)
    assert found["breakout"][-1] == 0.0


def test_tolerance_and_margin_shrink_with_the_root_of_the_timeframe() -> None:
    assert POLICY.scaled(0.01, Timeframe.H1) == 0.01
    assert POLICY.scaled(0.01, Timeframe.M15) == pytest.approx(0.005)
    assert patterns.PatternPolicy(scale_by_timeframe=False).scaled(0.01, Timeframe.M1) == 0.01


@pytest.mark.parametrize(("sign", "rsi", "expected"), [(1, (80.0, 60.0), -0.2), (-1, (20.0, 40.0), 0.2)])
def test_a_further_pivot_with_a_weaker_rsi_diverges(sign: int, rsi: tuple[float, float], expected: float) -> None:
    close, oscillator = np.full(60, 100.0), np.full(60, 50.0)
    close[20], close[35] = 100 + sign * 5, 100 + sign * 6
    oscillator[20], oscillator[35] = rsi
    found = patterns.find(close, close, close, np.ones(60), oscillator, Timeframe.H1, POLICY)
    assert found["divergence"][35 + POLICY.pivot_wing] == pytest.approx(expected)
    assert np.count_nonzero(found["divergence"]) == 1
