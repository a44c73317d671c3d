"""The two answers to every signal: the decision, for the trader where it is no refusal, and the feedback, for alpha."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from portfolio import ledger
from strands import tags
from strands.lessons.lesson import NOTHING_LEARNED
from strands.strand import Strand
from tradingops.modules.decision import budget, gates
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.weighed import Weighed

MODULE = "dm"
DECISION, FEEDBACK = "decision", "feedback"
LEARNING = "learning:update"

#: What crypto risk would also weigh and nobody feeds.
UNFED_RISKS = ("regulatory", "technology", "manipulation")


class DecisionType(StrEnum):
    """What becomes of a plan."""

    APPROVE = "approve"
    MODIFY = "modify"
    REJECT = "reject"


FEEDBACK_TYPES = {
    DecisionType.APPROVE: "positive_reinforcement",
    DecisionType.MODIFY: "constructive_feedback",
    DecisionType.REJECT: "learning_opportunity",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A plan's case with what every gate found."""

    case: gates.Case
    found: tuple[gates.Reading, ...]
    type: DecisionType
    reason: str | None
    valid_until: datetime

    @property
    def passes(self) -> bool:
        """Whether the trader is to carry the plan out."""
        return self.type is not DecisionType.REJECT


def decide(case: gates.Case) -> Decision:
    """Return the decision: rejected by any hard gate, approved when nothing was changed, modified otherwise."""
    found = gates.readings(case)
    if case.weighed is None or any(each.stops for each in found):
        kind = DecisionType.REJECT
    else:
        kind = DecisionType.MODIFY if case.weighed.changes.made else DecisionType.APPROVE
    until = case.facts.now + timedelta(seconds=case.policy.valid_seconds)
    return Decision(case=case, found=found, type=kind, reason=gates.first_failed(found), valid_until=until)


def decision_strand(signal: Strand, decided: Decision) -> Strand:
    """Return the decision, tagged for the trader unless it is a refusal."""
    weighed, facts = decided.case.weighed, decided.case.facts
    columns: dict[str, Any] = {
        "alpha_bundle_ref": signal.id,
        "dm_alpha": _alpha(signal, weighed),
        "dm_decision": _decision(signal, decided),
        "risk_metrics": {"var_95": facts.var_95, "cvar_95": facts.cvar_95, "drawdown": facts.drawdown},
        "curator_decisions": [],
        "lesson_metadata": NOTHING_LEARNED.to_json(),
    }
    if weighed is not None:
        columns |= _weighed_columns(weighed, columns["risk_metrics"])
    return signal.answer(
        module=MODULE,
        kind=DECISION,
        tags=(tags.EXECUTE_PLAN,) if decided.passes else (),
        payload=columns,
    )


def feedback_strand(signal: Strand, decided: Decision, decision: Strand) -> Strand:
    """Return what alpha may learn from a decision."""
    said = {
        "decision_type": decided.type.value,
        "feedback_type": FEEDBACK_TYPES[decided.type],
        "reason": decided.reason,
        "insights": _insights(decided),
        "plan_id": plan_id(signal),
        "decision_id": decision.id,
    }
    return signal.answer(
        module=MODULE,
        kind=FEEDBACK,
        tags=(tags.DECISION_FEEDBACK, LEARNING),
        payload={"dm_decision": said, "alpha_bundle_ref": signal.id},
    )


def plan_id(signal: Strand) -> str | None:
    """Return the id that a signal gives its plan, sound or not."""
    plan = signal.payload.get("trading_plan")
    given = plan.get("plan_id") if isinstance(plan, dict) else None
    return given if isinstance(given, str) else None


def _alpha(signal: Strand, weighed: Weighed | None) -> dict[str, Any]:
    return {
        "signal_strength": signal.payload.get("sig_sigma"),
        "confidence_score": weighed.confidence if weighed else signal.payload.get("sig_confidence"),
        "microstructure_evidence": signal.payload.get("dsi_evidence"),
        "regime_context": signal.payload.get("regime_context"),
        "fused": weighed.fused.as_json() if weighed else None,
    }


