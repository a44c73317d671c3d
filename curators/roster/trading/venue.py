"""The venue curator: whether there is a venue good enough, by its score and by how it did."""

from __future__ import annotations

from dataclasses import dataclass

from curators.curator import Inputs
from curators.roster.policy import VenueCuratorPolicy
from curators.roster.quality import Missing, Quality, QualityCurator, clamped


@dataclass(frozen=True)
class VenueCurator(QualityCurator):
    """Quality is the best venue's score, and the share of its executions that went well, shrunk towards a half."""

    policy: VenueCuratorPolicy
    name = "venue_curator"

    def quality(self, inputs: Inputs) -> Quality:
        venues = inputs["venues"]
        if not venues:
            raise Missing("venues: none is known; the curator cannot judge without one")
        name, score = venues[0][0], clamped(float(venues[0][1]))
        record = inputs["records"].get(name) or {"executions": 0, "successes": 0}
        prior = self.policy.shrinkage
        total = record["executions"] + prior
        success = (record["successes"] + prior / 2) / total if total else 0.5
        share = self.policy.record_share
        return Quality(
            value=(1 - share) * score + share * success,
            because=f"{name} scores {score:.2f} and did well {record['successes']} times of {record['executions']}",
            parts={"venue": name, "score": round(score, 6), "success": round(success, 6)},
        )
