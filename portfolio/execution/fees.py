"""What a venue charges."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from portfolio import ledger

BPS = Decimal(10_000)

#: The smallest coin a fee is charged in [currency]; part of one is charged as one.
FEE_STEP = Decimal("1e-8")


def fee(*, quantity: Decimal, price: Decimal, fee_bps: Decimal) -> Decimal:
    """Return the fee for a quantity (unsigned) at a price, rounded up to a hundred-millionth; a rebate is negative."""
    notional = ledger.EXACT.multiply(quantity, price)
    charged = ledger.QUOTIENT.divide(ledger.EXACT.multiply(notional, fee_bps), BPS)
    return charged.quantize(FEE_STEP, rounding=ROUND_CEILING)
