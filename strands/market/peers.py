"""Peers: what the other symbols did, as of the moment before.

A bar cannot know what others did at its own moment: they close together, and the order in which they are heard must not
matter. So each is told what was known when the moment before it was over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum, isfinite
from typing import Any, NamedTuple

#: The features that a bar is given.
RET_1, RET_20 = "peers_ret_1", "peers_ret_20"


class Returns(NamedTuple):
    """One symbol's returns at a moment, over one bar and twenty; None before its windows are full."""

    symbol: str
    ret_1: float | None
    ret_20: float | None


class Means(NamedTuple):
    """The mean returns of a symbol's peers; None where no peer has one."""

    ret_1: float | None
    ret_20: float | None

    def as_features(self) -> dict[str, float | None]:
        """Return the means under the names of their features."""
        return {RET_1: self.ret_1, RET_20: self.ret_20}


NOBODY = Means(None, None)


def returns_of(symbol: str, features: Mapping[str, Any]) -> Returns:
    """Return a symbol's returns as its bar's features hold them."""
    return Returns(symbol, features.get("ret_1"), features.get("ret_20"))


class Peers:
    """The last returns of every symbol of one timeframe, heard moment by moment."""

    def __init__(self, *, stale_seconds: float) -> None:
        self.stale_seconds = stale_seconds
        self._known: dict[str, tuple[float, Returns]] = {}

    def take(self, at: float, returns: Sequence[Returns]) -> list[Means]:
        """Return, for each symbol of a moment [epoch seconds], its peers' means before it; and remember the moment.

        A peer that has been silent for too long has none. The sums are exact, so the order of symbols does not matter.
        """
        if len(self._known) + len(returns) < 2:
            means = [NOBODY] * len(returns)
        else:
            since = at - self.stale_seconds
            fresh = [each for moment, each in self._known.values() if moment >= since]
            means = [_means([each for each in fresh if each.symbol != one.symbol]) for one in returns]
        self._known.update((each.symbol, (at, each)) for each in returns)
        return means


def _means(others: Sequence[Returns]) -> Means:
    return Means(_mean([each.ret_1 for each in others]), _mean([each.ret_20 for each in others])) if others else NOBODY


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None and isfinite(value)]
    return fsum(known) / len(known) if known else None
