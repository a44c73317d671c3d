"""Portfolio impact: what the portfolio looks like before and after a plan has been filled."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portfolio import ledger
from tradingops.modules.decision.holdings import Holdings
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.shares import clamped, rounded
from tradingops.modules.decision.weighing.budget import Sized


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One measure of the portfolio before and after [share of value]."""

    before: float
    after: float

    @property
    def delta(self) -> float:
        """What the plan adds."""
        return rounded(self.after - self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What a plan changes: gross exposure, the symbol's weight, the Herfindahl index and VaR, all as shares of value.

    ``score`` is 1 for a plan that moves nothing and falls to 0 as the mean of its steps, each measured by its own
    limit, reaches the whole limit.
    """

    value: Decimal
    cost: Decimal
    exposure: Change
    weight: Change
    concentration: Change
    var: Change
    score: float

    def to_json(self) -> dict[str, Any]:
        """Return the column ``portfolio_impact``."""
        changes = {
            "exposure": self.exposure,
            "weight": self.weight,
            "concentration": self.concentration,
            "risk": self.var,
        }
        before = {f"current_{name}": change.before for name, change in changes.items()}
        after = {f"new_{name}": change.after for name, change in changes.items()}
        deltas = {f"{name}_delta": change.delta for name, change in changes.items()}
        return {
            "current_value": ledger.text(self.value),
            "new_value": ledger.text(self.value - self.cost),
            "expected_cost": ledger.text(self.cost),
            **before,
            **after,
            **deltas,
            "score": self.score,
        }


def of(
    holdings: Holdings,
    symbol: str,
    bought: Sized,
    *,
    cost: float,
    var: float,
    added_var: float,
    policy: DecisionPolicy,
) -> Impact:
    """Return what buying or selling short a quantity changes; nothing held is assumed to offset it.

    ``cost`` is that of one side [fraction of notional].
    """
    exposure = _added(holdings.exposure, bought.weight)
    weight = _added(holdings.weight(symbol), bought.weight)
    squares = weight.after**2 - weight.before**2
    moved_var = _added(var, added_var)
    steps = (
        exposure.delta / policy.max_exposure,
        weight.delta / policy.max_concentration,
        moved_var.delta / policy.max_var,
    )
    return Impact(
        value=holdings.value,
        cost=bought.notional * Decimal(repr(cost)),
        exposure=exposure,
        weight=weight,
        concentration=_added(holdings.concentration, squares),
        var=moved_var,
        score=clamped(1.0 - math.fsum(steps) / len(steps)),
    )


def _added(before: float, step: float) -> Change:
    return Change(before=before, after=rounded(before + step))
