"""The risk curator: what the stops of all plans together would lose."""

from __future__ import annotations

from dataclasses import dataclass

from curators.curator import Inputs
from curators.roster.policy import RiskCuratorPolicy
from curators.roster.quality import Quality, QualityCurator, number


@dataclass(frozen=True)
class RiskCurator(QualityCurator):
    """Quality is ``1 - ((portfolio risk + added risk) / max risk)^2``, and 0 beyond the most (semantics 1.3)."""

    policy: RiskCuratorPolicy
    name = "risk_curator"

    def quality(self, inputs: Inputs) -> Quality:
        held, added = number(inputs, "portfolio_risk"), number(inputs, "added_risk")
        share = (held + added) / self.policy.max_risk
        return Quality(
            value=0.0 if share > 1.0 else 1.0 - share**2,
            because=f"stops would lose {held + added:.3%} of value, of {self.policy.max_risk:.3%} at most",
            parts={"portfolio_risk": held, "added_risk": added, "max_risk": self.policy.max_risk},
        )
