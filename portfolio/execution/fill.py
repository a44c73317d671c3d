"""A Fill: a venue's report that some of an order was done, and how well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from portfolio import ledger
from portfolio.execution import order


class Liquidity(StrEnum):
    """Whether a fill took what was offered, or was what another took."""

    TAKER = "taker"
    MAKER = "maker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """``quantity`` (unsigned) of one order at ``price``; ``at`` is the ISO moment it was done.

    ``spread_bps`` is the whole spread that stood then, ``impact_bps`` what our own size cost, in hundredths of a
    percent of the price; ``latency_ms`` is from the order to the venue. ``fee`` is money of the quote currency;
    ``fee_coin`` and ``fee_amount`` say which coin it was taken in and how much of it, where that is known.
    """

    price: Decimal
    quantity: Decimal
    side: order.Side
    at: str
    venue: str
    fee: Decimal
    latency_ms: float
    spread_bps: float
    impact_bps: float
    liquidity: Liquidity
    fee_coin: str | None = None
    fee_amount: Decimal | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the fill under the specification's names: px, qty, ts, venue."""
        return {
            "px": ledger.text(self.price),
            "qty": ledger.text(self.quantity),
            "side": self.side.value,
            "ts": self.at,
            "venue": self.venue,
            "fee": ledger.text(self.fee),
            "fee_coin": self.fee_coin,
            "fee_amount": None if self.fee_amount is None else ledger.text(self.fee_amount),
            "latency_ms": self.latency_ms,
            "spread_bps": self.spread_bps,
            "impact_bps": self.impact_bps,
            "liquidity": self.liquidity.value,
        }


def to_ledger(symbol: str, fill: Mapping[str, Any]) -> ledger.Fill:
    """Return the JSON of a fill (``px qty side fee ts``) as the ledger takes it: the quantity signed by its side."""
    quantity = Decimal(fill["qty"])
    return ledger.Fill(
        symbol=symbol,
        quantity=quantity if fill["side"] == order.Side.BUY else quantity.copy_negate(),
        price=Decimal(fill["px"]),
        fee=Decimal(fill.get("fee") or 0),
        at=fill.get("ts"),
    )
