"""Detection: does a bar speak for a long or a short, how surely and how strongly?

Long and short mirror each other: RSI about 50, and the signs of MACD, breakout and trend. The MACD histogram is
measured in ATRs, because in price units the same move saturates on one symbol and vanishes on another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from portfolio.plans.plan import Direction
from tradingops.modules.alpha import regimes
from tradingops.modules.alpha.policy import AlphaPolicy

#: Decimals of a score where it enters a payload.
SCORE_DECIMALS = 6

_NEEDED = ("close", "rsi_14", "macd_hist", "volume_ratio", "atr_14", "vol_20", "breakout")


@dataclass(frozen=True, slots=True)
class Measures:
    """The features that detection goes by, seen from one direction: whatever favours the direction is positive.

    ``rsi`` is the RSI of the mirrored market for a short; ``macd`` is the histogram in ATRs; ``breakout`` is the
    volume-bounded strength of a breakout in the direction, else 0.
    """

    direction: Direction
    rsi: float
    macd: float
    breakout: float
    volume_ratio: float
    regime: Direction | None


@dataclass(frozen=True, slots=True)
class Detection:
    """A direction that a bar speaks for; scores lie in [0, 1]."""

    direction: Direction
    score: float
    confidence: float
    strength: float
    met: tuple[str, ...]


def detect(features: Mapping[str, Any], policy: AlphaPolicy) -> Detection | None:
    """Return the direction that scores enough, the higher score where both do; None when neither or both alike."""
    found = [
        detection
        for direction in Direction
        if (detection := _detected(seen_from(features, direction), policy)) is not None
    ]
    if len(found) == 2:
        first, second = found
        if first.score == second.score:
            return None
        return first if first.score > second.score else second
    return found[0] if found else None


def is_complete(features: Mapping[str, Any]) -> bool:
    """Return whether every feature that detection needs is a finite number, and the ATR and close are above zero."""
    for name in _NEEDED:
        value = features.get(name)
        if value is None or not isfinite(value):
            return False
    return bool(features["atr_14"] > 0 and features["close"] > 0)


def finite(features: Mapping[str, Any]) -> dict[str, Any]:
    """Return the features with None for every number that JSON cannot hold."""
    return {
        name: None if isinstance(value, float) and not isfinite(value) else value for name, value in features.items()
    }


def seen_from(features: Mapping[str, Any], direction: Direction) -> Measures:
    """Return complete features seen from one direction."""
    sign = direction.sign
    rsi = features["rsi_14"]
    return Measures(
        direction=direction,
        rsi=rsi if sign > 0 else 100.0 - rsi,
        macd=sign * features["macd_hist"] / features["atr_14"],
        breakout=max(0.0, sign * features["breakout"]),
        volume_ratio=features["volume_ratio"],
        regime=regimes.trend_of(features.get("regime")),
    )


def conditions_met(measures: Measures, policy: AlphaPolicy) -> tuple[str, ...]:
    """Return the names of the conditions that a bar meets, in the order of their table."""
    oversold = policy.rsi_oversold if measures.direction is Direction.LONG else 100.0 - policy.rsi_overbought
    holds = {
        "rsi": measures.rsi < oversold,
        "macd": measures.macd > 0,
        "breakout": measures.breakout > 0,
        "volume": measures.volume_ratio >= policy.volume_spike,
        "regime": measures.regime is measures.direction,
    }
    return tuple(name for name, met in holds.items() if met)


def detection_score(met: tuple[str, ...], policy: AlphaPolicy) -> float:
    """Return the sum of weight times score over the conditions met, in [0, 1]."""
    parts: list[float] = [getattr(policy.weights, name) * getattr(policy.scores, name) for name in met]
    return round(sum(parts), SCORE_DECIMALS)


def confidence_of(measures: Measures, policy: AlphaPolicy) -> float:
    """Return the mean of (70 - RSI)/40, 10 histogram, breakout, (volume ratio - 1)/2 and regime, each in [0, 1]."""
    upper = policy.rsi_middle + policy.confidence_rsi_span / 2
    return _mean_of_clipped(
        (upper - measures.rsi) / policy.confidence_rsi_span,
        policy.confidence_macd * measures.macd,
        measures.breakout,
        (measures.volume_ratio - 1.0) / policy.confidence_volume_span,
        regime_part(measures.regime, measures.direction, policy),
    )


def strength_of(measures: Measures, policy: AlphaPolicy) -> float:
    """Return the mean of (50 - RSI)/50, 5 histogram, breakout and (volume ratio - 1)/3, each in [0, 1]."""
    return _mean_of_clipped(
        (policy.rsi_middle - measures.rsi) / policy.strength_rsi_span,
        policy.strength_macd * measures.macd,
        measures.breakout,
        (measures.volume_ratio - 1.0) / policy.strength_volume_span,
    )


def regime_part(regime: Direction | None, direction: Direction, policy: AlphaPolicy) -> float:
    """Return what a regime adds to the confidence in a direction, in [0, 1]."""
    if regime is None:
        return policy.regime_neutral
    return policy.regime_aligned if regime is direction else policy.regime_opposed


def _detected(measures: Measures, policy: AlphaPolicy) -> Detection | None:
    met = conditions_met(measures, policy)
    score = detection_score(met, policy)
    if score < policy.min_detection:
        return None
    confidence, strength = confidence_of(measures, policy), strength_of(measures, policy)
    return Detection(measures.direction, score, confidence, strength, met)


def _mean_of_clipped(*parts: float) -> float:
    return round(sum(min(max(part, 0.0), 1.0) for part in parts) / len(parts), SCORE_DECIMALS)
