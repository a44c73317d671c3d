"""What a venue charges: schedules of fees, and the fee of one fill."""

from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal
from typing import NamedTuple

import pydantic
from pydantic import Field

from portfolio import ledger

BPS = Decimal(10_000)

#: What a fee is taken in, beside the symbol of any coin.
QUOTE, BASE, RECEIVED = "quote", "base", "received"

#: The last digit of money that the ledger takes.
_FINEST = Decimal(1).scaleb(-ledger.MAX_EXPONENT)
_CUT = Context(prec=ledger.EXACT.prec)


class Schedule(pydantic.BaseModel):
    """What one class of instruments pays at a venue."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    fee_class: str = Field(min_length=1, description="whom it is for: an instrument's fee class, or its kind")
    maker_bps: Decimal = Field(ge=-100, le=1000, description="fee of an order that waited in the book [bps]")
    taker_bps: Decimal = Field(ge=-100, le=1000, description="fee of an order that took what was there [bps]")
    fee_in: str = Field(
        QUOTE, min_length=1, description="the coin it is taken in: quote, base, received (what arrives), or its symbol"
    )


class Charged(NamedTuple):
    """The coin that a fee was taken in and how much of it; None for what nobody told.

    Of a coin that is neither base nor quote the amount is not known: no bar tells its price.
    """

    coin: str | None
    amount: Decimal | None


def fee(*, quantity: Decimal, price: Decimal, fee_bps: Decimal) -> Decimal:
    """Return the fee for a quantity (unsigned) at a price, to the last digit that the ledger takes, rounded up.

    It is in the quote currency, whatever coin it is taken in. A rebate is negative.
    """
    return cut(ledger.EXACT.divide(ledger.EXACT.multiply(ledger.EXACT.multiply(quantity, price), fee_bps), BPS))


def cut(paid: Decimal) -> Decimal:
    """Return money that is paid to the last digit that the ledger takes, rounded up."""
    if int(paid.as_tuple().exponent) >= -ledger.MAX_EXPONENT:
        return paid
    return paid.quantize(_FINEST, rounding=ROUND_CEILING, context=_CUT)


def charged(fee: Decimal, *, fee_in: str, price: Decimal, buys: bool, base: str | None, quote: str | None) -> Charged:
    """Return the coin that a fee, worth so much of the quote currency, is taken in."""
    taken_in = (BASE if buys else QUOTE) if fee_in == RECEIVED else fee_in
    if taken_in in (QUOTE, quote):
        return Charged(quote, fee)
    if taken_in in (BASE, base):
        return Charged(base, ledger.QUOTIENT.divide(fee, price))
    return Charged(taken_in, None)
