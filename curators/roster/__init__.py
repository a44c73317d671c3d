"""The rosters: which curators sit on which panel."""

from __future__ import annotations

from typing import Any

from curators.curator import Curator
from curators.roster.alpha.divergence import DivergenceCurator
from curators.roster.alpha.dsi import DsiCurator
from curators.roster.alpha.pattern import PatternCurator
from curators.roster.alpha.record import EvolutionCurator, PerformanceCurator
from curators.roster.alpha.regime import RegimeCurator
from curators.roster.decision.budget import BudgetCurator
from curators.roster.decision.compliance import ComplianceCurator
from curators.roster.decision.cost import CostCurator
from curators.roster.decision.execution import ExecutionCurator
from curators.roster.decision.portfolio import PortfolioCurator
from curators.roster.decision.risk import RiskCurator
from curators.roster.decision.timing import TimingCurator
from curators.roster.policy import Roster
from curators.roster.trading.execution import OrderCurator
from curators.roster.trading.position import PositionCurator
from curators.roster.trading.risk import LevelCurator
from curators.roster.trading.venue import VenueCurator

#: Each module's curators in the order they are heard, by the field of the roster's policy that they judge by.
SEATS: dict[str, dict[str, Any]] = {
    "alpha": {
        "dsi": DsiCurator,
        "pattern": PatternCurator,
        "regime": RegimeCurator,
        "divergence": DivergenceCurator,
        "evolution": EvolutionCurator,
        "performance": PerformanceCurator,
    },
    "dm": {
        "risk": RiskCurator,
        "budget": BudgetCurator,
        "execution": ExecutionCurator,
        "portfolio": PortfolioCurator,
        "timing": TimingCurator,
        "cost": CostCurator,
        "compliance": ComplianceCurator,
    },
    "trader": {
        "execution": OrderCurator,
        "venue": VenueCurator,
        "risk": LevelCurator,
        "position": PositionCurator,
    },
}

#: (module, identity of its policy) -> (that policy, its curators); the policy is kept, so that its identity is.
_SEATED: dict[tuple[str, int], tuple[Roster, tuple[Curator, ...]]] = {}

#: How many panels a process remembers before it begins again.
KEPT_PANELS = 256


def seat(module: str, policy: Roster) -> tuple[Curator, ...]:
    """Return the curators of a module that its policy seats, in their order; raises KeyError for another module."""
    key = (module, id(policy))
    known = _SEATED.get(key)
    if known is None:
        if len(_SEATED) >= KEPT_PANELS:
            _SEATED.clear()
        seats = tuple(
            made(policy=getattr(policy, field))
            for field, made in SEATS[module].items()
            if getattr(policy, field).enabled
        )
        known = _SEATED[key] = (policy, seats)
    return known[1]
