"""The tally of a trial: how many decisions stand, flip or change their size, and how many cannot be decided again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tradingops.whatif.trial import Again

#: The names of the two directions; the one that lets more through is the dangerous one.
STRICTER, LOOSER = "stricter", "looser"
#: How many reasons of one sort are kept in words.
TOLD = 3


@dataclass
class Tally:
    """What became of the recorded decisions, counted as they come; those that differ are kept, the others are not.

    ``taken`` is decided again + undecided. ``gates`` counts the decisions in which each gate found otherwise,
    ``stopped`` the flips by the gate that the no names.
    """

    taken: int = 0
    decided: int = 0
    undecided: Counter[str] = field(default_factory=Counter)
    told: dict[str, list[str]] = field(default_factory=dict)
    gates: Counter[str] = field(default_factory=Counter)
    stopped: Counter[str] = field(default_factory=Counter)
    retyped: int = 0
    reasons: int = 0
    stricter: list[Again] = field(default_factory=list)
    looser: list[Again] = field(default_factory=list)
    resized: list[Again] = field(default_factory=list)

    def add(self, again: Again) -> None:
        """Count one decision."""
        self.taken += 1
        if again.undecided is not None or again.was is None or again.now is None:
            self._leave_out(again)
            return
        self.decided += 1
        self.gates.update(each.gate for each in again.gates)
        self.reasons += again.was.reason != again.now.reason
        self.retyped += again.was.type != again.now.type
        if again.flipped:
            no, flips = (again.now, self.stricter) if again.was.passes else (again.was, self.looser)
            flips.append(again)
            self.stopped[no.reason or "unnamed"] += 1
        elif again.resized:
            self.resized.append(again)

    def leave_out(self, count: int, reason: str, told: str) -> None:
        """Count decisions that were not even tried, all for one reason."""
        if count:
            self.taken += count
            self.undecided[reason] += count
            self.told.setdefault(reason, []).append(told)

    def _leave_out(self, again: Again) -> None:
        reason = str(again.undecided)
        self.undecided[reason] += 1
        told = self.told.setdefault(reason, [])
        if len(told) < TOLD and again.told not in told:
            told.append(again.told)

    @property
    def flips(self) -> int:
        """How many decisions flip, either way."""
        return len(self.stricter) + len(self.looser)

    @property
    def same(self) -> bool:
        """Whether everything was decided again, and nothing found otherwise: what an unchanged policy must come to."""
        return self.decided == self.taken and not (
            self.flips or self.resized or self.gates or self.reasons or self.retyped
        )

    def to_json(self) -> dict[str, Any]:
        """Return the counts; ``decided_again`` and the sum of ``not_decidable`` are ``decisions``."""
        return {
            "decisions": self.taken,
            "decided_again": self.decided,
            "not_decidable": {
                reason: {"count": count, "told": self.told.get(reason, [])}
                for reason, count in sorted(self.undecided.items())
            },
            "flips": {STRICTER: len(self.stricter), LOOSER: len(self.looser), "by_gate": dict(self.stopped)},
            "resized": len(self.resized),
            "retyped": self.retyped,
            "other_reason": self.reasons,
            "gates_that_found_otherwise": dict(self.gates),
        }
