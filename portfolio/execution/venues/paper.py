"""The paper venue: orders are filled from bars, never better than the bar allows, and never from the past."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal
from hashlib import sha256
from statistics import NormalDist
from typing import NamedTuple

from pydantic import Field

from portfolio import ledger
from portfolio.execution import fees, fill, order, slippage, traded, venue
from portfolio.execution.venue import NOTHING_HELD
from portfolio.execution.venues import matching
from strands.market.instruments.instrument import Instrument

_NORMAL = NormalDist()


class PaperPolicy(slippage.SlippagePolicy):
    """How the paper venue fills; every venue name it serves keeps its own fee and latency."""

    venues: tuple[venue.Profile, ...] = Field(venue.PROFILES, min_length=1, description="the venues it stands for")
    participation: Decimal = Field(
        Decimal("0.1"), gt=0, le=1, description="greatest share of a bar's volume that our orders get together"
    )
    latency_sigma: float = Field(0.5, ge=0, le=3, description="spread of the latency: sigma of its logarithm")
    seed: int = Field(7, ge=0, description="seed of the latency of each order")
    price_step: Decimal = Field(
        Decimal("1e-8"),
        gt=0,
        description="price step where no tick was told; against us [currency]",
    )
    quantity_step: Decimal = Field(Decimal("1e-8"), gt=0, description="quantity step where no lot was told [units]")


class Quote(NamedTuple):
    """The price that a bar gives an order, and what made it."""

    price: Decimal
    spread_bps: Decimal
    impact: Decimal
    liquidity: fill.Liquidity
    at_open: bool


class PaperVenue:
    """Stands for every configured venue; the same orders and bars always give the same fills."""

    def __init__(self, *, policy: PaperPolicy | None = None, instrument: Instrument | None = None) -> None:
        self.policy, self.instrument = policy or PaperPolicy(), instrument
        self._tick = (instrument and instrument.tick) or self.policy.price_step
        self._lot = (instrument and instrument.lot) or self.policy.quantity_step
        self._profiles = {profile.name: profile for profile in self.policy.venues}

    def under(self, policy: PaperPolicy, instrument: Instrument | None = None) -> PaperVenue:
        """Return a paper venue that goes by other numbers, and trades an instrument."""
        return PaperVenue(policy=policy, instrument=instrument)

    def submit(self, asked: order.Order) -> venue.Report:
        """Accept an order for a configured venue whose notional it takes; else reject it with the reason."""
        named = asked if asked.venue else asked.model_copy(update={"venue": self.policy.venues[0].name})
        refusal = self._refusal(named)
        status = order.Status.REJECTED if refusal else order.Status.ACCEPTED
        return venue.Report(named.now(status), reason=refusal)

    def cancel(self, working: order.Order) -> venue.Report:
        """Take an open order back."""
        return venue.Report(working.now(order.Status.CANCELLED), reason="cancelled as asked")

    def match(
        self, working: Sequence[order.Order], bar: traded.Traded, positions: Mapping[str, Decimal] = NOTHING_HELD
    ) -> venue.Matched:
        """Work open orders from what the bar traded, together up to the participation cap.

        An order at a venue that is not configured any more is cancelled.
        """
        available = _step(self._units(bar) * self.policy.participation, self._lot)
        return matching.Matching(self, bar, working, positions, available=available).run()

    def knows(self, name: str) -> str | None:
        """Return why a venue of this name works no orders, None where it does."""
        return None if name in self._profiles else self._unknown(name)

    def latency_ms(self, asked: order.Order) -> float:
        """Return how long an order travels: lognormal about its venue's median, drawn by seed and order id."""
        digest = sha256(f"{self.policy.seed}:{asked.id}".encode()).digest()
        uniform = (int.from_bytes(digest[:6], "big") + 0.5) / 2**48
        spread = math.exp(self.policy.latency_sigma * _NORMAL.inv_cdf(uniform))
        return round(self._profiles[asked.venue].latency_ms * spread, 3)

    def _units(self, bar: traded.Traded) -> Decimal:
        return slippage.units(volume=bar.volume, price=bar.close, policy=self.policy)

    def _refusal(self, asked: order.Order) -> str | None:
        """Return why an order is not taken, or None."""
        profile = self._profiles.get(asked.venue)
        if profile is None:
            return self._unknown(asked.venue)
        if _step(asked.quantity, self._lot) != asked.quantity:
            return f"quantity: {asked.quantity} is no multiple of {self._lot}; round it down"
        most_units = self.instrument.greatest_quantity if self.instrument else None
        if most_units is not None and asked.quantity > most_units:
            return f"quantity: {asked.quantity} is above the {most_units} that one order may hold; split it"
        price = asked.limit_price or asked.stop_price or asked.expected_price
        if self.instrument and (too_small := self.instrument.too_small(asked.quantity, price=price)):
            return too_small
        if price is None:
            return None
        notional = asked.quantity * price
        if notional < profile.min_notional and asked.intent is order.Intent.ENTRY:
            return f"notional: {ledger.text(notional)} is below the {profile.min_notional} that {profile.name} takes"
        if profile.max_notional is not None and notional > profile.max_notional:
            return f"notional: {ledger.text(notional)} is above the {profile.max_notional} that {profile.name} takes"
        return None

    def _unknown(self, name: str) -> str:
        return f"venue: {name!r} is not configured; it is one of {', '.join(self._profiles)}"

    def worked(
        self, working: order.Order, bar: traded.Traded, quantity: Decimal, reference: Decimal | None
    ) -> tuple[order.Order, fill.Fill | None, bool]:
        """Return an order after a bar, what was filled of it, and whether that was at the bar's open.

        ``reference`` is the price at which the bar reaches a stop or a target that rests; without one the order's own
        type and price decide.
        """
        is_stop = working.order_type is order.OrderType.STOP
        if is_stop and not working.triggered and reference is None and not _touches(working, bar):
            return working, None, False
        quote = self._quote(working, bar, quantity, reference)
        if is_stop and not working.triggered:
            working = working.model_copy(update={"triggered": True})
        if quote is None or quantity <= 0:
            return working, None, False
        done = self._fill(working, bar, quote, quantity)
        return working.filled_by(done.quantity, done.price), done, quote.at_open

    def has_arrived(self, working: order.Order, bar: traded.Traded) -> bool:
        """Say whether an order reached the venue before the bar closed, and may be worked in it at all."""
        if bar.opened_at < working.at or (working.valid_until is not None and bar.opened_at >= working.valid_until):
            return False
        return working.at + timedelta(milliseconds=self.latency_ms(working)) < bar.closed_at

    def _quote(
        self, working: order.Order, bar: traded.Traded, quantity: Decimal, reference: Decimal | None
    ) -> Quote | None:
        """Return the price that a bar gives an order; None where it gives none."""
        if working.order_type is order.OrderType.LIMIT:
            if reference is not None and reference != bar.open:
                return self._resting(bar, _price_of(working.limit_price))
            return self._limit_quote(working, bar, quantity)
        if working.order_type is order.OrderType.MARKET or working.triggered:
            return self._taken(working, bar, quantity, bar.open)
        if reference is not None:
            return self._taken(working, bar, quantity, reference)
        stop = _price_of(working.stop_price)
        worse = max(bar.open, stop) if working.side is order.Side.BUY else min(bar.open, stop)
        return self._taken(working, bar, quantity, worse)

    def _resting(self, bar: traded.Traded, limit: Decimal) -> Quote:
        """Return a fill at a limit that was in the book when the market came to it."""
        wide = slippage.spread_bps(span=bar.high - bar.low, price=bar.close, policy=self.policy)
        return Quote(limit, wide, ledger.ZERO, fill.Liquidity.MAKER, at_open=False)

    def _limit_quote(self, working: order.Order, bar: traded.Traded, quantity: Decimal) -> Quote | None:
        """Return a fill at the limit once the bar trades through it; at what the open costs where that is better."""
        limit = _price_of(working.limit_price)
        buys = working.side is order.Side.BUY
        if not (bar.low < limit if buys else bar.high > limit):
            return None
        taken = self._taken(working, bar, quantity, bar.open)
        if taken.price <= limit if buys else taken.price >= limit:
            return taken
        return self._resting(bar, limit)

    def _taken(self, working: order.Order, bar: traded.Traded, quantity: Decimal, reference: Decimal) -> Quote:
        """Return the price of taking a quantity: half the spread and the impact beyond a reference price."""
        wide = slippage.spread_bps(span=bar.high - bar.low, price=bar.close, policy=self.policy)
        depth = self._units(bar) * self.policy.depth_share
        moved = slippage.impact(quantity=quantity, depth=depth, policy=self.policy)
        beyond = wide / slippage.BPS / 2 + moved
        rounding = ROUND_CEILING if working.side is order.Side.BUY else ROUND_FLOOR
        price = _step(reference * (1 + working.side.sign * beyond), self._tick, rounding)
        return Quote(price, wide, moved, fill.Liquidity.TAKER, at_open=reference == bar.open)

    def _fill(self, working: order.Order, bar: traded.Traded, quote: Quote, quantity: Decimal) -> fill.Fill:
        latency = self.latency_ms(working)
        arrived = working.at + timedelta(milliseconds=latency)
        at = max(arrived, bar.opened_at) if quote.at_open else bar.closed_at
        fee, charged = self._fee(working, quote, quantity)
        return fill.Fill(
            price=quote.price,
            quantity=quantity,
            side=working.side,
            at=at.isoformat(),
            venue=working.venue,
            fee=fee,
            fee_coin=charged.coin,
            fee_amount=charged.amount,
            latency_ms=latency,
            spread_bps=round(float(quote.spread_bps), 4),
            impact_bps=round(float(quote.impact * slippage.BPS), 4),
            liquidity=quote.liquidity,
        )

    def _fee(self, working: order.Order, quote: Quote, quantity: Decimal) -> tuple[Decimal, fees.Charged]:
        """Return a fill's fee in the quote currency, and the coin that it is taken in."""
        schedule = self._profiles[working.venue].schedule_of(self.instrument)
        bps = schedule.maker_bps if quote.liquidity is fill.Liquidity.MAKER else schedule.taker_bps
        fee = fees.fee(quantity=quantity, price=quote.price, fee_bps=bps)
        base, quoted = (self.instrument.base, self.instrument.quote) if self.instrument else (None, None)
        buys = working.side is order.Side.BUY
        return fee, fees.charged(fee, fee_in=schedule.fee_in, price=quote.price, buys=buys, base=base, quote=quoted)


def _touches(working: order.Order, bar: traded.Traded) -> bool:
    """Say whether a bar traded at a stop's price or beyond."""
    stop = _price_of(working.stop_price)
    return bar.high >= stop if working.side is order.Side.BUY else bar.low <= stop


def _price_of(price: Decimal | None) -> Decimal:
    if price is None:
        raise ValueError("an order of this type without its price was accepted; order.read refuses such orders")
    return price


def _step(number: Decimal, step: Decimal, rounding: str = ROUND_DOWN) -> Decimal:
    """Return a number rounded to a multiple of a step."""
    return (number / step).to_integral_value(rounding) * step
