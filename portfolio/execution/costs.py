"""What a round trip will cost: fees and spread, in and out at the stop, and what that is of the risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import Field

from portfolio.execution import slippage, venue
from strands.market.instruments.instrument import Instrument


class CostPolicy(slippage.SpreadPolicy):
    """What a trade is expected to cost at each venue, and how much of what it risks that may be."""

    venues: tuple[venue.Profile, ...] = Field(venue.PROFILES, min_length=1, description="venues, with their fees")
    max_cost_of_risk: float = Field(
        0.25, gt=0, le=10, description="most that a round trip may cost [R, what the plan loses at its stop]"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a round trip costs, each part a fraction of notional; ``spread`` is half of it in and half out."""

    fee_in: float
    fee_out: float
    spread: float

    @property
    def total(self) -> float:
        """Both sides [fraction of notional]."""
        return self.fee_in + self.fee_out + self.spread

    @property
    def one_side(self) -> float:
        """The mean of the two sides [fraction of notional]."""
        return self.total / 2

    def of_risk(self, stop_fraction: float) -> float | None:
        """Return the round trip in R for a stop a fraction of the price away; None where nothing is risked."""
        return self.total / stop_fraction if stop_fraction > 0 else None


def round_trip(
    *,
    price: Decimal,
    atr: float | None,
    preferences: Sequence[str] = (),
    instrument: Instrument | None = None,
    policy: CostPolicy,
) -> Cost:
    """Return what entering at a price and leaving at the stop costs, at the first preferred venue.

    Both sides are priced as taking, whatever the order's type: a stop and a market order take, and a limit at the
    market is filled as a taker wherever the open is at or better than it. ``atr`` is the mean range of a bar, in price
    units, of which the spread is a share; without one it is the narrowest.
    """
    taker = _taker_bps(_profile_of(preferences, policy), instrument)
    span = Decimal(repr(atr)) if atr else Decimal(0)
    wide = slippage.spread_bps(span=span, price=price, policy=policy)
    fee = float(taker / slippage.BPS)
    return Cost(fee_in=fee, fee_out=fee, spread=float(wide / slippage.BPS))


def _profile_of(preferences: Sequence[str], policy: CostPolicy) -> venue.Profile:
    """Return the first preferred venue that is configured, else the first configured."""
    known = {each.name: each for each in policy.venues}
    return next((known[name] for name in preferences if name in known), policy.venues[0])


def _taker_bps(profile: venue.Profile, instrument: Instrument | None) -> Decimal:
    """Return what a venue charges for taking an instrument [bps of notional]."""
    return profile.schedule_of(instrument).taker_bps
