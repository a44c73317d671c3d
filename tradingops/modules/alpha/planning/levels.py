"""Levels: where a plan enters, where it is wrong and where right, far enough apart to bear what trading costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import ceil, floor
from typing import NamedTuple

from portfolio import ledger
from portfolio.execution import costs
from portfolio.plans.plan import Direction
from strands.market.bar import Timeframe
from strands.market.instruments import inferred, steps
from strands.market.instruments.instrument import Instrument
from strands.strand import Strand
from tradingops.modules.alpha.policy import AlphaPolicy, Horizon, TierRules

_SECONDS = {each.value: each.seconds for each in Timeframe}


class Levels(NamedTuple):
    """Entry, stop and target on the tick, the ATR they are made of, and what a round trip costs in R.

    ``horizon`` is that of the ATR's timeframe.
    """

    entry: Decimal
    stop: Decimal
    target: Decimal
    tick: Decimal
    horizon: Horizon
    atr: float | None
    cost_of_risk: float | None = None

    @property
    def stop_fraction(self) -> float:
        """How far the stop lies, as a fraction of the entry price."""
        return abs(float((self.entry - self.stop) / self.entry))

    @property
    def risk_reward(self) -> float:
        """What the target earns for each unit that the stop loses."""
        return float((self.target - self.entry) / (self.entry - self.stop))


def bearing(
    bar: Strand,
    atrs: Mapping[str, float | None],
    *,
    direction: Direction,
    tier: TierRules,
    policy: AlphaPolicy,
    instrument: Instrument | None = None,
) -> Levels | None:
    """Return levels by the ATR of the shortest timeframe, the bar's own or longer, whose stop bears the costs.

    ``atrs`` are the last known by timeframe. Where none bears them, the longest known that leaves every price above
    zero decides, and the plan is left to be refused for all to see. None where the shortest leaves none above zero, or
    no plans are made for the bar's timeframe.
    """
    tick = tick_of(bar, instrument)
    found = None
    for horizon, atr in _from_the_bars_own(bar, atrs, policy):
        entry, stop, target = price_levels(bar, atr, tick=tick, direction=direction, tier=tier, policy=policy)
        if min(entry, stop, target) <= 0:
            break
        found = Levels(entry, stop, target, tick, horizon, atr)
        cost = _cost(bar, entry, instrument, policy).of_risk(found.stop_fraction)
        found = found._replace(cost_of_risk=cost)
        if cost is not None and cost <= policy.cost.max_cost_of_risk:
            return found
    return found


def tick_of(bar: Strand, instrument: Instrument | None) -> Decimal:
    """Return the instrument's tick; where the market has told of none, the finest digit among the bar's four prices."""
    if instrument is not None and instrument.tick is not None:
        return instrument.tick
    return inferred.tick_of([bar.payload["md_bar"][name] for name in ("open", "high", "low", "close")])


def price_levels(
    bar: Strand, atr: float | None, *, tick: Decimal, direction: Direction, tier: TierRules, policy: AlphaPolicy
) -> tuple[Decimal, Decimal, Decimal]:
    """Return entry, stop and target on the tick; reward over risk lies between the tier's least and the most.

    Entry is the close, where that lies between two ticks the worse of them. The stop lies the tier's multiple of ATR
    (rounded towards the entry, at least a tick) on the losing side, the target its multiple (rounded away) on the
    winning side; fractions of the price without an ATR.
    """
    entry = steps.against(Decimal(bar.payload["md_bar"]["close"]), tick, side=direction.sign)
    risk, reward = _distances(entry, atr, tier, policy)
    stop_ticks = max(1, _ticks(risk, tick, rounding=ROUND_FLOOR))
    target_ticks = max(_ticks(reward, tick, rounding=ROUND_CEILING), ceil(tier.min_risk_reward * stop_ticks))
    target_ticks = min(target_ticks, floor(policy.max_risk_reward * stop_ticks))
    return entry, entry - direction.sign * stop_ticks * tick, entry + direction.sign * target_ticks * tick


def exact(number: float) -> Decimal:
    """Return the decimal that a float is written as, so that three times 0.8 is 2.4 and no tick more."""
    return Decimal(repr(number))


def _from_the_bars_own(
    bar: Strand, atrs: Mapping[str, float | None], policy: AlphaPolicy
) -> Iterator[tuple[Horizon, float | None]]:
    """Yield the ATR of the bar's own timeframe, and those of longer ones that plans are made for, shortest first."""
    own = bar.timeframe or ""
    if (horizon := policy.horizon_of(own)) is not None:
        yield horizon, bar.payload["md_features"]["atr_14"]
    for name in sorted(atrs.keys() & _SECONDS.keys(), key=_SECONDS.__getitem__):
        longer = policy.horizon_of(name)
        if longer is not None and _SECONDS[name] > _SECONDS[own] and atrs[name]:
            yield longer, atrs[name]


def _cost(bar: Strand, entry: Decimal, instrument: Instrument | None, policy: AlphaPolicy) -> costs.Cost:
    """Return what a round trip costs: the spread is that of the bars in which it is traded, the bar's own."""
    return costs.round_trip(
        price=entry,
        atr=bar.payload["md_features"]["atr_14"],
        preferences=policy.venues,
        instrument=instrument,
        policy=policy.cost,
    )


def _distances(entry: Decimal, atr: float | None, tier: TierRules, policy: AlphaPolicy) -> tuple[Decimal, Decimal]:
    """Return how far stop and target are to lie from the entry, before ticks [price]."""
    if not atr:
        return entry * exact(policy.stop_fraction), entry * exact(policy.target_fraction)
    return exact(tier.stop_atrs) * exact(atr), exact(tier.target_atrs) * exact(atr)


def _ticks(distance: Decimal, tick: Decimal, *, rounding: str) -> int:
    return int(ledger.QUOTIENT.divide(distance, tick).to_integral_value(rounding=rounding))
