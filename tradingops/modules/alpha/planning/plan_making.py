"""Plan making: a detection becomes a complete trading plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import floor, sqrt
from typing import Any

from portfolio.plans.plan import Direction, TradingPlan
from strands import ids
from strands.market import session_grid
from strands.market.bar import Timeframe
from strands.market.instruments import steps
from strands.market.instruments.instrument import Instrument
from strands.strand import Strand
from tradingops.modules.alpha import detection as detecting
from tradingops.modules.alpha import regimes
from tradingops.modules.alpha import voices as speaking
from tradingops.modules.alpha.planning import asymmetries, levels
from tradingops.modules.alpha.policy import AlphaPolicy, Horizon, TierRules

_DECIMALS = 6

#: No other timeframe's ATR is known.
NO_ATRS: Mapping[str, float | None] = {}

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
    atrs: Mapping[str, float | None] = NO_ATRS,
    instrument: Instrument | None = None,
    asymmetry: Mapping[str, float] | None = None,
) -> TradingPlan | None:
    """Return the plan for a detection on a bar with complete features, moments from ``now``.

    ``atrs`` are the last known by timeframe: the plan may be entered as long as its own bar's signal is good, and is
    held for the horizon of the timeframe whose ATR its stop and target are made of. ``asymmetry`` are the asymmetries
    of the bar, which the decision maker reads in the market's context.

    None where no plan can be made: a timeframe without a horizon, a price that rounds to nothing or a target below
    zero, a stop beyond the farthest allowed, or a size that rounds to nothing.
    """
    features, good_for = bar.payload["md_features"], policy.horizon_of(bar.timeframe)
    tier = policy.tier_of(detection.strength)
    found = levels.bearing(bar, atrs, direction=detection.direction, tier=tier, policy=policy, instrument=instrument)
    if found is None or good_for is None:
        return None
    stop_fraction = found.stop_fraction
    volatility = annual_volatility(features["vol_20"], good_for, grid=instrument.session_grid if instrument else None)
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
        entry_conditions=entry_conditions(bar, found, detection=detection, policy=policy),
        entry_price=found.entry,
        position_size=size,
        max_position_size=tier.max_position_size,
        risk_per_trade=tier.risk_per_trade,
        stop_loss=found.stop,
        take_profit=found.target,
        risk_reward_ratio=round(found.risk_reward, _DECIMALS),
        confidence_score=speaking.plan_confidence(detection.strength, voices, policy),
        strength_score=detection.strength,
        tier=tier.tier,
        order_type=tier.order_type,
        slippage_tolerance=tier.slippage_tolerance,
        time_horizon=found.horizon.horizon,
        valid_until=now + timedelta(minutes=good_for.valid_minutes),
        created_at=now,
        venue_preferences=policy.venues,
        market_context=market_context(features, found, volatility=volatility, asymmetry=asymmetry),
        signal_metadata=metadata,
    )


def plan_id_of(bar: Strand, direction: Direction) -> str:
    """Return the id of the plan that a bar gives for a direction: always the same."""
    return str(ids.uuid_of("plan", bar.id, direction.value))


def annual_volatility(one_bar: float, horizon: Horizon, *, grid: str | None = None) -> float:
    """Return the standard deviation of one-bar returns scaled to a year by the square root of the time it is traded."""
    in_sessions = session_grid.bars_a_year(grid, Timeframe(horizon.timeframe).seconds)
    return one_bar * sqrt(horizon.bars_a_year if in_sessions is None else in_sessions)


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
    bar: Strand, reach: levels.Levels, *, detection: detecting.Detection, policy: AlphaPolicy
) -> tuple[dict[str, Any], ...]:
    """Return when the plan may be entered: a price band to watch, and what was seen to hold when it was made.

    A condition with ``observed`` held at the signal and needs no watching; one without is watched by the trader.
    """
    features = bar.payload["md_features"]
    band = abs(reach.entry - reach.stop) * levels.exact(policy.price_band)
    below, above = steps.down(reach.entry - band, reach.tick), steps.up(reach.entry + band, reach.tick)
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
    features: Mapping[str, Any],
    reach: levels.Levels,
    *,
    volatility: float,
    asymmetry: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Return the market as the plan saw it; asymmetries only where there are any.

    ``atr`` is that of the plan's own bar, ``stop_atr`` that of ``atr_timeframe``, which stop and target are made of.
    """
    context: dict[str, Any] = {name: features.get(name) for name in _CONTEXT}
    if asymmetry:
        context[asymmetries.KEY] = dict(asymmetry)
    return {
        "atr": features["atr_14"],
        "stop_atr": reach.atr,
        "atr_timeframe": reach.horizon.timeframe,
        "cost_of_risk": None if reach.cost_of_risk is None else round(reach.cost_of_risk, _DECIMALS),
        "volatility_annual": round(volatility, _DECIMALS),
        **context,
    }
