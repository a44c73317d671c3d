"""One function a noun, every keyword optional."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from portfolio.plans import plan as plans
from strands import strand, tags
from strands.strand import Strand

NOON = datetime(2022, 1, 3, 12, tzinfo=UTC)

BAR = {
    "opened_at": "2022-01-03T11:55:00+00:00",
    "open": "100.00",
    "high": "101.20",
    "low": "99.90",
    "close": "101.00",
    "volume": "5000",
}

#: A bar that breaks a level upwards, on more than twice the usual volume, every longer timeframe agreeing.
BREAKING_UP = {
    "close": 101.0,
    "ret_1": 0.01,
    "rsi_14": 55.0,
    "macd_hist": 0.2,
    "bb_lower": 98.0,
    "bb_middle": 99.8,
    "bb_upper": 101.6,
    "volume": 5000.0,
    "volume_ratio": 2.5,
    "vol_20": 0.001,
    "vol_100": 0.002,
    "atr_14": 0.8,
    "trend": 0.7,
    "regime": "trending_up",
    "regime_confidence": 0.8,
    "breakout": 2.0,
    "breakout_level": 100.5,
    "divergence": 0.0,
    "anomaly_z": 2.0,
    "votes": {"5m": 1, "15m": 1, "1h": 1},
}

QUIET = {**BREAKING_UP, "breakout": 0.0, "breakout_level": None, "volume_ratio": 1.0, "regime": "ranging", "trend": 0.0}


def a_bar(
    *,
    symbol: str = "BTCUSDT",
    timeframe: str = "5m",
    at: datetime = NOON,
    bar: dict[str, str] | None = None,
    features: dict[str, Any] | None = None,
    to: tuple[str, ...] = (tags.ALPHA_MARKET_UPDATE,),
) -> Strand:
    """Return a bar strand closed at a moment; ``bar`` and ``features`` replace single keys."""
    named = {**QUIET, **(features or {})}
    payload = {"md_bar": {**BAR, **(bar or {})}, "md_features": named}
    return strand.first(
        module="market",
        kind="bar",
        at=at,
        symbol=symbol,
        timeframe=timeframe,
        tags=to,
        payload=payload,
        regime=named["regime"],
    )


def a_plan(**changes: Any) -> plans.TradingPlan:
    """Return a sound plan to go long at 100."""
    sound = plans.TradingPlan(
        plan_id="0c5de8a6-0f6d-5b5a-8d57-5ad9ae3f6e11",
        signal_id="01FRFJ7J00:long",
        symbol="BTCUSDT",
        timeframe="5m",
        direction=plans.Direction.LONG,
        entry_conditions=({"type": "price_above", "value": "99.9"},),
        entry_price=Decimal("100"),
        position_size=0.05,
        max_position_size=0.10,
        risk_per_trade=0.02,
        stop_loss=Decimal("98"),
        take_profit=Decimal("104"),
        risk_reward_ratio=2.0,
        confidence_score=0.7,
        strength_score=0.65,
        tier=plans.Tier.MEDIUM,
        order_type=plans.OrderType.LIMIT,
        slippage_tolerance=0.003,
        time_horizon="15m",
        valid_until=NOON + timedelta(minutes=15),
        created_at=NOON,
        venue_preferences=("hyperliquid", "binance"),
        market_context={"atr": 1.0},
        signal_metadata={"quality": 1.0},
    )
    return replace(sound, **changes)


def a_braid(**changes: Any) -> dict[str, Any]:
    """Return the JSON of a braid of four judgements, three of which lost."""
    sound = {
        "lesson_id": "01FRFJ7J0000000000000BRAID",
        "lesson_type": "alpha_braid",
        "module": "alpha",
        "braid_level": 2,
        "clustering_columns": {"symbol": "BTC-PERP", "timeframe": "5m", "regime": "ranging"},
        "source_strands": [
            {"id": f"01FRFJ7J000000000000000S0{nth}", "score": 0.8, "outcome": 0.4, "won": won, "pnl_percent": pnl}
            for nth, (won, pnl) in enumerate([(False, -0.011), (False, -0.006), (True, 0.014), (False, -0.009)])
        ],
        "strand_count": 4,
        "accumulated_score": 3.2,
        "mean_outcome": 0.4,
        "confidence": 0.6,
        "recommendations": [],
        "lesson": {
            "title": "BTC-PERP in ranging: one of four won",
            "description": "Four judgements of one kind ended; three of them lost.",
            "conditions": {"symbol": "BTC-PERP", "regime": "ranging"},
            "recommendations": [],
            "confidence": 0.6,
        },
        "standing": "proposed",
        "writer": "template",
        "created_at": "2022-01-03T12:00:00+00:00",
    }
    return {**sound, **changes}
