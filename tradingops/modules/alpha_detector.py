"""The alpha detector: hears bars, and answers with signals that carry a complete trading plan, and with anomalies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from portfolio.plans.plan import TradingPlan
from strands import tags
from strands.strand import Strand
from strands.wire import State
from tradingops.modules import policy as policies
from tradingops.modules.alpha import anomalies, confirmation, detection, events, pack, plan_making, slots, voices
from tradingops.modules.alpha.policy import AlphaPolicy

NAME = "alpha"
VERSION = "1"

_FEEDBACK = frozenset({"feedback", "execution", "position"})
_SILENCE: Sequence[Strand] = ()


class AlphaDetector:
    """One symbol's detector; its state is the slots its signals hold and the policy it was told."""

    name = NAME
    version = VERSION

    def __init__(self, policy: AlphaPolicy | None = None) -> None:
        self.policy = policy or AlphaPolicy()

    def start(self, partition: str) -> State:
        """Return the state before anything was heard."""
        return {**slots.empty(), policies.OVERRIDES: {}}

    def handle(self, state: State, strand: Strand, now: datetime) -> tuple[State, Sequence[Strand]]:
        """Return the state after hearing a strand, and what it gives: signals and anomalies, else nothing."""
        if strand.kind == "bar":
            return self._bar(state, strand, now)
        if strand.kind in _FEEDBACK:
            return slots.heard(state, strand, now, policies.effective(self.policy, state)), _SILENCE
        if strand.kind == policies.KIND:
            return policies.changed(self.policy, state, strand), _SILENCE
        return state, _SILENCE

    def _bar(self, state: State, bar: Strand, now: datetime) -> tuple[State, Sequence[Strand]]:
        features = bar.payload.get("md_features")
        if not features:
            return state, _SILENCE
        policy = policies.effective(self.policy, state)
        strange = anomalies.seen_in(bar.payload["md_bar"], features, policy.anomalies)
        # Hardly a bar breaks a level, and without one most policies cannot detect: this is the way nearly all bars go.
        if not strange and not features.get("breakout") and policy.needs_breakout:
            return state, _SILENCE
        told = [_anomaly(bar, each, nth) for nth, each in enumerate(strange)]
        sound = replace(bar, payload={**bar.payload, "md_features": detection.finite(features)})
        after, signal = _signal(state, sound, now, policy)
        return after, told if signal is None else [*told, signal]


def _signal(state: State, bar: Strand, now: datetime, policy: AlphaPolicy) -> tuple[State, Strand | None]:
    """Return the state and the signal that a bar gives; the same state and None where it gives none."""
    found = _found(state, bar, now, policy)
    if found is None:
        return state, None
    said = voices.SILENT
    if voices.curated_strength(found.strength, said) < policy.publish_threshold:
        return state, None
    metadata = _metadata(found, bar.payload["md_features"], policy)
    plan = plan_making.make_plan(bar, detection=found, voices=said, metadata=metadata, policy=policy, now=now)
    if plan is None:
        return state, None
    after = slots.taken(state, plan_id=plan.plan_id, timeframe=plan.timeframe, until=plan.valid_until, now=now)
    payload = _payload(bar, plan=plan, found=found, said=said, policy=policy)
    return after, bar.answer(module=NAME, kind="signal", tags=(tags.EVALUATE_PLAN,), payload=payload)


def _found(state: State, bar: Strand, now: datetime, policy: AlphaPolicy) -> detection.Detection | None:
    """Return what a bar speaks for, once every filter has let it pass."""
    features = bar.payload["md_features"]
    if not detection.is_complete(features):
        return None
    found = detection.detect(features, policy)
    if found is None or not _is_good_enough(found, features, policy):
        return None
    if _confirmation(found, features, policy) < policy.min_confirmation:
        return None
    return found if slots.may_speak(state, bar.timeframe or "", now, policy) else None


def _is_good_enough(found: detection.Detection, features: Mapping[str, Any], policy: AlphaPolicy) -> bool:
    return (
        found.confidence >= policy.min_confidence
        and found.strength >= policy.min_strength
        and features["volume_ratio"] >= policy.min_volume_ratio
        and quality_of(found, features["volume_ratio"], policy) >= policy.min_quality
    )


def _confirmation(found: detection.Detection, features: Mapping[str, Any], policy: AlphaPolicy) -> float:
    return confirmation.confirmed_share(features.get("votes") or {}, found.direction, policy)


def quality_of(found: detection.Detection, volume_ratio: float, policy: AlphaPolicy) -> float:
    """Return ``0.4 confidence + 0.3 strength + 0.3 min(volume ratio, 2)``, in [0, 1.3]."""
    volume = min(volume_ratio, policy.quality_volume_cap)
    return round(
        policy.quality_confidence * found.confidence
        + policy.quality_strength * found.strength
        + policy.quality_volume * volume,
        detection.SCORE_DECIMALS,
    )


def _payload(
    bar: Strand, *, plan: TradingPlan, found: detection.Detection, said: voices.Voices, policy: AlphaPolicy
) -> dict[str, Any]:
    """Return the columns of a signal."""
    features = bar.payload["md_features"]
    return {
        "sig_sigma": found.strength,
        "sig_confidence": found.confidence,
        "sig_direction": found.direction.value,
        "trading_plan": plan.to_payload(),
        "signal_pack": pack.pack_of(bar, plan=plan, detection=found, processing=plan.signal_metadata),
        "regime_context": _regime_context(features),
        "event_context": events.context_of(bar.payload["md_bar"], features, found.direction, policy),
        "module_intelligence": {"module": NAME, "version": VERSION, **said.to_payload()},
    }


def _metadata(found: detection.Detection, features: Mapping[str, Any], policy: AlphaPolicy) -> dict[str, Any]:
    return {
        "detection_score": found.score,
        "conditions_met": list(found.met),
        "confidence": found.confidence,
        "confirmation": _confirmation(found, features, policy),
        "quality": quality_of(found, features["volume_ratio"], policy),
    }


def _regime_context(features: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "regime": features.get("regime"),
        "confidence": features.get("regime_confidence"),
        "trend": features.get("trend"),
        "votes": features.get("votes"),
    }


def _anomaly(bar: Strand, found: anomalies.Anomaly, nth: int) -> Strand:
    """Return one finding as a strand addressed to nobody: people read it in the anomalies' table."""
    return bar.answer(module=NAME, kind="anomaly", payload={"signal_pack": found.to_payload()}, nth=nth)
