"""The market as the trader sees it: a price and the features beside it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from portfolio import ledger
from portfolio.execution import slippage
from portfolio.plans import plan as plans
from strands.strand import Strand


class Market(NamedTuple):
    """The last price, and features by name; a feature that is not known is absent or None."""

    price: Decimal
    features: Mapping[str, Any]

    def feature(self, *names: str) -> float | None:
        """Return the first of these features that is known."""
        return next((float(self.features[name]) for name in names if self.features.get(name) is not None), None)

    def spread_bps(self, policy: slippage.SlippagePolicy) -> Decimal:
        """Return the spread that bars of this range give, in bps."""
        return slippage.spread_bps(span=_decimal(self.feature("atr_14", "atr")), price=self.price, policy=policy)

    def depth(self, policy: slippage.SlippagePolicy) -> Decimal:
        """Return the depth near the touch, in units."""
        volume = _decimal(self.feature("volume"))
        return slippage.units(volume=volume, price=self.price, policy=policy) * policy.depth_share


def of_bar(bar: Strand) -> Market:
    """Return the market at a bar's close."""
    return Market(Decimal(bar.payload["md_bar"]["close"]), bar.payload.get("md_features") or {})


def of_plan(plan: plans.TradingPlan) -> Market:
    """Return the market as a plan saw it when it was made."""
    return Market(plan.entry_price, plan.market_context)


def _decimal(number: float | None) -> Decimal:
    return Decimal(repr(number)) if number is not None else ledger.ZERO
