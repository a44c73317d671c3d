"""Approvals: what the trader reads from a decision, and the decisions it cannot carry out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from portfolio import ledger
from portfolio.plans import plan as plans
from strands.strand import Strand
from tradingops.modules.trader import entry_conditions
from tradingops.modules.trader.policy import TraderPolicy
from tradingops.modules.trader.state import Approved
from tradingops.modules.trader.strategy import Urgency, stepped


class Unfit(ValueError):
    """A decision that cannot be carried out; the message names the field, the value and the rule."""


def plan_id_of(decision: Strand) -> str:
    """Return the id of the plan that a decision is about; the decision's own where it names none."""
    told = decision.payload.get("dm_decision") or {}
    return str(told.get("plan_id") or (told.get("plan") or {}).get("plan_id") or decision.id)


def read(decision: Strand, *, now: datetime, policy: TraderPolicy) -> Approved:
    """Return what was approved; raises Unfit for what is expired, empty, elsewhere or not understood."""
    told = decision.payload.get("dm_decision") or {}
    given = told.get("plan") or {}
    try:
        plan = plans.plan_from(given)
    except plans.InvalidPlan as broken:
        raise Unfit(f"plan: {broken}") from None
    approved = Approved(
        plan_id=plan_id_of(decision),
        decision_id=decision.id,
        lifecycle_id=decision.lifecycle_id or decision.id,
        plan=plan,
        quantity=_quantity(given, policy),
        valid_until=_valid_until(plan, told),
        **_instructions(told, policy),
    )
    _check(approved, decision, now)
    return approved


def _check(approved: Approved, decision: Strand, now: datetime) -> None:
    plan = approved.plan
    if approved.valid_until <= now:
        raise Unfit(f"valid_until: {approved.valid_until.isoformat()} is not after {now.isoformat()}; the plan expired")
    if approved.quantity <= 0:
        raise Unfit(f"quantity: {approved.quantity} is not above zero; approve a size of at least one step")
    if plan.symbol != decision.symbol:
        raise Unfit(f"symbol: the plan is for {plan.symbol!r}, the decision for {decision.symbol!r}; they must agree")
    if plan.time_horizon not in plans.HORIZONS:
        raise Unfit(f"time_horizon: {plan.time_horizon!r} is none of {', '.join(plans.HORIZONS)}")
    if missing := entry_conditions.unknown(plan):
        raise Unfit(f"entry_conditions: {', '.join(missing)} is none of {', '.join(entry_conditions.RULES)}")


def _quantity(given: Mapping[str, Any], policy: TraderPolicy) -> Decimal:
    try:
        quantity = Decimal(str(given.get("quantity", 0)))
    except InvalidOperation:
        raise Unfit(f"quantity: {given['quantity']!r} is no decimal number; give units as a decimal string") from None
    if not quantity.is_finite():
        raise Unfit(f"quantity: {quantity} is not finite; give units as a decimal string")
    return stepped(quantity, policy.quantity_step) if quantity > 0 else ledger.ZERO


def _valid_until(plan: plans.TradingPlan, told: Mapping[str, Any]) -> datetime:
    """Return the earlier of the plan's own end and the decision's."""
    decided = told.get("valid_until")
    return min(plan.valid_until, datetime.fromisoformat(decided)) if decided else plan.valid_until


def _instructions(told: Mapping[str, Any], policy: TraderPolicy) -> dict[str, Any]:
    """Return how the decision maker wants the plan executed; the policy's numbers where it names none."""
    wanted = told.get("execution_instructions") or {}
    bounds = told.get("risk_parameters") or {}
    urgency = str(wanted.get("urgency") or Urgency.MEDIUM)
    if urgency not in set(Urgency):
        raise Unfit(f"urgency: {urgency!r} is none of {', '.join(Urgency)}")
    strategy = wanted.get("execution_strategy")
    return {
        "urgency": urgency,
        "use_vwap": bool(wanted.get("use_vwap")) or strategy == "vwap",
        "adaptive": strategy == "adaptive",
        "route_hint": wanted.get("route_hint"),
        "max_slippage": float(bounds.get("max_slippage") or policy.max_slippage),
        "max_latency_ms": float(bounds.get("max_latency_ms") or bounds.get("max_latency") or policy.max_latency_ms),
    }
