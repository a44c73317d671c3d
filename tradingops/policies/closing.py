"""What closing is expected to cost, by the trader's policy in force: its venues, their fees, its spread."""

from __future__ import annotations

from decimal import Decimal

from portfolio import ledger
from portfolio.execution import costs, slippage
from tradingops.people import say
from tradingops.people.flattening import Leg
from tradingops.policies import standing


def cost(leg: Leg, *, using: str = "default") -> Decimal:
    """Return what closing a leg at market is expected to cost: the taker fee at the dearest of the venues that hold it,
    and half of the narrowest spread; money in the currency."""
    price = leg.mark or leg.entry
    if not leg.value or not price:
        return ledger.ZERO
    policy = _policy(leg.symbol, using=using)
    sides = [
        costs.round_trip(price=price, atr=None, preferences=[name], instrument=leg.instrument, policy=policy).one_side
        for name in leg.at_venues or [policy.venues[0].name]
    ]
    return leg.value * Decimal(repr(max(sides)))


def _policy(symbol: str, *, using: str) -> costs.CostPolicy:
    """Return by which venues, fees and spreads the trader goes with a symbol now."""
    # Here and not above: whoever serves pages need not load what the trader judges by before somebody asks.
    from tradingops.modules.trader.policy import TraderPolicy

    own = standing.at(TraderPolicy(), "trader", symbol, moment=say.present(using))
    spread = {name: getattr(own, name) for name in slippage.SpreadPolicy.model_fields}
    return costs.CostPolicy(venues=own.venues, **spread)
