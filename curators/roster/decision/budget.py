"""The budget curator: how much of what may be spent is left."""

from __future__ import annotations

from dataclasses import dataclass

from curators.curator import Inputs
from curators.roster.policy import BudgetCuratorPolicy
from curators.roster.quality import Quality, QualityCurator, headroom, least, number, rounded


@dataclass(frozen=True)
class BudgetCurator(QualityCurator):
    """Quality is the least of what is granted (brakes and Kelly) and of what drawdown and concentration leave."""

    policy: BudgetCuratorPolicy
    name = "budget_curator"

    def quality(self, inputs: Inputs) -> Quality:
        asked = number(inputs, "asked_size")
        parts = {
            "granted": 1.0 - headroom(number(inputs, "granted_size"), asked) if asked > 0 else 0.0,
            "drawdown": headroom(number(inputs, "drawdown"), number(inputs, "max_drawdown")),
            "concentration": headroom(number(inputs, "weight_after"), number(inputs, "max_concentration")),
        }
        in_words = ", ".join(f"{name} {part:.0%}" for name, part in parts.items())
        return Quality(value=least(parts), because=f"of the budget is left: {in_words}", parts=rounded(parts))
