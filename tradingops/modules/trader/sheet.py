"""The sheet: the trader's state opened for one turn, worked on, and written back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from strands import tags
from strands.given import Given, HaltState
from strands.strand import Strand
from tradingops.modules import halts, instruments
from tradingops.modules.trader.policy import TraderPolicy
from tradingops.modules.trader.state import Execution, TraderState

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
    """One turn of the trader: what it knows, the strand and the moment it was given, and its answers so far.

    ``halt`` says why no entry may be sent anywhere, ``closed`` why none to these venues; ``standstill`` and ``still``
    the same of exits that do not protect.
    """

    def __init__(self, state: TraderState, strand: Strand, given: Given, policy: TraderPolicy) -> None:
        self.cause, self.policy = strand, policy
        # A backlog may bring a decision or a bar that is older than what venues already said.
        self.now = max(given.now, state.known_at or given.now)
        self.symbol = strand.symbol or ""
        self.halt, self.closed = _halt(given, self.symbol), _closed(given, policy)
        self.standstill, self.still = halts.standstill(given, *_scopes(self.symbol)), _still(given, policy)
        self.level, self.holding, self.position = state.level, state.holding, state.position
        self.plans, self.waiting = list(state.plans), list(state.waiting)
        self.executions, self.venues = dict(state.executions), dict(state.venues)
        self.at_venues, self.known_at = dict(state.at_venues), state.known_at
        self.instrument = instruments.of(state.instruments, self.symbol)
        self.learning = state.learning
        self._before, self._answers = state, list[Strand]()

    @property
    def lot(self) -> Decimal:
        """The step of quantities: the instrument's, the policy's where the market told of none."""
        return (self.instrument and self.instrument.lot) or self.policy.quantity_step

    @property
    def tick(self) -> Decimal | None:
        """The step of prices, None where the market told of none."""
        return self.instrument.tick if self.instrument else None

    @property
    def was_flat(self) -> bool:
        """Whether nothing was held before this turn."""
        return self._before.holding is None

    def put(self, execution: Execution) -> None:
        """Keep an execution as it now stands."""
        self.executions[execution.key] = execution

    def drop(self, execution: Execution) -> None:
        """Forget an execution that is over."""
        self.executions.pop(execution.key, None)

    def knows(self, plan_id: str) -> bool:
        """Say whether a plan is remembered, waits, or is under way."""
        return plan_id in {*self.plans, *self.executions, *(each.plan_id for each in self.waiting)}

    def remember(self, plan_id: str) -> None:
        """Remember that a plan was decided; the oldest plans are forgotten."""
        self.plans = [*self.plans, plan_id][-self.policy.plans_remembered :]

    def say(
        self,
        kind: str,
        payload: dict[str, Any],
        *,
        parent_id: str | None = None,
        lifecycle_id: str | None = None,
        to: tuple[str, ...] = (),
    ) -> Strand:
        """Answer the strand of this turn, under another strand's lifecycle where the answer belongs to that.

        ``to`` are tags beside those of its kind.

        A column of which there is nothing to say is left out, as the table would leave it.
        """
        answer = self.cause.answer(
            module=MODULE,
            kind=kind,
            tags=(*ADDRESSED[kind], *to),
            payload={name: column for name, column in payload.items() if column is not None},
            nth=self.said(kind),
            parent_id=parent_id,
            lifecycle_id=lifecycle_id,
        )
        self._answers.append(answer)
        return answer

    def said(self, kind: str) -> int:
        """Return how many strands of a kind were said in this turn so far."""
        return sum(each.kind == kind for each in self._answers)

    def done(self) -> tuple[TraderState, Sequence[Strand]]:
        """Return the state after the turn, and its answers."""
        after = replace(
            self._before,
            plans=tuple(self.plans),
            waiting=tuple(self.waiting),
            executions=self.executions,
            holding=self.holding,
            position=self.position,
            venues=self.venues,
            at_venues=self.at_venues,
            known_at=self.known_at,
            learning=self.learning,
        )
        return after, self._answers


def _halt(given: Given, symbol: str) -> str | None:
    return halts.refusal(given, *_scopes(symbol))


def _scopes(symbol: str) -> tuple[str, ...]:
    return f"module:{MODULE}", "module:venue", f"symbol:{symbol}"


def _still(given: Given, policy: TraderPolicy) -> frozenset[str]:
    """Return the venues that take nothing but what protects a position."""
    return frozenset(each.name for each in policy.venues if given.halts.get(f"venue:{each.name}") is HaltState.HALTED)


def _closed(given: Given, policy: TraderPolicy) -> Mapping[str, str]:
    """Return why no entry may be sent to a venue, by the venue's name; what stops all of them is told by ``_halt``."""
    return {each.name: why for each in policy.venues if (why := halts.own(given, f"venue:{each.name}")) is not None}
