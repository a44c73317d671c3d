"""The strategy: how an approved plan becomes one order or several."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal
from enum import StrEnum

from portfolio.execution import order, slippage
from portfolio.plans import plan as plans
from tradingops.modules.trader.market import Market
from tradingops.modules.trader.policy import EntryRules
from tradingops.modules.trader.state import EntryPlan, Terms


class Strategy(StrEnum):
    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    TWAP = "twap"
    VWAP = "vwap"

    @property
    def is_sliced(self) -> bool:
        return self in (Strategy.TWAP, Strategy.VWAP)


class Urgency(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


def choose(approved: EntryPlan, market: Market, *, level: str, rules: EntryRules) -> Strategy:
    """Return the strategy for a plan.

    High urgency or a short horizon trades at market; an adaptive choice looks at stress, liquidity and volatility; a
    large size is sliced over time, one that asks for it by volume; all else goes by the plan's order type.
    """
    plan = approved.plan
    if approved.urgency == Urgency.HIGH or horizon(plan).total_seconds() < rules.market_horizon_seconds:
        return Strategy.MARKET
    if approved.adaptive or rules.adaptive:
        return _adapted(approved, market, level=level, rules=rules)
    if approved.quantity * market.price > rules.slicing_notional:
        return Strategy.TWAP
    return Strategy.VWAP if approved.use_vwap else Strategy(plan.order_type)


def _adapted(approved: EntryPlan, market: Market, *, level: str, rules: EntryRules) -> Strategy:
    plan = approved.plan
    stress = {"warning": rules.stress_of_warning, "breach": rules.stress_of_breach}.get(level, 0.0)
    if stress > rules.adaptive_stress:
        return Strategy.MARKET
    if market.depth(rules) / approved.quantity < Decimal(repr(rules.adaptive_liquidity)):
        return Strategy.LIMIT
    if approved.quantity * market.price > rules.slicing_notional:
        long = horizon(plan) > timedelta(minutes=rules.adaptive_vwap_minutes)
        return Strategy.VWAP if long else Strategy.TWAP
    wild = (market.feature("vol_20") or 0.0) > rules.adaptive_volatility
    return Strategy.LIMIT if wild else Strategy(plan.order_type)


def terms(
    strategy: Strategy,
    plan: plans.TradingPlan,
    market: Market,
    *,
    urgency: str,
    rules: EntryRules,
    tick: Decimal | None = None,
) -> Terms:
    """Return the order type and price: a limit waits a share of the spread below a buy, a stop as far above.

    Prices lie on the tick, or on that which the plan's prices show, rounded away from the market.
    """
    if strategy not in (Strategy.LIMIT, Strategy.STOP):
        return Terms(order.OrderType.MARKET)
    share = {Urgency.HIGH: rules.offset_high, Urgency.LOW: rules.offset_low}.get(Urgency(urgency), rules.offset_medium)
    offset = market.price * market.spread_bps(rules) / slippage.BPS * Decimal(repr(share))
    below = (plan.direction.sign > 0) == (strategy is Strategy.LIMIT)
    rounding = ROUND_FLOOR if below else ROUND_CEILING
    step = tick or shown_tick(plan)
    whole = ((market.price - offset if below else market.price + offset) / step).to_integral_value(rounding)
    price = max(whole, Decimal(1)) * step
    if strategy is Strategy.LIMIT:
        return Terms(order.OrderType.LIMIT, limit_price=price)
    return Terms(order.OrderType.STOP, stop_price=price)


def shown_tick(plan: plans.TradingPlan) -> Decimal:
    """Return the price step that a plan's prices show: one unit of their longest fraction."""
    exponents = [price.as_tuple().exponent for price in (plan.entry_price, plan.stop_loss, plan.take_profit)]
    return Decimal(1).scaleb(min(0, *(each for each in exponents if isinstance(each, int))))


def slices(strategy: Strategy, *, left: timedelta, bar: timedelta, rules: EntryRules) -> int:
    """Return how many orders an entry is split into: one a bar, each with a bar left to fill in."""
    return max(1, min(rules.slices, left // bar)) if strategy.is_sliced else 1


def slice_of(
    strategy: Strategy,
    *,
    unsent: Decimal,
    slices_left: int,
    volume_ratio: float | None,
    rules: EntryRules,
    lot: Decimal,
) -> Decimal:
    """Return the next slice: an even share, by volume an uneven one, and all that is left for the last."""
    if slices_left <= 1:
        return unsent
    share = unsent / slices_left
    if strategy is Strategy.VWAP:
        ratio = 1.0 if volume_ratio is None else volume_ratio
        share *= Decimal(repr(min(max(ratio, rules.slice_least), rules.slice_most)))
    return min(stepped(share, lot), unsent)


def stepped(quantity: Decimal, step: Decimal) -> Decimal:
    """Return a quantity rounded down to a multiple of a step."""
    return (quantity / step).to_integral_value(ROUND_DOWN) * step


def horizon(plan: plans.TradingPlan) -> timedelta:
    """Return a plan's time horizon."""
    return plans.HORIZONS[plan.time_horizon]
