"""Notices: what the trader says for people, of what it waits for and of what is not as it should be."""

from __future__ import annotations

from typing import Any

from strands import tags
from tradingops.modules.trader.sheet import Sheet
from tradingops.modules.trader.state import EntryPlan, Execution, Holding, Working


def watching(sheet: Sheet, held: Holding, state: str, **more: Any) -> None:
    """Say what keeps a position from being protected or left as it should be."""
    sheet.say(
        "monitoring",
        {"decision_id": held.decision_id, "monitoring_state": {"state": state, "plan_id": held.plan_id, **more}},
        parent_id=held.decision_id,
        lifecycle_id=held.lifecycle_id,
    )


def refused(sheet: Sheet, *, reason: str) -> None:
    """Say that what a person wanted was not done; it belongs to the position, where there is one."""
    held = sheet.holding
    sheet.say(
        "monitoring",
        {
            "decision_id": held and held.decision_id,
            "monitoring_state": {"state": "refused", "plan_id": held.plan_id if held else "", "reason": reason},
        },
        lifecycle_id=held.lifecycle_id if held else None,
    )


def silent(sheet: Sheet, execution: Execution, order_id: str, out: Working) -> None:
    """Say that a venue does not answer for an order: a person has to look."""
    why = f"{out.venue} was asked {out.asks + 1} times for order {order_id} and said nothing"
    _at_fault(sheet, execution, order_id, "silent", venue=out.venue, reason=why)


def venue_fault(sheet: Sheet, execution: Execution, order_id: str, *, reason: str | None) -> None:
    """Say that a venue failed: it refused an order for a reason of its own, or does not know what became of it."""
    venue = execution.orders[order_id].venue
    why = f"{venue}: {reason or 'what became of the order is unknown'}"
    _at_fault(sheet, execution, order_id, "venue_fault", venue=venue, reason=why)


def _at_fault(sheet: Sheet, execution: Execution, order_id: str, state: str, **more: str) -> None:
    sheet.say(
        "monitoring",
        {
            "decision_id": execution.decision_id,
            "monitoring_state": {"state": state, "plan_id": execution.plan_id, **more},
        },
        parent_id=order_id,
        lifecycle_id=execution.lifecycle_id,
        to=(tags.RISK_EXECUTION_FEEDBACK,),
    )


def monitoring(sheet: Sheet, approved: EntryPlan, state: str, **more: Any) -> None:
    """Say what a plan waits for, or that it waits no more."""
    sheet.say(
        "monitoring",
        {
            "decision_id": approved.decision_id,
            "monitoring_state": {"state": state, "plan_id": approved.plan_id, **more},
        },
        parent_id=approved.decision_id,
        lifecycle_id=approved.lifecycle_id,
    )
