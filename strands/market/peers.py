"""Peers: what the other symbols did, as of the moment before.

A bar cannot know what others did at its own moment: they close together, and the order in which they are heard must not
matter. So each is told what was known when the moment before it was over.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, isfinite
from typing import NamedTuple

#: The features that a bar is given, and that the tape carries the first of as its seventh number.
RET_1, RET_20 = "peers_ret_1", "peers_ret_20"


class Told(NamedTuple):
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


class Peers:
    """The last returns of every symbol of one timeframe, heard moment by moment."""

    def __init__(self, *, stale_seconds: float) -> None:
        self.stale_seconds = stale_seconds
        self._known: dict[str, tuple[float, Told]] = {}

    def hear(self, at: float, told: Sequence[Told]) -> list[Means]:
        """Return, for each symbol of a moment [epoch seconds], its peers' means before it; and remember the moment.

        A peer that has been silent for too long has none. The sums are exact, so the order of symbols does not matter.
        """
        if len(self._known) + len(told) < 2:
            means = [NOBODY] * len(told)
        else:
            since = at - self.stale_seconds
            fresh = [each for moment, each in self._known.values() if moment >= since]
            means = [_means([each for each in fresh if each.symbol != one.symbol]) for one in told]
        self._known.update((each.symbol, (at, each)) for each in told)
        return means


def _means(others: Sequence[Told]) -> Means:
    return Means(_mean([each.ret_1 for each in others]), _mean([each.ret_20 for each in others])) if others else NOBODY


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None and isfinite(value)]
    return fsum(known) / len(known) if known else None
