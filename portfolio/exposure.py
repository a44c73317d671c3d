"""Exposure: what a book holds, as fractions of what it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from portfolio import ledger, metrics


@dataclass(frozen=True, slots=True)
class Exposure:
    """Signed weights by symbol (negative: short) as fractions of portfolio value, open positions only."""

    weights: Mapping[str, float]

    @property
    def gross(self) -> float:
        """Longs plus shorts [fraction of value]."""
        return sum(abs(weight) for weight in self.weights.values())

    @property
    def net(self) -> float:
        """Longs less shorts [fraction of value]."""
        return sum(self.weights.values())

    @property
    def largest(self) -> float:
        """The size of the largest position [fraction of value]."""
        return max((abs(weight) for weight in self.weights.values()), default=0.0)

    @property
    def concentration(self) -> float:
        """The sum of squared weights: Herfindahl's index with cash as the part that concentrates nothing.

        One position of a tenth of the value gives 0.01, one of all of it 1; a leveraged book may exceed 1.
        """
        return sum(weight * weight for weight in self.weights.values())

    @property
    def holdings_hhi(self) -> float:
        """Herfindahl's index of the open positions among themselves, in [1/n, 1]; 0 when nothing is held."""
        return metrics.herfindahl(list(self.weights.values()))


def exposure_of(book: ledger.Book, marks: Mapping[str, Decimal]) -> Exposure:
    """Return the exposure of a book at its marks; raises ledger.LedgerError where a mark is missing.

    A book that is worth nothing has no weights of value: its positions are then given as shares of their gross sum.
    """
    held = {
        symbol: position.value(marks[symbol]) for symbol, position in book.open_positions.items() if symbol in marks
    }
    value = book.value(marks)
    whole = value if value > 0 else sum((abs(each) for each in held.values()), ledger.ZERO)
    return Exposure({symbol: float(each / whole) for symbol, each in held.items()} if whole else {})
