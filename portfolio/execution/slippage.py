"""What it costs to trade beyond the price: half the spread, and the impact of one's own size."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import pydantic
from pydantic import Field

from portfolio import ledger

BPS = Decimal(10_000)


class VolumeUnit(StrEnum):
    """What a bar's volume counts: units of the symbol, or the currency paid for them."""

    BASE = "base"
    QUOTE = "quote"


class SpreadPolicy(pydantic.BaseModel):
    """How the spread is modelled where no order book is known, only bars."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    spread_floor_bps: Decimal = Field(Decimal(1), ge=0, le=100, description="narrowest spread [bps of the price]")
    spread_cap_bps: Decimal = Field(Decimal(50), gt=0, le=1000, description="widest spread [bps of the price]")
    spread_range_share: Decimal = Field(
        Decimal("0.05"), ge=0, le=1, description="spread as a share of the bar's range (high - low)"
    )


class SlippagePolicy(SpreadPolicy):
    """How spread and impact are modelled where no order book is known, only bars."""

    volume_unit: VolumeUnit = Field(
        VolumeUnit.BASE, description="what bars count as volume: base (units traded) or quote (currency paid)"
    )
    depth_share: Decimal = Field(
        Decimal("0.1"), gt=0, le=1, description="depth near the touch as a share of the bar's volume"
    )
    impact_linear: Decimal = Field(
        Decimal("0.001"), ge=0, le=Decimal("0.1"), description="impact of a size equal to the depth [fraction]"
    )
    impact_square: Decimal = Field(
        Decimal("0.005"), ge=0, le=Decimal("0.1"), description="impact of each squared depth beyond it [fraction]"
    )
    impact_cap: Decimal = Field(
        Decimal("0.01"), gt=0, le=Decimal("0.5"), description="greatest impact [fraction of the price]"
    )


def spread_bps(*, span: Decimal, price: Decimal, policy: SpreadPolicy) -> Decimal:
    """Return the spread at a price when bars range over ``span`` (in price units), in bps of the price."""
    wide = ledger.QUOTIENT.divide(span * policy.spread_range_share * BPS, price)
    return min(max(wide, policy.spread_floor_bps), policy.spread_cap_bps)


def units(*, volume: Decimal, price: Decimal, policy: SlippagePolicy) -> Decimal:
    """Return a bar's volume in units of the symbol."""
    return volume if policy.volume_unit is VolumeUnit.BASE else ledger.QUOTIENT.divide(volume, price)


def impact(*, quantity: Decimal, depth: Decimal, policy: SlippagePolicy) -> Decimal:
    """Return how far a quantity moves the price, as a fraction of it.

    Linear up to the depth q/d, then quadratic in what exceeds it, up to the cap: ``.001 q/d`` and
    ``.001 + .005 ((q - d)/d)^2``, at most ``.01`` by default. Without any depth it is the cap.
    """
    if depth <= 0:
        return policy.impact_cap
    depths = ledger.QUOTIENT.divide(quantity, depth)
    if depths <= 1:
        return min(policy.impact_linear * depths, policy.impact_cap)
    return min(policy.impact_linear + policy.impact_square * (depths - 1) ** 2, policy.impact_cap)
