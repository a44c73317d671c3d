"""A Curator: one standing judge of plans, and the Opinion it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

Inputs = Mapping[str, Any]


class Action(StrEnum):
    """What a curator does to a plan: stops it, moves its score, or lets it be."""

    VETO = "veto"
    NUDGE = "nudge"
    APPROVE = "approve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one curator says of one plan; ``contribution`` counts only for a nudge, in logarithms of the score."""

    action: Action
    contribution: float = 0.0
    confidence: float = 1.0
    reason: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)


class Curator(Protocol):
    """A judge with a name, a cap on its nudges and a weight; it reads what it is given and nothing else."""

    @property
    def name(self) -> str:
        """How the curator is known in weights and records: ``risk_curator``."""

    @property
    def kappa(self) -> float:
        """The largest nudge, up or down, in logarithms of the score; at most 0.15."""

    @property
    def weight(self) -> float:
        """The configured weight; a curator that still has it nudges by exactly what it says."""

    @property
    def fails_closed(self) -> bool:
        """Whether a fault of this curator stops the plan."""

    def judge(self, inputs: Inputs) -> Opinion | None:
        """Return an opinion of a plan, or None to abstain."""
