"""Small runs, told strand by strand: plans, their orders and outcomes, vetoes and lessons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from strands import strand
from strands.strand import Strand
from tests.deciding import BTC, NOON
from tradingops.replay import comparison, report

CASH = Decimal(1000)


def said(module: str, kind: str, payload: dict[str, Any], *, minute: int = 0) -> Strand:
    at = NOON + timedelta(minutes=minute)
    return strand.first(module=module, kind=kind, at=at, symbol=BTC, payload=payload, cause=(kind, str(payload)))


def a_signal(plan_id: str, *, minute: int = 0, kind: str = "signal", **columns: Any) -> Strand:
    return said("alpha", kind, {"trading_plan": {"plan_id": plan_id, "direction": "long"}, **columns}, minute=minute)


def a_decision(plan_id: str, *, confidence: float = 0.8, minute: int = 0, **columns: Any) -> Strand:
    decided = {"plan_id": plan_id, "decision_type": "approve", "reason": None}
    return said(
        "dm",
        "decision",
        {"dm_decision": decided, "dm_alpha": {"confidence_score": confidence}, **columns},
        minute=minute,
    )


def an_entry(plan_id: str, *, minute: int = 1, quantity: str = "1") -> list[Strand]:
    """An entry order and its fill."""
    order = said("trader", "order", {"order_spec": {"plan_id": plan_id, "intent": "entry"}}, minute=minute)
    told = {"px": "10", "qty": quantity, "side": "buy", "fee": "0", "ts": order.at.isoformat(), "order_id": order.id}
    return [order, said("trader", "fill", {"fills": [told]}, minute=minute)]


def a_close(*plan_ids: str, pnl: str, minute: int = 5) -> Strand:
    outcome = {
        "plan_id": plan_ids[0],
        "plan_ids": list(plan_ids),
        "direction": "long",
        "quantity": "1",
        "entry_price": "10",
        "exit_price": "11",
        "opened_at": NOON.isoformat(),
        "closed_at": (NOON + timedelta(minutes=minute)).isoformat(),
        "pnl": pnl,
        "fees": "0",
        "close_reason": "take_profit",
    }
    return said("trader", "position", {"tr_outcome": outcome}, minute=minute)


def a_trade(plan_id: str, *, pnl: str, confidence: float = 0.8, minute: int = 0) -> list[Strand]:
    """A plan that was told, approved, entered and left."""
    return [
        a_signal(plan_id, minute=minute),
        a_decision(plan_id, confidence=confidence, minute=minute),
        *an_entry(plan_id, minute=minute + 1),
        a_close(plan_id, pnl=pnl, minute=minute + 5),
    ]


def a_counterfactual(plan_id: str, pnl_percent: float | None, *, minute: int = 9) -> Strand:
    outcome = {"plan_id": plan_id, "actual": False, "pnl_percent": pnl_percent} if pnl_percent is not None else None
    told = {"plan_id": plan_id, "outcome": outcome}
    return said("alpha", "counterfactual", {"lesson_metadata": told}, minute=minute)


def a_hearing(curator: str, action: str) -> dict[str, Any]:
    return {"curator_type": curator, "action": action}


def scores(plan_id: str, *told: Mapping[str, Any], module: str = "dm", minute: int = 9) -> Strand:
    return said(
        module, "curator_scores", {"lesson_metadata": {"plan_id": plan_id, "scores": list(told)}}, minute=minute
    )


def a_score(
    curator: str, *, action: str = "veto", correct: bool | None = True, saved: float = 0.0, missed: float = 0.0
):
    effect = {"saved": saved, "missed": missed}
    return {"curator": curator, "action": action, "correct": True, "effect": effect}


def a_braid(number: int, *, kind: str = "braid", standing: str = "active") -> Strand:
    return said("dm", kind, {"lesson_metadata": {"standing": standing, "number": number}}, minute=number)


def a_change(lesson: Strand, standing: str | None) -> Strand:
    told = {"lesson_id": lesson.id, "standing": standing}
    return said("dm", "lesson", {"lesson_metadata": told}, minute=30)


def a_run(*strands: Strand | Sequence[Strand]) -> comparison.Run:
    flat = [each for told in strands for each in ([told] if isinstance(told, Strand) else told)]
    return comparison.run(flat, made=report.build(flat, initial_cash=CASH))
