"""The Venue: where orders are worked, and what every venue promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, Self

import pydantic
from pydantic import Field

from portfolio import ledger
from portfolio.execution import fees, fill, order, traded
from strands.market.instruments.instrument import Instrument


class Protection(StrEnum):
    """How stop and target are worked at a venue: attached to the entry, sent after its fill, or by the trader alone."""

    ATTACHED = "attached"
    AFTER_FILL = "after_fill"
    TRADER = "trader"


class Profile(pydantic.BaseModel):
    """What is known of a venue before anything is sent to it."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="the name that orders are routed by")
    maker_bps: Decimal = Field(
        ge=-100,
        le=1000,
        description="fee of an order that waited in the book [bps of notional]; a rebate is negative. Maker and taker "
        "fees are of instruments that no schedule is for",
    )
    taker_bps: Decimal = Field(ge=-100, le=1000, description="fee of an order that took what was there [bps]")
    schedules: tuple[fees.Schedule, ...] = Field(
        (),
        description="fees by class of instrument; the defaults are published fees of the lowest tier, November 2026",
    )
    latency_ms: float = Field(gt=0, le=60_000, description="median time from the order to the venue [ms]")
    min_notional: Decimal = Field(
        Decimal(0), ge=0, description="smallest entry it takes [currency]; exits may be smaller"
    )
    max_notional: Decimal | None = Field(None, gt=0, description="largest order it takes [currency]; none: any")
    funding_hours: Decimal = Field(
        Decimal(8),
        ge=Decimal("0.25"),
        le=168,
        description="interval of funding of perpetuals whose instrument tells none [h]",
    )
    protection: Protection = Field(
        Protection.ATTACHED,
        description="stop and target: attached (to the entry), after_fill (rest then), trader (do not rest)",
    )

    @pydantic.model_validator(mode="after")
    def _one_schedule_a_class(self) -> Self:
        """Hold every fee class to one schedule."""
        classes = [each.fee_class for each in self.schedules]
        if twice := next((each for each in classes if classes.count(each) > 1), None):
            raise ValueError(f"schedules: {self.name} has two for {twice!r}; leave one out")
        return self

    def schedule_of(self, instrument: Instrument | None) -> fees.Schedule:
        """Return what an instrument pays: by its fee class, else by its kind, else what its venue charges anything."""
        named = instrument and (instrument.fee_class, instrument.kind)
        for wanted in filter(None, named or ()):
            for each in self.schedules:
                if each.fee_class == wanted:
                    return each
        return fees.Schedule(fee_class="any", maker_bps=self.maker_bps, taker_bps=self.taker_bps)


def _schedule(fee_class: str, maker: str, taker: str, fee_in: str = fees.QUOTE) -> fees.Schedule:
    return fees.Schedule(fee_class=fee_class, maker_bps=Decimal(maker), taker_bps=Decimal(taker), fee_in=fee_in)


_AT_HYPERLIQUID = (_schedule("perpetual", "1.5", "4.5"), _schedule("spot", "4", "7", fees.RECEIVED))
_AT_BINANCE = (
    _schedule("perpetual", "2", "5"),
    _schedule("future", "2", "5"),
    _schedule("spot", "10", "10", fees.RECEIVED),
)
_AT_COINBASE = (_schedule("spot", "40", "60"), _schedule("perpetual", "2", "4"))

#: Primary, backup and fallback, in order of priority. Fees are those published for the lowest tier, November 2026;
#: docs/decisions/0023-published-fees.md names the sources.
PROFILES = (
    Profile(
        name="hyperliquid",
        maker_bps=Decimal("1.5"),
        taker_bps=Decimal("4.5"),
        latency_ms=5,
        schedules=_AT_HYPERLIQUID,
        funding_hours=Decimal(1),
    ),
    Profile(name="binance", maker_bps=Decimal(2), taker_bps=Decimal(5), latency_ms=15, schedules=_AT_BINANCE),
    Profile(name="coinbase", maker_bps=Decimal(40), taker_bps=Decimal(60), latency_ms=20, schedules=_AT_COINBASE),
)


#: No position anywhere.
NOTHING_HELD: Mapping[str, Decimal] = {}


#: How the reason begins where a venue refuses an order for a fault of its own, and not of the order.
OWN_FAULTS = ("venue:", "timeout:", "unavailable:")


def is_at_fault(status: order.Status, reason: str | None, *, is_final: bool) -> bool:
    """Return whether what a venue says of an order means that the venue failed.

    It refused it for a fault of its own, or does not know, and may yet, what became of it.
    """
    if status is order.Status.UNKNOWN:
        return not is_final
    return status is order.Status.REJECTED and (reason or "").startswith(OWN_FAULTS)


@dataclass(frozen=True, slots=True)
class Report:
    """One thing that a venue says of an order: the order as it stands now, why, and what was done."""

    order: order.Order
    reason: str | None = None
    fill: fill.Fill | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the payload column ``vn_update``."""
        average = self.order.average_price
        return {
            "order_id": self.order.id,
            "status": self.order.status.value,
            "reason": self.reason,
            "filled_quantity": ledger.text(self.order.filled),
            "remaining": ledger.text(self.order.remaining),
            "fill": self.fill.to_json() if self.fill else None,
            "average_price": ledger.text(average) if average is not None else None,
        }


@dataclass(frozen=True, slots=True)
class Matched:
    """What a venue made of its open orders: those still open, what there is to say, what is held by venue, signed."""

    orders: tuple[order.Order, ...]
    reports: tuple[Report, ...]
    positions: Mapping[str, Decimal] = field(default_factory=dict)


class Venue(Protocol):
    """What every venue promises; ``tests/conformance/test_venue.py`` holds each to it.

    A venue answers, it remembers nothing: the venue module keeps the open orders and hands them in. ``policy`` holds
    the numbers that it goes by.
    """

    policy: Any

    def under(self, policy: Any, instrument: Instrument | None = None) -> Self:
        """Return this venue as it goes by other numbers, and trades an instrument."""

    def submit(self, asked: order.Order) -> Report:
        """Accept an order or reject it with the reason."""

    def cancel(self, working: order.Order) -> Report:
        """Take an open order back; what was filled stays filled."""

    def match(
        self, working: Sequence[order.Order], bar: traded.Traded, positions: Mapping[str, Decimal] = NOTHING_HELD
    ) -> Matched:
        """Work open orders, oldest first, in a bar that opened at or after each was said.

        ``positions`` is what is held by venue, signed; what only reduces works up to that.
        """
