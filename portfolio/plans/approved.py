"""An approved plan: what risk and the decision maker let through, and all that the trader needs to carry it out.

It can be made of nothing else: whoever makes one shows what every gate found, and a plan that any of them stops is
refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, NoReturn

from portfolio import ledger
from portfolio.plans import plan as plans
from portfolio.plans import values

Json = Mapping[str, Any]


class NotApproved(ValueError):
    """This is no plan that may be traded; the message names the field, the value, the rule and the way out."""


class Approval(StrEnum):
    """How a plan passed: as it was, or changed."""

    APPROVE = "approve"
    MODIFY = "modify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions:
    """How the plan is to be executed; what is None is left to the trader's own policy."""

    entry_timing: str | None = None
    quantity: Decimal | None = None
    time_horizon: str | None = None
    venue_preferences: tuple[str, ...] | None = None
    urgency: str | None = None
    execution_strategy: str | None = None
    use_vwap: bool | None = None
    route_hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskParameters:
    """The bounds of its execution; what is None is left to the trader's own policy.

    ``max_slippage`` is a fraction of the price, ``max_latency_ms`` milliseconds, ``position_limit`` a share of value,
    ``loss_at_stop`` money.
    """

    max_slippage: float | None = None
    max_latency_ms: float | None = None
    position_limit: float | None = None
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
    loss_at_stop: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationParameters:
    """What trading towards the plan's share costs, and from which drift on it is worth it [shares]."""

    rebalancing_threshold: float
    transaction_cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CryptoParameters:
    """The sub-scores of the market's own risks [0-1], None where unknown, and the risks that nobody feeds."""

    volatility: float | None
    liquidity: float | None
    asymmetry_scaling: float
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """What is to be watched while the plan is open, and until when."""

    watch: tuple[str, ...]
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedPlan:
    """A decision that lets a plan pass, with the evidence that it does; raises NotApproved for any other.

    ``gates`` are what the gates found, as JSON, each with its ``severity`` and whether it ``passed``; ``plan`` is the
    plan's JSON as it is to be carried out, with every key that it was given and its ``quantity`` in units.
    ``valid_until`` is the decision's own end, beside the plan's.
    """

    decision_type: Approval
    score: float | None = None
    score_parts: Json | None = None
    allocation: Json | None = None
    reason: str | None
    gates: tuple[Json, ...]
    plan_id: str
    plan: Json
    modifications: tuple[Json, ...] = ()
    valid_until: datetime
    execution_instructions: Instructions | None = None
    risk_parameters: RiskParameters | None = None
    allocation_parameters: AllocationParameters | None = None
    crypto_parameters: CryptoParameters | None = None
    monitoring_requirements: Monitoring | None = None

    def __post_init__(self) -> None:
        if self.decision_type not in set(Approval):
            _refuse("decision_type", self.decision_type, f"is none of {', '.join(Approval)}", "trade what passed")
        _check_gates(self.gates)
        _check_plan(self)

    @property
    def quantity(self) -> Decimal:
        """How much to trade in all [units]."""
        return Decimal(self.plan["quantity"])

    @property
    def trading_plan(self) -> plans.TradingPlan:
        """The plan as it is to be carried out."""
        return plans.plan_from(self.plan)

    @property
    def expires_at(self) -> datetime:
        """When it may be entered no more: the earlier of the plan's own end and the decision's."""
        return min(self.trading_plan.valid_until, self.valid_until)

    def to_json(self) -> dict[str, Any]:
        """Return the approval as the JSON of a decision (``dm_decision``); ``from_json`` undoes it."""
        return _object(self)


def from_json(value: object) -> ApprovedPlan:
    """Return the approved plan that ``ApprovedPlan.to_json`` wrote; keys that are no field are left out.

    Raises NotApproved for what cannot be read and for what did not pass.
    """
    approved: ApprovedPlan = _read(ApprovedPlan, value, "decision")
    return approved


# --- what passes


def _check_gates(gates: tuple[Json, ...]) -> None:
    if not gates:
        _refuse("gates", [], "shows nothing that the plan passed", "give what every gate found")
    for each in gates:
        if missing := [name for name in ("gate", "severity", "passed") if name not in each]:
            _refuse("gates", dict(each), f"names no {', '.join(missing)}", "give each gate's reading whole")
        if each["passed"] is False and each["severity"] == "hard":
            rule = f"stops the plan at {each.get('value')!r} of {each.get('limit')!r}"
            _refuse("gates", each["gate"], rule, "mend the plan or let it go")


def _check_plan(approved: ApprovedPlan) -> None:
    plan, changed = approved.plan, bool(approved.modifications)
    if changed != (approved.decision_type == Approval.MODIFY):
        rule = f"does not go with {len(approved.modifications)} modifications"
        _refuse("decision_type", approved.decision_type, rule, "approve what is unchanged, modify what is changed")
    try:
        plans.plan_from(plan)
    except plans.InvalidPlan as broken:
        raise NotApproved(f"plan: {broken}; give the plan as alpha made it, with the changes made") from None
    if plan["plan_id"] != approved.plan_id:
        _refuse("plan_id", approved.plan_id, f"is not the plan's own, {plan['plan_id']!r}", "name the plan decided on")
    _check_quantity(plan.get("quantity"), approved.execution_instructions)


