"""What the decision maker's curators may read of a plan: flat numbers, each with its limit beside it."""

from __future__ import annotations

from typing import Any

from portfolio.plans.plan import TradingPlan
from strands.strand import session_bucket
from tradingops.modules.decision.circumstances import Circumstances
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.shares import rounded
from tradingops.modules.decision.validation import Ask
from tradingops.modules.decision.weighing.at_size import AtSize
from tradingops.modules.decision.weighing.budget import Grant


def of(
    ask: Ask,
    plan: TradingPlan,
    *,
    cost: float,
    grant: Grant,
    granted: AtSize,
    circumstances: Circumstances,
    policy: DecisionPolicy,
) -> dict[str, Any]:
    """Return the inputs of the panel for a plan; None stands for what is not known.

    ``cost`` is that of one side [fraction of notional].
    """
    return {
        "sigma": ask.sigma,
        "confidence": ask.confidence,
        "regime": ask.regime,
        "session": session_bucket(circumstances.now),
        "at": circumstances.now,
        "drawdown": circumstances.drawdown,
        "max_drawdown": policy.max_drawdown,
        "transaction_cost": cost,
        **_of_plan(plan),
        **_of_size(plan, grant, granted, policy),
        **_of_portfolio(granted, circumstances, policy),
    }


def _of_plan(plan: TradingPlan) -> dict[str, Any]:
    return {
        "symbol": plan.symbol,
        "direction": plan.direction.value,
        "risk_reward": plan.risk_reward_ratio,
        "expected_slippage": plan.slippage_tolerance,
        "stop_distance": plan.stop_fraction,
        "target_distance": plan.target_fraction,
    }


def _of_size(plan: TradingPlan, grant: Grant, granted: AtSize, policy: DecisionPolicy) -> dict[str, Any]:
    return {
        "position_size": granted.bought.weight,
        "position_limit": policy.position_limit,
        "added_risk": rounded(granted.bought.weight * plan.stop_fraction),
        "kelly": grant.budget.kelly,
        "granted_size": grant.size,
        "asked_size": grant.asked,
        "volume_share": granted.measures.volume_share,
        "max_volume_share": policy.max_volume_share,
    }


def _of_portfolio(granted: AtSize, circumstances: Circumstances, policy: DecisionPolicy) -> dict[str, Any]:
    return {
        "portfolio_risk": circumstances.held.at_risk,
        "exposure_after": granted.impact.exposure.after,
        "max_exposure": policy.max_exposure,
        "weight_after": granted.impact.weight.after,
        "max_concentration": policy.max_concentration,
        "hhi_after": granted.impact.concentration.after,
        "correlation": granted.measures.correlation,
        "max_correlation": policy.max_correlation,
        "var_after": granted.impact.var.after,
        "max_var": policy.max_var,
    }
