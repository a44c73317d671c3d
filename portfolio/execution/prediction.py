"""What an order is expected to meet: the chance of a fill, the slippage, the latency."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portfolio import ledger
from portfolio.execution import order, slippage


@dataclass(frozen=True, slots=True)
class Prediction:
    """``fill_prob`` in [0, 1]; ``slip_bps`` against the expected price (negative: better); ``latency_ms``."""

    fill_prob: float
    slip_bps: float
    latency_ms: float

    def to_json(self) -> dict[str, Any]:
        """Return the payload column ``tr_predict``."""
        return {"fill_prob": self.fill_prob, "slip_bps": self.slip_bps, "latency_ms": self.latency_ms}


def taking(
    *, quantity: Decimal, depth: Decimal, spread_bps: Decimal, latency_ms: float, policy: slippage.SlippagePolicy
) -> Prediction:
    """Return what a marketable order meets: a sure fill at half the spread and the impact of its size."""
    moved = slippage.impact(quantity=quantity, depth=depth, policy=policy)
    slip = spread_bps / 2 + moved * slippage.BPS
    return Prediction(1.0, round(float(slip), 4), latency_ms)


def resting(
    *,
    side: order.Side,
    price: Decimal,
    expected: Decimal,
    quantity: Decimal,
    depth: Decimal,
    wait_seconds: float,
    decay_seconds: float,
    latency_ms: float,
) -> Prediction:
    """Return what an order away from the market meets.

    The chance of a fill is the share of the order that the depth covers, times ``exp(-wait / decay)``; the slippage is
    how far its own price lies from the expected one.
    """
    covered = min(1.0, float(depth / quantity)) if depth > 0 else 0.0
    away = ledger.QUOTIENT.divide((price - expected) * side.sign, expected) * slippage.BPS
    return Prediction(
        fill_prob=round(covered * math.exp(-wait_seconds / decay_seconds), 4),
        slip_bps=round(float(away), 4),
        latency_ms=latency_ms,
    )
