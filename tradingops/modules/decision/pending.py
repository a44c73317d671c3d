"""Pending plans: what was approved and has not closed yet, and the money that is kept back for it.

A plan is *pending* from the decision until its entry has finished, *open* until its position has closed. Only what a
pending plan has not filled yet is reserved. Every function returns the plans by id; none changes them in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from portfolio import ledger


class Status(StrEnum):
    """How far an approved plan has come."""

    PENDING = "pending"
    OPEN = "open"


class Commitment(NamedTuple):
    """What the desk stands by: a plan's quantity that still waits for fills, at its planned price.

    ``at_risk`` is what its stop would lose [share of value]; after ``until`` no fill of it can come.
    """

    symbol: str
    lifecycle_id: str | None
    status: Status
    waiting: Decimal
    price: Decimal
    at_risk: float
    until: datetime

    @property
    def reserved(self) -> Decimal:
        """The notional that still waits; nothing once the entry has finished [currency]."""
        return self.waiting * self.price if self.status is Status.PENDING else ledger.ZERO

    def to_json(self) -> dict[str, Any]:
        """Return the commitment under its names, money as decimal strings; ``load`` undoes it."""
        return {
            **self._asdict(),
            "status": self.status.value,
            "waiting": ledger.text(self.waiting),
            "price": ledger.text(self.price),
            "until": self.until.isoformat(),
        }


Plans = Mapping[str, Commitment]


def load(kept: Mapping[str, Any]) -> Commitment:
    """Return the commitment that ``to_json`` wrote; version 0's oldest know no risk, which counts as none."""
    return Commitment(
        symbol=kept["symbol"],
        lifecycle_id=kept["lifecycle_id"],
        status=Status(kept["status"]),
        waiting=Decimal(kept["waiting"]),
        price=Decimal(kept["price"]),
        at_risk=kept.get("at_risk", 0.0),
        until=datetime.fromisoformat(kept["until"]),
    )


def until(*moments: datetime, grace_seconds: int) -> datetime:
    """Return the moment after which no fill of a plan can come: the earliest of its own, and some grace."""
    return min(moments) + timedelta(seconds=grace_seconds)


def filled(plans: Plans, plan_id: str | None, quantity: Decimal) -> Plans:
    """Return the plans after some of one's entry was filled; its reserve shrinks by as much."""
    plan = plans.get(plan_id or "")
    if plan is None or plan.status is not Status.PENDING:
        return plans
    return {**plans, plan_id or "": plan._replace(waiting=max(plan.waiting - quantity, ledger.ZERO))}


def entered(plans: Plans, plan_id: str, *, something_filled: bool) -> Plans:
    """Return the plans after one's entry finished: open with what was filled, or gone with nothing."""
    if plan_id not in plans:
        return plans
    if not something_filled:
        return closed(plans, plan_id)
    return {**plans, plan_id: plans[plan_id]._replace(status=Status.OPEN, waiting=ledger.ZERO)}


def closed(plans: Plans, plan_id: str) -> Plans:
    """Return the plans without one."""
    return {each: plan for each, plan in plans.items() if each != plan_id} if plan_id in plans else plans


def of_lifecycle(plans: Plans, lifecycle_id: str | None, symbol: str | None) -> str | None:
    """Return the id of the plan that a fill without a plan id belongs to, if one waits."""
    matching = (
        each
        for each, plan in sorted(plans.items())
        if plan.lifecycle_id == lifecycle_id and plan.symbol == symbol and plan.status is Status.PENDING
    )
    return next(matching, None)


def pruned(plans: Plans, *, now: datetime, held: frozenset[str]) -> Plans:
    """Return the plans without those that no strand will speak of again.

    That is a pending plan past its moment, and an open one in whose symbol nothing is held any more.
    """
    left = {
        each: plan
        for each, plan in plans.items()
        if plan.symbol in held or (plan.status is Status.PENDING and plan.until >= now)
    }
    return left if len(left) < len(plans) else plans
