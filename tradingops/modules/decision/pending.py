"""Pending plans: what was approved and not yet closed, and the money that is kept back for it.

A plan is *pending* from the decision until its entry has finished, *open* until its position has closed. Only what a
pending plan has not filled yet is reserved. Everything here is a JSON object by plan id; nothing is changed in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from portfolio import ledger

Plans = Mapping[str, Mapping[str, Any]]

PENDING, OPEN = "pending", "open"


def approved(
    plans: Plans,
    *,
    plan_id: str,
    symbol: str,
    direction: str,
    decision_id: str,
    lifecycle_id: str | None,
    quantity: Decimal,
    price: Decimal,
    at_risk: float,
    until: datetime,
) -> dict[str, Any]:
    """Return the plans with one more, its whole notional reserved until a moment.

    ``at_risk`` is what its stop would lose [share of value].
    """
    return {
        **plans,
        plan_id: {
            "symbol": symbol,
            "direction": direction,
            "decision_id": decision_id,
            "lifecycle_id": lifecycle_id,
            "status": PENDING,
            "waiting": ledger.text(quantity),
            "price": ledger.text(price),
            "at_risk": at_risk,
            "until": until.isoformat(),
        },
    }


def until(*moments: datetime, grace_seconds: int) -> datetime:
    """Return the moment after which no fill of a plan can come: the earliest of its own, and some grace."""
    return min(moments) + timedelta(seconds=grace_seconds)


def reserved(plan: Mapping[str, Any]) -> Decimal:
    """Return the notional that a plan still waits for; nothing once its entry has finished [currency]."""
    if plan["status"] != PENDING:
        return ledger.ZERO
    return Decimal(plan["waiting"]) * Decimal(plan["price"])


def filled(plans: Plans, plan_id: str | None, quantity: Decimal) -> Plans:
    """Return the plans after some of one's entry was filled; its reserve shrinks by as much."""
    plan = plans.get(plan_id or "")
    if plan is None or plan["status"] != PENDING:
        return plans
    waiting = max(Decimal(plan["waiting"]) - quantity, ledger.ZERO)
    return {**plans, plan_id or "": {**plan, "waiting": ledger.text(waiting)}}


def entered(plans: Plans, plan_id: str, *, something_filled: bool) -> Plans:
    """Return the plans after one's entry finished: open with what was filled, or gone with nothing."""
    if plan_id not in plans:
        return plans
    if not something_filled:
        return closed(plans, plan_id)
    return {**plans, plan_id: {**plans[plan_id], "status": OPEN, "waiting": "0"}}


def closed(plans: Plans, plan_id: str) -> Plans:
    """Return the plans without one."""
    return {each: plan for each, plan in plans.items() if each != plan_id} if plan_id in plans else plans


def of_lifecycle(plans: Plans, lifecycle_id: str | None, symbol: str | None) -> str | None:
    """Return the id of the plan that a fill without a plan id belongs to, if one waits."""
    matching = (
        each
        for each, plan in sorted(plans.items())
        if plan["lifecycle_id"] == lifecycle_id and plan["symbol"] == symbol and plan["status"] == PENDING
    )
    return next(matching, None)


def pruned(plans: Plans, *, now: datetime, held: frozenset[str]) -> Plans:
    """Return the plans without those that nothing will be heard of again.

    That is a pending plan past its moment, and an open one in whose symbol nothing is held any more.
    """
    gone = [
        each
        for each, plan in plans.items()
        if plan["symbol"] not in held and (plan["status"] == OPEN or datetime.fromisoformat(plan["until"]) < now)
    ]
    return {each: plan for each, plan in plans.items() if each not in gone} if gone else plans
