"""What is said of a plan that waits for people: the question, what became of each answer, the decision in the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from strands import tags
from strands.strand import Strand
from tradingops.modules.decision import decision, feedback
from tradingops.modules.decision.decision import Decision, DecisionType
from tradingops.modules.decision.reviews import due, waiting
from tradingops.modules.decision.reviews.verdict import Verdict
from tradingops.modules.decision.reviews.waiting import PriceBand, Waiting

REVIEW, ANSWER = "review", "review_answer"

APPROVED, CHANGED, REJECTED, EXPIRED, WITHDRAWN = "approved", "changed", "rejected", "expired", "withdrawn"


def content(decided: Decision, signal: Strand, *, changes: Mapping[str, Any], policy: str, band: PriceBand) -> Any:
    """Return all that a verdict is bound to, as JSON: the plan, its changes, the policy, the band, the figures."""
    columns = decision.columns(signal, decided)
    told = columns["dm_decision"]
    figures = ("portfolio_impact", "risk_metrics", "curator_decisions", "dm_budget")
    return {
        "plan": told["plan"],
        "modifications": told["modifications"],
        "changes": dict(changes),
        "policy": policy,
        "price_band": band.to_json(),
        "figures": {"gates": told["gates"], "score": told["score"], **{name: columns.get(name) for name in figures}},
    }


def asked(item: Waiting, decided: Decision, *, cause: Strand | None = None) -> Strand:
    """Return the question: the plan as it would be carried out, and on which terms people are asked.

    The first is an answer to the signal; a later version of it has a ``cause``, what changed it.
    """
    columns = decision.columns(item.signal, decided)
    payload = {**columns, "dm_decision": {**columns["dm_decision"], "review": _terms(item)}}
    if cause is None:
        return item.signal.answer(module=decision.MODULE, kind=REVIEW, payload=payload)
    return _about(item, cause, kind=REVIEW, payload=payload)


def answered(
    item: Waiting,
    cause: Strand,
    *,
    reason: str | None,
    verdict: Verdict | None = None,
    finding: Mapping[str, Any] | None = None,
    outcome: str | None = None,
    lapsed: Mapping[str, str] | None = None,
    may_decide: Sequence[str] | None = None,
) -> Strand:
    """Return what became of a verdict, of silence, or of word of who may decide.

    ``reason`` says why a verdict did not count, or why silence acted; None where neither was so.
    """
    told = {
        **_terms(item),
        "verdict_id": cause.id if verdict else None,
        "verdict": verdict.word.value if verdict else None,
        "by": verdict.by if verdict else None,
        "comment": verdict.reason if verdict else None,
        "counted": verdict is not None and reason is None,
        "outcome": outcome,
        "reason": reason,
        "finding": dict(finding) if finding else None,
        "lapsed": dict(lapsed or {}),
        "may_decide": None if may_decide is None else list(may_decide),
    }
    payload = {"dm_decision": {"plan_id": _plan_id(item), "reason": reason, "review": told}}
    return _about(item, cause, kind=ANSWER, payload=payload)


def unknown(cause: Strand, verdict: Verdict | None, *, reason: str) -> Strand:
    """Return why a verdict on what waits for nobody changes nothing."""
    told = {"verdict_id": cause.id, "by": verdict.by if verdict else None, "counted": False, "reason": reason}
    plan_id = verdict.plan_id if verdict else None
    payload = {"dm_decision": {"plan_id": plan_id, "reason": reason, "review": told}}
    return cause.answer(module=decision.MODULE, kind=ANSWER, payload=payload)


def decided(
    item: Waiting, cause: Strand, made: Decision, *, outcome: str, people: Sequence[str], silence: str | None = None
) -> tuple[Strand, Strand]:
    """Return the decision in the end, to the trader where the plan passes, and its feedback to alpha."""
    columns = decision.columns(item.signal, made)
    ended = {
        **_terms(item),
        "outcome": outcome,
        "people": list(people),
        "silence_acted": silence,
    }
    payload = {**columns, "dm_decision": {**columns["dm_decision"], "review": ended}}
    to = (tags.EXECUTE_PLAN,) if made.passes else ()
    answer = _about(item, cause, kind=decision.DECISION, payload=payload, to=to)
    return answer, _about(
        item,
        cause,
        kind=feedback.FEEDBACK,
        payload=feedback.columns(item.signal, made, decision_id=answer.id),
        to=feedback.TAGS,
    )


def refused(made: Decision, *, reason: str) -> Decision:
    """Return a decision that lets nothing pass, for a reason that is no gate's."""
    return replace(made, type=DecisionType.REJECT, reason=reason)


def hash_of(decided: Decision, signal: Strand, *, changes: Mapping[str, Any], policy: str, band: PriceBand) -> str:
    """Return the hash of what people are shown."""
    return waiting.content_hash(content(decided, signal, changes=changes, policy=policy, band=band))


def _about(item: Waiting, cause: Strand, *, kind: str, payload: Any, to: Sequence[str] = ()) -> Strand:
    return cause.answer(
        module=decision.MODULE,
        kind=kind,
        tags=to,
        payload=payload,
        parent_id=item.item,
        lifecycle_id=item.signal.lifecycle_id or item.signal.id,
        symbol=item.signal.symbol,
        timeframe=item.signal.timeframe,
        regime=item.signal.regime,
    )


def _terms(item: Waiting) -> dict[str, Any]:
    return {
        "item": item.item or None,
        "version": item.version,
        "hash": item.shown,
        "needs": item.needs.value,
        "have": list(item.approvals),
        "authors": list(item.authors),
        "changes": dict(item.changes),
        "before": dict(item.before),
        "verdicts": list(item.verdicts),
        "deadline": item.deadline.isoformat(),
        "due": due.strand_of(_plan_id(item) or "", item).id,
        "silence": item.silence.value,
        "price_band": item.price_band.to_json(),
        "policy": item.policy,
        "escalated": item.escalated,
    }


def _plan_id(item: Waiting) -> str | None:
    return decision.plan_id(item.signal)
