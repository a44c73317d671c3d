"""The portfolio curator: what a plan does to correlation, concentration and value at risk."""

from __future__ import annotations

from dataclasses import dataclass

from curators.curator import Inputs
from curators.roster.policy import PortfolioCuratorPolicy
from curators.roster.quality import Quality, QualityCurator, headroom, least, number, rounded


@dataclass(frozen=True)
class PortfolioCurator(QualityCurator):
    """Quality is the least that is left of any limit; correlation is left out where nobody gave it."""

    policy: PortfolioCuratorPolicy
    name = "portfolio_curator"

    def quality(self, inputs: Inputs) -> Quality:
        parts = {
            "concentration": headroom(number(inputs, "hhi_after"), self.policy.max_hhi),
            "var": headroom(number(inputs, "var_after"), number(inputs, "max_var")),
        }
        if inputs.get("correlation") is not None:
            parts["correlation"] = headroom(abs(number(inputs, "correlation")), number(inputs, "max_correlation"))
        in_words = ", ".join(f"{name} {part:.0%}" for name, part in parts.items())
        return Quality(value=least(parts), because=f"the portfolio has room left: {in_words}", parts=rounded(parts))
