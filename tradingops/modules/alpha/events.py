"""Event context: what a bar did at the levels around it.

Every event is seen from a direction: a bounce of a short is the mirror of a bounce of a long.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portfolio.plans.plan import Direction
from tradingops.modules.alpha.policy import AlphaPolicy

_DECIMALS = 6

#: The levels that a bar is held against, by the name of their feature.
_LEVELS = ("breakout_level", "bb_lower", "bb_middle", "bb_upper")


def context_of(
    bar: Mapping[str, str], features: Mapping[str, Any], direction: Direction, policy: AlphaPolicy
) -> dict[str, Any]:
    """Return what the bar did at its levels, and how the events resonate.

    Bounce: it fell through the near Bollinger band and closed back inside. Reclaim: it opened on the losing side of
    a level and closed on the winning side. Failed: it went beyond a level on the winning side and closed short of
    it. Resonance = 0.3 bounce + 0.4 reclaim + 0.5 breakout + 0.2 strength of the nearest zone.
    """
    sign = direction.sign
    opened, closed, worst, best = _path(bar, sign)
    levels = {name: sign * features[name] for name in _LEVELS if features.get(name) is not None}
    near_band = levels.get("bb_lower" if sign > 0 else "bb_upper")
    bounce = near_band is not None and worst <= near_band < closed
    reclaimed = [name for name, level in levels.items() if opened < level < closed]
    failed = [name for name, level in levels.items() if closed < level <= best]
    breakout = min(1.0, max(0.0, sign * (features.get("breakout") or 0.0)))
    zones = _zones(features, float(bar["close"]), policy)
    strongest = max((zone["strength"] for zone in zones), default=0.0)
    resonance = (
        policy.bounce_weight * bounce
        + policy.reclaim_weight * bool(reclaimed)
        + policy.breakout_weight * breakout
        + policy.zone_weight * strongest
    )
    return {
        "bounce": bounce,
        "reclaim": reclaimed,
        "failed": failed,
        "breakout": breakout,
        "zones": zones,
        "event_resonance_boost": round(resonance, _DECIMALS),
    }


def _path(bar: Mapping[str, str], sign: int) -> tuple[float, float, float, float]:
    """Return open, close, worst and best price of a bar seen from a direction: higher is better."""
    opened, high, low, closed = (sign * float(bar[name]) for name in ("open", "high", "low", "close"))
    return (opened, closed, low, high) if sign > 0 else (opened, closed, high, low)


def _zones(features: Mapping[str, Any], close: float, policy: AlphaPolicy) -> list[dict[str, Any]]:
    """Return each level with its side and its strength: 1 at the price, falling to 0 some ATRs away."""
    atr = features.get("atr_14")
    if not atr:
        return []
    return [
        {
            "level": features[name],
            "source": name,
            "side": "support" if features[name] <= close else "resistance",
            "strength": round(max(0.0, 1.0 - abs(close - features[name]) / (policy.zone_atrs * atr)), _DECIMALS),
        }
        for name in _LEVELS
        if features.get(name) is not None
    ]
