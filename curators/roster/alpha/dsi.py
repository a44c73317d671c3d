"""The dsi curator: the evidence of the micro-structure."""

from __future__ import annotations

from dataclasses import dataclass

from curators.curator import Inputs
from curators.roster.policy import DsiCuratorPolicy
from curators.roster.quality import Quality, QualityCurator


@dataclass(frozen=True)
class DsiCurator(QualityCurator):
    """Quality is ``.6 (evidence + confirm) / 2 + .4 mean standing of the experts``; no evidence is no opinion."""

    policy: DsiCuratorPolicy
    name = "dsi"

    def quality(self, inputs: Inputs) -> Quality | None:
        found = inputs["evidence"]
        if found is None:
            return None
        standings = [said.confidence for said in found.experts.values()]
        standing = sum(standings) / len(standings) if standings else self.policy.unknown
        seen = (found.evidence + float(found.confirm)) / 2
        return Quality(
            value=self.policy.evidence_share * seen + self.policy.experts_share * standing,
            because=f"evidence {found.evidence:.2f}, {'confirmed' if found.confirm else 'not confirmed'}",
            parts={
                "evidence": round(found.evidence, 6),
                "confirm": found.confirm,
                "expert_performance": round(standing, 6),
            },
        )
