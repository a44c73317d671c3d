"""The cost curator: what one side of a trade costs."""

from __future__ import annotations

from dataclasses import dataclass

from curators.curator import Inputs
from curators.roster.policy import CostCuratorPolicy
from curators.roster.quality import Quality, QualityCurator, number


@dataclass(frozen=True)
class CostCurator(QualityCurator):
    """Quality is 1 up to the cost that is still good, and falls to 0 at twice that."""

    policy: CostCuratorPolicy
    name = "cost_curator"

    def quality(self, inputs: Inputs) -> Quality:
        cost = number(inputs, "transaction_cost")
        return Quality(
            value=min(1.0, max(0.0, 2.0 - cost / self.policy.max_cost)),
            because=f"one side costs {cost:.3%}, {self.policy.max_cost:.3%} is still good",
            parts={"cost": cost, "max_cost": self.policy.max_cost},
        )
