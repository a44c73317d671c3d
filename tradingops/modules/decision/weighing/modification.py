"""Modification: how a plan is changed so that it may pass: smaller, or at its own price or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portfolio.plans.plan import Direction, OrderType, TradingPlan
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.shares import rounded
from tradingops.modules.decision.weighing.budget import Grant
from tradingops.modules.decision.weighing.score import Inputs, Score

#: The entry condition that a waiting plan gains: the price must be the planned one or better.
WAIT = {Direction.LONG: "price_below", Direction.SHORT: "price_above"}

LOW_RISK_SCORE, LOW_ALLOCATION_SCORE, LOW_SCORE = "risk_score", "allocation_score", "approval_score"
LESSONS = "lessons"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The size a plan ends with, whether its entry must wait for the planned price, and each change with its cause."""

    size: float
    waits: bool
    made: tuple[dict[str, Any], ...]

    def applied(self, plan: dict[str, Any], *, position_size: float, quantity: str) -> dict[str, Any]:
        """Return a plan's payload with the changes made and the quantity to trade."""
        changed = {**plan, **{each["field"]: each["to"] for each in self.made}}
        return {**changed, "position_size": position_size, "quantity": quantity}


def of(
    plan: TradingPlan, grant: Grant, *, scored: Score, parts: Inputs, policy: DecisionPolicy, caution: float = 1.0
) -> Changes:
    """Return the changes that a plan needs.

    The budget's brakes always apply, and after them ``caution``, what lessons leave of the size [share].
    A plan that scores too little to be approved as it stands is cut where its risk score is low, and must wait for its
    planned price where its allocation score is low; one that has neither weakness is cut all the same, so that no such
    plan passes unchanged.
    """
    size, made = _braked(grant, caution)
    if scored.value >= policy.approve_score:
        return Changes(size=size, waits=False, made=tuple(made))
    risky, waits = parts.risk < policy.cut_below_risk, parts.allocation < policy.wait_below_allocation
    if risky or not waits:
        uncut, size = size, size * policy.size_cut
        because = LOW_RISK_SCORE if risky else LOW_SCORE
        made.append(_change("position_size", rounded(uncut), rounded(size), because))
    if waits:
        made.extend(_waiting(plan))
    return Changes(size=size, waits=waits, made=tuple(made))


def _braked(grant: Grant, caution: float) -> tuple[float, list[dict[str, Any]]]:
    """Return the size that the budget and the lessons leave, and the changes that made it."""
    size, made = grant.size, []
    if grant.braked_by:
        made.append(_change("position_size", grant.asked, rounded(size), grant.braked_by))
    if caution < 1.0:
        made.append(_change("position_size", rounded(size), rounded(size * caution), LESSONS))
        size *= caution
    return size, made


def _waiting(plan: TradingPlan) -> list[dict[str, Any]]:
    """Return the changes that let a plan enter at its planned price or a better one only."""
    conditions = [dict(each) for each in plan.entry_conditions]
    price = format(plan.entry_price, "f")
    changes = [
        _change(
            "entry_conditions",
            conditions,
            [*conditions, {"type": WAIT[plan.direction], "value": price}],
            LOW_ALLOCATION_SCORE,
        )
    ]
    if plan.order_type is not OrderType.LIMIT:
        changes.append(_change("order_type", plan.order_type.value, OrderType.LIMIT.value, LOW_ALLOCATION_SCORE))
    return changes


def _change(field: str, before: object, after: object, because: str) -> dict[str, Any]:
    return {"field": field, "from": before, "to": after, "because": because}
