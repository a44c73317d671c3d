"""A TradingPlan: a signal made tradable, and the rules that every plan keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

import pydantic

from portfolio.plans import values


class Direction(StrEnum):
    """Which way a plan earns."""

    LONG = "long"
    SHORT = "short"

    @property
    def sign(self) -> int:
        """``+1`` where a rising price earns, ``-1`` where a falling one does."""
        return 1 if self is Direction.LONG else -1


class OrderType(StrEnum):
    """How a plan is to be entered."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"


class Tier(StrEnum):
    """How strong the signal behind a plan is."""

    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"


#: How long each time horizon is.
HORIZONS = {
    "1m": timedelta(minutes=1),
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
    "1w": timedelta(weeks=1),
}


class PlanRules(pydantic.BaseModel):
    """The bounds that every plan keeps (document 003 and its validation rules)."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    min_symbol_length: int = pydantic.Field(3, ge=1, le=20, description="shortest symbol [letters]")
    max_position_size: float = pydantic.Field(1.0, gt=0, le=1, description="largest position [fraction of value]")
    max_risk_per_trade: float = pydantic.Field(0.1, gt=0, le=1, description="most a stop may lose [fraction of value]")
    max_slippage_tolerance: float = pydantic.Field(0.1, ge=0, le=1, description="most slippage [fraction of price]")
    min_risk_reward: float = pydantic.Field(1.0, gt=0, le=10, description="least reward for one unit of risk")
    max_risk_reward: float = pydantic.Field(10.0, ge=1, le=100, description="most reward for one unit of risk")
    ratio_tolerance: float = pydantic.Field(0.01, ge=0, le=1, description="stated ratio against the prices' ratio")
    horizons: tuple[str, ...] = pydantic.Field(tuple(HORIZONS), min_length=1, description="known time horizons")


RULES = PlanRules()


class InvalidPlan(ValueError):
    """What was given is no trading plan; names each field, its value and the rule."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One rule that a plan breaks."""

    field: str
    value: str
    rule: str

    def __str__(self) -> str:
        return f"{self.field}: {self.value} {self.rule}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingPlan:
    """Where to enter, how much, where to be wrong, where to be right, and until when.

    Prices are Decimal in the symbol's quote currency; sizes are fractions of the portfolio's value; scores lie in
    [0, 1]; moments are aware. Entry conditions are objects with ``type`` and ``value``.
    """

    plan_id: str
    signal_id: str
    symbol: str
    timeframe: str
    direction: Direction
    entry_conditions: tuple[Mapping[str, Any], ...]
    entry_price: Decimal
    position_size: float
    max_position_size: float
    risk_per_trade: float
    stop_loss: Decimal
    take_profit: Decimal
    risk_reward_ratio: float
    confidence_score: float
    strength_score: float
    tier: Tier
    order_type: OrderType
    slippage_tolerance: float
    time_horizon: str
    valid_until: datetime
    created_at: datetime
    venue_preferences: tuple[str, ...] = ()
    market_context: Mapping[str, Any] = field(default_factory=dict)
    signal_metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def stop_fraction(self) -> float:
        """What the stop loses, as a fraction of the entry price; negative where it lies on the winning side."""
        return float((self.entry_price - self.stop_loss) * self.direction.sign / self.entry_price)

    @property
    def target_fraction(self) -> float:
        """What the target earns, as a fraction of the entry price; negative where it lies on the losing side."""
        return float((self.take_profit - self.entry_price) * self.direction.sign / self.entry_price)

    def problems(self, rules: PlanRules = RULES) -> tuple[Problem, ...]:
        """Return every rule that the plan breaks; none for a sound plan."""
        return (*_identity(self, rules), *_prices(self, rules), *_sizes(self, rules), *_moments(self, rules))

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON: prices as decimal strings, moments as ISO strings; ``plan_from`` undoes it."""
        return {each.name: _to_json(getattr(self, each.name)) for each in fields(self)}


def plan_from(payload: Mapping[str, Any]) -> TradingPlan:
    """Return the plan that ``TradingPlan.to_json`` wrote, keys that are no field of a plan left out.

    Raises InvalidPlan for a field that is missing or cannot be read; ``problems`` judges what could be read.
    """
    read: dict[str, Any] = {}
    faults = []
    for name, (reader, rule) in _READERS.items():
        if name not in payload:
            if name not in _OPTIONAL:
                faults.append(str(Problem(name, "nothing", f"is given; it must be {rule}")))
            continue
        try:
            read[name] = reader(payload[name])
        except (ValueError, TypeError, InvalidOperation):
            faults.append(str(Problem(name, repr(payload[name]), f"must be {rule}")))
    if faults:
        raise InvalidPlan("; ".join(faults))
    return TradingPlan(**read)


def _identity(plan: TradingPlan, rules: PlanRules) -> Iterator[Problem]:
    if len(plan.symbol) < rules.min_symbol_length:
        yield Problem("symbol", repr(plan.symbol), f"has fewer than {rules.min_symbol_length} letters")
    if not plan.entry_conditions:
        yield Problem("entry_conditions", "[]", "is empty; a plan says when it may be entered")
    for condition in plan.entry_conditions:
        if not condition.get("type"):
            yield Problem("entry_conditions", repr(dict(condition)), "names no type")


def _prices(plan: TradingPlan, rules: PlanRules) -> Iterator[Problem]:
    below_zero = [
        Problem(name, str(price), "is not above zero")
        for name in ("entry_price", "stop_loss", "take_profit")
        if not ((price := getattr(plan, name)).is_finite() and price > 0)
    ]
    if below_zero:
        yield from below_zero
        return
    losing, winning = ("below", "above") if plan.direction is Direction.LONG else ("above", "below")
    side = f"the entry price {plan.entry_price} of a {plan.direction}"
    if plan.stop_fraction <= 0:
        yield Problem("stop_loss", str(plan.stop_loss), f"is not {losing} {side}")
    if plan.target_fraction <= 0:
        yield Problem("take_profit", str(plan.take_profit), f"is not {winning} {side}")
    yield from _ratio(plan, rules)


def _ratio(plan: TradingPlan, rules: PlanRules) -> Iterator[Problem]:
    stated = plan.risk_reward_ratio
    if not rules.min_risk_reward <= stated <= rules.max_risk_reward:
        bounds = f"lies outside {rules.min_risk_reward} to {rules.max_risk_reward}"
        yield Problem("risk_reward_ratio", str(stated), bounds)
    elif plan.stop_fraction > 0 and plan.target_fraction > 0:
        real = plan.target_fraction / plan.stop_fraction
        if abs(real - stated) > rules.ratio_tolerance:
            yield Problem("risk_reward_ratio", str(stated), f"differs from the {real:.4f} of stop and target")


def _sizes(plan: TradingPlan, rules: PlanRules) -> Iterator[Problem]:
    size, cap = plan.position_size, plan.max_position_size
    if not 0 < cap <= rules.max_position_size:
        yield Problem("max_position_size", str(cap), f"lies outside 0 (exclusive) to {rules.max_position_size}")
    if not 0 < size <= cap:
        yield Problem("position_size", str(size), f"lies outside 0 (exclusive) to max_position_size {cap}")
    for name, most in (
        ("risk_per_trade", rules.max_risk_per_trade),
        ("slippage_tolerance", rules.max_slippage_tolerance),
        ("confidence_score", 1.0),
        ("strength_score", 1.0),
    ):
        value = getattr(plan, name)
        if not 0 <= value <= most:
            yield Problem(name, str(value), f"lies outside 0 to {most}")


def _moments(plan: TradingPlan, rules: PlanRules) -> Iterator[Problem]:
    if plan.time_horizon not in rules.horizons:
        yield Problem("time_horizon", repr(plan.time_horizon), f"is none of {', '.join(rules.horizons)}")
    if plan.valid_until <= plan.created_at:
        yield Problem("valid_until", plan.valid_until.isoformat(), f"is not after {plan.created_at.isoformat()}")


def _to_json(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {name: _to_json(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_to_json(each) for each in value]
    return value


_TEXT = (values.text, "text")
_MONEY = (values.money, "a decimal string")
_NUMBER = (values.number, "a finite number")
_MOMENT = (values.moment, "an ISO moment with its zone")
_OBJECT = (values.mapping, "an object")

#: How each field is read, and what a reader says it must be.
_READERS: dict[str, tuple[Any, str]] = {
    **dict.fromkeys(("plan_id", "signal_id", "symbol", "timeframe", "time_horizon"), _TEXT),
    **dict.fromkeys(("entry_price", "stop_loss", "take_profit"), _MONEY),
    **dict.fromkeys(("position_size", "max_position_size", "risk_per_trade", "risk_reward_ratio"), _NUMBER),
    **dict.fromkeys(("confidence_score", "strength_score", "slippage_tolerance"), _NUMBER),
    **dict.fromkeys(("valid_until", "created_at"), _MOMENT),
    **dict.fromkeys(("market_context", "signal_metadata"), _OBJECT),
    "direction": (Direction, "long or short"),
    "tier": (Tier, "strong, medium or weak"),
    "order_type": (OrderType, "market, limit or stop"),
    "entry_conditions": (values.mappings, "a list of objects"),
    "venue_preferences": (values.texts, "a list of venue names"),
}

_OPTIONAL = frozenset({"venue_preferences", "market_context", "signal_metadata"})
