"""The execution curator: what trading a plan costs, and whether the market can bear its size."""

from __future__ import annotations

from dataclasses import dataclass

from curators.curator import Inputs
from curators.roster.policy import ExecutionCuratorPolicy
from curators.roster.quality import Quality, QualityCurator, headroom, mean, number, rounded


@dataclass(frozen=True)
class ExecutionCurator(QualityCurator):
    """Quality is the mean of the round trip's cost against its most and against the target, and of the liquidity.

    Liquidity is left out where no volume is known.
    """

    policy: ExecutionCuratorPolicy
    name = "execution_curator"

    def quality(self, inputs: Inputs) -> Quality:
        cost = 2.0 * number(inputs, "transaction_cost") + number(inputs, "expected_slippage")
        target = number(inputs, "target_distance")
        parts = {
            "cost": headroom(cost, self.policy.max_cost),
            "cost_of_target": headroom(cost, self.policy.max_cost_of_target * target) if target > 0 else 0.0,
        }
        if inputs.get("volume_share") is not None:
            parts["liquidity"] = headroom(number(inputs, "volume_share"), number(inputs, "max_volume_share"))
        return Quality(
            value=mean(parts),
            because=f"a round trip costs {cost:.3%} of a target of {target:.3%}",
            parts={**rounded(parts), "round_trip": round(cost, 6)},
        )
