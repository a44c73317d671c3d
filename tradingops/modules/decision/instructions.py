"""What the trader is told beside an approved plan: how to execute it, within which bounds, what to watch."""

from __future__ import annotations

from typing import Any

from portfolio import ledger
from portfolio.plans import approved
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.shares import rounded
from tradingops.modules.decision.weighing.appraisal import Appraisal

#: What crypto risk would also weigh and nobody feeds.
UNFED_RISKS = ("regulatory", "technology", "manipulation")


def plan(payload: dict[str, Any], appraisal: Appraisal) -> dict[str, Any]:
    """Return a plan's payload with its changes made and its quantity, every key that alpha gave it kept."""
    bought = appraisal.final.bought
    quantity = ledger.text(bought.quantity)
    return appraisal.changes.applied(payload, position_size=bought.weight, quantity=quantity)


def execution(appraisal: Appraisal) -> approved.Instructions:
    """Return when, how much and where to enter."""
    return approved.Instructions(
        entry_timing="at_planned_price" if appraisal.changes.waits else "immediate",
        quantity=appraisal.final.bought.quantity,
        time_horizon=appraisal.plan.time_horizon,
        venue_preferences=tuple(appraisal.plan.venue_preferences),
    )


def risk(appraisal: Appraisal, policy: DecisionPolicy) -> approved.RiskParameters:
    """Return the bounds of the execution: the policy's, or the plan's own where they are tighter."""
    plan, quantity = appraisal.plan, appraisal.final.bought.quantity
    return approved.RiskParameters(
        max_slippage=min(policy.max_slippage, plan.slippage_tolerance or policy.max_slippage),
        max_latency_ms=policy.max_latency_ms,
        position_limit=policy.position_limit,
        stop_loss=plan.stop_loss,
        take_profit=plan.take_profit,
        loss_at_stop=abs(plan.entry_price - plan.stop_loss) * quantity,
    )


def allocation(appraisal: Appraisal, policy: DecisionPolicy) -> approved.AllocationParameters:
    """Return what trading towards the plan's share costs."""
    return approved.AllocationParameters(
        rebalancing_threshold=policy.rebalancing_threshold, transaction_cost=max(0.0, rounded(appraisal.cost.one_side))
    )


def crypto(appraisal: Appraisal) -> approved.CryptoParameters:
    """Return the sub-scores of the market's own risks."""
    return approved.CryptoParameters(
        volatility=appraisal.granted.risk.volatility,
        liquidity=appraisal.granted.risk.liquidity,
        asymmetry_scaling=appraisal.asymmetry.scaling,
        absent=UNFED_RISKS,
    )


def monitoring(appraisal: Appraisal) -> approved.Monitoring:
    """Return what ends the plan, and when it may be entered no more."""
    return approved.Monitoring(watch=("stop_loss", "take_profit", "expiry"), valid_until=appraisal.plan.valid_until)
