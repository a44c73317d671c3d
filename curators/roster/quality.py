"""Quality: how good a plan is in one curator's eyes, and the opinion that follows from it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from curators.curator import Action, Inputs, Opinion
from curators.roster.policy import CuratorPolicy

DECIMALS = 6

#: Basis points in one.
BPS = 10_000


class Missing(ValueError):
    """A curator was not given a number that it judges by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """A quality between 0 and 1, what it was made of, and how to say it."""

    value: float
    because: str
    parts: Mapping[str, Any]


@dataclass(frozen=True)
class QualityCurator:
    """A curator that judges by one quality: too low stops the plan, high lets it be, between it nudges.

    Its confidence is how likely it thinks its own action to be right: a half where the quality says nothing, and the
    policy's most at the ends of the scale.
    """

    policy: CuratorPolicy
    name: ClassVar[str]

    @property
    def fails_closed(self) -> bool:
        return self.policy.fails_closed

    @property
    def kappa(self) -> float:
        return self.policy.kappa

    @property
    def weight(self) -> float:
        return self.policy.weight

    def quality(self, inputs: Inputs) -> Quality | None:
        """Return the quality of a plan, or None to abstain."""
        raise NotImplementedError

    def judge(self, inputs: Inputs) -> Opinion | None:
        """Return the opinion that the quality comes to; raises Missing for inputs that are no numbers."""
        found = self.quality(inputs)
        return None if found is None else opinion(found, self.policy)


def opinion(found: Quality, policy: CuratorPolicy) -> Opinion:
    """Return the opinion of a quality: a veto below its floor, approval above its ceiling, else a nudge."""
    value = round(clamped(found.value), DECIMALS)
    nudge = min(max((value - policy.neutral) * policy.slope, -policy.kappa), policy.kappa)
    action, limit = Action.NUDGE, f"neutral is {policy.neutral:g}"
    if value < policy.veto_below:
        action, nudge, limit = Action.VETO, 0.0, f"the least is {policy.veto_below:g}"
    elif value > policy.approve_above:
        action, nudge, limit = Action.APPROVE, 0.0, f"enough is {policy.approve_above:g}"
    span = max(policy.neutral, 1.0 - policy.neutral)
    return Opinion(
        action=action,
        contribution=min(max(round(nudge, DECIMALS), -policy.kappa), policy.kappa),
        confidence=round(0.5 + (policy.most_sure - 0.5) * min(1.0, abs(value - policy.neutral) / span), DECIMALS),
        reason=f"{found.because}: quality {value:.2f}, {limit}",
        evidence={"quality": value, **found.parts},
    )


def clamped(number: float) -> float:
    """Return a number between 0 and 1; raises Missing for one that is not finite."""
    if not math.isfinite(number):
        raise Missing(f"quality: {number!r} is no number")
    return min(max(number, 0.0), 1.0)


def number(inputs: Inputs, name: str) -> float:
    """Return a finite number among the inputs; raises Missing."""
    value = inputs.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Missing(f"{name}: {value!r} is no finite number; the curator cannot judge without it")
    return float(value)


def mean(parts: Mapping[str, float]) -> float:
    """Return the plain mean of parts."""
    return math.fsum(parts.values()) / len(parts)


def least(parts: Mapping[str, float]) -> float:
    """Return the least of parts: a limit that is used up is not made good by another that is not."""
    return min(parts.values())


def headroom(used: float, most: float) -> float:
    """Return the share of a limit that is left, between 0 and 1; of a limit of nothing, nothing."""
    if not used < most or most <= 0:
        return 0.0
    return 1.0 - max(used, 0.0) / most


def rounded(parts: Mapping[str, float]) -> dict[str, float]:
    """Return parts as they are kept."""
    return {name: round(part, DECIMALS) for name, part in parts.items()}
