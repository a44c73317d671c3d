"""The pattern curator: what the last candlesticks say of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

from curators.curator import Inputs
from curators.roster.alpha import candles
from curators.roster.policy import PatternCuratorPolicy
from curators.roster.quality import Missing, Quality, QualityCurator

SIGNS = {"long": candles.LONG, "short": candles.SHORT}


@dataclass(frozen=True)
class PatternCurator(QualityCurator):
    """Quality is the mean of the shapes' own qualities under how clear each is; no shape is no opinion.

    A shape that leads the other way counts for what its quality lacks to 1.
    """

    policy: PatternCuratorPolicy
    name = "pattern"

    def quality(self, inputs: Inputs) -> Quality | None:
        direction = inputs.get("direction")
        if direction not in SIGNS:
            raise Missing(f"direction: {direction!r} is neither long nor short")
        found = [each for each in candles.found(inputs["tape"], self.policy) if each.sure > 0]
        if not found:
            return None
        total = fsum(each.sure for each in found)
        value = fsum(each.sure * self._worth(each, SIGNS[direction]) for each in found) / total
        return Quality(
            value=value,
            because=f"the last bars show {', '.join(each.name for each in found)}",
            parts={each.name: round(each.sure, 6) for each in found},
        )

    def _worth(self, pattern: candles.Pattern, sign: int) -> float:
        worth: float = getattr(self.policy, pattern.name)
        return 1.0 - worth if pattern.leads == -sign else worth