def _check_quantity(given: object, instructions: Instructions | None) -> None:
    try:
        quantity = values.money(given)
    except (TypeError, ValueError, InvalidOperation):
        _refuse("plan.quantity", given, "is no decimal string", "give the units to trade")
    if quantity <= 0:
        _refuse("plan.quantity", given, "is not above zero", "approve a size of at least one step")
    if instructions and instructions.quantity not in (None, quantity):
        rule = f"is not the {given} of the plan"
        _refuse("execution_instructions.quantity", ledger.text(instructions.quantity), rule, "give one quantity twice")


def _refuse(name: str, value: object, rule: str, way_out: str) -> NoReturn:
    shown = value if isinstance(value, str) else repr(value)
    raise NotApproved(f"{name}: {shown[:_SHOWN]} {rule}; {way_out}")


#: How much of an absurd value an error repeats [letters].
_SHOWN = 200


# --- to JSON and back


def _object(value: Any) -> dict[str, Any]:
    """Return a dataclass as JSON, without the optional fields that are None; one that must be told is null."""
    held = {each.name: (getattr(value, each.name), each.default is None) for each in fields(value)}
    return {name: _plain(each) for name, (each, optional) in held.items() if not (optional and each is None)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    writer = _WRITERS.get(type(value))
    return value if writer is None else writer(value)


def _read(kind: type[Any], value: object, where: str) -> Any:
    """Return a dataclass read from its JSON."""
    if not isinstance(value, Mapping):
        _refuse(where, value, "is no object", f"give {', '.join(each.name for each in fields(kind))}")
    read: dict[str, Any] = {}
    for each in fields(kind):
        reader, rule = _READERS[each.name]
        if each.name not in value:
            if each.default is MISSING:
                _refuse(f"{where}.{each.name}", "nothing", "is given", f"it must be {rule}")
            continue
        try:
            read[each.name] = reader(value[each.name])
        except NotApproved:
            raise
        except (TypeError, ValueError, InvalidOperation):
            _refuse(f"{where}.{each.name}", value[each.name], "cannot be read", f"it must be {rule}")
    return kind(**read)


def _or_null(reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else reader(value)


def _number(value: int | float) -> int | float:
    """Return a finite number as it is spelt: 1000 stays 1000."""
    values.number(value)
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _part(kind: type[Any], where: str) -> tuple[Callable[[Any], Any], str]:
    return _or_null(lambda value: _read(kind, value, where)), "an object"


_TEXT = (_or_null(values.text), "text")
_MONEY = (_or_null(values.money), "a decimal string")
_NUMBER = (_or_null(_number), "a finite number")
_SHARE = (_number, "a finite number")
_MOMENT = (values.moment, "an ISO moment with its zone")
_OBJECT = (_or_null(values.mapping), "an object")
_OBJECTS = (values.mappings, "a list of objects")
_TEXTS = (values.texts, "a list of texts")

#: How each field is read, and what a reader says it must be.
_READERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "decision_type": (Approval, " or ".join(Approval)),
    "plan_id": (values.text, "text"),
    "plan": (values.mapping, "an object"),
    **dict.fromkeys(("gates", "modifications"), _OBJECTS),
    **dict.fromkeys(("score_parts", "allocation"), _OBJECT),
    **dict.fromkeys(("reason", "entry_timing", "time_horizon", "urgency", "execution_strategy", "route_hint"), _TEXT),
    **dict.fromkeys(("score", "max_slippage", "max_latency_ms", "position_limit", "volatility", "liquidity"), _NUMBER),
    **dict.fromkeys(("rebalancing_threshold", "transaction_cost", "asymmetry_scaling"), _SHARE),
    **dict.fromkeys(("quantity", "stop_loss", "take_profit", "loss_at_stop"), _MONEY),
    "valid_until": _MOMENT,
    "venue_preferences": (_or_null(values.texts), "a list of venue names"),
    **dict.fromkeys(("absent", "watch"), _TEXTS),
    "use_vwap": (_or_null(_flag), "true or false"),
    "execution_instructions": _part(Instructions, "execution_instructions"),
    "risk_parameters": _part(RiskParameters, "risk_parameters"),
    "allocation_parameters": _part(AllocationParameters, "allocation_parameters"),
    "crypto_parameters": _part(CryptoParameters, "crypto_parameters"),
    "monitoring_requirements": _part(Monitoring, "monitoring_requirements"),
}

_WRITERS: dict[type[Any], Callable[[Any], Any]] = {
    Decimal: ledger.text,
    datetime: datetime.isoformat,
    Approval: lambda value: value.value,
    **dict.fromkeys((Instructions, RiskParameters, AllocationParameters, CryptoParameters, Monitoring), _object),
}
