"""Calibration: whether a curator that says 70 % is right seven times in ten."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: Decimals of what is kept in bins.
_DECIMALS = 6

#: One bin as it is kept: how many outcomes, the sum of stated confidences, how many were right.
Tally = list[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One bar of a reliability diagram; a curator that knows itself has ``share_right`` equal to ``confidence``."""

    lower: float
    upper: float
    n: int
    confidence: float | None
    share_right: float | None

    @property
    def gap(self) -> float:
        """How much surer than right the curator was; negative where it was too modest, 0 of an empty bin."""
        if self.confidence is None or self.share_right is None:
            return 0.0
        return self.confidence - self.share_right


def empty(count: int) -> list[Tally]:
    """Return bins without outcomes."""
    return [[0, 0.0, 0] for _ in range(count)]


def added(bins: Sequence[Tally], *, confidence: float, right: bool) -> list[Tally]:
    """Return bins with one more outcome; a confidence on an edge falls into the upper bin, 1 into the last.

    Raises ValueError for a confidence outside 0 to 1.
    """
    place = min(int(_share("confidence", confidence) * len(bins)), len(bins) - 1)
    n, stated, were_right = bins[place]
    grown = [n + 1, round(stated + confidence, _DECIMALS), were_right + int(right)]
    return [grown if nth == place else tally for nth, tally in enumerate(bins)]


def filled(outcomes: Sequence[tuple[float, bool]], *, count: int) -> list[Tally]:
    """Return ``count`` bins of pairs of stated confidence and whether the curator was right."""
    bins = empty(count)
    for confidence, right in outcomes:
        bins = added(bins, confidence=confidence, right=right)
    return bins


def reliability(bins: Sequence[Tally]) -> list[Bin]:
    """Return the reliability diagram, from the least confident bin to the most."""
    width = 1 / len(bins)
    return [
        Bin(
            lower=round(nth * width, _DECIMALS),
            upper=round((nth + 1) * width, _DECIMALS),
            n=int(n),
            confidence=stated / n if n else None,
            share_right=were_right / n if n else None,
        )
        for nth, (n, stated, were_right) in enumerate(bins)
    ]


def expected_error(bins: Sequence[Tally]) -> float | None:
    """Return the expected calibration error (ECE), 0 to 1; None without outcomes.

    ECE = sum over bins of n / N * |mean confidence - share right|.
    """
    total = sum(tally[0] for tally in bins)
    if not total:
        return None
    return math.fsum(abs(stated - were_right) for _, stated, were_right in bins) / total


def calibration(bins: Sequence[Tally], *, unknown: float) -> float:
    """Return ``1 - ECE``, 0 to 1; ``unknown`` without outcomes."""
    error = expected_error(bins)
    return unknown if error is None else 1.0 - error


def brier(confidence: float, *, right: bool) -> float:
    """Return the Brier score of one statement, 0 (sure and right) to 1 (sure and wrong).

    Raises ValueError for a confidence outside 0 to 1.
    """
    return (_share("confidence", confidence) - int(right)) ** 2


def _share(name: str, number: float) -> float:
    if not 0.0 <= number <= 1.0:
        raise ValueError(f"{name}: {number!r} lies outside 0 to 1; state a share")
    return number
