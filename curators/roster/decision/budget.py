"""The budget curator: how much of what may be spent is left."""

from __future__ import annotations

from dataclasses import dataclass

from curators.curator import Inputs
from curators.roster.policy import BudgetCuratorPolicy
from curators.roster.quality import Quality, QualityCurator, clamped, headroom, mean, number, rounded


@dataclass(frozen=True)
class BudgetCurator(QualityCurator):
    """Quality is the mean of what is granted, of the drawdown and of the concentration that are left."""

    policy: BudgetCuratorPolicy
    name = "budget_curator"

    def quality(self, inputs: Inputs) -> Quality:
        asked = number(inputs, "asked_size")
        parts = {
            "granted": clamped(number(inputs, "granted_size") / asked) if asked > 0 else 0.0,
            "drawdown": headroom(number(inputs, "drawdown"), number(inputs, "max_drawdown")),
            "concentration": headroom(number(inputs, "weight_after"), number(inputs, "max_concentration")),
        }
        told = ", ".join(f"{name} {part:.0%}" for name, part in parts.items())
        return Quality(value=mean(parts), because=f"of the budget is left: {told}", parts=rounded(parts))
