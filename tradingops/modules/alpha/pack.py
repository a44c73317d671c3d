"""The signal pack: everything that a signal was made of, for those who judge or learn from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portfolio.plans.plan import TradingPlan
from strands import ids
from strands.strand import Strand
from tradingops.modules.alpha.detection import Detection

PLAN_SIGNAL = "trading_plan"


def pack_of(bar: Strand, *, plan: TradingPlan, detection: Detection, processing: Mapping[str, Any]) -> dict[str, Any]:
    """Return the pack of the signal that a bar gave, as JSON."""
    features = bar.payload["md_features"]
    patterns = patterns_of(features)
    return {
        "pack_id": str(ids.uuid_of("pack", plan.plan_id)),
        "signal_id": plan.signal_id,
        "trading_plan_id": plan.plan_id,
        "signal_type": PLAN_SIGNAL,
        "direction": plan.direction.value,
        "pattern_detected": next(iter(patterns), None),
        "confidence_score": detection.confidence,
        "points_of_interest": points_of_interest(plan, features),
        "features": dict(features),
        "patterns": patterns,
        "regime": bar.regime,
        "market_context": dict(plan.market_context),
        "processing_metadata": dict(processing),
        "llm_format": in_words(plan, detection),
        "created_at": plan.created_at.isoformat(),
    }


def patterns_of(features: Mapping[str, Any]) -> dict[str, Any]:
    """Return the patterns that the features show, the most telling first."""
    found: dict[str, Any] = {}
    breakout, divergence = features.get("breakout") or 0.0, features.get("divergence") or 0.0
    if breakout:
        found["breakout"] = {"strength": breakout, "level": features.get("breakout_level")}
    if divergence:
        found["divergence"] = {"strength": divergence}
    return found


def points_of_interest(plan: TradingPlan, features: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the prices that matter to the plan, as decimal strings."""
    points = [
        {"type": "entry", "price": format(plan.entry_price, "f")},
        {"type": "stop_loss", "price": format(plan.stop_loss, "f")},
        {"type": "take_profit", "price": format(plan.take_profit, "f")},
    ]
    level = features.get("breakout_level")
    return points if level is None else [*points, {"type": "breakout_level", "price": str(level)}]


def in_words(plan: TradingPlan, detection: Detection) -> str:
    """Return the signal in a sentence, for readers that read words."""
    return (
        f"{plan.symbol} {plan.timeframe}: {plan.direction} at {plan.entry_price:f}, stop {plan.stop_loss:f}, "
        f"target {plan.take_profit:f} ({plan.risk_reward_ratio:g} to 1); strength {detection.strength:.2f}, "
        f"confidence {detection.confidence:.2f}; seen: {', '.join(detection.met)}; "
        f"size {plan.position_size:.2%} of value; valid until {plan.valid_until.isoformat()}."
    )
