"""Entries: an approved plan waits for its conditions, then is ordered, whole or in slices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from portfolio import ledger
from portfolio.execution import order
from strands.market.bar import Timeframe
from strands.strand import Strand
from tradingops.modules.trader import approvals, entry_conditions, entry_panel, exits, market, reports
from tradingops.modules.trader.placing import notices, orders, strategy, venue_choice
from tradingops.modules.trader.sheet import Sheet
from tradingops.modules.trader.state import CloseReason, EntryPlan, Execution, Terms


def decide(sheet: Sheet, decision: Strand) -> None:
    """Carry out a decision: enter at once where only the plan itself is asked, else wait for a later bar to tell.

    A second decision about a plan that is remembered is ignored; one that cannot be carried out, or that a halt
    concerns, is reported rejected.
    """
    plan_id = approvals.plan_id_of(decision)
    if sheet.knows(plan_id):
        return
    sheet.remember(plan_id)
    try:
        approved = approvals.read(decision, now=sheet.now, policy=sheet.policy, lot=sheet.lot)
    except approvals.Unfit as unfit:
        reports.execution(sheet, _never_begun(sheet, decision), status=reports.Ending.REJECTED, reason=str(unfit))
        return
    seen = market.of_plan(approved.plan)
    if halt := _halt(sheet, approved, seen):
        _report_unsent(sheet, approved, seen, status=reports.Ending.REJECTED, reason=halt)
        return
    if names := entry_conditions.of_the_market(approved.plan):
        _wait(sheet, approved, names)
    else:
        _try(sheet, approved, seen)


def recheck(sheet: Sheet, seen: market.Market) -> None:
    """Test each waiting plan against a bar; report those whose time is over."""
    waiting, sheet.waiting = sheet.waiting, []
    for each in waiting:
        if each.valid_until <= sheet.now:
            why = f"its time was over while it waited for {', '.join(each.failing)}"
            _report_unsent(sheet, each, seen, status=reports.Ending.EXPIRED, reason=why)
        elif _opened_at(sheet.cause) >= each.plan.created_at:
            _try(sheet, each, seen)
        else:
            sheet.waiting.append(each)


def forget(sheet: Sheet, wanted: Callable[[str], bool], *, reason: str) -> bool:
    """Let plans that wait be entered no more, and report them cancelled; say whether there were any."""
    gone = [each for each in sheet.waiting if wanted(each.plan.plan_id)]
    sheet.waiting = [each for each in sheet.waiting if each not in gone]
    for each in gone:
        _report_unsent(sheet, each, market.of_plan(each.plan), status=reports.Ending.CANCELLED, reason=reason)
    return bool(gone)


def send_slices(sheet: Sheet, seen: market.Market) -> None:
    """Send the next slice of each sliced entry that is under way."""
    for each in list(sheet.executions.values()):
        if not each.slices_left:
            continue
        if each.valid_until > sheet.now and orders.venues(sheet, each):
            _send_slice(sheet, each, seen)
        else:
            _stop_slicing(sheet, each)


def _try(sheet: Sheet, approved: EntryPlan, seen: market.Market) -> None:
    """Enter a plan if all of its conditions hold, else let it wait; say so where what fails has changed.

    Under a halt a plan waits as for one more condition.
    """
    failing = entry_conditions.failing(approved.plan, seen, sheet.policy)
    if halt := _halt(sheet, approved, seen):
        failing = (*failing, halt)
    if not failing:
        _enter(sheet, approved, seen)
        return
    _wait(sheet, approved, failing)


def _wait(sheet: Sheet, approved: EntryPlan, failing: tuple[str, ...]) -> None:
    """Let a plan wait for what does not hold yet; say so where that has changed."""
    if failing != approved.failing:
        names = [each["type"] for each in approved.plan.entry_conditions]
        held = [each for each in names if each not in failing]
        until = approved.valid_until.isoformat()
        notices.monitoring(sheet, approved, "waiting", holds=held, fails=list(failing), until=until)
    sheet.waiting.append(replace(approved, failing=failing))


def _opened_at(bar: Strand) -> datetime:
    return datetime.fromisoformat(bar.payload["md_bar"]["opened_at"])


def _enter(sheet: Sheet, approved: EntryPlan, seen: market.Market) -> None:
    """Order a plan that the curators let pass; a position the other way is left first."""
    if approved.failing:
        notices.monitoring(sheet, approved, "entering")
    plan = approved.plan
    chosen = strategy.choose(approved, seen, level=sheet.level, rules=sheet.policy)
    entry = _execution(sheet, approved, seen, chosen)
    wanted = strategy.terms(
        chosen,
        plan,
        seen,
        urgency=approved.urgency,
        rules=sheet.policy,
        tick=sheet.tick,
    )
    entry, verdict = entry_panel.convene(sheet, approved, entry, wanted, seen)
    if not verdict.approved:
        reports.execution(sheet, entry, status=reports.Ending.REJECTED, reason=entry_panel.why(verdict))
        return
    if sheet.holding is not None and sheet.holding.direction is not plan.direction:
        exits.leave(sheet, CloseReason.SIGNAL, seen)
    # What still enters the other way may be filled at another venue: flat in sum, and held at both.
    exits.stop_entries(sheet, entry.side.opposite, reason="a plan the other way is entered")
    if chosen.is_sliced:
        _send_slice(sheet, entry, seen)
        return
    orders.begin(sheet, replace(entry, slices_left=0), quantity=entry.quantity, terms=wanted, market=seen)


def _halt(sheet: Sheet, approved: EntryPlan, seen: market.Market) -> str | None:
    """Return which halt keeps a plan from being entered; that of a venue, where the plan may go to no other."""
    if sheet.halt or not sheet.closed:
        return sheet.halt
    ranked = [name for name, _ in _ranked(sheet, approved, seen)]
    return None if set(ranked) - sheet.closed.keys() else sheet.closed[ranked[0]]


def _report_unsent(
    sheet: Sheet, approved: EntryPlan, seen: market.Market, *, status: reports.Ending, reason: str
) -> None:
    """Report an entry of which nothing was sent."""
    unsent = _execution(sheet, approved, seen, strategy.Strategy(approved.plan.order_type))
    reports.execution(sheet, unsent, status=status, reason=reason)


def _send_slice(sheet: Sheet, entry: Execution, seen: market.Market) -> None:
    quantity = strategy.slice_of(
        strategy.Strategy(entry.strategy),
        unsent=entry.unsent,
        slices_left=entry.slices_left,
        volume_ratio=seen.feature("volume_ratio"),
        rules=sheet.policy,
        lot=sheet.lot,
    )
    left = entry.slices_left - 1 if quantity < entry.unsent else 0
    entry = replace(entry, slices_left=left)
    if quantity > 0:
        orders.begin(sheet, entry, quantity=quantity, terms=Terms(order.OrderType.MARKET), market=seen)
    else:
        sheet.put(entry)


def _stop_slicing(sheet: Sheet, entry: Execution) -> None:
    """Send no more of an entry whose time is over, or whose venues are; report it unless some of it is still out."""
    in_time = entry.valid_until > sheet.now
    halt = next((sheet.closed[name] for name, _ in entry.ranked if name in sheet.closed), "") if in_time else ""
    stopped = replace(entry, slices_left=0, halted=entry.halted or halt)
    sheet.put(stopped)
    if stopped.is_over:
        del sheet.executions[stopped.key]
        last = order.Status.CANCELLED if in_time else order.Status.EXPIRED
        reports.execution(sheet, stopped, status=reports.ending(stopped, last), reason=stopped.halted or None)


def _ranked(sheet: Sheet, approved: EntryPlan, seen: market.Market) -> tuple[tuple[str, float], ...]:
    return venue_choice.ranked(
        quantity=approved.quantity,
        depth=seen.depth(sheet.policy),
        records=sheet.venues,
        preferences=approved.plan.venue_preferences,
        route_hint=approved.route_hint,
        rules=sheet.policy,
        instrument=sheet.instrument,
        closed=sheet.closed,
    )


def _execution(sheet: Sheet, approved: EntryPlan, seen: market.Market, chosen: strategy.Strategy) -> Execution:
    """Return an entry that nothing was sent of yet."""
    bar = Timeframe.parse(approved.plan.timeframe).span
    return Execution(
        intent=order.Intent.ENTRY,
        side=order.Side.BUY if approved.plan.direction.sign > 0 else order.Side.SELL,
        plan_id=approved.plan_id,
        decision_id=approved.decision_id,
        lifecycle_id=approved.lifecycle_id,
        spec=_spec(approved, chosen, bar),
        quantity=approved.quantity,
        unsent=approved.quantity,
        slices_left=strategy.slices(chosen, left=approved.valid_until - sheet.now, bar=bar, rules=sheet.policy),
        ranked=_ranked(sheet, approved, seen),
        started_at=sheet.now,
        valid_until=approved.valid_until,
        expected_price=seen.price,
    )


def _spec(approved: EntryPlan, chosen: strategy.Strategy, bar: timedelta) -> dict[str, Any]:
    """Return what every order of an entry says: the plan's own fields, and how it is to be executed."""
    plan = approved.plan.to_json()
    return {
        **{name: plan[name] for name in _FROM_PLAN},
        "plan_id": approved.plan_id,
        "decision_id": approved.decision_id,
        "exit_conditions": ["stop_loss", "take_profit", "expiry"],
        "execution_strategy": chosen.value,
        "max_slippage": approved.max_slippage,
        "max_latency_ms": approved.max_latency_ms,
        "bar_seconds": bar.total_seconds(),
        "exit_reason": None,
        "execution_notes": f"{chosen.value} at {approved.urgency} urgency",
    }


#: The fields of a plan that its orders repeat.
_FROM_PLAN = (
    "signal_id",
    "symbol",
    "direction",
    "entry_price",
    "stop_loss",
    "take_profit",
    "entry_conditions",
    "position_size",
    "max_position_size",
    "risk_reward_ratio",
    "confidence_score",
    "venue_preferences",
    "slippage_tolerance",
    "time_horizon",
)


def _never_begun(sheet: Sheet, decision: Strand) -> Execution:
    """Return an entry that was not begun, for the report that says why."""
    plan_id = approvals.plan_id_of(decision)
    spec = {"plan_id": plan_id, "decision_id": decision.id, "symbol": decision.symbol, "execution_strategy": "none"}
    return Execution(
        intent=order.Intent.ENTRY,
        side=order.Side.BUY,
        plan_id=plan_id,
        decision_id=decision.id,
        lifecycle_id=decision.lifecycle_id or decision.id,
        spec=spec,
        quantity=ledger.ZERO,
        unsent=ledger.ZERO,
        started_at=sheet.now,
        valid_until=sheet.now,
        expected_price=ledger.ZERO,
    )
