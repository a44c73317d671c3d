"""Automatic halts: what a risk update puts in force by itself, as people would.

Risk says it in its update (``rm_alert_data.halts``); whatever writes the update writes the halts with it, as words of
people, so that they are kept, shown, obeyed and lifted as any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strands.given import HaltState
from strands.kinds import people, risk
from strands.strand import Strand

KIND, COLUMN, FIELD = risk.UPDATE.name, "rm_alert_data", "halts"
#: Who said such a halt.
BY = "policy"


def told(update: Strand, says: Mapping[str, Any], *, nth: int) -> dict[str, Any]:
    """Return how an update tells of a halt: what the halt says, with the id that its strand has."""
    return {"id": _strand(update, says, nth=nth).id, **says}


def says(*, scope: str, state: HaltState, rule: str, value: float, limit: float, reason: str) -> dict[str, Any]:
    """Return what an automatic halt says: the rule that was broken, its value and its limit, and why in words."""
    return {
        "scope": scope, "state": state.value, "by": BY, "reason": reason, "rule": rule, "value": value, "limit": limit
    }  # fmt: skip


def halts_of(strand: Strand) -> list[Strand]:
    """Return the halts that a strand puts in force by being said; most put none."""
    if strand.kind != KIND or strand.module != risk.ROLE.name:
        return []
    alert = strand.payload.get(COLUMN)
    found = alert.get(FIELD) if isinstance(alert, dict) else None
    # What the database's rule leaves out: anybody may write an update.
    sound = [each for each in found if isinstance(each, dict) and each.get("id")] if isinstance(found, list) else []
    return [
        _strand(strand, {name: value for name, value in each.items() if name != "id"}, nth=nth)
        for nth, each in enumerate(sound)
    ]


def _strand(update: Strand, says: Mapping[str, Any], *, nth: int) -> Strand:
    return update.answer(module=people.ROLE.name, kind=people.HALT.name, payload={"op_halt": dict(says)}, nth=nth)
