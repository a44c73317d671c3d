"""Fusion: what the alphas of one symbol that still hold say together, seen from the plan that is being judged.

State, by symbol: one entry an alpha, oldest first. An alpha holds while its plan may be entered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import fsum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from portfolio.plans.plan import TradingPlan
from tradingops.modules.decision.shares import clamped, rounded

#: An alpha that still holds: plan_id, sign, sigma, confidence, until.
Alpha = Mapping[str, Any]
Alphas = Mapping[str, Sequence[Alpha]]


class AlphaFusionPolicy(BaseModel):
    """How the alphas of one symbol are taken together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    most_alphas: int = Field(16, ge=1, le=1000, description="alphas of a symbol that count at once [count]")


DEFAULT = AlphaFusionPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fused:
    """A plan's strength once the other alphas of its symbol were heard, in [0, 1].

    ``own`` is what its alpha said alone, ``mean`` the signed mean of all, positive for long.
    """

    sigma: float
    own: float
    mean: float
    parts: tuple[Alpha, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the strength, what it was before, and every alpha that had a say."""
        return {"sigma": self.sigma, "own": self.own, "mean": self.mean, "parts": [dict(each) for each in self.parts]}


def fuse(
    alphas: Alphas,
    plan: TradingPlan | None,
    *,
    sigma: float,
    confidence: float,
    now: datetime,
    policy: AlphaFusionPolicy = DEFAULT,
) -> tuple[dict[str, list[Alpha]], Fused]:
    """Return the alphas that hold with the plan's among them, and its strength among those of its symbol.

    ``mean = sum(sign sigma confidence) / sum(confidence)``; the plan is as strong as the mean is on its side, and no
    stronger than 0 where the others outweigh it. Alone, or where nobody is confident, it keeps its own strength. A
    plan that cannot be judged (None) joins nobody.
    """
    holding = pruned(alphas, now=now)
    if plan is None:
        return holding, Fused(sigma=clamped(sigma), own=clamped(sigma), mean=0.0, parts=())
    said: Alpha = {
        "plan_id": plan.plan_id,
        "sign": plan.direction.sign,
        "sigma": sigma,
        "confidence": confidence,
        "until": plan.valid_until.isoformat(),
    }
    others = [each for each in holding.get(plan.symbol, ()) if each["plan_id"] != plan.plan_id]
    together = [*others, said][-policy.most_alphas :]
    fused = _fused(together, said)
    # An alpha that was over before it was heard is judged with the others, and not kept.
    kept = together if plan.valid_until > now else others
    rest = {symbol: each for symbol, each in holding.items() if symbol != plan.symbol}
    joined = {**rest, plan.symbol: kept} if kept else rest
    return dict(sorted(joined.items())), fused


def pruned(alphas: Alphas, *, now: datetime) -> dict[str, list[Alpha]]:
    """Return the alphas that still hold at a moment, by symbol."""
    holding = {
        symbol: [each for each in said if datetime.fromisoformat(each["until"]) > now]
        for symbol, said in sorted(alphas.items())
    }
    return {symbol: said for symbol, said in holding.items() if said}


def _fused(together: Sequence[Alpha], said: Alpha) -> Fused:
    heard = fsum(each["confidence"] for each in together)
    own = clamped(said["sigma"])
    if heard <= 0 or len(together) == 1:
        return Fused(sigma=own, own=own, mean=rounded(said["sign"] * own), parts=tuple(together))
    # Shares first: the smallest confidences lose their digits when they are multiplied.
    mean = fsum(each["sign"] * each["sigma"] * (each["confidence"] / heard) for each in together)
    return Fused(sigma=clamped(said["sign"] * mean), own=own, mean=rounded(mean) + 0.0, parts=tuple(together))
