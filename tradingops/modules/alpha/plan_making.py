"""Plan making: a detection becomes a complete trading plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import ceil, floor, sqrt
from typing import Any

from portfolio import ledger
from portfolio.plans.plan import Direction, TradingPlan
from strands import ids
from strands.market.instruments import inferred, steps
from strands.market.instruments.instrument import Instrument
from strands.strand import Strand
from tradingops.modules.alpha import asymmetries, regimes
from tradingops.modules.alpha import detection as detecting
from tradingops.modules.alpha import voices as speaking
from tradingops.modules.alpha.policy import AlphaPolicy, Horizon, TierRules

_DECIMALS = 6

_CONTEXT = (
    "vol_20",
    "vol_100",
    "volume",
    "volume_ratio",
    "trend",
    "regime",
    "regime_confidence",
    "rsi_14",
    "macd_hist",
)


def make_plan(
    bar: Strand,
    *,
    detection: detecting.Detection,
    voices: speaking.Voices,
    metadata: Mapping[str, Any],
    policy: AlphaPolicy,
    now: datetime,
    instrument: Instrument | None = None,
    asymmetry: Mapping[str, float] | None = None,
) -> TradingPlan | None:
    """Return the plan for a detection on a bar with complete features, moments from ``now``.

    ``asymmetry`` are the asymmetries of the bar, which the decision maker reads in the market's context.

    None where no plan can be made: a timeframe without a horizon, a price that rounds to nothing or a target below
    zero, a stop beyond the farthest allowed, or a size that rounds to nothing.
    """
    features, horizon = bar.payload["md_features"], policy.horizon_of(bar.timeframe)
    if horizon is None:
        return None
    tier, tick = policy.tier_of(detection.strength), tick_of(bar, instrument)
    entry, stop, target = price_levels(bar, tick=tick, direction=detection.direction, tier=tier, policy=policy)
    if min(entry, stop, target) <= 0:
        return None
    stop_fraction = abs(float((entry - stop) / entry))
    volatility = annual_volatility(features["vol_20"], horizon)
    size = position_size(
        strength=detection.strength, volatility=volatility, stop_fraction=stop_fraction, tier=tier, policy=policy
    )
    if stop_fraction > policy.max_stop_fraction or size <= 0:
        return None
    return TradingPlan(
        plan_id=plan_id_of(bar, detection.direction),
        signal_id=f"{bar.id}:{detection.direction}",
        symbol=bar.symbol or "",
        timeframe=bar.timeframe or "",
        direction=detection.direction,
        entry_conditions=entry_conditions(bar, tick=tick, entry=entry, detection=detection, policy=policy),
        entry_price=entry,
        position_size=size,
        max_position_size=tier.max_position_size,
        risk_per_trade=tier.risk_per_trade,
        stop_loss=stop,
        take_profit=target,
        risk_reward_ratio=round(float((target - entry) / (entry - stop)), _DECIMALS),
        confidence_score=speaking.plan_confidence(detection.strength, voices, policy),
        strength_score=detection.strength,
        tier=tier.tier,
        order_type=tier.order_type,
        slippage_tolerance=tier.slippage_tolerance,
        time_horizon=horizon.horizon,
        valid_until=now + timedelta(minutes=horizon.valid_minutes),
        created_at=now,
        venue_preferences=policy.venues,
        market_context=market_context(features, volatility=volatility, asymmetry=asymmetry),
        signal_metadata=metadata,
    )


def plan_id_of(bar: Strand, direction: Direction) -> str:
    """Return the id of the plan that a bar gives for a direction: always the same."""
    return str(ids.uuid_of("plan", bar.id, direction.value))


def tick_of(bar: Strand, instrument: Instrument | None) -> Decimal:
    """Return the instrument's tick; where the market has told of none, the finest digit among the bar's four prices."""
    if instrument is not None and instrument.tick is not None:
        return instrument.tick
    return inferred.tick_of([bar.payload["md_bar"][name] for name in ("open", "high", "low", "close")])


def price_levels(
    bar: Strand, *, tick: Decimal, direction: Direction, tier: TierRules, policy: AlphaPolicy
) -> tuple[Decimal, Decimal, Decimal]:
    """Return entry, stop and target on the tick; reward over risk lies between the tier's least and the most.

    Entry is the close, where that lies between two ticks the worse of them. The stop lies the tier's multiple of ATR
    (rounded towards the entry, at least a tick) on the losing side, the target its multiple (rounded away) on the
    winning side; fractions of the price without an ATR.
    """
    entry = steps.against(Decimal(bar.payload["md_bar"]["close"]), tick, side=direction.sign)
    risk, reward = _distances(entry, bar.payload["md_features"]["atr_14"], tier, policy)
    stop_ticks = max(1, _ticks(risk, tick, rounding=ROUND_FLOOR))
    target_ticks = max(_ticks(reward, tick, rounding=ROUND_CEILING), ceil(tier.min_risk_reward * stop_ticks))
    target_ticks = min(target_ticks, floor(policy.max_risk_reward * stop_ticks))
    return entry, entry - direction.sign * stop_ticks * tick, entry + direction.sign * target_ticks * tick


def _distances(entry: Decimal, atr: float | None, tier: TierRules, policy: AlphaPolicy) -> tuple[Decimal, Decimal]:
    """Return how far stop and target are to lie from the entry, before ticks [price]."""
    if not atr:
        return entry * _exact(policy.stop_fraction), entry * _exact(policy.target_fraction)
    return _exact(tier.stop_atrs) * _exact(atr), _exact(tier.target_atrs) * _exact(atr)


def _exact(number: float) -> Decimal:
    """Return the decimal that a float is written as, so that three times 0.8 is 2.4 and no tick more."""
    return Decimal(repr(number))


def _ticks(distance: Decimal, tick: Decimal, *, rounding: str) -> int:
    return int(ledger.QUOTIENT.divide(distance, tick).to_integral_value(rounding=rounding))


def annual_volatility(one_bar: float, horizon: Horizon) -> float:
    """Return the standard deviation of one-bar returns scaled to a year by the square root of time."""
    return one_bar * sqrt(horizon.bars_a_year)


def position_size(
    *, strength: float, volatility: float, stop_fraction: float, tier: TierRules, policy: AlphaPolicy
) -> float:
    """Return the position as a fraction of portfolio value, rounded down.

    ``base * strength / max(volatility, 0.1) / max(correlation, 0.1)`` with annualised volatility (a day's or a bar's
    would always lie below the floor of 0.1 and leave the cap to decide), at most the tier's largest position, and at
    most what loses the tier's risk per trade at the stop.
    """
    wanted = policy.base_size * strength
    wanted /= max(volatility, policy.min_volatility) * max(policy.correlation, policy.min_correlation)
    size = min(wanted, tier.max_position_size, tier.risk_per_trade / stop_fraction)
    scale: float = 10**policy.size_decimals
    return floor(size * scale) / scale


def entry_conditions(
    bar: Strand, *, tick: Decimal, entry: Decimal, detection: detecting.Detection, policy: AlphaPolicy
) -> tuple[dict[str, Any], ...]:
    """Return when the plan may be entered: a price band to watch, and what was seen to hold when it was made.

    A condition with ``observed`` held at the signal and needs no watching; one without is watched by the trader.
    """
    features, band = bar.payload["md_features"], _exact(policy.price_band)
    below, above = steps.down(entry * (1 - band), tick), steps.up(entry * (1 + band), tick)
    seen: list[tuple[str, object, object]] = [
        ("volume_confirmation", policy.min_volume_ratio, features["volume_ratio"]),
        ("confidence_threshold", policy.min_confidence, detection.confidence),
    ]
    if "breakout" in detection.met:
        seen.append(("pattern_confirmation", "breakout", features.get("breakout_level")))
    regime = detecting.regime_part(regimes.trend_of(features.get("regime")), detection.direction, policy)
    if regime > policy.min_regime_alignment:
        seen.append(("regime_alignment", policy.min_regime_alignment, regime))
    return (
        {"type": "price_above", "value": format(below, "f")},
        {"type": "price_below", "value": format(above, "f")},
        *({"type": name, "value": value, "observed": observed} for name, value, observed in seen),
    )


def market_context(
    features: Mapping[str, Any], *, volatility: float, asymmetry: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """Return the market as the plan saw it; asymmetries only where there are any."""
    context: dict[str, Any] = {name: features.get(name) for name in _CONTEXT}
    if asymmetry:
        context[asymmetries.KEY] = dict(asymmetry)
    return {"atr": features["atr_14"], "volatility_annual": round(volatility, _DECIMALS), **context}
