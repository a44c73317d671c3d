"""The execution curator of the trader: what an order is expected to meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curators.curator import Inputs
from curators.roster.policy import OrderCuratorPolicy
from curators.roster.quality import BPS, Quality, QualityCurator, clamped, headroom, mean, number, rounded


@dataclass(frozen=True)
class OrderCurator(QualityCurator):
    """Quality is the mean of slippage and latency against the greatest accepted, and of the chance of a fill."""

    policy: OrderCuratorPolicy
    name = "execution_curator"

    def quality(self, inputs: Inputs) -> Quality:
        predicted: Mapping[str, Any] = inputs["predict"]
        slip, latency = number(predicted, "slip_bps"), number(predicted, "latency_ms")
        parts = {
            "slippage": headroom(max(slip, 0.0) / BPS, number(inputs, "max_slippage")),
            "latency": headroom(latency, number(inputs, "max_latency_ms")),
            "fill": clamped(number(predicted, "fill_prob")),
        }
        return Quality(
            value=mean(parts),
            because=f"expected are {slip:.1f} bps, {latency:.0f} ms and a fill with {parts['fill']:.0%}",
            parts=rounded(parts),
        )
