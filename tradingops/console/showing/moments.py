"""The timeframes that there are."""

from __future__ import annotations

from strands.market.bar import Timeframe

#: Every timeframe with its length, the shortest first.
TIMEFRAMES = {each.value: each.span for each in Timeframe}
