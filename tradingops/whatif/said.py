"""What a decision said, and what another one of the same plan says otherwise: pure, of the strands alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from strands.strand import Strand

KIND, REJECT = "decision", "reject"


class Said(NamedTuple):
    """One decision: its type, the gate it names, the share of value put in (0 for a no), and what every gate found."""

    type: str
    reason: str | None
    size: float
    gates: Sequence[Mapping[str, Any]]

    @property
    def passes(self) -> bool:
        """Whether the trader is to carry the plan out."""
        return self.type != REJECT


class GateChange(NamedTuple):
    """A gate that found otherwise, as it was and as it is under the draft; None where it stands in only one of them."""

    gate: str
    was: Mapping[str, Any] | None
    now: Mapping[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        """Return the gate with what of it differs."""
        return {"gate": self.gate, "was": _finding(self.was), "now": _finding(self.now)}


def decision(answers: Iterable[Strand]) -> Strand | None:
    """Return the decision among the answers of one turn; None where there is none."""
    return next((each for each in answers if each.kind == KIND), None)


def read(strand: Strand) -> Said:
    """Return what a decision's strand says; raises KeyError or TypeError for one that is none."""
    told = strand.payload["dm_decision"]
    budget = strand.payload.get("dm_budget") or {}
    size = budget.get("position_size", 0.0) if told["decision_type"] != REJECT else 0.0
    return Said(told["decision_type"], told["reason"], size, told["gates"])


def changed_gates(was: Said, now: Said) -> Iterator[GateChange]:
    """Yield every gate whose value, limit, distance or verdict is not the same in both decisions, in their order."""
    if was.gates == now.gates:
        return
    before, after = ({each["gate"]: each for each in one.gates} for one in (was, now))
    for gate in dict.fromkeys((*before, *after)):
        if before.get(gate) != after.get(gate):
            yield GateChange(gate, before.get(gate), after.get(gate))


def _finding(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if found is None else {name: found[name] for name in ("value", "limit", "passed", "distance")}
