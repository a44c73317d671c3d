"""Following: plans that were not entered are watched until it is known what they would have come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portfolio.execution import counterfactual
from portfolio.execution.counterfactual import CounterfactualPolicy, Followed, Result
from strands.strand import Strand
from strands.wire import State
from tradingops.modules.alpha import tape

FOLLOWED, COST = "followed", "side_cost"

Ended = list[tuple[str, Result]]


def empty() -> State:
    """Return the part of the state that following keeps, before anything was said."""
    return {FOLLOWED: {}, COST: None}


def begun(state: State, followed: Followed, *, timeframe: str, policy: CounterfactualPolicy) -> State:
    """Return the state with one more plan followed; the oldest is let go where there are too many."""
    kept = dict(state[FOLLOWED])
    kept[followed["plan_id"]] = {**followed, "timeframe": timeframe}
    surplus = len(kept) - policy.most_followed
    for oldest in sorted(kept, key=lambda each: (kept[each]["since"], each))[: max(surplus, 0)]:
        del kept[oldest]
    return {**state, FOLLOWED: kept}


def stepped(state: State, row: tape.Row, timeframe: str, policy: CounterfactualPolicy) -> tuple[State, Ended]:
    """Return the state after a bar of a timeframe, and the results of the plans that it ended, in the order of ids."""
    span = tape.span_of(row, timeframe)
    cost = policy.cost if state[COST] is None else state[COST]
    kept: dict[str, Followed] = {}
    ended: Ended = []
    for plan_id, each in state[FOLLOWED].items():
        after, result = (
            counterfactual.step(each, span, policy, cost=cost) if each["timeframe"] == timeframe else (each, None)
        )
        if result is None:
            kept[plan_id] = after
        else:
            ended.append((plan_id, result))
    return {**state, FOLLOWED: kept}, sorted(ended)


def executed(state: State, execution: Strand, policy: CounterfactualPolicy) -> State:
    """Return the state after an execution told what trading cost; one without a fill tells nothing."""
    measured: Mapping[str, Any] = execution.payload.get("exec_metrics") or {}
    slip = measured.get("slip_real_bps")
    if slip is None:
        return state
    return {**state, COST: counterfactual.learned_cost(state[COST], slip_bps=slip, policy=policy)}
