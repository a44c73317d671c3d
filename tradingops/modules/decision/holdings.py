"""Holdings: what the desk owns and has promised, weighed against what it is worth."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from portfolio import exposure, ledger
from tradingops.modules.decision import pending
from tradingops.modules.decision.shares import rounded, share
from tradingops.modules.decision.state import DecisionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """The book at its last marks beside the plans that wait for fills.

    ``weights`` are gross shares of ``value`` by symbol: what is held, long or short, plus what is promised.
    """

    book: ledger.Book
    plans: pending.Plans
    value: Decimal
    weights: Mapping[str, float]

    def weight(self, symbol: str) -> float:
        """Return the gross weight of one symbol."""
        return self.weights.get(symbol, 0.0)

    @property
    def exposure(self) -> float:
        """The gross weight of everything."""
        return rounded(math.fsum(self.weights.values()))

    @property
    def concentration(self) -> float:
        """The Herfindahl index: the sum of squared weights."""
        return rounded(math.fsum(weight**2 for weight in self.weights.values()))

    @property
    def symbols(self) -> frozenset[str]:
        """The symbols held or promised."""
        return frozenset(self.weights)

    @property
    def at_risk(self) -> float:
        """What the stops of all open plans would lose together."""
        return rounded(math.fsum(plan.at_risk for plan in self.plans.values()))

    def plans_in(self, symbol: str) -> int:
        """Return how many plans are open in a symbol; a position that no plan explains counts as one."""
        known = sum(1 for plan in self.plans.values() if plan.symbol == symbol)
        return max(known, int(bool(self.book.position(symbol).quantity)))


def of(state: DecisionState) -> Holdings:
    """Return what a state owns and has promised."""
    book, plans = state.book, state.plans
    value = book.value(state.marks)
    weights = {symbol: abs(weight) for symbol, weight in exposure.exposure_of(book, state.marks).weights.items()}
    for plan in plans.values():
        weights[plan.symbol] = weights.get(plan.symbol, 0.0) + share(plan.reserved, of=value)
    return Holdings(book=book, plans=plans, value=value, weights={each: rounded(w) for each, w in weights.items()})


def value_of(state: DecisionState) -> Decimal:
    """Return what a state's book is worth at the last marks."""
    return state.book.value(state.marks)
