"""The risk curator of the trader: what the risk manager says of the book."""

from __future__ import annotations

from dataclasses import dataclass

from curators.curator import Inputs
from curators.roster.policy import LevelCuratorPolicy
from curators.roster.quality import Missing, Quality, QualityCurator


@dataclass(frozen=True)
class LevelCurator(QualityCurator):
    """Quality is that of the risk manager's last level."""

    policy: LevelCuratorPolicy
    name = "risk_curator"

    def quality(self, inputs: Inputs) -> Quality:
        level = inputs.get("level")
        qualities = {"ok": self.policy.ok, "warning": self.policy.warning, "breach": self.policy.breach}
        if level not in qualities:
            raise Missing(f"level: {level!r} is none of {', '.join(qualities)}")
        return Quality(value=qualities[level], because=f"the book's risk is at {level}", parts={"level": level})
