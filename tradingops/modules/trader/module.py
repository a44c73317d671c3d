"""The trader: approved plans become orders, fills become positions, and positions are left in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from portfolio import ledger
from portfolio.execution import order, venue
from strands import tags
from strands.given import Given
from strands.strand import Strand
from strands.wire import Kept
from tradingops.modules import instruments, learning
from tradingops.modules import policy as policies
from tradingops.modules.trader import entries, exits, holdings, interventions, kept, market, reports, withdrawals
from tradingops.modules.trader.placing import notices, orders, protection
from tradingops.modules.trader.policy import TraderPolicy
from tradingops.modules.trader.sheet import MODULE, Sheet
from tradingops.modules.trader.state import Attempt, CloseReason, Execution, TraderState

Answered = tuple[TraderState, Sequence[Strand]]


class Trader:
    """Takes decisions, bars, order updates and risk updates of one symbol; its fills are the only truth about it.

    Under a halt of the desk, the trader, the symbol or the venue it sends no entry, and asks back those that are out;
    exits go on.
    """

    name = MODULE
    version = "5"

    def __init__(self, *, policy: TraderPolicy | None = None) -> None:
        self.policy = policy or TraderPolicy()

    def start(self, partition: str) -> TraderState:
        """Return a flat position and nothing under way."""
        return TraderState()

    def load(self, state: Kept) -> TraderState:
        """Return a state from what was kept of it; raises NewerState."""
        return kept.load(state)

    def dump(self, state: TraderState) -> Kept:
        """Return a state as it is kept."""
        return kept.dump(state)

    def handle(self, state: TraderState, strand: Strand, given: Given) -> Answered:
        """Return the state after a strand, and the orders, fills, positions and reports that follow from it."""
        if strand.kind == "bar":
            return self._bar(state, strand, given) if state.is_busy else (state, ())
        if strand.kind == instruments.KIND:
            return replace(state, instruments=instruments.hear(state.instruments, strand)), ()
        if strand.kind == "funding":
            return _settled(state, Decimal(strand.payload["vn_funding"]["paid"])), ()
        if strand.kind == learning.COUNTERFACTUAL:
            return _learned(
                state, learning.conclude_counterfactual(state.learning, strand, learner=self._learner(given))
            )
        if strand.kind in learning.OF_LESSONS:
            return _learned(state, learning.take(state.learning, strand, learner=self._learner(given)))
        state, answers = self._trade(state, strand, given)
        return self._learn(state, strand, answers, given)

    def _trade(self, state: TraderState, strand: Strand, given: Given) -> Answered:
        if strand.kind == "order_update":
            return self._updated(state, strand, given)
        if tags.EXECUTE_PLAN in strand.tags:
            sheet = self._sheet(state, strand, given)
            withdrawals.obey_halts(sheet)
            entries.decide(sheet, strand)
            return sheet.done()
        if tags.INTERVENE in strand.tags:
            sheet = self._sheet(state, strand, given)
            interventions.heed(sheet, strand)
            protection.align(sheet)
            return sheet.done()
        if strand.kind == "risk_update":
            return _risk(state, strand), ()
        return state, ()

    def _learn(self, state: TraderState, strand: Strand, answers: Sequence[Strand], given: Given) -> Answered:
        """Return the state after the positions that a turn closed were learned from."""
        outcomes = [each for one in answers if one.kind == "position" for each in learning.outcomes_of(one)]
        if not outcomes:
            return state, answers
        state, more = _learned(
            state, learning.conclude(state.learning, outcomes, cause=strand, learner=self._learner(given))
        )
        return state, [*answers, *more]

    def _learner(self, given: Given) -> learning.Learner:
        policy = policies.effective(self.policy, given)
        return learning.Learner(module=MODULE, lessons=policy.lessons, curating=policy.curators.learning)

    def _sheet(self, state: TraderState, strand: Strand, given: Given) -> Sheet:
        return Sheet(state, strand, given, policies.effective(self.policy, given))

    def _bar(self, state: TraderState, strand: Strand, given: Given) -> Answered:
        """Watch exits first, then send what is left of entries, then test the waiting plans."""
        if state.known_at is not None and strand.at < state.known_at:
            # A bar of a backlog, older than what a venue already said: to act on it would be to act in the past.
            return state, ()
        if not _matters(state, strand, given, policies.effective(self.policy, given).overdue_seconds):
            return state, ()
        sheet, seen = self._sheet(state, strand, given), market.of_bar(strand)
        orders.ask_back_overdue(sheet)
        withdrawals.obey_halts(sheet)
        exits.watch(sheet, seen)
        entries.send_slices(sheet, seen)
        entries.recheck(sheet, seen)
        protection.align(sheet)
        return sheet.done()

    def _updated(self, state: TraderState, strand: Strand, given: Given) -> Answered:
        """Take what became of an order: book its fill, and go on once it has ended."""
        update = strand.payload["vn_update"]
        status, order_id = order.Status(update["status"]), update["order_id"]
        if status is order.Status.ACCEPTED:
            return state, ()
        execution = next((each for each in state.executions.values() if order_id in each.orders), None)
        if execution is None:
            return state, ()
        sheet = self._sheet(state, strand, given)
        is_final, reason = bool(update.get("final")), update.get("reason")
        if venue.is_at_fault(status, reason, is_final=is_final):
            notices.venue_fault(sheet, execution, order_id, reason=reason)
        if status is order.Status.UNKNOWN and not is_final:
            return sheet.done()
        sheet.known_at = max(strand.at, sheet.known_at or strand.at)
        if update.get("fill"):
            execution = _filled(sheet, execution, update["fill"], order_id)
        if status in order.ENDED or is_final:
            _ended(sheet, execution, order_id, status, reason)
        withdrawals.obey_halts(sheet)
        protection.align(sheet)
        return sheet.done()


def _filled(sheet: Sheet, execution: Execution, fill: Mapping[str, Any], order_id: str) -> Execution:
    done = {**fill, "order_id": order_id, "intent": execution.intent.value, "plan_id": execution.plan_id}
    if execution.rests:
        execution = protection.reached_by(execution, execution.orders[order_id])
        exits.stop_entries(
            sheet, execution.side.opposite, reason=f"the position is left: {execution.spec['exit_reason']}"
        )
    if execution.is_entry:
        protection.released(sheet, order_id, Decimal(fill["qty"]))
    earned = ledger.EXACT.add(execution.earned, holdings.book(sheet, execution, done))
    after = replace(execution, fills=(*execution.fills, done), earned=earned)
    sheet.put(after)
    return after


def _ended(sheet: Sheet, execution: Execution, order_id: str, status: order.Status, reason: str | None) -> None:
    """Take an order that is over off its execution; try the next venue if refused, report once nothing is left."""
    working = execution.orders[order_id]
    rest = {each: out for each, out in execution.orders.items() if each != order_id}
    attempt = Attempt(order_id=order_id, venue=working.venue, status=status, reason=reason)
    after = replace(execution, orders=rest, attempts=(*execution.attempts, attempt))
    sheet.put(after)
    if execution.rests:
        _left_resting(sheet, after, status, reason)
        return
    if status is order.Status.REJECTED:
        wanted = not after.halted and working.asked_at is None
        if wanted and orders.resend(sheet, after, working) is not None:
            return
        after = replace(after, slices_left=0)
    if after.is_over:
        del sheet.executions[after.key]
        ending = reports.ending(after, status)
        reports.execution(sheet, after, status=ending, reason=_reason(after, ending, reason))
    else:
        sheet.put(after)


def _left_resting(sheet: Sheet, pair: Execution, status: order.Status, reason: str | None) -> None:
    """Take note that the stop or the target of a pair is over; report the pair once both are, if it did anything."""
    if status is order.Status.REJECTED and pair.attached_to is None:
        protection.refused(sheet, pair, reason)
    if not pair.is_over:
        if status is order.Status.CANCELLED and not pair.replaced and protection.has_stop(pair):
            # The target gave way to a stop that was reached, though nothing of it may be filled yet.
            exits.stop_entries(sheet, pair.side.opposite, reason=f"the position is left: {CloseReason.STOP_LOSS}")
        return
    sheet.drop(pair)
    if pair.fills:
        done = replace(pair, quantity=pair.filled)
        reports.execution(sheet, done, status=reports.Ending.FILLED)


def _reason(ended: Execution, ending: reports.Ending, reason: str | None) -> str | None:
    """Return why an execution ended: the halt that took it back, else what its venue said last."""
    return reason if ending is reports.Ending.FILLED else ended.halted or reason


def _matters(state: TraderState, bar: Strand, given: Given, grace_seconds: int) -> bool:
    """Say whether a bar can change anything: most bars of a held position cannot."""
    if state.waiting:
        return True
    for each in state.executions.values():
        if each.slices_left or (not each.rests and orders.is_overdue(each.valid_until, given.now, grace_seconds)):
            return True
        if given.halts and each.is_entry and not each.halted:
            return True
    return exits.is_due(state, bar)


def _settled(state: TraderState, paid: Decimal) -> TraderState:
    """Return the state after holding cost something, which the position's result will count."""
    held = state.holding and replace(state.holding, funding=ledger.EXACT.add(state.holding.funding, paid))
    return replace(state, position=state.position.settle(paid), holding=held)


def _learned(state: TraderState, after: learning.Learned) -> Answered:
    return replace(state, learning=after[0]), after[1]


def _risk(state: TraderState, strand: Strand) -> TraderState:
    """Remember the risk level where it changed."""
    level = (strand.payload.get("rm_risk_assessment") or {}).get("level") or "ok"
    return state if level == state.level else replace(state, level=level)