def _weighed_columns(weighed: Weighed, metrics: dict[str, Any]) -> dict[str, Any]:
    return {
        "dm_budget": budget.as_json(weighed.grant, weighed.final.bought),
        "risk_metrics": {**weighed.granted.risk.as_json(), **metrics},
        "portfolio_impact": weighed.final.impact.as_json(),
        "asymmetries": weighed.asymmetry.as_json(),
        "curator_decisions": weighed.verdict.to_json(),
        "lesson_metadata": weighed.lessons.to_json(),
    }


def _decision(signal: Strand, decided: Decision) -> dict[str, Any]:
    weighed, policy = decided.case.weighed, decided.case.policy
    said: dict[str, Any] = {
        "decision_type": decided.type.value,
        "score": weighed.score.value if weighed else None,
        "score_parts": weighed.score.as_json() if weighed else {},
        "allocation": weighed.allocation.as_json() if weighed else {},
        "reason": decided.reason,
        "gates": [each.as_json() for each in decided.found],
        "plan_id": plan_id(signal),
        "plan": None,
        "modifications": list(weighed.changes.made) if weighed else [],
        "valid_until": decided.valid_until.isoformat(),
    }
    if decided.passes and weighed is not None:
        said |= {"plan": _plan(signal, weighed), **_instructions(weighed, policy)}
    return said


def _plan(signal: Strand, weighed: Weighed) -> dict[str, Any]:
    """Return the plan as the trader is to carry it out, every key that alpha gave it kept."""
    bought = weighed.final.bought
    return weighed.changes.applied(
        dict(signal.payload["trading_plan"]), position_size=bought.weight, quantity=ledger.text(bought.quantity)
    )


def _instructions(weighed: Weighed, policy: DecisionPolicy) -> dict[str, Any]:
    """Return what the trader is told beside the plan."""
    plan, bought = weighed.plan, weighed.final.bought
    return {
        "execution_instructions": {
            "entry_timing": "at_planned_price" if weighed.changes.waits else "immediate",
            "quantity": ledger.text(bought.quantity),
            "time_horizon": plan.time_horizon,
            "venue_preferences": list(plan.venue_preferences),
        },
        "risk_parameters": {
            "max_slippage": min(policy.max_slippage, plan.slippage_tolerance or policy.max_slippage),
            "max_latency_ms": policy.max_latency_ms,
            "position_limit": policy.position_limit,
            "stop_loss": ledger.text(plan.stop_loss),
            "take_profit": ledger.text(plan.take_profit),
            "loss_at_stop": ledger.text(abs(plan.entry_price - plan.stop_loss) * bought.quantity),
        },
        "allocation_parameters": {
            "rebalancing_threshold": policy.rebalancing_threshold,
            "transaction_cost": policy.transaction_cost,
        },
        "crypto_parameters": {
            "volatility": weighed.granted.risk.volatility,
            "liquidity": weighed.granted.risk.liquidity,
            "asymmetry_scaling": weighed.asymmetry.scaling,
            "absent": list(UNFED_RISKS),
        },
        "monitoring_requirements": {
            "watch": ["stop_loss", "take_profit", "expiry"],
            "valid_until": plan.valid_until.isoformat(),
        },
    }


def _insights(decided: Decision) -> dict[str, Any]:
    """Return what alpha may learn, in the specification's five groups."""
    weighed = decided.case.weighed
    failed = [each.gate for each in decided.found if each.passed is False]
    quality = {"failed_gates": failed, "problems": list(decided.case.ask.problems)}
    if weighed is None:
        return {"signal_quality": quality}
    return {
        "risk": weighed.granted.risk.as_json(),
        "allocation": weighed.allocation.as_json(),
        "crypto": _crypto(weighed),
        "curator": {"curated_score": weighed.verdict.curated, "heard": _heard(weighed)},
        "signal_quality": {**quality, "sigma": weighed.verdict.sigma, "confidence": weighed.confidence},
    }


def _crypto(weighed: Weighed) -> Mapping[str, Any]:
    return {"asymmetry_detected": weighed.asymmetry.detected, "asymmetry_score": weighed.asymmetry.score}


def _heard(weighed: Weighed) -> dict[str, str]:
    return {each.curator: each.voice.value for each in weighed.verdict.hearings}
