"""The position curator: how large the position becomes."""

from __future__ import annotations

from dataclasses import dataclass

from curators.curator import Inputs
from curators.roster.policy import PositionCuratorPolicy
from curators.roster.quality import Quality, QualityCurator, clamped, number


@dataclass(frozen=True)
class PositionCurator(QualityCurator):
    """Quality is 1 up to the limit and falls to 0 at twice the limit; adding to what is held takes its factor."""

    policy: PositionCuratorPolicy
    name = "position_curator"

    def quality(self, inputs: Inputs) -> Quality:
        size, limit = number(inputs, "position_size"), number(inputs, "position_limit")
        held, sign = float(inputs["held"]), inputs["plan"].direction.sign
        adds = held * sign > 0
        value = clamped(2.0 - size / limit) if size > limit else 1.0
        return Quality(
            value=value * (self.policy.adding if adds else 1.0),
            because=f"the position takes {size:.2%} of value of {limit:.2%}{', beside what is held' if adds else ''}",
            parts={"position_size": size, "position_limit": limit, "held": held},
        )
