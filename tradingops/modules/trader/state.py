"""What the trader remembers of one symbol: frozen values, kept as they are between turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from portfolio import ledger
from portfolio.execution import order, prediction
from portfolio.plans import plan as plans
from tradingops.modules import instruments, learning

Json = Mapping[str, Any]

#: The key of the exit under way among the executions.
EXIT = "exit"
#: Nothing held; of which symbol, the partition says.
FLAT = ledger.Position(symbol="")


class CloseReason(StrEnum):
    """Why a position is left."""

    STOP_LOSS = "stop_loss"
    TAKE_PROFIT = "take_profit"
    EXPIRY = "expiry"
    SIGNAL = "signal"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPlan:
    """An approved plan as the trader enters it: how much, until when, and how.

    ``failing`` names the conditions, and the halt, that it waits for.
    """

    plan_id: str
    decision_id: str
    lifecycle_id: str
    plan: plans.TradingPlan
    quantity: Decimal
    valid_until: datetime
    urgency: str = "medium"
    use_vwap: bool = False
    adaptive: bool = False
    route_hint: str | None = None
    max_slippage: float
    max_latency_ms: float
    failing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """An order's type, and the price of that type."""

    order_type: order.OrderType
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None

    @property
    def price(self) -> Decimal | None:
        return self.limit_price or self.stop_price

    def to_json(self) -> dict[str, Any]:
        """Return the terms as an order spec carries them."""
        return {
            "order_type": self.order_type.value,
            "limit_price": ledger.text(self.limit_price) if self.limit_price else None,
            "stop_price": ledger.text(self.stop_price) if self.stop_price else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """One order out at a venue, and the venues that it was sent to so far.

    ``halvings`` counts how often it was split because a venue refused it. ``asks`` counts how often it was asked back,
    the last time at ``asked_at``.
    """

    venue: str
    quantity: Decimal
    terms: Terms
    expected_price: Decimal
    predict: prediction.Prediction | None = None
    tried: tuple[str, ...] = ()
    reduce_only: bool = False
    halvings: int = 0
    asks: int = 0
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One order that is over, and what its venue said last of it."""

    order_id: str
    venue: str
    status: order.Status
    reason: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the attempt as a report of its execution lists it."""
        return {
            "order_id": self.order_id,
            "venue": self.venue,
            "status": self.status.value,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One entry or exit under way: what was asked, what is out, what is done.

    ``spec`` is what each of its orders says, ``ranked`` the venues with their scores, best first, ``fills`` what the
    venues said was done. ``verdict`` and ``lessons`` are what its report repeats of the panel. ``halted`` says which
    halt asked it back; empty for none. ``group`` names the pair of stop and target that an exit is which rests at a
    venue, ``attached_to`` the entry order that the pair waits for, ``released`` how much of that was filled;
    ``replaced`` says that another pair was sent in its place. ``leg`` is the one venue that an exit empties, where
    venues hold a symbol on both sides.
    """

    intent: order.Intent
    side: order.Side
    plan_id: str
    decision_id: str
    lifecycle_id: str
    spec: Json
    quantity: Decimal
    unsent: Decimal
    slices_left: int = 0
    ranked: tuple[tuple[str, float], ...] = ()
    started_at: datetime
    valid_until: datetime
    expected_price: Decimal
    predict: prediction.Prediction | None = None
    orders: Mapping[str, Working] = field(default_factory=dict)
    fills: tuple[Json, ...] = ()
    earned: Decimal = ledger.ZERO
    attempts: tuple[Attempt, ...] = ()
    verdict: Json = field(default_factory=dict)
    lessons: Json = field(default_factory=dict)
    halted: str = ""
    group: str = ""
    replaced: bool = False
    attached_to: str | None = None
    released: Decimal = ledger.ZERO
    leg: str = ""

    @property
    def strategy(self) -> str:
        return str(self.spec["execution_strategy"])

    @property
    def filled(self) -> Decimal:
        return ledger.total(Decimal(each["qty"]) for each in self.fills)

    @property
    def key(self) -> str:
        if self.is_entry:
            return self.plan_id
        return self.group or (f"{EXIT}:{self.leg}" if self.leg else EXIT)

    @property
    def is_entry(self) -> bool:
        return self.intent is order.Intent.ENTRY

    @property
    def rests(self) -> bool:
        """Whether it is a pair of stop and target at a venue."""
        return bool(self.group)

    @property
    def unfilled(self) -> Decimal:
        """What a resting pair still protects."""
        reach = self.quantity if self.attached_to is None else self.released
        return ledger.EXACT.subtract(reach, self.filled)

    @property
    def is_over(self) -> bool:
        """Whether nothing is out at a venue and nothing more will be sent."""
        return not self.orders and not self.slices_left


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """The position held, from its first fill until it is flat; its newest plan's stop, target and horizon rule.

    Money is exact; ``gross``, ``fees`` and ``funding`` count since the position was opened. ``left_by`` says how much
    was left for which reason, ``refused_by`` which venues took no stop for it. ``unprotected_since`` is when it last
    stood without a stop at its venue, ``unprotected_seconds`` how long it did before.
    """

    plan_id: str
    plan_ids: tuple[str, ...]
    signal_id: str
    decision_id: str
    lifecycle_id: str
    direction: plans.Direction
    stop_loss: Decimal
    take_profit: Decimal
    first_stop: Decimal
    opened_at: datetime
    expires_at: datetime
    time_horizon: str
    bar_seconds: float
    venue_preferences: tuple[str, ...] = ()
    entry_quantity: Decimal = ledger.ZERO
    entry_notional: Decimal = ledger.ZERO
    exit_quantity: Decimal = ledger.ZERO
    exit_notional: Decimal = ledger.ZERO
    gross: Decimal = ledger.ZERO
    fees: Decimal = ledger.ZERO
    funding: Decimal = ledger.ZERO
    exit_reason: CloseReason | None = None
    exits: int = 0
    exit_sent_at: datetime | None = None
    refused_by: tuple[str, ...] = ()
    left_by: Mapping[str, Decimal] = field(default_factory=dict)
    unprotected_since: datetime | None = None
    unprotected_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How often a venue executed for us, and how often well."""

    executions: int = 0
    successes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TraderState:
    """All that the trader knows of one symbol.

    ``level`` is risk's; ``plans`` are those of which a second decision is ignored. Executions are kept by plan id, the
    one exit that may be under way by ``EXIT`` (one a venue where those hold it on both sides), pairs of stop and target
    that rest by their group. ``at_venues`` is
    what is held where, signed; ``known_at`` the latest moment that anything was heard of an order.
    """

    level: str = "ok"
    plans: tuple[str, ...] = ()
    waiting: tuple[EntryPlan, ...] = ()
    executions: Mapping[str, Execution] = field(default_factory=dict)
    holding: Holding | None = None
    position: ledger.Position = FLAT
    venues: Mapping[str, Record] = field(default_factory=dict)
    at_venues: Mapping[str, Decimal] = field(default_factory=dict)
    known_at: datetime | None = None
    learning: learning.Learning = field(default_factory=learning.start)
    instruments: instruments.Known = field(default_factory=dict)

    @property
    def is_busy(self) -> bool:
        """Whether a bar can matter."""
        return bool(self.holding or self.waiting or self.executions)


def are_leaving(executions: Mapping[str, Execution]) -> bool:
    """Say whether an exit is under way; what rests at a venue is none."""
    return any(not each.is_entry and not each.rests for each in executions.values())
