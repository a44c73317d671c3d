"""What a venue charges."""

from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal

from portfolio import ledger

BPS = Decimal(10_000)

#: The last digit of money that the ledger takes.
_FINEST = Decimal(1).scaleb(-ledger.MAX_EXPONENT)
_CUT = Context(prec=ledger.EXACT.prec)


def fee(*, quantity: Decimal, price: Decimal, fee_bps: Decimal) -> Decimal:
    """Return the fee for a quantity (unsigned) at a price, to the last digit that the ledger takes, rounded up.

    A rebate is negative.
    """
    charged = ledger.EXACT.divide(ledger.EXACT.multiply(ledger.EXACT.multiply(quantity, price), fee_bps), BPS)
    if int(charged.as_tuple().exponent) >= -ledger.MAX_EXPONENT:
        return charged
    return charged.quantize(_FINEST, rounding=ROUND_CEILING, context=_CUT)
