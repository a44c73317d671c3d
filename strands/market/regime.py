"""The regime: whether a market trends, ranges, and how restlessly."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from math import sqrt
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from strands.market import rolling
from strands.market.rolling import Array


class Regime(StrEnum):
    """What a market is doing; ``unknown`` until the longest window is full."""

    TRENDING_UP = "trending_up"
    TRENDING_DOWN = "trending_down"
    RANGING = "ranging"
    RANGING_VOLATILE = "ranging_volatile"
    RANGING_QUIET = "ranging_quiet"
    UNKNOWN = "unknown"


class RegimePolicy(BaseModel):
    """The numbers by which a regime is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weight_20: float = Field(0.5, ge=0, le=1, description="weight of the 20-bar return in the trend [share]")
    weight_50: float = Field(0.3, ge=0, le=1, description="weight of the 50-bar return in the trend [share]")
    weight_100: float = Field(0.2, ge=0, le=1, description="weight of the 100-bar return in the trend [share]")
    full_move: float = Field(
        1.5, gt=0, le=10, description="a return this many times what chance makes in its bars counts as 1 [deviations]"
    )
    trending: float = Field(0.6, gt=0, lt=1, description="trend beyond which the market trends [-1 to 1]")
    high_ratio: float = Field(1.5, gt=1, le=10, description="volatility or volume ratio that is high [ratio]")
    low_ratio: float = Field(0.5, gt=0, lt=1, description="volume ratio that is low [ratio]")
    quiet_volatility: float = Field(
        0.8, gt=0, lt=1, description="volatility ratio that is low in a quiet range [ratio]"
    )
    floor: float = Field(0.5, ge=0, le=1, description="confidence in any regime [share]")
    trend_share: float = Field(0.5, ge=0, le=1, description="confidence added for each unit of trend [share]")
    trend_cap: float = Field(0.3, ge=0, le=1, description="most confidence that the trend adds [share]")
    extreme_share: float = Field(0.1, ge=0, le=1, description="confidence added by a high or low ratio, each [share]")


class Judged(NamedTuple):
    """The regime of every bar."""

    trend: Array
    confidence: Array
    names: list[str]


def judge(numbers: Mapping[str, Array], policy: RegimePolicy) -> Judged:
    """Return trend (-1 to 1), confidence (0 to 1) and regime of every bar from its returns, volatilities and volume.

    The trend is the weighted sum of the 20-, 50- and 100-bar returns, each divided by what chance alone would make of
    it (``vol_100`` times the square root of its bars), by ``full_move``, and clipped to one: so it means the same on
    every symbol and timeframe.
    """
    trend = np.zeros(len(numbers["vol_100"]))
    for bars, weight in ((20, policy.weight_20), (50, policy.weight_50), (100, policy.weight_100)):
        trend += weight * _normalised(numbers[f"ret_{bars}"], numbers["vol_100"], bars, policy.full_move)
    volatility, volume = numbers["vol_ratio"], numbers["volume_ratio"]
    extremes = _extreme(volatility, policy).astype(float) + _extreme(volume, policy)
    confidence = policy.floor + np.minimum(policy.trend_share * np.abs(trend), policy.trend_cap)
    confidence = np.minimum(confidence + policy.extreme_share * extremes, 1.0)
    return Judged(trend, confidence, _names(trend, volatility, volume, policy))


def _normalised(returns: Array, volatility: Array, bars: int, full_move: float) -> Array:
    chance = volatility * (sqrt(bars) * full_move)
    share = np.where(returns == 0.0, 0.0, rolling.ratio(returns, chance))
    return np.clip(share, -1.0, 1.0)


def _extreme(ratio: Array, policy: RegimePolicy) -> np.ndarray:
    return (ratio > policy.high_ratio) | (ratio < policy.low_ratio)


def _names(trend: Array, volatility: Array, volume: Array, policy: RegimePolicy) -> list[str]:
    restless = (volatility > policy.high_ratio) & (volume > policy.high_ratio)
    quiet = (volatility < policy.quiet_volatility) & (volume < policy.low_ratio)
    cases = [
        (np.isnan(trend), Regime.UNKNOWN),
        (trend > policy.trending, Regime.TRENDING_UP),
        (trend < -policy.trending, Regime.TRENDING_DOWN),
        (restless, Regime.RANGING_VOLATILE),
        (quiet, Regime.RANGING_QUIET),
    ]
    order = [name for _, name in cases] + [Regime.RANGING]
    chosen = np.select([case for case, _ in cases], range(len(cases)), default=len(cases))
    names = [name.value for name in order]
    return [names[place] for place in chosen.tolist()]
