"""The compliance curator: what may be traded at all."""

from __future__ import annotations

from dataclasses import dataclass

from curators.curator import Inputs
from curators.roster.policy import ComplianceCuratorPolicy
from curators.roster.quality import Quality, QualityCurator, number


@dataclass(frozen=True)
class ComplianceCurator(QualityCurator):
    """Quality is 1 for what keeps every rule, else 0."""

    policy: ComplianceCuratorPolicy
    name = "compliance_curator"

    def quality(self, inputs: Inputs) -> Quality:
        leverage = number(inputs, "exposure_after")
        broken = []
        if self.policy.symbols and inputs.get("symbol") not in self.policy.symbols:
            broken.append(f"symbol {inputs.get('symbol')} is not allowed")
        if inputs.get("direction") not in self.policy.directions:
            broken.append(f"direction {inputs.get('direction')} is not allowed")
        if leverage > self.policy.max_leverage:
            broken.append(f"exposure {leverage:.2f} is above {self.policy.max_leverage:.2f}")
        return Quality(
            value=0.0 if broken else 1.0,
            because="; ".join(broken) or "every rule is kept",
            parts={"broken": len(broken), "exposure_after": leverage},
        )
