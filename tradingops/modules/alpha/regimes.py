"""Regimes: which of them trend, and in which direction."""

from __future__ import annotations

from portfolio.plans.plan import Direction

_TRENDS = {"trending_up": Direction.LONG, "trending_down": Direction.SHORT}


def trend_of(regime: str | None) -> Direction | None:
    """Return the direction that a regime trends in; None where it does not."""
    return _TRENDS.get(regime or "")
