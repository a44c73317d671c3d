"""The trader: approved plans become orders, fills become positions, and positions are left in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from portfolio import ledger
from portfolio.execution import order, traded
from strands import tags
from strands.given import Given
from strands.strand import Strand
from strands.wire import Kept, State, version_of
from tradingops.modules import learning
from tradingops.modules import policy as policies
from tradingops.modules.trading import entries, exits, holdings, market, orders, reports
from tradingops.modules.trading.policy import TraderPolicy
from tradingops.modules.trading.sheet import MODULE, Sheet
from tradingops.modules.trading.state import Execution, TraderState, Working

#: The version of the shape of its state.
STATE_VERSION = 1


class Trader:
    """Hears decisions, bars, order updates and risk updates of one symbol; its fills are the only truth about it."""

    name = MODULE
    version = "2"

    def __init__(self, *, policy: TraderPolicy | None = None) -> None:
        self.policy = policy or TraderPolicy()

    def start(self, partition: str) -> State:
        """Return a flat position and nothing under way."""
        return {**TraderState().model_dump(mode="json"), "learning": learning.start()}

    def load(self, kept: Kept) -> State:
        """Return a state from what was kept of it; raises NewerState."""
        version_of(kept, module=MODULE, newest=STATE_VERSION)
        state = {**self.start(""), **policies.without(kept), "learning": learning.load(kept)}
        return {name: value for name, value in state.items() if name not in ("judged", "curators", "learned")}

    def dump(self, state: State) -> Kept:
        """Return a state as it is kept."""
        return {"version": STATE_VERSION, **state, "learning": state["learning"].to_json()}

    def handle(self, state: State, strand: Strand, given: Given) -> tuple[State, Sequence[Strand]]:
        """Return the state after a strand, and the orders, fills, positions and reports that follow from it."""
        if strand.kind == "bar":
            return self._bar(state, strand, given) if state["busy"] else (state, ())
        if strand.kind == learning.COUNTERFACTUAL:
            learned, answers = learning.conclude_counterfactual(state["learning"], strand, learner=self._learner(given))
            return {**state, "learning": learned}, answers
        if strand.kind in learning.OF_LESSONS:
            learned, answers = learning.take(state["learning"], strand, learner=self._learner(given))
            return {**state, "learning": learned}, answers
        state, said = self._worked(state, strand, given)
        return self._learned(state, strand, said, given)

    def _worked(self, state: State, strand: Strand, given: Given) -> tuple[State, Sequence[Strand]]:
        if strand.kind == "order_update":
            return self._updated(state, strand, given)
        if tags.EXECUTE_PLAN in strand.tags:
            sheet = self._sheet(state, strand, given)
            entries.decided(sheet, strand)
            return sheet.done()
        if strand.kind == "risk_update":
            return _risk(state, strand), ()
        return state, ()

    def _learned(
        self, state: State, strand: Strand, said: Sequence[Strand], given: Given
    ) -> tuple[State, Sequence[Strand]]:
        """Return the state after the positions that a turn closed were learned from."""
        outcomes = [each for one in said if one.kind == "position" for each in learning.outcomes_of(one)]
        if not outcomes:
            return state, said
        learned, more = learning.conclude(state["learning"], outcomes, cause=strand, learner=self._learner(given))
        return {**state, "learning": learned}, [*said, *more]

    def _learner(self, given: Given) -> learning.Learner:
        policy = policies.effective(self.policy, given)
        return learning.Learner(module=MODULE, lessons=policy.lessons, curating=policy.curators.learning)

    def _sheet(self, state: State, strand: Strand, given: Given) -> Sheet:
        return Sheet(state, strand, given.now, policies.effective(self.policy, given))

    def _bar(self, state: State, strand: Strand, given: Given) -> tuple[State, Sequence[Strand]]:
        """Watch exits first, then send what is left of entries, then test the waiting plans."""
        bar = traded.of(strand)
        if not _matters(state, bar, given.now, policies.effective(self.policy, given).overdue_seconds):
            return state, ()
        sheet, seen = self._sheet(state, strand, given), market.of_bar(strand)
        orders.ask_back_overdue(sheet)
        exits.watch(sheet, bar, seen)
        entries.send_slices(sheet, seen)
        entries.recheck(sheet, seen)
        return sheet.done()

    def _updated(self, state: State, strand: Strand, given: Given) -> tuple[State, Sequence[Strand]]:
        """Hear what became of an order: book its fill, and go on once it has ended."""
        told = strand.payload["vn_update"]
        status, order_id = order.Status(told["status"]), told["order_id"]
        if status is order.Status.ACCEPTED or (status is order.Status.UNKNOWN and not told.get("final")):
            return state, ()
        sheet = self._sheet(state, strand, given)
        execution = next((each for each in sheet.executions.values() if order_id in each.orders), None)
        if execution is None:
            return state, ()
        if told.get("fill"):
            execution = _filled(sheet, execution, told["fill"], order_id)
        if status in order.ENDED or told.get("final"):
            _ended(sheet, execution, order_id, status, told.get("reason"))
        return sheet.done()


def _filled(sheet: Sheet, execution: Execution, told: dict[str, object], order_id: str) -> Execution:
    done = {**told, "order_id": order_id, "intent": execution.intent.value, "plan_id": execution.plan_id}
    earned = holdings.book(sheet, execution, done)
    total = ledger.EXACT.add(execution.earned, earned)
    after = execution.model_copy(update={"fills": [*execution.fills, done], "earned": total})
    sheet.put(after)
    return after


def _ended(sheet: Sheet, execution: Execution, order_id: str, status: order.Status, reason: str | None) -> None:
    """Take an order that is over off its execution; try the next venue if refused, report once nothing is left."""
    working = execution.orders[order_id]
    rest = {each: out for each, out in execution.orders.items() if each != order_id}
    after = execution.model_copy(
        update={"orders": rest, "attempts": [*execution.attempts, _attempt(order_id, working, status, reason)]}
    )
    sheet.put(after)
    if status is order.Status.REJECTED:
        if orders.resend(sheet, after, working) is not None:
            return
        after = after.model_copy(update={"slices_left": 0})
    if after.is_over:
        del sheet.executions[after.key]
        reports.execution(sheet, after, status=reports.ending(after, status), reason=reason)
    else:
        sheet.put(after)


def _attempt(order_id: str, working: Working, status: order.Status, reason: str | None) -> dict[str, object]:
    return {"order_id": order_id, "venue": working.venue, "status": status.value, "reason": reason}


def _matters(state: State, bar: traded.Traded, now: datetime, grace_seconds: int) -> bool:
    """Say whether a bar can change anything, from the state's JSON alone: most bars of a held position cannot."""
    if state["waiting"]:
        return True
    for each in state["executions"].values():
        over = orders.is_overdue(datetime.fromisoformat(each["valid_until"]), now, grace_seconds)
        if each["slices_left"] or over:
            return True
    return _reaches_an_exit(state["holding"], bar)


def _reaches_an_exit(held: dict[str, Any] | None, bar: traded.Traded) -> bool:
    """Say whether a bar ends a held position, or finds an exit undone."""
    if held is None or held["exit_reason"]:
        return held is not None
    return (
        exits.reason(
            direction=held["direction"],
            stop=Decimal(held["stop_loss"]),
            target=Decimal(held["take_profit"]),
            expires_at=datetime.fromisoformat(held["expires_at"]),
            bar=bar,
        )
        is not None
    )


def _risk(state: State, strand: Strand) -> State:
    """Remember the risk level where it changed."""
    level = (strand.payload.get("rm_risk_assessment") or {}).get("level") or "ok"
    return state if level == state["level"] else {**state, "level": level}
