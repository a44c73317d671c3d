"""Reports: what the trader says of an execution that is over."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any

from portfolio import ledger
from portfolio.execution import metrics, order
from tradingops.modules.trader import entry_panel
from tradingops.modules.trader.sheet import Sheet
from tradingops.modules.trader.state import Execution, Record


class Ending(StrEnum):
    """How an execution ended."""

    FILLED = "filled"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"


def execution(sheet: Sheet, ended: Execution, *, status: Ending, reason: str | None = None) -> None:
    """Report an execution that is over, and remember how its venue did."""
    totals = metrics.Totals(ended.fills)
    slip = _slip(ended, totals)
    measured = _measures(sheet, ended, totals, slip)
    _remember_venue(sheet, totals.venue, slip)
    report = sheet.say(
        "execution",
        {
            "decision_id": ended.decision_id,
            "order_spec": _asked(ended),
            "tr_predict": ended.predict and ended.predict.to_json(),
            "fills": list(ended.fills),
            "exec_metrics": {**measured, "status": status.value, "intent": ended.intent.value, "reason": reason},
            "tr_execution": _story(sheet, ended, totals),
            "tr_slippage": _slippage(ended, totals, slip),
            "tr_latency": _latency(ended, totals),
            "tr_venue_performance": _venue(sheet, totals.venue, measured["venue_score"]),
            "position_data": position_data(sheet, totals.average_price),
            **({"lesson_metadata": dict(ended.lessons)} if ended.lessons else {}),
        },
        parent_id=ended.decision_id,
        lifecycle_id=ended.lifecycle_id,
    )
    if ended.is_entry:
        entry_panel.entered(sheet, report, measured)


def position_data(sheet: Sheet, mark: Decimal | None) -> dict[str, Any]:
    """Return the payload column ``position_data``: the position as it stands, marked at a price."""
    held = sheet.position
    return {
        "symbol": sheet.symbol,
        "quantity": ledger.text(held.quantity),
        "avg_price": ledger.text(held.avg_price),
        "realized_pnl": ledger.text(held.realized_pnl),
        "unrealized_pnl": ledger.text(held.unrealized(mark)) if mark is not None else "0",
        "fees": ledger.text(held.fees),
        "funding": ledger.text(held.funding),
    }


def _asked(ended: Execution) -> dict[str, Any]:
    """Return the order spec of the whole execution."""
    return {
        **ended.spec,
        "intent": ended.intent.value,
        "side": ended.side.value,
        "quantity": ledger.text(ended.quantity),
        "expected_price": ledger.text(ended.expected_price),
        "valid_until": ended.valid_until.isoformat(),
        "created_at": ended.started_at.isoformat(),
    }


def _slip(ended: Execution, totals: metrics.Totals) -> float | None:
    if totals.average_price is None:
        return None
    return metrics.slippage_bps(side=ended.side, expected=ended.expected_price, actual=totals.average_price)


def _measures(sheet: Sheet, ended: Execution, totals: metrics.Totals, slip: float | None) -> dict[str, Any]:
    """Return the numbers of ``exec_metrics``; the score of an execution without a fill is zero."""
    measured: dict[str, Any] = {
        "slip_real_bps": slip,
        "latency_ms": totals.latency_ms,
        "fees": ledger.text(totals.fees),
        "venue": totals.venue or _last_venue(ended),
        "venue_score": dict(ended.ranked).get(totals.venue or ""),
        "adherence": round(metrics.adherence(asked=ended.quantity, done=totals.quantity), 6),
        "slip_penalty": None,
        "lat_penalty": None,
        "execution_score": 0.0,
        "feedback_score": None,
    }
    if slip is not None and totals.latency_ms is not None:
        measured.update(_scores(sheet, ended, totals, slip=slip, latency_ms=totals.latency_ms, measured=measured))
    return measured


def _scores(
    sheet: Sheet, ended: Execution, totals: metrics.Totals, *, slip: float, latency_ms: float, measured: dict[str, Any]
) -> dict[str, Any]:
    """Return penalties and scores of an execution with fills."""
    most_ms, venue_score = float(ended.spec["max_latency_ms"]), measured["venue_score"] or 0.0
    slip_penalty = metrics.slippage_penalty(slip_bps=slip, max_slippage=float(ended.spec["max_slippage"]))
    lat_penalty = metrics.latency_penalty(latency_ms=latency_ms, max_latency_ms=most_ms)
    scored = metrics.score(
        slip_penalty=slip_penalty,
        lat_penalty=lat_penalty,
        adherence=measured["adherence"],
        venue_score=venue_score,
        policy=sheet.policy,
    )
    feedback = metrics.feedback(
        execution_score=scored,
        slip_penalty=slip_penalty,
        latency_share=latency_ms / most_ms,
        pnl=_pnl(ended, totals),
        venue_score=venue_score,
        policy=sheet.policy,
    )
    return {
        "slip_penalty": round(slip_penalty, 6),
        "lat_penalty": round(lat_penalty, 6),
        "execution_score": scored,
        "feedback_score": feedback,
    }


def _pnl(ended: Execution, totals: metrics.Totals) -> Decimal:
    """Return what an execution earned, its fees paid."""
    return ledger.EXACT.subtract(ended.earned, totals.fees)


def _last_venue(ended: Execution) -> str | None:
    return ended.attempts[-1].venue if ended.attempts else None


def _story(sheet: Sheet, ended: Execution, totals: metrics.Totals) -> dict[str, Any]:
    average = totals.average_price
    return {
        "strategy": ended.strategy,
        "plan_id": ended.plan_id,
        "asked": ledger.text(ended.quantity),
        "filled": ledger.text(totals.quantity),
        "average_price": ledger.text(average) if average is not None else None,
        "pnl_impact": ledger.text(_pnl(ended, totals)),
        "orders": sorted({each["order_id"] for each in ended.fills} | {each.order_id for each in ended.attempts}),
        "attempts": [each.to_json() for each in ended.attempts],
        "started_at": ended.started_at.isoformat(),
        "finished_at": sheet.now.isoformat(),
        **ended.verdict,
    }


def _slippage(ended: Execution, totals: metrics.Totals, slip: float | None) -> dict[str, Any]:
    average = totals.average_price
    predicted = ended.predict.slip_bps if ended.predict else None
    return {
        "expected_price": ledger.text(ended.expected_price),
        "average_price": ledger.text(average) if average is not None else None,
        "predicted_bps": predicted,
        "slip_real_bps": slip,
        "beyond_predicted_bps": round(slip - predicted, 4) if slip is not None and predicted is not None else None,
    }


def _latency(ended: Execution, totals: metrics.Totals) -> dict[str, Any]:
    predicted = ended.predict.latency_ms if ended.predict else None
    return {"predicted_ms": predicted, "latency_ms": totals.latency_ms}


def _venue(sheet: Sheet, name: str | None, scored: float | None) -> dict[str, Any] | None:
    if name is None:
        return None
    record = sheet.venues.get(name, Record())
    return {"venue": name, "score": scored, "executions": record.executions, "successes": record.successes}


def _remember_venue(sheet: Sheet, name: str | None, slip: float | None) -> None:
    """Count an execution for its venue: a success where slippage stayed small."""
    if name is None or slip is None:
        return
    record = sheet.venues.get(name, Record())
    good = slip < sheet.policy.good_slippage_bps
    sheet.venues[name] = Record(executions=record.executions + 1, successes=record.successes + good)


def ending(ended: Execution, last: order.Status) -> Ending:
    """Return how an execution ended, by what was filled and what its last order came to."""
    if ended.filled >= ended.quantity:
        return Ending.FILLED
    if ended.filled:
        return Ending.PARTIAL
    return {
        order.Status.REJECTED: Ending.FAILED,
        order.Status.EXPIRED: Ending.EXPIRED,
    }.get(last, Ending.CANCELLED)
