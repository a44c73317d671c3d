"""The first generation: the modules that every desk starts with, under ids that never change."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from strands import ids


@dataclass(frozen=True)
class Root:
    """A module without parents; ``module`` is its name on the wire, ``module_type`` the specification's word."""

    module: str
    module_type: str

    @property
    def module_id(self) -> UUID:
        return ids.uuid_of("module", self.module)


ROOTS = {
    root.module: root
    for root in (
        Root("market", "market_data"),
        Root("alpha", "alpha_detector"),
        Root("risk", "risk_manager"),
        Root("dm", "decision_maker"),
        Root("trader", "trader"),
        Root("venue", "venue"),
    )
}
