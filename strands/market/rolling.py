"""Rolling quantities whose every number is the same whether a window or a whole file was given.

Each output is made by adding the lagged inputs one lag after another, oldest first. A cumulative sum, a convolution or
a reduction would be shorter, but the order in which they round depends on the length of the array, and then the last
row of a live window would differ in its last bits from the same row of a whole file. For the same reason nothing here
uses ``log``, ``exp`` or ``pow``: only operations that IEEE 754 rounds exactly. Rows before a window is full are NaN.
"""

from __future__ import annotations

from functools import cache
from math import fsum

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def lagged(values: Array, lag: int) -> Array:
    """Return what the value was ``lag`` rows ago."""
    out = np.full(len(values), np.nan)
    out[lag:] = values[: max(0, len(values) - lag)]
    return out


def total(values: Array, rows: int) -> Array:
    """Return the sum of the last ``rows`` values."""
    return weighted(values, [1.0] * rows)


def mean(values: Array, rows: int) -> Array:
    """Return the simple mean of the last ``rows`` values."""
    return total(values, rows) / rows


def deviation(values: Array, rows: int) -> Array:
    """Return the population standard deviation of the last ``rows`` values, in two passes."""
    out = np.full(len(values), np.nan)
    centre = mean(values, rows)[rows - 1 :]
    squares = np.zeros(len(centre))
    for start in range(rows if len(centre) else 0):
        apart = values[start : start + len(centre)] - centre
        squares += apart * apart
    out[rows - 1 :] = np.sqrt(squares / rows)
    return out


def weighted(values: Array, weights: list[float]) -> Array:
    """Return the weighted sum of the last values; ``weights`` are given oldest first."""
    rows = len(weights)
    out = np.full(len(values), np.nan)
    size = len(values) - rows + 1
    if size <= 0:
        return out
    sums = np.zeros(size)
    for start, weight in enumerate(weights):
        shifted = values[start : start + size]
        sums += shifted if weight == 1.0 else shifted * weight
    out[rows - 1 :] = sums
    return out


def exponential(values: Array, *, span: int, rows: int) -> Array:
    """Return the exponential mean of a span over its last ``rows`` values.

    Weights fall by 1 - 2/(span + 1) a row and are cut off after ``rows``, then scaled to add up to one; so the mean
    has a finite window and needs no history beyond it.
    """
    keep = 1.0 - 2.0 / (span + 1)
    weights = [1.0]
    for _ in range(rows - 1):
        weights.append(weights[-1] * keep)
    weights.reverse()
    whole = fsum(weights)
    return weighted(values, [weight / whole for weight in weights])


def highest(values: Array, rows: int) -> Array:
    """Return the highest of the last ``rows`` values."""
    out = np.full(len(values), np.nan)
    size = len(values) - rows + 1
    if size > 0:
        best = values[:size].copy()
        for start in range(1, rows):
            np.maximum(best, values[start : start + size], out=best)
        out[rows - 1 :] = best
    return out


def ratio(above: Array, below: Array) -> Array:
    """Return ``above / below``, and NaN where there is nothing to divide by."""
    out = np.full(len(above), np.nan)
    np.divide(above, below, out=out, where=below != 0)
    return out


def significant(values: Array, digits: int) -> Array:
    """Return values rounded to ``digits`` significant decimal digits, at times one more.

    The decade comes from the binary exponent, which is exact, and not from a logarithm, which is not.
    """
    _, exponent = np.frexp(values)
    scale = _scales(digits)[np.clip(exponent, _SMALLEST, _LARGEST) - _SMALLEST]
    rounded: Array = np.rint(values * scale) / scale
    return rounded


#: Binary exponents with a scale of their own; values beyond them share the scale of the nearest.
_SMALLEST, _LARGEST = -60, 60
#: The largest power of ten that is exact as a double.
_LARGEST_SCALE = 22
_LOG10_OF_2 = 0.30103


@cache
def _scales(digits: int) -> Array:
    """Return, for each binary exponent, the power of ten that brings its values to ``digits`` whole digits."""
    decades = (int(exponent * _LOG10_OF_2) for exponent in range(_SMALLEST, _LARGEST + 1))
    return np.array([float(10 ** min(max(digits - decade, 0), _LARGEST_SCALE)) for decade in decades])
