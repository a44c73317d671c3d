"""An Order: an instruction to a venue, and how far it has come."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self

import pydantic

from portfolio import ledger
from strands.strand import Strand


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> Side:
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"


class Intent(StrEnum):
    ENTRY = "entry"
    EXIT = "exit"


class Status(StrEnum):
    """accepted -> partially_filled -> filled; an open order may become cancelled or expired, a new one rejected."""

    ACCEPTED = "accepted"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


OPEN = frozenset({Status.ACCEPTED, Status.PARTIALLY_FILLED})
ENDED = frozenset({Status.FILLED, Status.CANCELLED, Status.REJECTED, Status.EXPIRED})

Positive = Annotated[Decimal, pydantic.Field(gt=0, allow_inf_nan=False)]


class Order(pydantic.BaseModel):
    """What a trader asked of a venue, and what is done of it. Quantities are unsigned; ``side`` carries the sign.

    ``id`` is the order strand's id, and so the client order id. ``at`` is when it was said, ``valid_until`` when it
    stops working. ``triggered`` says that a stop's price was touched, from when on it works as a market order.

    A ``reduce_only`` order never does more than what is held allows. Of a ``group`` one order cancels the other. One
    that is ``attached_to`` an entry sleeps until that is filled, and then works what was filled: ``released`` of it.
    ``replaces`` names an order that is taken back as this one is accepted. ``held`` is what the sender holds at the
    venue, signed. An entry is not filled at a price worse than ``worst_price``, nor beyond its plan's own
    ``stop_loss`` or ``take_profit``.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="ignore")

    id: str
    lifecycle_id: str
    symbol: str
    at: pydantic.AwareDatetime
    venue: str = ""
    side: Side
    intent: Intent = Intent.ENTRY
    order_type: OrderType
    quantity: Positive
    limit_price: Positive | None = None
    stop_price: Positive | None = None
    expected_price: Positive | None = None
    valid_until: pydantic.AwareDatetime | None = None
    reduce_only: bool = False
    group: str | None = None
    attached_to: str | None = None
    replaces: str | None = None
    held: Decimal | None = None
    worst_price: Positive | None = None
    stop_loss: Positive | None = None
    take_profit: Positive | None = None
    status: Status = Status.ACCEPTED
    filled: Decimal = ledger.ZERO
    notional: Decimal = ledger.ZERO
    released: Decimal = ledger.ZERO
    triggered: bool = False

    @pydantic.model_validator(mode="after")
    def _has_the_price_of_its_type(self) -> Self:
        if self.order_type is OrderType.LIMIT and self.limit_price is None:
            raise ValueError("limit_price is missing; a limit order names the worst price it accepts")
        if self.order_type is OrderType.STOP and self.stop_price is None:
            raise ValueError("stop_price is missing; a stop order names the price that triggers it")
        return self

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def remaining(self) -> Decimal:
        return ledger.EXACT.subtract(self.quantity, self.filled)

    @property
    def workable(self) -> Decimal:
        """What is left to do now: of an attached order no more than was released."""
        return self.remaining if self.attached_to is None else ledger.EXACT.subtract(self.released, self.filled)

    @property
    def is_protective(self) -> bool:
        """Whether it is the stop or the target of a position."""
        return self.reduce_only and self.group is not None

    @property
    def average_price(self) -> Decimal | None:
        """What one unit cost so far, to 28 digits; None before the first fill."""
        return ledger.QUOTIENT.divide(self.notional, self.filled) if self.filled else None

    def now(self, status: Status) -> Order:
        """Return the order in another status."""
        return self.model_copy(update={"status": status})

    def filled_by(self, quantity: Decimal, price: Decimal) -> Order:
        """Return the order after a fill of a quantity at a price."""
        filled = ledger.EXACT.add(self.filled, quantity)
        return self.model_copy(
            update={
                "filled": filled,
                "notional": ledger.EXACT.add(self.notional, ledger.EXACT.multiply(quantity, price)),
                "status": Status.FILLED if filled >= self.quantity else Status.PARTIALLY_FILLED,
            }
        )

    def to_json(self) -> dict[str, Any]:
        """Return the order as JSON; ``Order.model_validate`` undoes it."""
        return self.model_dump(mode="json")


class BadOrder(ValueError):
    """An order strand that is no order: the message names the field, the value and the rule."""


def read(strand: Strand) -> Order:
    """Return the order in an order strand; raises BadOrder."""
    spec = strand.payload.get("order_spec") or {}
    given = {
        **spec,
        "id": strand.id,
        "lifecycle_id": strand.lifecycle_id or strand.id,
        "symbol": spec.get("symbol") or strand.symbol,
        "at": strand.at,
        "venue": strand.payload.get("route_hint") or "",
    }
    try:
        return Order.model_validate({name: value for name, value in given.items() if name not in _OURS})
    except pydantic.ValidationError as broken:
        raise BadOrder(_words(broken)) from None


#: Fields that a venue keeps and no order strand may set.
_OURS = frozenset({"status", "filled", "notional", "released", "triggered"})


def _words(broken: pydantic.ValidationError) -> str:
    faults = broken.errors(include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, each['loc'])) or 'order'}: {_value(each)}{each['msg']}" for each in faults)


def _value(fault: Any) -> str:
    return "" if fault["type"] in {"missing", "value_error"} else f"{fault['input']!r}: "
