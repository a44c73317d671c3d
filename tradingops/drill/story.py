"""What the drill's desk hears: minutes of a quiet market, and decisions to buy in it."""

from __future__ import annotations

from datetime import datetime, timedelta

from strands import strand, tags
from strands.strand import Strand

SYMBOL = "DRILL-PERP"
VENUE = "hyperliquid"
MINUTE = timedelta(minutes=1)
PRICE = 100
#: In percent of the price: a minute moves less than any stop.
_QUIET = {"open": "100", "high": "100.2", "low": "99.8", "close": "100", "volume": "1000"}
_FEATURES = {"atr_14": 0.5, "vol_20": 0.002, "volume": 1000.0, "volume_ratio": 1.5, "regime": "ranging"}


def minute(at: datetime) -> Strand:
    """Return the bar of a quiet minute, known from ``at`` on."""
    return strand.first(
        module="market",
        kind="bar",
        at=at,
        symbol=SYMBOL,
        timeframe="1m",
        tags=(tags.TRADER_MARKET_UPDATE, tags.VENUE_MARKET_UPDATE),
        payload={"md_bar": {"opened_at": (at - MINUTE).isoformat(), **_QUIET}, "md_features": dict(_FEATURES)},
    )


def decision(at: datetime, *, plan_id: str, quantity: str = "10") -> Strand:
    """Return an approved plan to buy at market, its stop two below and its target four above, valid for an hour."""
    until = (at + timedelta(hours=1)).isoformat()
    told = {
        "decision_type": "approve",
        "reason": None,
        "gates": [{"gate": "exposure", "severity": "hard", "passed": True}],
        "plan": _plan(at, plan_id=plan_id, quantity=quantity, until=until),
        "plan_id": plan_id,
        "valid_until": until,
    }
    return strand.first(
        module="dm",
        kind="decision",
        at=at,
        symbol=SYMBOL,
        timeframe="1m",
        tags=(tags.EXECUTE_PLAN,),
        payload={"dm_decision": told},
        cause=(plan_id,),
    )


def _plan(at: datetime, *, plan_id: str, quantity: str, until: str) -> dict[str, object]:
    return {
        "plan_id": plan_id,
        "signal_id": f"{plan_id}-signal",
        "symbol": SYMBOL,
        "timeframe": "1m",
        "direction": "long",
        "entry_conditions": [{"type": "confidence_threshold", "value": 0.6}],
        "entry_price": str(PRICE),
        "position_size": 0.05,
        "max_position_size": 0.1,
        "risk_per_trade": 0.02,
        "stop_loss": str(PRICE - 2),
        "take_profit": str(PRICE + 4),
        "risk_reward_ratio": 2.0,
        "confidence_score": 0.8,
        "strength_score": 0.9,
        "tier": "strong",
        "order_type": "market",
        "slippage_tolerance": 0.005,
        "time_horizon": "4h",
        "valid_until": until,
        "created_at": at.isoformat(),
        "venue_preferences": [VENUE],
        "market_context": dict(_FEATURES),
        "signal_metadata": {},
        "quantity": quantity,
    }
