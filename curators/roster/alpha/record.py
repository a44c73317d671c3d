"""The two curators that read alpha's own record: evolution, and performance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curators.curator import Inputs
from curators.roster.policy import EvolutionCuratorPolicy, PerformanceCuratorPolicy
from curators.roster.quality import Quality, QualityCurator


@dataclass(frozen=True)
class EvolutionCurator(QualityCurator):
    """Quality is a half, moved by half the change of the win share lately against before, where that is a change."""

    policy: EvolutionCuratorPolicy
    name = "evolution"

    def quality(self, inputs: Inputs) -> Quality | None:
        record: Sequence[Sequence[Any]] = inputs["record"]
        if len(record) < 2 * self.policy.recent:
            return None
        lately, before = _share(record[-self.policy.recent :]), _share(record[: -self.policy.recent])
        change = lately - before
        if abs(change) <= self.policy.change:
            return None
        return Quality(
            value=0.5 + change / 2,
            because=f"{lately:.0%} of the last {self.policy.recent} plans won, {before:.0%} of those before",
            parts={"recent": round(lately, 6), "before": round(before, 6)},
        )


@dataclass(frozen=True)
class PerformanceCurator(QualityCurator):
    """Quality is the share of plans that won within the record's window, shrunk towards a half."""

    policy: PerformanceCuratorPolicy
    name = "performance"

    def quality(self, inputs: Inputs) -> Quality | None:
        record: Sequence[Sequence[Any]] = inputs["record"]
        if len(record) < self.policy.least:
            return None
        wins, prior = sum(row[1] for row in record), self.policy.shrinkage
        return Quality(
            value=(wins + prior / 2) / (len(record) + prior),
            because=f"{wins} of the last {len(record)} plans won",
            parts={"wins": wins, "outcomes": len(record)},
        )


def _share(rows: Sequence[Sequence[Any]]) -> float:
    return sum(row[1] for row in rows) / len(rows)
