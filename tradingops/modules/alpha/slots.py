"""Slots: how many signals of a symbol may be open at once, and how soon another may follow.

A signal takes a slot when it is published. The slot is free again when the decision maker refuses the plan, when its
execution comes to nothing, when its position is closed, or when its time is over: the plan's validity until somebody
answers, the longest that a plan may stay open from then on.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from strands.strand import Strand
from tradingops.modules.alpha.policy import AlphaPolicy

#: Endings of an entry order that leave no position behind, provided nothing was filled.
_CAME_TO_NOTHING = frozenset({"failed", "cancelled", "rejected", "expired"})


class Stage(StrEnum):
    """How far a signal has come."""

    PENDING = "pending"
    APPROVED = "approved"
    HELD = "held"


class Slot(NamedTuple):
    """The place that one plan takes, at the latest until a moment."""

    plan_id: str
    timeframe: str
    stage: Stage
    until: datetime


class Slots(NamedTuple):
    """The slots taken, and when a plan of the symbol was last published and last withheld."""

    taken: tuple[Slot, ...] = ()
    last_signal_at: datetime | None = None
    last_withheld_at: datetime | None = None


def may_signal(slots: Slots, timeframe: str, now: datetime, policy: AlphaPolicy) -> bool:
    """Return whether the symbol has rested long enough and has a slot free on this timeframe."""
    if _within_cooldown(slots.last_signal_at, now, policy):
        return False
    taken = open_slots(slots, now)
    same = sum(slot.timeframe == timeframe for slot in taken)
    return len(taken) < policy.max_open_symbol and same < policy.max_open_timeframe


def withheld_lately(slots: Slots, now: datetime, policy: AlphaPolicy) -> bool:
    """Return whether a plan of the symbol was withheld so lately that another is not worth a strand."""
    return _within_cooldown(slots.last_withheld_at, now, policy)


def open_slots(slots: Slots, now: datetime) -> tuple[Slot, ...]:
    """Return the slots still taken at a moment."""
    return tuple(slot for slot in slots.taken if slot.until > now)


def after_signal(slots: Slots, *, plan_id: str, timeframe: str, until: datetime, now: datetime) -> Slots:
    """Return the slots after a signal was published: one more taken, and the symbol resting."""
    slot = Slot(plan_id, timeframe, Stage.PENDING, until)
    return slots._replace(taken=(*open_slots(slots, now), slot), last_signal_at=now)


def after_withholding(slots: Slots, now: datetime) -> Slots:
    """Return the slots after a plan was withheld: it takes none."""
    return slots._replace(last_withheld_at=now)


def on_feedback(slots: Slots, strand: Strand, now: datetime, policy: AlphaPolicy) -> Slots:
    """Return the slots after feedback: that of the plan it speaks of freed, kept longer, or left alone."""
    plan_id, stage = _news(strand)
    if not any(slot.plan_id == plan_id for slot in slots.taken):
        return slots
    if stage is None:
        return slots._replace(taken=tuple(slot for slot in slots.taken if slot.plan_id != plan_id))
    until = now + timedelta(hours=policy.max_open_hours)
    moved = (slot._replace(stage=stage, until=until) if slot.plan_id == plan_id else slot for slot in slots.taken)
    return slots._replace(taken=tuple(moved))


def refused(strand: Strand) -> str | None:
    """Return the plan of which a strand says that it is not entered: refused, or ordered and come to nothing."""
    plan_id, stage = _news(strand)
    return plan_id if stage is None and strand.kind != "position" else None


def to_json(slots: Slots) -> dict[str, Any]:
    """Return slots as JSON values."""
    return {
        "taken": [
            {**slot._asdict(), "stage": slot.stage.value, "until": slot.until.isoformat()} for slot in slots.taken
        ],
        "last_signal_at": _text(slots.last_signal_at),
        "last_withheld_at": _text(slots.last_withheld_at),
    }


def from_json(kept: dict[str, Any]) -> Slots:
    """Return the slots that ``to_json`` wrote."""
    return Slots(
        taken=tuple(
            Slot(each["plan_id"], each["timeframe"], Stage(each["stage"]), datetime.fromisoformat(each["until"]))
            for each in kept["taken"]
        ),
        last_signal_at=_moment(kept["last_signal_at"]),
        last_withheld_at=_moment(kept["last_withheld_at"]),
    )


def _within_cooldown(last: datetime | None, now: datetime, policy: AlphaPolicy) -> bool:
    return last is not None and now < last + timedelta(minutes=policy.cooldown_minutes)


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _news(strand: Strand) -> tuple[str | None, Stage | None]:
    """Return which plan a strand speaks of and the stage it has reached; no stage once it is over.

    The strand is a decision's feedback, the execution of an order, or a position that was closed.
    """
    if strand.kind == "feedback":
        decision = strand.payload.get("dm_decision") or {}
        is_refused = decision.get("decision_type") == "reject"
        return decision.get("plan_id"), None if is_refused else Stage.APPROVED
    if strand.kind == "execution":
        return _news_of_execution(strand)
    return (strand.payload.get("tr_outcome") or {}).get("plan_id"), None


def _news_of_execution(strand: Strand) -> tuple[str | None, Stage | None]:
    """Return the news of a finished order; of an exit there is none, for the position that it closes tells the same."""
    order = strand.payload.get("order_spec") or {}
    if order.get("intent") == "exit":
        return None, None
    status = (strand.payload.get("exec_metrics") or {}).get("status")
    came_to_nothing = status in _CAME_TO_NOTHING and not strand.payload.get("fills")
    return order.get("plan_id"), None if came_to_nothing else Stage.HELD
