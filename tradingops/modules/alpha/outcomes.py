"""Outcomes: alpha hears what became of its plans, and follows those that were not entered until it knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from curators.dsi import evidence as dsi
from portfolio.execution.counterfactual import Result
from strands import tags
from strands.strand import Strand
from strands.wire import State
from tradingops.modules import learning
from tradingops.modules.alpha import following, judging, slots, tape
from tradingops.modules.alpha.policy import AlphaPolicy

#: Who else judged a plan and has to be told what it would have come to.
TOLD = (tags.DM_COUNTERFACTUAL, tags.TRADER_COUNTERFACTUAL)

Heard = tuple[State, Sequence[Strand]]


def learner(policy: AlphaPolicy) -> learning.Learner:
    """Return how alpha learns."""
    return learning.Learner(module=judging.MODULE, lessons=policy.lessons, curating=policy.curators.learning)


def heard(state: State, strand: Strand, now: datetime, policy: AlphaPolicy) -> Heard:
    """Return the state after a decision's feedback, an execution or a closed position, and what alpha learned of it."""
    state = slots.heard(state, strand, now, policy)
    if strand.kind == "position":
        return _learned(state, learning.outcomes_of(strand), cause=strand, policy=policy)
    if strand.kind == "execution":
        state = following.executed(state, strand, policy.counterfactual)
    refused = slots.refused(strand)
    return (state if refused is None else _follow(state, refused, policy)), ()


def followed(state: State, bar: Strand, row: tape.Row, policy: AlphaPolicy) -> Heard:
    """Return the state after a bar was seen by the plans that alpha follows, and what those came to that it ended."""
    state, ended = following.stepped(state, row, bar.timeframe or "", policy.counterfactual)
    said: list[Strand] = []
    for plan_id, result in ended:
        known = state["learning"].judged.get(plan_id)
        if known is None:
            continue
        outcome = None if result.pnl_percent is None else _outcome(plan_id, known, result)
        said.append(_counterfactual(bar, known, plan_id, outcome, reason=result.close_reason))
        if outcome is None:
            state = {**state, "learning": learning.forgotten(state["learning"], plan_id)}
        else:
            state, more = _learned(state, [outcome], cause=bar, policy=policy)
            said += more
    return state, said


def _follow(state: State, plan_id: str, policy: AlphaPolicy) -> State:
    """Return the state with a refused plan followed, if it is one that alpha remembers and does not follow yet."""
    known = state["learning"].judged.get(plan_id)
    if known is None or plan_id in state[following.FOLLOWED]:
        return state
    return following.begun(state, known.followed, timeframe=known.columns["timeframe"], policy=policy.counterfactual)


def _outcome(plan_id: str, known: learning.Judgement, result: Result) -> dict[str, Any]:
    return {
        "plan_id": plan_id,
        "actual": False,
        "pnl_percent": result.pnl_percent,
        "r_multiple": result.r_multiple,
        "close_reason": result.close_reason,
        "direction": known.followed["direction"],
        "opened_at": result.opened_at,
        "closed_at": result.closed_at,
    }


def _counterfactual(
    bar: Strand, known: learning.Judgement, plan_id: str, outcome: dict[str, Any] | None, *, reason: str
) -> Strand:
    """Return what a plan would have come to, told to everyone who judged it; no outcome where it was never entered."""
    return bar.answer(
        module=judging.MODULE,
        kind=learning.COUNTERFACTUAL,
        tags=TOLD,
        payload={learning.COLUMN: {"plan_id": plan_id, "outcome": outcome, "reason": reason}},
        parent_id=known.subject_id,
        lifecycle_id=known.lifecycle_id,
    )


def _learned(state: State, outcomes: Sequence[dict[str, Any]], *, cause: Strand, policy: AlphaPolicy) -> Heard:
    """Return the state after outcomes: in alpha's record, with its experts, its curators and its lessons."""
    for outcome in outcomes:
        known = state["learning"].judged.get(outcome["plan_id"])
        if known is not None:
            state = _recorded(state, known, outcome, policy)
    learned, answers = learning.conclude(state["learning"], outcomes, cause=cause, learner=learner(policy))
    return {**state, "learning": learned}, answers


def _recorded(state: State, known: learning.Judgement, outcome: dict[str, Any], policy: AlphaPolicy) -> State:
    won = outcome["pnl_percent"] > 0
    closed_at = datetime.fromisoformat(outcome["closed_at"])
    row = [closed_at.isoformat(), int(won), outcome["r_multiple"] or 0.0, known.parts["sig_confidence"]]
    since = (closed_at - timedelta(days=policy.record_days)).isoformat()
    experts = state[judging.EXPERTS]
    if known.experts:
        experts = dsi.learn(experts, known.experts, won=won, policy=policy.dsi)
    return {
        **state,
        judging.RECORD: judging.remembered(state[judging.RECORD], row, since=since, most=policy.record_length),
        judging.EXPERTS: experts,
    }
