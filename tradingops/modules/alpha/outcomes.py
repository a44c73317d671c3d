"""Outcomes: alpha learns from what became of its plans, and follows those that were not entered until it knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from curators.dsi import evidence as dsi
from portfolio.execution import counterfactual
from portfolio.execution.counterfactual import Result
from strands import tags
from strands.strand import Strand
from tradingops.modules import learning
from tradingops.modules.alpha import following, record, slots, tape
from tradingops.modules.alpha.policy import AlphaPolicy
from tradingops.modules.alpha.record import PastPlan
from tradingops.modules.alpha.state import NAME, AlphaState

#: Whoever else judged a plan, and learns from what it would have come to.
OTHER_JUDGES = (tags.DM_COUNTERFACTUAL, tags.TRADER_COUNTERFACTUAL)

Learned = tuple[AlphaState, Sequence[Strand]]


def learner(policy: AlphaPolicy) -> learning.Learner:
    """Return how alpha learns."""
    return learning.Learner(module=NAME, lessons=policy.lessons, curating=policy.curators.learning)


def on_feedback(state: AlphaState, strand: Strand, now: datetime, policy: AlphaPolicy) -> Learned:
    """Return the state after a decision's feedback, an execution or a closed position, and what alpha learned of it."""
    state = state._replace(slots=slots.on_feedback(state.slots, strand, now, policy))
    if strand.kind == "position":
        return _learn(state, learning.outcomes_of(strand), cause=strand, policy=policy)
    if strand.kind == "execution":
        state = state._replace(following=following.executed(state.following, strand, policy.counterfactual))
    refused = slots.refused(strand)
    return (state if refused is None else _follow(state, refused, policy)), ()


def step(state: AlphaState, bar: Strand, row: tape.Row, policy: AlphaPolicy) -> Learned:
    """Return the state with the followed plans a bar further, and what those came to that the bar ended."""
    stepped, ended = following.stepped(state.following, row, bar.timeframe or "", policy.counterfactual)
    state = state._replace(following=stepped)
    answers: list[Strand] = []
    for plan_id, result in ended:
        judgement = state.learning.judged.get(plan_id)
        if judgement is None:
            continue
        outcome = None if result.pnl_percent is None else _outcome(plan_id, judgement, result)
        answers.append(_counterfactual(bar, judgement, plan_id, outcome, reason=result.close_reason))
        if outcome is None:
            state = state._replace(learning=learning.forgotten(state.learning, plan_id))
        else:
            state, more = _learn(state, [outcome], cause=bar, policy=policy, said=answers)
            answers += more
    return state, answers


def _follow(state: AlphaState, plan_id: str, policy: AlphaPolicy) -> AlphaState:
    """Return the state with a refused plan followed, if it is one that alpha remembers and does not follow yet."""
    judgement = state.learning.judged.get(plan_id)
    if judgement is None or plan_id in state.following.plans:
        return state
    begun = following.begun(
        state.following,
        counterfactual.from_json(judgement.followed),
        timeframe=judgement.columns["timeframe"],
        policy=policy.counterfactual,
    )
    return state._replace(following=begun)


def _outcome(plan_id: str, judgement: learning.Judgement, result: Result) -> dict[str, Any]:
    return {
        "plan_id": plan_id,
        "actual": False,
        "pnl_percent": result.pnl_percent,
        "r_multiple": result.r_multiple,
        "close_reason": result.close_reason,
        "direction": judgement.followed["direction"],
        "opened_at": result.opened_at,
        "closed_at": result.closed_at,
    }


def _counterfactual(
    bar: Strand, judgement: learning.Judgement, plan_id: str, outcome: dict[str, Any] | None, *, reason: str
) -> Strand:
    """Return what a plan would have come to, for everyone who judged it; no outcome where it was never entered."""
    return bar.answer(
        module=NAME,
        kind=learning.COUNTERFACTUAL,
        tags=OTHER_JUDGES,
        payload={learning.COLUMN: {"plan_id": plan_id, "outcome": outcome, "reason": reason}},
        parent_id=judgement.subject_id,
        lifecycle_id=judgement.lifecycle_id,
    )


def _learn(
    state: AlphaState,
    outcomes: Sequence[dict[str, Any]],
    *,
    cause: Strand,
    policy: AlphaPolicy,
    said: Sequence[Strand] = (),
) -> Learned:
    """Return the state after outcomes: in alpha's record, with its experts, its curators and its lessons."""
    for outcome in outcomes:
        judgement = state.learning.judged.get(outcome["plan_id"])
        if judgement is not None:
            state = _record(state, judgement, outcome, policy)
    learned, answers = learning.conclude(state.learning, outcomes, cause=cause, learner=learner(policy), said=said)
    return state._replace(learning=learned), answers


def _record(
    state: AlphaState, judgement: learning.Judgement, outcome: dict[str, Any], policy: AlphaPolicy
) -> AlphaState:
    """Return the state with one outcome in alpha's record, and its experts' trust changed by it."""
    won = outcome["pnl_percent"] > 0
    closed_at = datetime.fromisoformat(outcome["closed_at"])
    row = PastPlan(closed_at.isoformat(), int(won), outcome["r_multiple"] or 0.0, judgement.parts["sig_confidence"])
    since = (closed_at - timedelta(days=policy.record_days)).isoformat()
    experts = state.experts
    if judgement.experts:
        experts = dsi.learn(experts, judgement.experts, won=won, policy=policy.dsi)
    return state._replace(
        record=record.extended(state.record, row, since=since, most=policy.record_length), experts=experts
    )
