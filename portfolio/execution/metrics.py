"""How well an execution went: slippage, latency, adherence and the score they add up to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import pydantic
from pydantic import Field

from portfolio import ledger
from portfolio.execution import order, slippage


class ScorePolicy(pydantic.BaseModel):
    """What counts in an execution's score; the four weights are shares of one."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    slippage_weight: float = Field(0.3, ge=0, le=1, description="weight of a small slippage in the score")
    latency_weight: float = Field(0.2, ge=0, le=1, description="weight of a short latency in the score")
    adherence_weight: float = Field(0.3, ge=0, le=1, description="weight of filling the size that was asked")
    venue_weight: float = Field(0.2, ge=0, le=1, description="weight of the venue's own score")
    feedback_execution: float = Field(0.3, ge=0, le=1, description="weight of the execution score in the feedback")
    feedback_slippage: float = Field(0.2, ge=0, le=1, description="weight of a small slippage in the feedback")
    feedback_latency: float = Field(0.1, ge=0, le=1, description="weight of a short latency in the feedback")
    feedback_pnl: float = Field(0.3, ge=0, le=1, description="weight of what was earned in the feedback")
    feedback_venue: float = Field(0.1, ge=0, le=1, description="weight of the venue's score in the feedback")
    pnl_scale: float = Field(1000, gt=0, description="earnings that count as much, scaled by a sigmoid [currency]")


def slippage_bps(*, side: order.Side, expected: Decimal, actual: Decimal) -> float:
    """Return how much worse than expected a price was, in bps; negative where it was better.

    ``(actual - expected) / expected`` for a buy, its negative for a sell.
    """
    worse = ledger.QUOTIENT.divide((actual - expected) * side.sign, expected)
    return round(float(worse * slippage.BPS), 4)


def slippage_penalty(*, slip_bps: float, max_slippage: float) -> float:
    """Return 0 for no slippage up to 1 for the greatest accepted (a fraction of the price) and beyond."""
    return min(1.0, max(0.0, slip_bps) / float(slippage.BPS) / max_slippage)


def latency_penalty(*, latency_ms: float, max_latency_ms: float) -> float:
    """Return 0 up to the greatest accepted latency, then its excess as a share of it, at most 1."""
    return min(1.0, max(0.0, latency_ms - max_latency_ms) / max_latency_ms)


def adherence(*, asked: Decimal, done: Decimal) -> float:
    """Return ``1 - |asked - done| / asked``, at least 0."""
    return max(0.0, 1 - float(ledger.QUOTIENT.divide(abs(asked - done), asked))) if asked else 0.0


def score(
    *, slip_penalty: float, lat_penalty: float, adherence: float, venue_score: float, policy: ScorePolicy
) -> float:
    """Return the execution score in [0, 1]: ``.3 (1 - slip) + .2 (1 - latency) + .3 adherence + .2 venue``."""
    return round(
        policy.slippage_weight * (1 - slip_penalty)
        + policy.latency_weight * (1 - lat_penalty)
        + policy.adherence_weight * adherence
        + policy.venue_weight * venue_score,
        4,
    )


def feedback(
    *,
    execution_score: float,
    slip_penalty: float,
    latency_share: float,
    pnl: Decimal,
    venue_score: float,
    policy: ScorePolicy,
) -> float:
    """Return how well an execution served its plan, in [0, 1].

    ``.3 score + .2 (1 - slip) + .1 (1 - latency) + .3 sigmoid(pnl / 1000) + .1 venue``; ``latency_share`` is the
    latency as a share of the greatest accepted. What an entry earned is its fee, negative.
    """
    earned = 0.5 * (1 + math.tanh(float(pnl) / policy.pnl_scale / 2))
    return round(
        policy.feedback_execution * execution_score
        + policy.feedback_slippage * (1 - slip_penalty)
        + policy.feedback_latency * (1 - min(1.0, latency_share))
        + policy.feedback_pnl * earned
        + policy.feedback_venue * venue_score,
        4,
    )


class Totals:
    """The JSON of fills (``px qty fee latency_ms venue``) added up."""

    def __init__(self, fills: Iterable[Mapping[str, Any]]) -> None:
        self.quantity = self.notional = self.fees = ledger.ZERO
        self._by_venue: dict[str, Decimal] = {}
        self._latency = 0.0
        for each in fills:
            self._add(each)

    def _add(self, fill: Mapping[str, Any]) -> None:
        quantity = Decimal(fill["qty"])
        self.quantity = ledger.EXACT.add(self.quantity, quantity)
        self.notional = ledger.EXACT.add(self.notional, ledger.EXACT.multiply(quantity, Decimal(fill["px"])))
        self.fees = ledger.EXACT.add(self.fees, Decimal(fill.get("fee") or 0))
        self._by_venue[fill["venue"]] = self._by_venue.get(fill["venue"], ledger.ZERO) + quantity
        self._latency += float(quantity) * float(fill.get("latency_ms") or 0.0)

    @property
    def average_price(self) -> Decimal | None:
        """What one unit cost; None without a fill."""
        return ledger.QUOTIENT.divide(self.notional, self.quantity) if self.quantity else None

    @property
    def latency_ms(self) -> float | None:
        """The latency of the average unit; None without a fill."""
        return round(self._latency / float(self.quantity), 3) if self.quantity else None

    @property
    def venue(self) -> str | None:
        """The venue that filled most, the first by name among equals; None without a fill."""
        return min(self._by_venue, key=lambda name: (-self._by_venue[name], name), default=None)
