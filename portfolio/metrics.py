"""Metrics: risk and reward in numbers, each a function of returns, values or amounts.

Returns are simple returns per period (0.01 is one per cent); losses are given as positive fractions. Where too little
is known for a number, the answer is None, never a zero that could be mistaken for safety.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tail:
    """What the worst share of periods lost: at least ``var`` in each, ``cvar`` in their mean; 0 <= var <= cvar."""

    var: float
    cvar: float
    observations: int

    def over(self, periods: float) -> Tail:
        """Return the tail of a horizon of so many periods, by the square root of time."""
        scale = sqrt(periods)
        return Tail(self.var * scale, self.cvar * scale, self.observations)


def historical_tail(returns: ArrayLike, *, share: float, least: int) -> Tail | None:
    """Return value at risk and expected shortfall of past returns; None for fewer than ``least`` of them.

    VaR is the return at index ``floor(share * n)`` of the sorted returns, CVaR the mean of those up to and with it
    (historical simulation: Hull, Risk Management and Financial Institutions; expected shortfall: Acerbi and Tasche,
    2002). A gain even there counts as a loss of 0.
    """
    ordered = np.sort(np.asarray(returns, dtype=float))
    count = len(ordered)
    if count < max(least, 1):
        return None
    index = min(floor(share * count), count - 1)
    # A mean may exceed its largest part by rounding; a shortfall is never smaller than the quantile that begins it.
    var = max(0.0, -float(ordered[index]))
    return Tail(var, max(var, -float(ordered[: index + 1].mean())), count)


def drawdown(*, peak: float, value: float) -> float:
    """Return how far a value lies below its peak: 1 once nothing is left, more where more was lost than there was."""
    if peak <= 0:
        return 0.0
    return max(0.0, 1.0 - value / peak)


def max_drawdown(values: Sequence[float]) -> float:
    """Return the deepest drawdown of values in their order, 0 or more."""
    peak = deepest = 0.0
    for value in values:
        peak = max(peak, value)
        deepest = max(deepest, drawdown(peak=peak, value=value))
    return deepest


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, mean and sum of squared differences of numbers seen one at a time (Welford, 1962)."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def including(self, number: float) -> Moments:
        """Return the moments with one number more."""
        count = self.count + 1
        apart = number - self.mean
        mean = self.mean + apart / count
        return Moments(count, mean, self.squares + apart * (number - mean))

    @property
    def deviation(self) -> float | None:
        """The sample standard deviation; None for fewer than two numbers."""
        return sqrt(self.squares / (self.count - 1)) if self.count > 1 else None


def sharpe(moments: Moments, *, periods_a_year: float, risk_free: float) -> float | None:
    """Return the annualised ratio of mean excess return to deviation (Sharpe, 1994); None without any deviation.

    ``risk_free`` is a yearly rate; returns are taken as independent, so the ratio grows with the root of the periods.
    """
    deviation = moments.deviation
    if not deviation:
        return None
    return (moments.mean - risk_free / periods_a_year) / deviation * sqrt(periods_a_year)


def herfindahl(amounts: Sequence[float]) -> float:
    """Return the Herfindahl-Hirschman index of amounts, signs left out: the sum of squared shares.

    In [1/n, 1] for n amounts of which one is not zero; 0 when there are none.
    """
    largest = max((abs(amount) for amount in amounts), default=0.0)
    if largest <= 0:
        return 0.0
    # Scaled by the largest, so that neither tiny nor huge amounts leave the range of a float when squared.
    scaled = [abs(amount) / largest for amount in amounts]
    total = sum(scaled)
    return min(1.0, sum((amount / total) ** 2 for amount in scaled))


def volatility(returns: ArrayLike) -> float | None:
    """Return the sample standard deviation of returns; None for fewer than two."""
    numbers = np.asarray(returns, dtype=float)
    if len(numbers) < 2:
        return None
    apart = numbers - numbers.sum() / len(numbers)
    return sqrt(float((apart * apart).sum()) / (len(numbers) - 1))


def correlation(first: ArrayLike, second: ArrayLike) -> float | None:
    """Return Pearson's correlation in [-1, 1]; None for fewer than two pairs or a side that never moves."""
    return aligned(direction(first), direction(second))


def aligned(one: Array | None, other: Array | None) -> float | None:
    """Return how far two directions are one, in [-1, 1]: the correlation of the numbers they are of."""
    if one is None or other is None:
        return None
    return min(1.0, max(-1.0, float((one * other).sum())))


def direction(numbers: ArrayLike) -> Array | None:
    """Return numbers less their mean, scaled to length one; None where they never move.

    Each side is scaled by itself: the product of two small variances would vanish where neither does.
    """
    known = np.asarray(numbers, dtype=float)
    reach = float(known.max() - known.min()) if len(known) > 1 else 0.0
    if not reach:
        return None
    apart = (known - known.sum() / len(known)) / reach
    return np.asarray(apart / sqrt(float((apart * apart).sum())), dtype=float)
