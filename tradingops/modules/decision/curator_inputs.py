"""What the decision maker's curators may read of a plan: flat numbers, each with its limit beside it."""

from __future__ import annotations

from typing import Any

from portfolio.plans.plan import TradingPlan
from strands.strand import session_bucket
from tradingops.modules.decision.allocation import Allocation
from tradingops.modules.decision.budget import Grant
from tradingops.modules.decision.facts import Facts
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.shares import rounded
from tradingops.modules.decision.validation import Ask
from tradingops.modules.decision.weighed import Assessment


def of(
    ask: Ask,
    plan: TradingPlan,
    *,
    grant: Grant,
    granted: Assessment,
    room: Allocation,
    facts: Facts,
    policy: DecisionPolicy,
) -> dict[str, Any]:
    """Return the inputs of the panel for a plan; None stands for what nobody has told."""
    impact, readings = granted.impact, granted.readings
    return {
        "plan": plan,
        "grant": grant,
        "impact": impact,
        "readings": readings,
        "risk": granted.risk,
        "allocation": room,
        "sigma": ask.sigma,
        "confidence": ask.confidence,
        "regime": ask.regime,
        "session": session_bucket(facts.now),
        "at": facts.now,
        "symbol": plan.symbol,
        "direction": plan.direction.value,
        "position_size": granted.bought.weight,
        "position_limit": policy.position_limit,
        "portfolio_risk": facts.held.at_risk,
        "added_risk": rounded(granted.bought.weight * plan.stop_fraction),
        "exposure_after": impact.exposure.after,
        "max_exposure": policy.max_exposure,
        "weight_after": impact.weight.after,
        "max_concentration": policy.max_concentration,
        "hhi_after": impact.concentration.after,
        "correlation": readings.correlation,
        "max_correlation": policy.max_correlation,
        "var_after": impact.var.after,
        "max_var": policy.max_var,
        "volume_share": readings.volume_share,
        "max_volume_share": policy.max_volume_share,
        "kelly": grant.budget.kelly,
        "granted_size": grant.size,
        "asked_size": grant.asked,
        "drawdown": facts.drawdown,
        "max_drawdown": policy.max_drawdown,
        "risk_reward": plan.risk_reward_ratio,
        "expected_slippage": plan.slippage_tolerance,
        "transaction_cost": policy.transaction_cost,
        "stop_distance": plan.stop_fraction,
        "target_distance": plan.target_fraction,
    }
