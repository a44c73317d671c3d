"""Spans of time as people read them, and the timeframes that there are."""

from __future__ import annotations

from strands.market.bar import Timeframe

#: Every timeframe with its length, the shortest first.
TIMEFRAMES = {each.value: each.span for each in Timeframe}


def lag(seconds: float | None) -> str:
    """Return an age in the largest unit that fits: ``0.4 s``, ``3 min``, ``2 h``."""
    if seconds is None:
        return "—"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0.0):.1f} s"
