"""Slots: how many signals of a symbol may be open at once, and how soon another may follow.

A signal takes a slot when it is said. The slot is free again when the decision maker refuses the plan, when its
execution comes to nothing, when its position is closed, or when its validity ends before a word was heard.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from strands.strand import Strand
from strands.wire import State
from tradingops.modules.alpha.policy import AlphaPolicy

SLOTS = "slots"
LAST_SIGNAL = "last_signal_at"
LAST_WITHHELD = "last_withheld_at"

#: Endings of an entry order that leave no position behind, provided nothing was filled.
_CAME_TO_NOTHING = frozenset({"failed", "cancelled", "rejected", "expired"})


class Stage(StrEnum):
    """How far a signal has come."""

    PENDING = "pending"
    APPROVED = "approved"
    HELD = "held"


def empty() -> State:
    """Return the part of the state that slots keep, before anything was said."""
    return {SLOTS: [], LAST_SIGNAL: None, LAST_WITHHELD: None}


def may_speak(state: State, timeframe: str, now: datetime, policy: AlphaPolicy) -> bool:
    """Return whether the symbol has rested long enough and has a slot free on this timeframe."""
    last = state[LAST_SIGNAL]
    if last is not None and now < datetime.fromisoformat(last) + timedelta(minutes=policy.cooldown_minutes):
        return False
    taken = open_slots(state, now)
    same = sum(slot["timeframe"] == timeframe for slot in taken)
    return len(taken) < policy.max_open_symbol and same < policy.max_open_timeframe


def rests(state: State, now: datetime, policy: AlphaPolicy) -> bool:
    """Return whether a plan of the symbol was withheld so lately that another need not be told."""
    last = state[LAST_WITHHELD]
    return last is not None and now < datetime.fromisoformat(last) + timedelta(minutes=policy.cooldown_minutes)


def withheld(state: State, now: datetime) -> State:
    """Return the state after a plan was withheld."""
    return {**state, LAST_WITHHELD: now.isoformat()}


def open_slots(state: State, now: datetime) -> list[dict[str, Any]]:
    """Return the slots still taken at a moment."""
    return [slot for slot in state[SLOTS] if datetime.fromisoformat(slot["until"]) > now]


def taken(state: State, *, plan_id: str, timeframe: str, until: datetime, now: datetime) -> State:
    """Return the state after a signal was said: one more slot taken, and the symbol resting."""
    slot = {"plan_id": plan_id, "timeframe": timeframe, "stage": Stage.PENDING.value, "until": until.isoformat()}
    return {**state, SLOTS: [*open_slots(state, now), slot], LAST_SIGNAL: now.isoformat()}


def heard(state: State, strand: Strand, now: datetime, policy: AlphaPolicy) -> State:
    """Return the state after feedback: the slot of the plan it speaks of freed, kept longer, or left alone."""
    plan_id, stage = _news(strand)
    if not any(slot["plan_id"] == plan_id for slot in state[SLOTS]):
        return state
    if stage is None:
        return {**state, SLOTS: [slot for slot in state[SLOTS] if slot["plan_id"] != plan_id]}
    until = (now + timedelta(hours=policy.max_open_hours)).isoformat()
    moved = [
        {**slot, "stage": stage.value, "until": until} if slot["plan_id"] == plan_id else slot for slot in state[SLOTS]
    ]
    return {**state, SLOTS: moved}


def refused(strand: Strand) -> str | None:
    """Return the plan that a strand says will not be entered: refused, or ordered and come to nothing."""
    plan_id, stage = _news(strand)
    return plan_id if stage is None and strand.kind != "position" else None


def _news(strand: Strand) -> tuple[str | None, Stage | None]:
    """Return which plan a strand speaks of and the stage it has reached; no stage once it is over.

    The strand is a decision's feedback, the execution of an order, or a position that was closed.
    """
    if strand.kind == "feedback":
        decision = strand.payload.get("dm_decision") or {}
        refused = decision.get("decision_type") == "reject"
        return decision.get("plan_id"), None if refused else Stage.APPROVED
    if strand.kind == "execution":
        return _news_of_execution(strand)
    return (strand.payload.get("tr_outcome") or {}).get("plan_id"), None


def _news_of_execution(strand: Strand) -> tuple[str | None, Stage | None]:
    """Return the news of a finished order; an exit tells nothing here, for the closed position tells it itself."""
    order = strand.payload.get("order_spec") or {}
    if order.get("intent") == "exit":
        return None, None
    status = (strand.payload.get("exec_metrics") or {}).get("status")
    came_to_nothing = status in _CAME_TO_NOTHING and not strand.payload.get("fills")
    return order.get("plan_id"), None if came_to_nothing else Stage.HELD
