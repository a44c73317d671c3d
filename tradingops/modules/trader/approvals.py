"""Approvals: what the trader takes from a decision, and the decisions it cannot carry out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from portfolio.plans import approved as approvals
from portfolio.plans import plan as plans
from portfolio.plans.approved import ApprovedPlan, Instructions, RiskParameters
from strands.strand import Strand
from tradingops.modules.trader import entry_conditions
from tradingops.modules.trader.placing.strategy import Strategy, Urgency, stepped
from tradingops.modules.trader.policy import TraderPolicy
from tradingops.modules.trader.state import EntryPlan

#: The execution strategy by which the trader chooses for itself.
ADAPTIVE = "adaptive"


class Unfit(ValueError):
    """A decision that cannot be carried out; the message names the field, the value and the rule."""


def plan_id_of(decision: Strand) -> str:
    """Return the id of the plan that a decision is about; the decision's own where it names none."""
    column = decision.payload.get("dm_decision")
    plan_id = column.get("plan_id") if isinstance(column, Mapping) else None
    return str(plan_id or decision.id)


def read(decision: Strand, *, now: datetime, policy: TraderPolicy, lot: Decimal) -> EntryPlan:
    """Return what to enter; raises Unfit for what was not let through, is expired, elsewhere or not understood."""
    try:
        approved = approvals.from_json(decision.payload.get("dm_decision"))
    except approvals.NotApproved as refusal:
        raise Unfit(str(refusal)) from None
    entry = _entry_plan(approved, decision, policy, lot)
    _check(entry, decision, now)
    return entry


def _entry_plan(approved: ApprovedPlan, decision: Strand, policy: TraderPolicy, lot: Decimal) -> EntryPlan:
    """Return an approved plan as it is entered; the policy's numbers where the decision maker names none."""
    wanted = approved.execution_instructions or Instructions()
    bounds = approved.risk_parameters or RiskParameters()
    return EntryPlan(
        plan_id=approved.plan_id,
        decision_id=decision.id,
        lifecycle_id=decision.lifecycle_id or decision.id,
        plan=approved.trading_plan,
        quantity=stepped(approved.quantity, lot),
        valid_until=approved.expires_at,
        urgency=wanted.urgency or Urgency.MEDIUM.value,
        use_vwap=bool(wanted.use_vwap) or wanted.execution_strategy == Strategy.VWAP,
        adaptive=wanted.execution_strategy == ADAPTIVE,
        route_hint=wanted.route_hint,
        max_slippage=float(bounds.max_slippage or policy.max_slippage),
        max_latency_ms=float(bounds.max_latency_ms or policy.max_latency_ms),
    )


def _check(entry: EntryPlan, decision: Strand, now: datetime) -> None:
    plan = entry.plan
    if entry.valid_until <= now:
        raise Unfit(f"valid_until: {entry.valid_until.isoformat()} is not after {now.isoformat()}; the plan expired")
    if entry.quantity <= 0:
        raise Unfit(f"quantity: {entry.quantity} is not above zero; approve a size of at least one step")
    if plan.symbol != decision.symbol:
        raise Unfit(f"symbol: the plan is for {plan.symbol!r}, the decision for {decision.symbol!r}; they must agree")
    if plan.time_horizon not in plans.HORIZONS:
        raise Unfit(f"time_horizon: {plan.time_horizon!r} is none of {', '.join(plans.HORIZONS)}")
    if entry.urgency not in set(Urgency):
        raise Unfit(f"urgency: {entry.urgency!r} is none of {', '.join(Urgency)}")
    if missing := entry_conditions.unknown(plan):
        raise Unfit(f"entry_conditions: {', '.join(missing)} is none of {', '.join(entry_conditions.RULES)}")
