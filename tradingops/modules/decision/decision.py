"""The decision on a plan, and the strand that says it: to the trader where the plan passes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from portfolio.plans.approved import Approval, ApprovedPlan
from strands import tags
from strands.lessons.lesson import NOTHING_LEARNED
from strands.strand import Strand
from tradingops.modules.decision import gates, instructions
from tradingops.modules.decision.circumstances import Circumstances
from tradingops.modules.decision.weighing import budget
from tradingops.modules.decision.weighing.appraisal import Appraisal

MODULE = "dm"
DECISION = "decision"


class DecisionType(StrEnum):
    """What becomes of a plan."""

    APPROVE = "approve"
    MODIFY = "modify"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A plan's case with what every gate found."""

    case: gates.Case
    findings: tuple[gates.Finding, ...]
    type: DecisionType
    reason: str | None
    valid_until: datetime

    @property
    def passes(self) -> bool:
        """Whether the trader is to carry the plan out."""
        return self.type is not DecisionType.REJECT


def decide(case: gates.Case) -> Decision:
    """Return the decision: rejected by any hard gate, approved when nothing was changed, modified otherwise."""
    findings = gates.findings(case)
    if case.appraisal is None or any(each.stops for each in findings):
        kind = DecisionType.REJECT
    else:
        kind = DecisionType.MODIFY if case.appraisal.changes.made else DecisionType.APPROVE
    until = case.circumstances.now + timedelta(seconds=case.policy.valid_seconds)
    reason = gates.first_failed(findings)
    return Decision(case=case, findings=findings, type=kind, reason=reason, valid_until=until)


def answer(signal: Strand, decided: Decision) -> Strand:
    """Return the decision, tagged for the trader unless it is a refusal."""
    return signal.answer(
        module=MODULE,
        kind=DECISION,
        tags=(tags.EXECUTE_PLAN,) if decided.passes else (),
        payload=columns(signal, decided),
    )


def plan_id(signal: Strand) -> str | None:
    """Return the id that a signal gives its plan, sound or not."""
    plan = signal.payload.get("trading_plan")
    named = plan.get("plan_id") if isinstance(plan, dict) else None
    return named if isinstance(named, str) else None


def columns(signal: Strand, decided: Decision) -> dict[str, Any]:
    """Return the columns of the strand that says a decision."""
    appraisal, circumstances = decided.case.appraisal, decided.case.circumstances
    filled = {
        "alpha_bundle_ref": signal.id,
        "dm_alpha": _alpha(signal, appraisal),
        "dm_decision": _dm_decision(signal, decided),
        "risk_metrics": _risk_metrics(circumstances),
        "curator_decisions": [],
        "lesson_metadata": NOTHING_LEARNED.to_json(),
    }
    return filled if appraisal is None else {**filled, **_appraised(appraisal, circumstances)}


def _alpha(signal: Strand, appraisal: Appraisal | None) -> dict[str, Any]:
    return {
        "signal_strength": signal.payload.get("sig_sigma"),
        "confidence_score": appraisal.confidence if appraisal else signal.payload.get("sig_confidence"),
        "microstructure_evidence": signal.payload.get("dsi_evidence"),
        "regime_context": signal.payload.get("regime_context"),
        "fused": appraisal.fused.to_json() if appraisal else None,
    }


def _risk_metrics(circumstances: Circumstances) -> dict[str, Any]:
    return {
        "var_95": circumstances.var_95,
        "cvar_95": circumstances.cvar_95,
        "drawdown": circumstances.drawdown,
    }


def _appraised(appraisal: Appraisal, circumstances: Circumstances) -> dict[str, Any]:
    """Return the columns that only a plan which could be weighed fills."""
    return {
        "dm_budget": budget.to_json(appraisal.grant, appraisal.final.bought),
        "risk_metrics": {**appraisal.granted.risk.to_json(), **_risk_metrics(circumstances)},
        "portfolio_impact": appraisal.final.impact.to_json(),
        "asymmetries": appraisal.asymmetry.to_json(),
        "curator_decisions": appraisal.verdict.to_json(),
        "lesson_metadata": appraisal.lessons.to_json(),
    }


def _dm_decision(signal: Strand, decided: Decision) -> dict[str, Any]:
    appraisal = decided.case.appraisal
    if appraisal is not None and decided.passes:
        return _approved(signal, decided, appraisal).to_json()
    return {
        "decision_type": decided.type.value,
        "score": appraisal.score.value if appraisal else None,
        "score_parts": appraisal.score.to_json() if appraisal else {},
        "allocation": appraisal.allocation.to_json() if appraisal else {},
        "reason": decided.reason,
        "gates": [each.to_json() for each in decided.findings],
        "plan_id": plan_id(signal),
        "plan": None,
        "modifications": list(appraisal.changes.made) if appraisal else [],
        "valid_until": decided.valid_until.isoformat(),
    }


def _approved(signal: Strand, decided: Decision, appraisal: Appraisal) -> ApprovedPlan:
    """Return the plan as the trader is to carry it out, with the evidence that it passed."""
    policy = decided.case.policy
    return ApprovedPlan(
        decision_type=Approval(decided.type.value),
        score=appraisal.score.value,
        score_parts=appraisal.score.to_json(),
        allocation=appraisal.allocation.to_json(),
        reason=decided.reason,
        gates=tuple(each.to_json() for each in decided.findings),
        plan_id=appraisal.plan.plan_id,
        plan=instructions.plan(dict(signal.payload["trading_plan"]), appraisal),
        modifications=appraisal.changes.made,
        valid_until=decided.valid_until,
        execution_instructions=instructions.execution(appraisal),
        risk_parameters=instructions.risk(appraisal, policy),
        allocation_parameters=instructions.allocation(appraisal, policy),
        crypto_parameters=instructions.crypto(appraisal),
        monitoring_requirements=instructions.monitoring(appraisal),
    )
