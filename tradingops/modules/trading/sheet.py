"""The sheet: the trader's state opened for one turn, worked on, and written back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from portfolio import ledger
from strands import tags
from strands.strand import Strand
from strands.wire import State
from tradingops.modules import learning
from tradingops.modules.trading.policy import TraderPolicy
from tradingops.modules.trading.state import Execution, TraderState

MODULE = "trader"

#: To whom each kind of strand is addressed.
ADDRESSED = {
    "order": (tags.SUBMIT_ORDER,),
    "cancel": (tags.CANCEL_ORDER,),
    "fill": (tags.DM_EXECUTION_FEEDBACK, tags.RISK_EXECUTION_FEEDBACK),
    "execution": (tags.DM_EXECUTION_FEEDBACK, tags.ALPHA_EXECUTION_FEEDBACK),
    "position": (tags.DM_EXECUTION_FEEDBACK, tags.ALPHA_EXECUTION_FEEDBACK, tags.RISK_EXECUTION_FEEDBACK),
    "monitoring": (),
}


class Sheet:
    """One turn of the trader: what it knows, what it heard and when, and what it says."""

    def __init__(self, state: State, strand: Strand, now: datetime, policy: TraderPolicy) -> None:
        held = TraderState.model_validate({name: each for name, each in state.items() if name != "learning"})
        self.cause, self.now, self.policy = strand, now, policy
        self.symbol = strand.symbol or ""
        self.level, self.holding = held.level, held.holding
        self.plans, self.waiting = list(held.plans), list(held.waiting)
        self.executions, self.venues = dict(held.executions), dict(held.venues)
        self.position = ledger.position_from(self.symbol, held.position)
        self.learning: learning.Learning = state["learning"]
        self._held, self._said = held, list[Strand]()

    def put(self, execution: Execution) -> None:
        """Keep an execution as it now stands."""
        self.executions[execution.key] = execution

    def knows(self, plan_id: str) -> bool:
        """Say whether a plan is remembered, waits, or is under way."""
        return plan_id in {*self.plans, *self.executions, *(each.plan_id for each in self.waiting)}

    def remember(self, plan_id: str) -> None:
        """Remember that a plan was heard of; the oldest plans are forgotten."""
        self.plans = [*self.plans, plan_id][-self.policy.plans_remembered :]

    def say(
        self,
        kind: str,
        payload: dict[str, Any],
        *,
        parent_id: str | None = None,
        lifecycle_id: str | None = None,
    ) -> Strand:
        """Answer what was heard, under another strand's lifecycle where it belongs to that."""
        said = self.cause.answer(
            module=MODULE,
            kind=kind,
            tags=ADDRESSED[kind],
            payload=payload,
            nth=sum(each.kind == kind for each in self._said),
            parent_id=parent_id,
            lifecycle_id=lifecycle_id,
        )
        self._said.append(said)
        return said

    def done(self) -> tuple[State, Sequence[Strand]]:
        """Return the state after the turn, and what was said."""
        after = self._held.model_copy(
            update={
                "busy": bool(self.waiting or self.holding or self.executions),
                "plans": self.plans,
                "waiting": self.waiting,
                "executions": self.executions,
                "holding": self.holding,
                "position": ledger.position_to_json(self.position),
                "venues": self.venues,
            }
        )
        return {**after.model_dump(mode="json"), "learning": self.learning}, self._said
