"""The divergence curator: price against RSI and MACD over the last bars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from curators import indicators
from curators.curator import Inputs
from curators.roster.alpha.pattern import SIGNS
from curators.roster.policy import DivergenceCuratorPolicy
from curators.roster.quality import Missing, Quality, QualityCurator


@dataclass(frozen=True)
class DivergenceCurator(QualityCurator):
    """Quality is a half, moved by half the mean divergence in the plan's direction; none is no opinion.

    The last bars are cut in two halves. A lower low of price at a higher indicator leads upwards, a higher high at a
    lower one downwards, by how far the indicator moved between the two. The documents name the indicators and give no
    formula.
    """

    policy: DivergenceCuratorPolicy
    name = "divergence"

    def quality(self, inputs: Inputs) -> Quality | None:
        policy, direction = self.policy, inputs.get("direction")
        if direction not in SIGNS:
            raise Missing(f"direction: {direction!r} is neither long nor short")
        closes = np.array([row[4] for row in inputs["tape"]], dtype=float)
        if len(closes) < policy.lookback + max(policy.slow, policy.rsi):
            return None
        if not np.isfinite(closes).all():
            raise Missing("tape: a close is no finite number; the curator cannot judge by it")
        lines = {
            "rsi": indicators.rsi(closes, policy.rsi),
            "macd": indicators.macd_histogram(
                closes, spans=(policy.fast, policy.slow, policy.signal), last=policy.lookback
            ),
        }
        scales = {"rsi": policy.rsi_scale, "macd": policy.macd_scale * float(lines["macd"].std())}
        found = {name: divergence(closes, line, policy.lookback, scales[name]) for name, line in lines.items()}
        if not any(found.values()):
            return None
        lean = SIGNS[direction] * sum(found.values()) / len(found)
        in_words = ", ".join(f"{name} {value:+.2f}" for name, value in found.items())
        return Quality(
            value=0.5 + lean / 2,
            because=f"price diverges from {in_words}",
            parts={name: round(value, 6) for name, value in found.items()},
        )


def divergence(closes: indicators.Series, line: indicators.Series, lookback: int, scale: float) -> float:
    """Return how an indicator leads, in [-1, 1]: positive for a low that it does not confirm, negative for a high."""
    if not scale > 0:
        return 0.0
    price, other = closes[-lookback:], line[-lookback:]
    half = lookback // 2
    lows = int(price[:half].argmin()), half + int(price[half:].argmin())
    highs = int(price[:half].argmax()), half + int(price[half:].argmax())
    lead = 0.0
    if price[lows[1]] < price[lows[0]]:
        lead += max(0.0, float(other[lows[1]] - other[lows[0]]))
    if price[highs[1]] > price[highs[0]]:
        lead -= max(0.0, float(other[highs[0]] - other[highs[1]]))
    return min(max(lead / scale, -1.0), 1.0)
