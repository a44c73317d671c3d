"""Holdings: fills change the position, and a position that is flat again has an outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

from portfolio import ledger
from portfolio.execution import fill
from portfolio.plans import plan as plans
from tradingops.modules.trader import reports
from tradingops.modules.trader.sheet import Sheet
from tradingops.modules.trader.state import CloseReason, Execution, Holding


def book(sheet: Sheet, execution: Execution, done: Mapping[str, Any]) -> Decimal:
    """Change the position by a fill as its venue reported it: say the fill, then each position that it closed.

    Returns what the fill earned, before fees.
    """
    whole, before = fill.to_ledger(sheet.symbol, done), sheet.position
    _move(sheet, done["venue"], whole.quantity)
    applied = [_apply(sheet, execution, part) for part in _parts(sheet.position, whole)]
    sheet.say(
        "fill",
        {
            "decision_id": execution.decision_id,
            "fills": [dict(done)],
            "position_data": reports.position_data(sheet, whole.price),
        },
        parent_id=done["order_id"],
        lifecycle_id=execution.lifecycle_id,
    )
    for holding, outcome in filter(None, applied):
        sheet.say(
            "position",
            {
                "decision_id": holding.decision_id,
                "tr_outcome": outcome,
                "position_data": reports.position_data(sheet, whole.price),
            },
            parent_id=done["order_id"],
            lifecycle_id=holding.lifecycle_id,
        )
    return ledger.EXACT.subtract(sheet.position.realized_pnl, before.realized_pnl)


def _move(sheet: Sheet, venue: str, quantity: Decimal) -> None:
    """Count what is held at a venue; one where nothing is held any more is forgotten."""
    held = ledger.EXACT.add(sheet.at_venues.get(venue, ledger.ZERO), quantity)
    if held:
        sheet.at_venues[venue] = held
    else:
        sheet.at_venues.pop(venue, None)


def _parts(held: ledger.Position, whole: ledger.Fill) -> list[ledger.Fill]:
    """Return a fill as it is, or, where it crosses zero, the part that closes and the part that opens.

    The fee is shared by quantity to the finest step of the ledger; the opening part bears the rest.
    """
    opposite = held.quantity and (held.quantity > 0) != (whole.quantity > 0)
    if not opposite or whole.quantity.copy_abs() <= held.quantity.copy_abs():
        return [whole]
    closing = held.quantity.copy_negate()
    fee = (whole.fee * closing / whole.quantity).quantize(ledger.COST_STEP, rounding=ROUND_DOWN)
    shares = [
        (closing, fee),
        (ledger.EXACT.subtract(whole.quantity, closing), ledger.EXACT.subtract(whole.fee, fee)),
    ]
    return [
        ledger.Fill(symbol=whole.symbol, quantity=quantity, price=whole.price, fee=share, at=whole.at)
        for quantity, share in shares
    ]


def _apply(sheet: Sheet, execution: Execution, part: ledger.Fill) -> tuple[Holding, dict[str, Any]] | None:
    """Change position and holding by a fill that does not cross zero; return the outcome where it closed one."""
    before, sheet.position = sheet.position, sheet.position.apply(part)
    if not before.quantity or (before.quantity > 0) == (part.quantity > 0):
        sheet.holding = _increased(sheet, execution, part)
        return None
    earned = ledger.EXACT.subtract(sheet.position.realized_pnl, before.realized_pnl)
    why = execution.spec.get("exit_reason") or CloseReason.SIGNAL.value
    holding = _reduced(sheet.holding or _opened(sheet, execution, part), part, earned, why=why)
    sheet.holding = None if not sheet.position.quantity else holding
    if sheet.holding is not None:
        return None
    return holding, _outcome(sheet, holding, at=_at(sheet, part))


def _increased(sheet: Sheet, execution: Execution, part: ledger.Fill) -> Holding:
    """Return the holding after more was bought or sold short; the newest plan's stop, target and horizon rule."""
    held, opened = sheet.holding, _opened(sheet, execution, part)
    if held is None:
        held = opened
    elif execution.plan_id != held.plan_ids[-1]:
        held = replace(
            held,
            plan_ids=(*held.plan_ids, execution.plan_id),
            stop_loss=opened.stop_loss,
            take_profit=opened.take_profit,
            expires_at=opened.expires_at,
        )
    return replace(
        held,
        entry_quantity=ledger.EXACT.add(held.entry_quantity, part.quantity.copy_abs()),
        entry_notional=ledger.EXACT.add(held.entry_notional, part.notional),
        fees=ledger.EXACT.add(held.fees, part.fee),
    )


