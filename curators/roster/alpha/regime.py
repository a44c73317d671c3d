"""The regime curator: whether the market is in a state that plans do well in."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from curators.curator import Inputs
from curators.roster.policy import RegimeCuratorPolicy
from curators.roster.quality import Missing, Quality, QualityCurator, number
from strands.market.bar import Timeframe

SECONDS_AN_HOUR = 3600.0

_SECONDS = {each.value: each.seconds for each in Timeframe}


@dataclass(frozen=True)
class RegimeCurator(QualityCurator):
    """Quality is the regime's own, by its volatility, times how sure the regime is.

    The documents give volatilities without saying over what. A bar's never reach them, and at a day's nearly every
    range is too lively, so that a third of all plans would be stopped, more than the documents' own alarm allows. Four
    hours are about as long as a plan is held.
    """

    policy: RegimeCuratorPolicy
    name = "regime"

    def quality(self, inputs: Inputs) -> Quality:
        features, timeframe = inputs["features"], inputs.get("timeframe")
        if timeframe not in _SECONDS:
            raise Missing(f"timeframe: {timeframe!r} is none of {', '.join(_SECONDS)}")
        bars = self.policy.horizon_hours * SECONDS_AN_HOUR / _SECONDS[timeframe]
        volatility = number(features, "vol_20") * sqrt(bars)
        regime, sure = str(features.get("regime")), number(features, "regime_confidence")
        base = self._base(regime, volatility)
        return Quality(
            value=base * sure,
            because=f"{regime} is {sure:.0%} sure at a volatility of {volatility:.1%}",
            parts={"regime": regime, "confidence": sure, "volatility": round(volatility, 6), "base": base},
        )

    def _base(self, regime: str, volatility: float) -> float:
        """Return a regime's own quality: the first of its two where the volatility is what it should be."""
        policy = self.policy
        known = {
            "trending_up": (policy.trending, volatility > policy.lively),
            "trending_down": (policy.trending, volatility > policy.lively),
            "ranging": (policy.ranging, volatility < policy.lively),
            "ranging_volatile": (policy.volatile, volatility > policy.wild),
            "ranging_quiet": (policy.calm, volatility < policy.still),
        }
        if regime not in known:
            return policy.unknown
        (fitting, otherwise), fits = known[regime]
        return fitting if fits else otherwise
