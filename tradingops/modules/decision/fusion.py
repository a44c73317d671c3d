"""Fusion: what the alphas of one symbol that still hold say together, seen from the plan that is being judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import fsum
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from portfolio.plans.plan import TradingPlan
from tradingops.modules.decision.shares import clamped, rounded


class AlphaFusionPolicy(BaseModel):
    """How the alphas of one symbol are taken together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    most_alphas: int = Field(16, ge=1, le=1000, description="alphas of a symbol that count at once [count]")


DEFAULT = AlphaFusionPolicy()


class Alpha(NamedTuple):
    """One plan's say: its side (+1 long, -1 short), strength and confidence; it holds while the plan may be entered."""

    plan_id: str
    sign: int
    sigma: float
    confidence: float
    until: datetime

    def to_json(self) -> dict[str, Any]:
        """Return the alpha under its names; ``load`` undoes it."""
        return {**self._asdict(), "until": self.until.isoformat()}


#: By symbol, oldest first.
Alphas = Mapping[str, tuple[Alpha, ...]]


def load(kept: Mapping[str, Any]) -> Alpha:
    """Return the alpha that ``to_json`` wrote."""
    return Alpha(**{**kept, "until": datetime.fromisoformat(kept["until"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fused:
    """A plan's strength among the other alphas of its symbol, in [0, 1].

    ``own`` is its alpha's strength alone, ``mean`` the signed mean of all, positive for long.
    """

    sigma: float
    own: float
    mean: float
    parts: tuple[Alpha, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the strength, what it was before, and every alpha that had a say."""
        parts = [each.to_json() for each in self.parts]
        return {"sigma": self.sigma, "own": self.own, "mean": self.mean, "parts": parts}


def fuse(
    alphas: Alphas,
    plan: TradingPlan | None,
    *,
    sigma: float,
    confidence: float,
    now: datetime,
    policy: AlphaFusionPolicy = DEFAULT,
) -> tuple[Alphas, Fused]:
    """Return the alphas that hold with the plan's among them, and its strength among those of its symbol.

    ``mean = sum(sign sigma confidence) / sum(confidence)``; the plan is as strong as the mean is on its side, and no
    stronger than 0 where the others outweigh it. Alone, or where nobody is confident, it keeps its own strength. A
    plan that cannot be judged (None) joins nobody.
    """
    holding = pruned(alphas, now=now)
    if plan is None:
        return holding, Fused(sigma=clamped(sigma), own=clamped(sigma), mean=0.0, parts=())
    own = Alpha(plan.plan_id, plan.direction.sign, sigma, confidence, plan.valid_until)
    others = tuple(each for each in holding.get(plan.symbol, ()) if each.plan_id != plan.plan_id)
    together = (*others, own)[-policy.most_alphas :]
    # One whose plan could no longer be entered when it came is judged with the others, and not remembered.
    left = together if plan.valid_until > now else others
    return _placed(holding, plan.symbol, left), _fused(together, own)


def pruned(alphas: Alphas, *, now: datetime) -> dict[str, tuple[Alpha, ...]]:
    """Return the alphas that still hold at a moment, by symbol."""
    holding = {symbol: tuple(alpha for alpha in each if alpha.until > now) for symbol, each in sorted(alphas.items())}
    return {symbol: each for symbol, each in holding.items() if each}


def _placed(holding: Alphas, symbol: str, left: tuple[Alpha, ...]) -> dict[str, tuple[Alpha, ...]]:
    rest = {other: each for other, each in holding.items() if other != symbol}
    return dict(sorted({**rest, symbol: left}.items())) if left else rest


def _fused(together: Sequence[Alpha], plan: Alpha) -> Fused:
    confidence = fsum(each.confidence for each in together)
    own = clamped(plan.sigma)
    if confidence <= 0 or len(together) == 1:
        return Fused(sigma=own, own=own, mean=rounded(plan.sign * own), parts=tuple(together))
    # Divided before it is multiplied: a product of the smallest confidences would lose its digits.
    mean = fsum(each.sign * each.sigma * (each.confidence / confidence) for each in together)
    return Fused(sigma=clamped(plan.sign * mean), own=own, mean=rounded(mean) + 0.0, parts=tuple(together))
