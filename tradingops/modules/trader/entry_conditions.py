"""Entry conditions: what must hold before a plan is entered, all of it at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from portfolio.plans import plan as plans
from tradingops.modules.trader.market import Market
from tradingops.modules.trader.policy import EntryRules

#: (the condition's value, the market, the plan, the rules) -> whether it holds.
Rule = Callable[[Any, Market, plans.TradingPlan, EntryRules], bool]


def unknown(plan: plans.TradingPlan) -> tuple[str, ...]:
    """Return the types of a plan's conditions that no rule is known for."""
    return tuple(each["type"] for each in plan.entry_conditions if each.get("type") not in RULES)


def of_the_market(plan: plans.TradingPlan) -> tuple[str, ...]:
    """Return the types of a plan's conditions that only later bars can tell; the plan's own bar is no evidence."""
    return tuple(
        each["type"] for each in plan.entry_conditions if "observed" not in each and each["type"] not in OF_THE_PLAN
    )


def failing(plan: plans.TradingPlan, market: Market, rules: EntryRules) -> tuple[str, ...]:
    """Return the types of the conditions that do not hold.

    A condition with ``observed`` was seen to hold when the plan was made and is not watched again. One whose feature
    is not known does not hold.
    """
    return tuple(
        each["type"]
        for each in plan.entry_conditions
        if "observed" not in each and not RULES[each["type"]](each.get("value"), market, plan, rules)
    )


def _price_above(value: Any, market: Market, plan: plans.TradingPlan, rules: EntryRules) -> bool:
    return market.price >= Decimal(str(value))


def _price_below(value: Any, market: Market, plan: plans.TradingPlan, rules: EntryRules) -> bool:
    return market.price <= Decimal(str(value))


def _volume(value: Any, market: Market, plan: plans.TradingPlan, rules: EntryRules) -> bool:
    """Say whether volume over its average reaches the value."""
    ratio = market.feature("volume_ratio")
    return ratio is not None and ratio >= _number(value, rules.volume_ratio_min)


def _volatility(value: Any, market: Market, plan: plans.TradingPlan, rules: EntryRules) -> bool:
    """Say whether the market is no wilder than the value: the std of its one-bar returns."""
    wild = market.feature("vol_20")
    return wild is not None and wild <= _number(value, rules.volatility_max)


def _pattern(value: Any, market: Market, plan: plans.TradingPlan, rules: EntryRules) -> bool:
    """Say whether the named pattern, or any, points the plan's way."""
    names = (value,) if value in _PATTERNS else _PATTERNS
    return any((market.feature(name) or 0.0) * plan.direction.sign > 0 for name in names)


def _regime(value: Any, market: Market, plan: plans.TradingPlan, rules: EntryRules) -> bool:
    return alignment(market.features.get("regime"), plan.direction, rules) >= _number(value, rules.regime_alignment_min)


def _confidence(value: Any, market: Market, plan: plans.TradingPlan, rules: EntryRules) -> bool:
    return plan.confidence_score >= _number(value, rules.confidence_min)


def alignment(regime: str | None, direction: plans.Direction, rules: EntryRules) -> float:
    """Return how well a regime suits a direction, in [0, 1]."""
    if regime not in _TRENDS:
        return rules.regime_neither
    return rules.regime_with if _TRENDS[regime] == direction.sign else rules.regime_against


def _number(value: Any, default: float) -> float:
    return float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else default


_PATTERNS = ("breakout", "divergence")
_TRENDS = {"trending_up": 1, "trending_down": -1}

#: What the plan itself says holds at once, or never.
OF_THE_PLAN = frozenset({"confidence_threshold"})

RULES: Mapping[str, Rule] = {
    "price_above": _price_above,
    "price_below": _price_below,
    "volume_confirmation": _volume,
    "volume_spike": _volume,
    "volatility_threshold": _volatility,
    "pattern_confirmation": _pattern,
    "regime_alignment": _regime,
    "confidence_threshold": _confidence,
}
