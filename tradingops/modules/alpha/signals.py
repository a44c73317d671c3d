"""Signals: a plan with everything it was made from as a strand, published to the decision maker or withheld."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from portfolio.plans.plan import TradingPlan
from strands import tags
from strands.given import Given, HaltState
from strands.strand import Strand
from tradingops.modules import halts
from tradingops.modules.alpha import confirmation, detection, pack
from tradingops.modules.alpha.assembly import Assembled
from tradingops.modules.alpha.detection import Detection
from tradingops.modules.alpha.policy import AlphaPolicy
from tradingops.modules.alpha.state import NAME

#: The version of what alpha answers, recorded with every turn.
VERSION = "5"
SIGNAL, WITHHELD = "signal", "withheld"

_SCOPE = f"module:{NAME}"


class Halt(NamedTuple):
    """A halt under which alpha publishes nothing."""

    scope: str
    state: HaltState
    reason: str

    def to_json(self) -> dict[str, str]:
        """Return the halt as JSON values."""
        return {**self._asdict(), "state": self.state.value}


def halt_of_alpha(given: Given) -> Halt | None:
    """Return the halt that is in force against this module; None where there is none.

    Halts of the desk, a symbol or a venue leave alpha speaking, so that the decision maker records the plan that it
    refuses with every gate.
    """
    reason = halts.own(given, _SCOPE)
    return None if reason is None else Halt(_SCOPE, given.halts[_SCOPE], reason)


def strand_of(assembled: Assembled, plan: TradingPlan, *, halt: Halt | None, policy: AlphaPolicy) -> Strand:
    """Return the strand of a plan: a signal where its curators approve and no halt forbids, else what is withheld."""
    published = assembled.verdict.approved and halt is None
    return assembled.bar.answer(
        module=NAME,
        kind=SIGNAL if published else WITHHELD,
        tags=(tags.EVALUATE_PLAN,) if published else (),
        payload=_payload(assembled, plan, halt, policy),
    )


def metadata(assembled: Assembled, policy: AlphaPolicy) -> dict[str, Any]:
    """Return how a plan's detection came about: its scores, the conditions met and how well it is confirmed."""
    found, features = assembled.found, assembled.bar.payload["md_features"]
    return {
        "detection_score": found.score,
        "detected_strength": found.strength,
        "conditions_met": list(found.met),
        "confidence": found.confidence,
        "confirmation": confirmation.confirmed_share(features.get("votes") or {}, found.direction, policy),
        "quality": quality_of(found, features["volume_ratio"], policy),
    }


def quality_of(found: Detection, volume_ratio: float, policy: AlphaPolicy) -> float:
    """Return ``0.4 confidence + 0.3 strength + 0.3 min(volume ratio, 2)``, in [0, 1.3]."""
    volume = min(volume_ratio, policy.quality_volume_cap)
    return round(
        policy.quality_confidence * found.confidence
        + policy.quality_strength * found.strength
        + policy.quality_volume * volume,
        detection.SCORE_DECIMALS,
    )


def _payload(assembled: Assembled, plan: TradingPlan, halt: Halt | None, policy: AlphaPolicy) -> dict[str, Any]:
    bar, evidence = assembled.bar, assembled.evidence
    return {
        "sig_sigma": assembled.curated.strength,
        "sig_confidence": assembled.found.confidence,
        "sig_direction": assembled.found.direction.value,
        "trading_plan": plan.to_json(),
        "signal_pack": pack.pack_of(bar, plan=plan, detection=assembled.curated, processing=plan.signal_metadata),
        **({"dsi_evidence": evidence.to_json()} if evidence else {}),
        "regime_context": _regime_context(bar.payload["md_features"]),
        "event_context": assembled.events,
        "module_intelligence": {
            "module": NAME,
            "version": VERSION,
            **assembled.voices.to_json(),
            "intelligence": assembled.intelligence.to_json(),
        },
        "curator_feedback": _feedback(assembled, halt),
        "lesson_metadata": assembled.lessons.to_json(),
    }


def _feedback(assembled: Assembled, halt: Halt | None) -> dict[str, Any]:
    """Return what alpha's curators made of it; ``approved`` is their word alone, also where a halt forbids."""
    feedback = {
        "sigma": assembled.sigma,
        "detected_strength": assembled.found.strength,
        "curated_score": round(assembled.verdict.curated, detection.SCORE_DECIMALS),
        "publish_at": assembled.publish_at,
        "approved": assembled.verdict.approved,
        "curators": assembled.verdict.to_json(),
    }
    return feedback if halt is None else {**feedback, "halt": halt.to_json()}


def _regime_context(features: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "regime": features.get("regime"),
        "confidence": features.get("regime_confidence"),
        "trend": features.get("trend"),
        "votes": features.get("votes"),
    }