def _opened(sheet: Sheet, execution: Execution, part: ledger.Fill) -> Holding:
    """Return a new holding; one that an exit opened by crossing zero is wanted by nobody and is left again."""
    spec, at = execution.spec, _at(sheet, part)
    return Holding(
        plan_id=execution.plan_id,
        plan_ids=(execution.plan_id,),
        signal_id=spec["signal_id"],
        decision_id=execution.decision_id,
        lifecycle_id=execution.lifecycle_id,
        direction=plans.Direction.LONG if sheet.position.quantity > 0 else plans.Direction.SHORT,
        stop_loss=Decimal(spec["stop_loss"]),
        take_profit=Decimal(spec["take_profit"]),
        # What the other leg of a symbol left is on its way out, and has no stop of its own.
        first_stop=ledger.ZERO if execution.leg else Decimal(spec["stop_loss"]),
        time_horizon=spec["time_horizon"],
        bar_seconds=float(spec["bar_seconds"]),
        opened_at=at,
        expires_at=at + plans.HORIZONS[spec["time_horizon"]] * sheet.policy.holding_horizons,
        venue_preferences=tuple(spec["venue_preferences"]),
        exit_reason=None if execution.is_entry else CloseReason.MANUAL,
    )


def _reduced(held: Holding, part: ledger.Fill, earned: Decimal, *, why: str) -> Holding:
    left = ledger.EXACT.add(held.left_by.get(why, ledger.ZERO), part.quantity.copy_abs())
    return replace(
        held,
        left_by={**held.left_by, why: left},
        exit_quantity=ledger.EXACT.add(held.exit_quantity, part.quantity.copy_abs()),
        exit_notional=ledger.EXACT.add(held.exit_notional, part.notional),
        gross=ledger.EXACT.add(held.gross, earned),
        fees=ledger.EXACT.add(held.fees, part.fee),
    )


def _outcome(sheet: Sheet, held: Holding, *, at: datetime) -> dict[str, Any]:
    """Return the payload column ``tr_outcome`` of a holding that is flat again."""
    entry = ledger.QUOTIENT.divide(held.entry_notional, held.entry_quantity)
    pnl = ledger.EXACT.subtract(held.gross, ledger.EXACT.add(held.fees, held.funding))
    risked = abs(entry - held.first_stop) * held.entry_quantity if held.first_stop else ledger.ZERO
    return {
        "plan_id": held.plan_id,
        "plan_ids": list(held.plan_ids),
        "signal_id": held.signal_id,
        "direction": held.direction.value,
        "outcome": "win" if pnl > 0 else "loss" if pnl < 0 else "breakeven",
        "close_reason": _why(held),
        "pnl": ledger.text(pnl),
        "gross_pnl": ledger.text(held.gross),
        "fees": ledger.text(held.fees),
        "funding": ledger.text(held.funding),
        "pnl_percent": round(float(pnl / held.entry_notional), 8),
        "r_multiple": round(float(pnl / risked), 6) if risked else None,
        "entry_price": ledger.text(entry),
        "exit_price": ledger.text(ledger.QUOTIENT.divide(held.exit_notional, held.exit_quantity)),
        "quantity": ledger.text(held.entry_quantity),
        "opened_at": held.opened_at.isoformat(),
        "closed_at": at.isoformat(),
        "hold_seconds": (at - held.opened_at).total_seconds(),
        "unprotected_seconds": held.unprotected_seconds
        + ((at - held.unprotected_since).total_seconds() if held.unprotected_since else 0.0),
    }


def _why(held: Holding) -> str:
    """Return why a position was left: of several reasons the one that agrees with what was earned, else the largest."""
    agreeing = CloseReason.TAKE_PROFIT if held.gross > 0 else CloseReason.STOP_LOSS
    return agreeing.value if agreeing.value in held.left_by else max(sorted(held.left_by), key=held.left_by.__getitem__)


def _at(sheet: Sheet, part: ledger.Fill) -> datetime:
    return datetime.fromisoformat(part.at) if part.at else sheet.now
