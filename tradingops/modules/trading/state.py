"""What the trader remembers of one symbol: frozen values, kept as JSON between turns."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pydantic

from portfolio import ledger
from portfolio.execution import order

#: The key of the exit under way among the executions.
EXIT = "exit"


class Frozen(pydantic.BaseModel):
    """A value that nobody changes and that refuses what it does not know."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")


class Approved(Frozen):
    """A plan as the decision maker approved it: whose it is, how large, and until when it may be entered."""

    plan_id: str
    decision_id: str
    lifecycle_id: str
    plan: dict[str, Any]
    quantity: Decimal
    valid_until: pydantic.AwareDatetime
    urgency: str = "medium"
    use_vwap: bool = False
    adaptive: bool = False
    route_hint: str | None = None
    max_slippage: float
    max_latency_ms: float
    failing: list[str] = []


class Working(Frozen):
    """One order out at a venue."""

    venue: str
    quantity: Decimal
    terms: dict[str, Any]
    predict: dict[str, Any]
    tried: list[str]


class Execution(Frozen):
    """One entry or exit under way: what was asked, what is out, what is done."""

    intent: order.Intent
    side: order.Side
    plan_id: str
    decision_id: str
    lifecycle_id: str
    spec: dict[str, Any]
    quantity: Decimal
    unsent: Decimal
    slices_left: int = 0
    ranked: list[tuple[str, float]] = []
    started_at: str
    valid_until: pydantic.AwareDatetime
    expected_price: Decimal
    predict: dict[str, Any] = {}
    orders: dict[str, Working] = {}
    fills: list[dict[str, Any]] = []
    earned: Decimal = ledger.ZERO
    attempts: list[dict[str, Any]] = []
    heard: dict[str, Any] = {}
    lessons: dict[str, Any] = {}

    @property
    def strategy(self) -> str:
        return str(self.spec["execution_strategy"])

    @property
    def filled(self) -> Decimal:
        return ledger.total(Decimal(each["qty"]) for each in self.fills)

    @property
    def key(self) -> str:
        return EXIT if self.intent is order.Intent.EXIT else self.plan_id

    @property
    def is_over(self) -> bool:
        """Whether nothing is out at a venue and nothing more will be sent."""
        return not self.orders and not self.slices_left


class Holding(Frozen):
    """The position held, from its first fill until it is flat; its newest plan's stop, target and horizon rule.

    Money is exact; ``gross`` and ``fees`` count since the position was opened.
    """

    plan_id: str
    plan_ids: list[str]
    signal_id: str
    decision_id: str
    lifecycle_id: str
    direction: str
    stop_loss: Decimal
    take_profit: Decimal
    first_stop: Decimal
    opened_at: pydantic.AwareDatetime
    expires_at: pydantic.AwareDatetime
    time_horizon: str
    bar_seconds: float
    venue_preferences: list[str] = []
    entry_quantity: Decimal = ledger.ZERO
    entry_notional: Decimal = ledger.ZERO
    exit_quantity: Decimal = ledger.ZERO
    exit_notional: Decimal = ledger.ZERO
    gross: Decimal = ledger.ZERO
    fees: Decimal = ledger.ZERO
    exit_reason: str | None = None
    exits: int = 0


class Record(Frozen):
    """How often a venue executed for us, and how often well."""

    executions: int = 0
    successes: int = 0


class TraderState(Frozen):
    """All that the trader knows of one symbol; ``busy`` says whether a bar can matter to it.

    Executions are kept by plan id, the one exit that may be under way by ``EXIT``.
    """

    busy: bool = False
    level: str = "ok"
    plans: list[str] = []
    waiting: list[Approved] = []
    executions: dict[str, Execution] = {}
    holding: Holding | None = None
    position: dict[str, str] = ledger.position_to_json(ledger.Position(symbol=""))
    venues: dict[str, Record] = {}
