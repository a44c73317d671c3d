"""The feedback on a decision: what alpha may learn from it."""

from __future__ import annotations

from typing import Any

from strands import tags
from strands.strand import Strand
from tradingops.modules.decision import decision
from tradingops.modules.decision.decision import Decision, DecisionType
from tradingops.modules.decision.weighing.appraisal import Appraisal

FEEDBACK = "feedback"
LEARNING = "learning:update"
TAGS = (tags.DECISION_FEEDBACK, LEARNING)
#: What alpha hears of a plan that passed every gate and waits for people: it keeps its place.
WAITS, WAITING = "review", "waits_for_people"

FEEDBACK_TYPES = {
    DecisionType.APPROVE: "positive_reinforcement",
    DecisionType.MODIFY: "constructive_feedback",
    DecisionType.REJECT: "learning_opportunity",
}


def answer(signal: Strand, decided: Decision, *, decision_id: str) -> Strand:
    """Return what alpha may learn from the decision of this id."""
    return signal.answer(
        module=decision.MODULE,
        kind=FEEDBACK,
        tags=TAGS,
        payload=columns(signal, decided, decision_id=decision_id),
    )


def of_a_review(signal: Strand, decided: Decision, *, review_id: str) -> Strand:
    """Return what alpha hears of a plan that passed every gate and waits for people, asked by the strand of this id."""
    payload = columns(signal, decided, decision_id=review_id)
    told = {**payload["dm_decision"], "decision_type": WAITS, "feedback_type": WAITING, "reason": None}
    return signal.answer(module=decision.MODULE, kind=FEEDBACK, tags=TAGS, payload={**payload, "dm_decision": told})


def columns(signal: Strand, decided: Decision, *, decision_id: str) -> dict[str, Any]:
    """Return the columns of the strand that tells alpha of a decision."""
    told = {
        "decision_type": decided.type.value,
        "feedback_type": FEEDBACK_TYPES[decided.type],
        "reason": decided.reason,
        "insights": _insights(decided),
        "plan_id": decision.plan_id(signal),
        "decision_id": decision_id,
    }
    return {"dm_decision": told, "alpha_bundle_ref": signal.id}


def _insights(decided: Decision) -> dict[str, Any]:
    """Return the insights in the specification's five groups."""
    appraisal = decided.case.appraisal
    failed = [each.gate for each in decided.findings if each.passed is False]
    quality = {"failed_gates": failed, "problems": list(decided.case.ask.problems)}
    if appraisal is None:
        return {"signal_quality": quality}
    return {
        "risk": appraisal.granted.risk.to_json(),
        "allocation": appraisal.allocation.to_json(),
        "crypto": _crypto(appraisal),
        "curator": {"curated_score": appraisal.verdict.curated, "heard": _voices(appraisal)},
        "signal_quality": {**quality, "sigma": appraisal.verdict.sigma, "confidence": appraisal.confidence},
    }


def _crypto(appraisal: Appraisal) -> dict[str, Any]:
    return {"asymmetry_detected": appraisal.asymmetry.detected, "asymmetry_score": appraisal.asymmetry.score}


def _voices(appraisal: Appraisal) -> dict[str, str]:
    return {each.curator: each.voice.value for each in appraisal.verdict.hearings}
