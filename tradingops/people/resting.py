"""What the trader has out at venues in one symbol, and what waits to be sent, as a person may take it back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from portfolio.execution import order

if TYPE_CHECKING:
    from tradingops.modules.trader.state import Execution, TraderState

#: What an order at a price is for, once something is held.
_PROTECTS = {order.OrderType.STOP: "stop", order.OrderType.LIMIT: "target"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """One order that rests or works at a venue, or a plan that waits to be entered (its plan's id, and no venue).

    ``purpose`` is entry, waiting, stop, target or exit. A person may cancel what enters; what protects a position is
    moved, and what leaves it is left alone.
    """

    identity: str
    purpose: str
    side: str
    quantity: Decimal
    price: Decimal | None
    venue: str = ""
    lifecycle_id: str = ""

    @property
    def may_be_cancelled(self) -> bool:
        """Whether the trader takes it back when a person asks."""
        return self.purpose in ("entry", "waiting")


def of(state: TraderState) -> tuple[Resting, ...]:
    """Return everything that is out or waits, what enters first."""
    found = [*(each for one in state.executions.values() for each in _orders(one)), *_waiting(state)]
    return tuple(sorted(found, key=lambda each: (not each.may_be_cancelled, each.identity)))


def _orders(execution: Execution) -> Iterator[Resting]:
    for identity, out in execution.orders.items():
        protects = _PROTECTS.get(out.terms.order_type, "exit") if execution.rests else "exit"
        yield Resting(
            identity=identity,
            purpose="entry" if execution.is_entry else protects,
            side=execution.side.value,
            quantity=out.quantity,
            price=out.terms.price,
            venue=out.venue,
            lifecycle_id=execution.lifecycle_id,
        )


def _waiting(state: TraderState) -> Iterator[Resting]:
    for each in state.waiting:
        yield Resting(
            identity=each.plan_id,
            purpose="waiting",
            side="buy" if each.plan.direction.value == "long" else "sell",
            quantity=each.quantity,
            price=each.plan.entry_price,
            lifecycle_id=each.lifecycle_id,
        )
