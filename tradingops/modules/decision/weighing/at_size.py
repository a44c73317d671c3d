"""One size of a plan, and what it would do to the portfolio."""

from __future__ import annotations

from dataclasses import dataclass

from portfolio.plans.plan import TradingPlan
from tradingops.modules.decision.circumstances import Circumstances
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.shares import rounded
from tradingops.modules.decision.weighing import budget, impact, subscores


@dataclass(frozen=True, slots=True, kw_only=True)
class AtSize:
    """A size bought in whole steps, what that changes, and how risky it is."""

    bought: budget.Sized
    impact: impact.Impact
    measures: subscores.Measures
    risk: subscores.SubScores


def of(
    plan: TradingPlan,
    size: float,
    *,
    regime: str | None,
    cost: float,
    circumstances: Circumstances,
    policy: DecisionPolicy,
) -> AtSize:
    """Return what a plan of one size would do; ``cost`` is that of one side [fraction of notional]."""
    bought = budget.sized(plan, size, value=circumstances.held.value, instrument=circumstances.instrument(plan.symbol))
    volatility = circumstances.volatility(plan, policy=policy)
    added = None if volatility is None else policy.var_z * volatility * bought.weight
    var = circumstances.var_95 or 0.0
    moved = impact.of(
        circumstances.held, plan.symbol, bought, cost=cost, var=var, added_var=added or 0.0, policy=policy
    )
    measures = subscores.Measures(
        size_ratio=rounded(size / policy.position_limit),
        weight=moved.weight.after,
        added_var=None if added is None else rounded(added / policy.max_var),
        correlation=circumstances.correlation(plan.symbol),
        volume_share=circumstances.volume_share(plan.symbol, bought.quantity),
        volatility=volatility,
        regime=regime,
    )
    return AtSize(bought=bought, impact=moved, measures=measures, risk=subscores.score(measures, policy=policy))
