"""Chance that is the same on every machine: a seeded generator, and draws that use only exactly rounded arithmetic.

Bit streams of PCG64 (O'Neill 2014) are the same everywhere. What is usually made of them is not: ``log``, ``cos`` and
``exp`` differ in their last bits between machines. So normals are sums of twelve uniforms (Irwin and Hall 1927), which
are exact, and every other shape is made with + - x / alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Sixteen-bit uniforms in a normal; twelve of them have a variance of one.
TERMS = 12
_WORDS = TERMS * 16 // 64
_RANGE = 65_536.0
_FRACTION = 2.0**-53


class Chance:
    """Draws from one seeded stream; the same calls in the same order give the same numbers."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def uniforms(self, size: int) -> NDArray[np.float64]:
        """Return numbers in [0, 1)."""
        whole: NDArray[np.float64] = (self._words(size) >> np.uint64(11)).astype(np.float64)
        return whole * _FRACTION

    def normals(self, size: int) -> NDArray[np.float64]:
        """Return numbers of mean 0 and variance 1, bell-shaped, none beyond 6."""
        halves = self._words(size * _WORDS).view(np.uint16).reshape(size, TERMS)
        # A half is the middle of its step: without it the mean would lie a little below zero.
        sums: NDArray[np.float64] = halves.sum(axis=1, dtype=np.int64).astype(np.float64)
        return (sums + TERMS / 2) / _RANGE - TERMS / 2

    def _words(self, size: int) -> NDArray[np.uint64]:
        return np.asarray(self._bits.random_raw(size), dtype=np.uint64)


def growth(rate: float) -> float:
    """Return (1 + rate/16)^16, which is close to e^rate and exactly rounded at each step; at least 0."""
    grown = max(0.0, 1.0 + rate / 16.0)
    for _ in range(4):
        grown *= grown
    return grown
