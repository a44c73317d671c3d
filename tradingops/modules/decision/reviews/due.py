"""That a deadline has come: a strand whose id the question tells, said once, whoever tells it.

The question names it, the database says it with the first bar at or past the deadline, and so does a wire in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from strands import tags
from strands.kinds import people, reviews
from strands.strand import Strand, first
from tradingops.modules.decision.reviews.waiting import Waiting

REASON = reviews.HAS_COME


def strand_of(plan_id: str, item: Waiting) -> Strand:
    """Return what tells the decision maker that the deadline of a plan has come; of one deadline always the same."""
    said = first(
        module=people.ROLE.name,
        kind=people.REVIEW_DUE.name,
        at=item.deadline,
        symbol=item.signal.symbol,
        tags=[tags.REVIEW_VERDICT],
        payload={"op_verdict": {"plan_id": plan_id, "reason": REASON}},
        cause=(plan_id,),
    )
    return replace(said, lifecycle_id=item.signal.lifecycle_id or item.signal.id)


def come(states: Mapping[str, Mapping[str, Any]], at: datetime) -> list[Strand]:
    """Return the deadlines that have come at a moment, by the states of a desk's modules, the earliest first."""
    state = states.get("dm", {}).get("")
    if state is None or not state.reviews:
        return []
    due = [(each.deadline, each.item, plan_id) for plan_id, each in state.reviews.items() if not each.is_open(at)]
    return [strand_of(plan_id, state.reviews[plan_id]) for _, _, plan_id in sorted(due)]
