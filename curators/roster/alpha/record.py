"""The two curators that read alpha's own record: evolution, and performance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import fsum, tanh
from typing import Any

from curators.curator import Inputs
from curators.roster.policy import EvolutionCuratorPolicy, PerformanceCuratorPolicy
from curators.roster.quality import Missing, Quality, QualityCurator

#: closed at, whether it won, what it came to in multiples of its risk, how sure the signal was
Row = Sequence[Any]


@dataclass(frozen=True)
class EvolutionCurator(QualityCurator):
    """Quality is a half, moved by half the relative change of the win share lately against before.

    A change too small to speak of is no opinion, and so is too short a record.
    """

    policy: EvolutionCuratorPolicy
    name = "evolution"

    def quality(self, inputs: Inputs) -> Quality | None:
        record = _within(inputs, days=self.policy.window_days)
        if len(record) < 2 * self.policy.recent:
            return None
        lately, before = _share(record[-self.policy.recent :]), _share(record[: -self.policy.recent])
        change = (lately - before) / max(before, 1.0 / len(record))
        if abs(change) <= self.policy.change:
            return None
        return Quality(
            value=0.5 + change / 2,
            because=f"{lately:.0%} of the last {self.policy.recent} plans won, {before:.0%} of those before",
            parts={"recent": round(lately, 6), "before": round(before, 6), "change": round(change, 6)},
        )


@dataclass(frozen=True)
class PerformanceCurator(QualityCurator):
    """Quality is ``.5 + .5 tanh(mean R)``, R in multiples of the risk and shrunk towards nothing: .5 breaks even.

    A share of wins would not do: plans that earn twice what they risk may lose more often than not.
    """

    policy: PerformanceCuratorPolicy
    name = "performance"

    def quality(self, inputs: Inputs) -> Quality | None:
        record = _within(inputs, days=self.policy.window_days)
        if len(record) < self.policy.least:
            return None
        mean = fsum(row[2] for row in record) / (len(record) + self.policy.shrinkage)
        wins = sum(row[1] for row in record)
        return Quality(
            value=0.5 + 0.5 * tanh(mean),
            because=f"the last {len(record)} plans came to {mean:+.2f} R each, {wins} won",
            parts={"wins": wins, "outcomes": len(record), "mean_r": round(mean, 6)},
        )


def _within(inputs: Inputs, *, days: int) -> list[Row]:
    at = inputs["at"]
    if not isinstance(at, datetime):
        raise Missing(f"at: {at!r} is no moment; the curator cannot tell what is lately")
    since = (at - timedelta(days=days)).isoformat()
    return [row for row in inputs["record"] if row[0] >= since]


def _share(rows: Sequence[Row]) -> float:
    return fsum(row[1] for row in rows) / len(rows)
