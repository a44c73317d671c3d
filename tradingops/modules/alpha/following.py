"""Following: plans that were not entered are watched until it is known what they would have come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from portfolio.execution import counterfactual, metrics
from portfolio.execution.counterfactual import CounterfactualPolicy, Followed, Result
from strands.strand import Strand
from tradingops.modules.alpha import tape


class Watched(NamedTuple):
    """A followed plan, and the timeframe of the bars that it is followed on."""

    timeframe: str
    followed: Followed


class Following(NamedTuple):
    """The plans followed, by id, and what one side costs [fraction of price]; None before any execution."""

    plans: Mapping[str, Watched] = {}
    side_cost: float | None = None


Ended = list[tuple[str, Result]]


def begun(following: Following, followed: Followed, *, timeframe: str, policy: CounterfactualPolicy) -> Following:
    """Return it with one more plan followed; the oldest is let go where there are too many."""
    plans = {**following.plans, followed.plan_id: Watched(timeframe, followed)}
    surplus = max(len(plans) - policy.most_followed, 0)
    for oldest in sorted(plans, key=lambda each: (plans[each].followed.since, each))[:surplus]:
        del plans[oldest]
    return following._replace(plans=plans)


def stepped(
    following: Following, row: tape.Row, timeframe: str, policy: CounterfactualPolicy
) -> tuple[Following, Ended]:
    """Return it after a bar of a timeframe, and the results of the plans that the bar ended, in the order of ids."""
    span = tape.span_of(row, timeframe)
    cost = policy.cost if following.side_cost is None else following.side_cost
    plans = dict(following.plans)
    ended: Ended = []
    for plan_id, watched in following.plans.items():
        if watched.timeframe != timeframe:
            continue
        followed, result = counterfactual.step(watched.followed, span, policy, cost=cost)
        if result is None:
            plans[plan_id] = watched._replace(followed=followed)
        else:
            del plans[plan_id]
            ended.append((plan_id, result))
    return following._replace(plans=plans), sorted(ended)


def executed(following: Following, execution: Strand, policy: CounterfactualPolicy) -> Following:
    """Return it after an execution, which cost its slippage and its fees; one without a fill changes nothing."""
    slip = (execution.payload.get("exec_metrics") or {}).get("slip_real_bps")
    if slip is None:
        return following
    fee = _fee(metrics.Totals(execution.payload.get("fills") or ()))
    cost = counterfactual.learned_cost(following.side_cost, slip_bps=slip, fee=fee, policy=policy)
    return following._replace(side_cost=cost)


def _fee(totals: metrics.Totals) -> float:
    """Return what fills paid in fees [fraction of notional]; 0 where none are told."""
    return float(totals.fees / totals.notional) if totals.notional else 0.0


def to_json(following: Following) -> dict[str, Any]:
    """Return it as JSON values."""
    plans = {
        plan_id: {**each.followed.to_json(), "timeframe": each.timeframe} for plan_id, each in following.plans.items()
    }
    return {"plans": plans, "side_cost": following.side_cost}


def from_json(kept: Mapping[str, Any]) -> Following:
    """Return what ``to_json`` wrote."""
    plans = {
        plan_id: Watched(each["timeframe"], counterfactual.from_json(each)) for plan_id, each in kept["plans"].items()
    }
    return Following(plans, kept["side_cost"])
