"""A Window: the bars of one symbol and timeframe that the next row of features depends on."""

from __future__ import annotations

from collections.abc import Sequence

from strands.market import features
from strands.market.bar import Bar, Timeframe


class Window:
    """Gives each bar its features, whether bars come one by one, in batches or all at once: always the same numbers."""

    def __init__(self, timeframe: Timeframe, policy: features.FeaturePolicy) -> None:
        self.timeframe, self.policy = timeframe, policy
        self._kept = features.Prices.of([])

    def extend(self, bars: Sequence[Bar]) -> features.Features:
        """Return the features of these bars, which follow those given before."""
        known = self._kept.then(features.Prices.of(bars))
        computed = features.compute(known, timeframe=self.timeframe, policy=self.policy)
        self._kept = known.last(self.policy.window - 1)
        return computed.after(len(known.close) - len(bars))
