"""The budget: how much a plan may lose, and the size and quantity that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portfolio import ledger, sizing
from portfolio.plans.plan import TradingPlan
from strands.market.instruments.instrument import Instrument
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.shares import rounded, share

POSITION_LIMIT, RISK_BUDGET, KELLY = "position_limit", "risk_budget", "kelly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The size that a plan is granted of what it asked for, and which brake decided, if any [shares of value]."""

    budget: sizing.Budget
    asked: float
    size: float
    caps: dict[str, float]
    braked_by: str | None

    @property
    def granted(self) -> float:
        """How much of the asked size is granted [0-1]."""
        return rounded(self.size / self.asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """A size turned into whole lots: what is really bought, at most the size.

    ``of_least`` is how many times the least order that the instrument takes; None where it has no least.
    """

    quantity: Decimal
    notional: Decimal
    weight: float
    of_least: float | None


def grant(plan: TradingPlan, *, sigma: float, drawdown: float, scaling: float, policy: DecisionPolicy) -> Grant:
    """Return the largest size that the asked one, the position limit, the risk budget and Kelly all allow."""
    budget = sizing.risk_budget(
        base=policy.base_risk_budget,
        strength=sigma,
        drawdown=drawdown,
        scaling=scaling,
        kelly=sizing.Kelly(edge=policy.kelly_edge, deviation=policy.kelly_deviation, cap=policy.kelly_cap),
        brakes=sizing.Brakes(
            kelly_share=policy.kelly_share, ceiling=policy.budget_ceiling, max_drawdown=policy.max_drawdown
        ),
    )
    caps = {
        POSITION_LIMIT: policy.position_limit,
        RISK_BUDGET: sizing.size_for_risk(budget=budget.risk_budget, stop_distance=plan.stop_fraction),
        KELLY: budget.kelly_brake,
    }
    tightest = min(caps, key=lambda name: caps[name])
    braked = caps[tightest] < plan.position_size
    return Grant(
        budget=budget,
        asked=plan.position_size,
        size=caps[tightest] if braked else plan.position_size,
        caps=caps,
        braked_by=tightest if braked else None,
    )


def sized(plan: TradingPlan, size: float, *, value: Decimal, instrument: Instrument | None) -> Sized:
    """Return the whole lots that a size buys at the plan's entry price, at most what one order may hold."""
    wanted = sizing.quantity(fraction=size, value=value, price=plan.entry_price)
    quantity = sizing.in_lots(wanted, price=plan.entry_price, instrument=instrument)
    notional = ledger.EXACT.multiply(quantity, plan.entry_price)
    return Sized(
        quantity=quantity,
        notional=notional,
        weight=share(notional, of=value),
        of_least=sizing.of_least(quantity, price=plan.entry_price, instrument=instrument),
    )


def to_json(granted: Grant, bought: Sized) -> dict[str, Any]:
    """Return the column ``dm_budget``."""
    numbers = {name: rounded(number) for name, number in granted.budget.to_json().items()}
    return {
        **numbers,
        "asked_size": granted.asked,
        "granted_size": rounded(granted.size),
        "size_caps": {name: rounded(cap) for name, cap in granted.caps.items()},
        "braked_by": granted.braked_by,
        "position_size": bought.weight,
        "quantity": ledger.text(bought.quantity),
        "notional": ledger.text(bought.notional),
    }
