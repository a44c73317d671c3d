"""Patterns: pivots, the levels they form, breakouts through levels, and divergences of price and RSI.

A pivot is known only ``pivot_wing`` bars after it happened, and nothing here uses it earlier.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from strands.market import rolling
from strands.market.bar import Timeframe
from strands.market.rolling import Array

Places = NDArray[np.intp]


class PatternPolicy(BaseModel):
    """The numbers by which patterns are told.

    Tolerance and margin are given for bars of one hour. With ``scale_by_timeframe`` they shrink and grow with the
    square root of the bar's length, as a random walk's moves do, so that a breakout is the same surprise on every
    timeframe: 1 % on an hour is 0.13 % on a minute. The specification gives one number for all; this is our reading.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pivot_wing: int = Field(5, ge=1, le=50, description="bars on each side that a pivot exceeds [bars]")
    level_lookback: int = Field(100, ge=10, le=1000, description="how far back pivots form levels [bars]")
    level_touches: int = Field(2, ge=1, le=20, description="pivots that make a level [count]")
    level_tolerance: float = Field(
        0.02, gt=0, lt=0.5, description="pivots this near each other touch one level [fraction, 1h]"
    )
    breakout_margin: float = Field(0.01, gt=0, lt=0.5, description="close beyond the level [fraction, 1h]")
    breakout_volume: float = Field(1.5, ge=0, le=100, description="least volume of a breakout [times the 20-bar mean]")
    breakout_cap: float = Field(2.0, gt=0, le=100, description="most that volume adds to a breakout's strength [ratio]")
    divergence_lookback: int = Field(
        20, ge=2, le=500, description="most bars between the two pivots of a divergence [bars]"
    )
    scale_by_timeframe: bool = Field(
        True, description="scale tolerance and margin by the root of timeframe / 1h [yes/no]"
    )

    def scaled(self, fraction: float, timeframe: Timeframe) -> float:
        """Return a fraction given for one hour as it holds on another timeframe."""
        return fraction * sqrt(timeframe.seconds / Timeframe.H1.seconds) if self.scale_by_timeframe else fraction


def find(
    high: Array,
    low: Array,
    close: Array,
    volume_ratio: Array,
    rsi: Array,
    timeframe: Timeframe,
    policy: PatternPolicy,
) -> dict[str, Array]:
    """Return breakout (signed strength), the level it broke (NaN without one) and divergence (signed) of every bar."""
    tops, bottoms = pivots(high, policy.pivot_wing), pivots(-low, policy.pivot_wing)
    strength, level = np.zeros(len(close)), np.full(len(close), np.nan)
    up = _Side(tops, high[tops], 1, timeframe, policy)
    down = _Side(bottoms, low[bottoms], -1, timeframe, policy)
    for row in _candidates(close, volume_ratio, timeframe, policy):
        side = up if close[row] > close[row - 1] else down
        broken = side.broken(row, close[row - 1], close[row])
        if broken is not None:
            level[row] = broken
            strength[row] = side.sign * min(volume_ratio[row], policy.breakout_cap)
    diverged = _divergences(high, tops, rsi, policy) - _divergences(-low, bottoms, -rsi, policy)
    return {"breakout": strength, "breakout_level": level, "divergence": diverged}


def pivots(values: Array, wing: int) -> Places:
    """Return the rows that exceed the ``wing`` rows before them and are not exceeded by the ``wing`` rows after."""
    size = len(values) - 2 * wing
    if size <= 0:
        return np.empty(0, dtype=np.intp)
    centre = values[wing : wing + size]
    before = rolling.highest(values, wing)[wing - 1 : wing - 1 + size]
    after = rolling.highest(values, wing)[2 * wing : 2 * wing + size]
    return np.flatnonzero((centre > before) & (centre >= after)) + wing


def _candidates(close: Array, volume_ratio: Array, timeframe: Timeframe, policy: PatternPolicy) -> list[int]:
    """Return the few rows that move by the margin on enough volume: no other row can break a level."""
    moved = np.abs(rolling.ratio(close, rolling.lagged(close, 1)) - 1.0)
    margin = policy.scaled(policy.breakout_margin, timeframe)
    # Downwards a level is broken at level x (1 - margin), upwards at level x (1 + margin): both moves are >= this.
    least = margin / (1.0 + margin) * 0.999
    return np.flatnonzero((moved > least) & (volume_ratio >= policy.breakout_volume)).tolist()


class _Side:
    """The pivots of one side: tops resist upwards, bottoms support downwards."""

    def __init__(self, places: Places, prices: Array, sign: int, timeframe: Timeframe, policy: PatternPolicy) -> None:
        self.places, self.prices, self.sign, self.policy = places, prices, sign, policy
        self.tolerance = policy.scaled(policy.level_tolerance, timeframe)
        self.beyond = 1.0 + sign * policy.scaled(policy.breakout_margin, timeframe)

    def broken(self, row: int, before: float, close: float) -> float | None:
        """Return the farthest level between two closes that the second lies beyond by the margin, if there is one.

        A level is the price of a pivot that enough pivots of the lookback touch, itself counted.
        """
        oldest, newest = row - self.policy.level_lookback, row - self.policy.pivot_wing
        known = self.prices[np.searchsorted(self.places, oldest) : np.searchsorted(self.places, newest, side="right")]
        for level in sorted(self._crossed(known, before, close), reverse=self.sign > 0):
            touches = int((np.abs(known / level - 1.0) <= self.tolerance).sum())
            if touches >= self.policy.level_touches:
                return level
        return None

    def _crossed(self, levels: Array, before: float, close: float) -> list[float]:
        reached = (self.sign * before <= self.sign * levels) & (self.sign * close > self.sign * levels * self.beyond)
        found: list[float] = levels[reached].tolist()
        return found


def _divergences(values: Array, places: Places, rsi: Array, policy: PatternPolicy) -> Array:
    """Return, at the bar that confirms a pivot, how much lower its oscillator is than at the last pivot it exceeds.

    Given as a share of the oscillator's 100 points, negative; zero where price and oscillator agree.
    """
    out = np.zeros(len(values))
    earlier, later = places[:-1], places[1:]
    near = later - earlier <= policy.divergence_lookback
    change = (rsi[later] - rsi[earlier]) / 100.0
    disagree = near & (values[later] > values[earlier]) & (change < 0)
    out[later[disagree] + policy.pivot_wing] = change[disagree]
    return out
