"""A counterfactual: what a plan that nobody entered would have come to on the bars that followed.

It enters and leaves by the desk's own rules: a market order fills at the open of the next bar, a limit at its price or
better, a stop at its price or worse, none beyond the plan's own stop or target. These rest from the entry on and are
reached inside the bar (``portfolio.execution.inside``); expiry is seen at a bar's close and left at the next open. What
trading would have cost is a fraction of each side: what the symbol's own executions cost on average, once there were
some.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

import pydantic

from portfolio.execution import inside, slippage
from portfolio.execution.inside import Entered
from portfolio.plans.plan import HORIZONS, OrderType, TradingPlan

NEVER_ENTERED = "never_entered"
DECIMALS = 8


class CounterfactualPolicy(pydantic.BaseModel):
    """How a plan that was not entered is followed."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    holding_horizons: float = pydantic.Field(
        12, gt=0, le=1000, description="a position expires after this many of its plan's time horizons"
    )
    cost: float = pydantic.Field(
        0.0005, ge=0, le=0.1, description="what one side costs before any execution told [fraction of price]"
    )
    cost_keep: float = pydantic.Field(
        0.9, ge=0, lt=1, description="what the running cost keeps of itself at one execution [share]"
    )
    most_followed: int = pydantic.Field(32, ge=0, le=1000, description="plans of a symbol followed at once [count]")


class Stage(StrEnum):
    """Whether a followed plan waits for its entry, would be held, or would be left at the next open."""

    WAITING = "waiting"
    HELD = "held"
    LEAVING = "leaving"


class Followed(NamedTuple):
    """A plan that is followed, moments in epoch seconds and the horizon in seconds, and how far it would have come.

    ``entered`` and ``opened_at`` are 0 while it waits for its entry, ``reason`` is empty until it would be left.
    """

    plan_id: str
    direction: str
    sign: int
    order_type: OrderType
    price: float
    stop: float
    target: float
    since: float
    until: float
    horizon: float
    stage: Stage = Stage.WAITING
    entered: float = 0.0
    opened_at: float = 0.0
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON values, with null for what has not happened."""
        return {
            **self._asdict(),
            "order_type": self.order_type.value,
            "stage": self.stage.value,
            "entered": self.entered or None,
            "opened_at": self.opened_at or None,
            "reason": self.reason or None,
        }


def from_json(kept: Mapping[str, Any]) -> Followed:
    """Return the plan that ``Followed.to_json`` wrote, whatever else lies beside its fields."""
    own = {name: kept[name] for name in Followed._fields if kept[name] is not None}
    return Followed(**{**own, "order_type": OrderType(own["order_type"]), "stage": Stage(own["stage"])})


class Span(NamedTuple):
    """What traded between two moments [epoch seconds, prices]."""

    opened_at: float
    closed_at: float
    open: float
    high: float
    low: float
    close: float


class Result(NamedTuple):
    """What a followed plan came to; ``pnl_percent`` is net of costs, both are None for one that was never entered."""

    pnl_percent: float | None
    r_multiple: float | None
    close_reason: str
    opened_at: str | None
    closed_at: str


def follow(plan: TradingPlan) -> Followed:
    """Return a plan to be followed, from the bar after the one that it was made on."""
    return Followed(
        plan_id=plan.plan_id,
        direction=plan.direction.value,
        sign=plan.direction.sign,
        order_type=plan.order_type,
        price=float(plan.entry_price),
        stop=float(plan.stop_loss),
        target=float(plan.take_profit),
        since=plan.created_at.timestamp(),
        until=plan.valid_until.timestamp(),
        horizon=HORIZONS[plan.time_horizon].total_seconds(),
    )


def step(followed: Followed, bar: Span, policy: CounterfactualPolicy, *, cost: float) -> tuple[Followed, Result | None]:
    """Return a followed plan after a bar, and its result where the bar ended it; ``cost`` is that of one side."""
    if bar.opened_at < followed.since:
        return followed, None
    if followed.stage is Stage.LEAVING:
        return followed, _left(followed, bar.open, bar.opened_at, cost)
    entered = Entered.BEFORE
    if followed.stage is Stage.WAITING:
        price = _entry(followed, bar)
        if price is None or _is_beyond(followed, price):
            over = price is not None or bar.closed_at >= followed.until
            return followed, Result(None, None, NEVER_ENTERED, None, _iso(bar.closed_at)) if over else None
        entered = Entered.AT_OPEN if price == bar.open else Entered.INSIDE
        followed = followed._replace(stage=Stage.HELD, entered=price, opened_at=bar.opened_at)
    return _held(followed, bar, entered, policy, cost)


def _held(
    followed: Followed, bar: Span, entered: Entered, policy: CounterfactualPolicy, cost: float
) -> tuple[Followed, Result | None]:
    """Return a held plan after a bar: left at its stop or target inside it, or to be left once it has expired."""
    sign, opens, high, low = followed.sign, bar.open, bar.high, bar.low
    stop = inside.stopped(sign=sign, stop=followed.stop, open=opens, low=low, high=high, entered=entered)
    if stop is not None:
        return followed, _left(followed._replace(reason="stop_loss"), stop, bar.closed_at, cost)
    target = inside.reached(
        sign=sign, target=followed.target, open=opens, low=low, high=high, close=bar.close, entered=entered
    )
    if target is not None:
        return followed, _left(followed._replace(reason="take_profit"), target, bar.closed_at, cost)
    if bar.closed_at < followed.opened_at + followed.horizon * policy.holding_horizons:
        return followed, None
    return followed._replace(stage=Stage.LEAVING, reason="expiry"), None


def _is_beyond(followed: Followed, price: float) -> bool:
    """Say whether a price lies at or beyond the plan's own stop or target: there is nothing left to enter."""
    sign = followed.sign
    return price * sign <= followed.stop * sign or price * sign >= followed.target * sign


def learned_cost(cost: float | None, *, slip_bps: float, fee: float = 0.0, policy: CounterfactualPolicy) -> float:
    """Return the running cost of one side after an execution that slipped so far and paid a fee [fraction of notional].

    It is never below zero.
    """
    measured = max(max(slip_bps, 0.0) / float(slippage.BPS) + fee, 0.0)
    return round(
        policy.cost_keep * (policy.cost if cost is None else cost) + (1 - policy.cost_keep) * measured, DECIMALS
    )


def _entry(followed: Followed, bar: Span) -> float | None:
    """Return the price at which a waiting plan would be entered in a bar, None where it would not."""
    if bar.opened_at >= followed.until:
        return None
    sign, price = followed.sign, followed.price
    if followed.order_type is OrderType.MARKET:
        return bar.open
    if followed.order_type is OrderType.LIMIT:
        reached = bar.low <= price if sign > 0 else bar.high >= price
        return (min if sign > 0 else max)(bar.open, price) if reached else None
    reached = bar.high >= price if sign > 0 else bar.low <= price
    return (max if sign > 0 else min)(bar.open, price) if reached else None


def _left(followed: Followed, price: float, at: float, cost: float) -> Result:
    """Return what a plan came to that was left at a price."""
    entered, sign = followed.entered, followed.sign
    pnl = sign * (price / entered - 1.0) - cost * (1.0 + price / entered)
    risked = sign * (entered - followed.stop) / entered
    return Result(
        pnl_percent=round(pnl, DECIMALS),
        r_multiple=round(pnl / risked, DECIMALS) if risked > 0 else None,
        close_reason=followed.reason,
        opened_at=_iso(followed.opened_at),
        closed_at=_iso(at),
    )


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
