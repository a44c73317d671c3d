"""Limits that halted a scope by policy: whether they are still reached, and measuring losses from here on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import connections

from strands.given import HaltState
from strands.models import RiskStrand

#: The rules of the halts by policy of a scope, since it last traded freely.
_RULES = f"""
    SELECT DISTINCT op_halt ->> 'rule' FROM op_strands
     WHERE kind = 'halt' AND op_halt ->> 'scope' = %(scope)s AND op_halt ? 'rule'
       AND said > COALESCE((SELECT max(said) FROM op_strands WHERE kind = 'halt' AND op_halt ->> 'scope' = %(scope)s
                               AND op_halt ->> 'state' = '{HaltState.ACTIVE}'), 0)
"""


def still_reached(scope: str, *, losses: bool = True, using: str = "default") -> list[str]:
    """Return, in words, the rules that halted a scope and are broken by what risk last said.

    Limits of the book are left out without ``losses``.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(_RULES, {"scope": scope})
        rules = {rule for (rule,) in cursor.fetchall()}
    update = _last(using) if rules else None
    if update is None:
        return []
    alert = update.rm_alert_data if isinstance(update.rm_alert_data, dict) else {}
    faults = [
        str(each["reason"]) for each in alert.get("reached", ()) if each["scope"] == scope and each["rule"] in rules
    ]
    return faults + (_limits_reached(update, rules) if losses else [])


def _limits_reached(update: RiskStrand, rules: set[str]) -> list[str]:
    return [
        f"{use['limit']} is {use['value']:.4%}, its limit {use['maximum']:.4%}"
        for use in update.rm_risk_limits or ()
        if use["limit"] in rules and use["used"] is not None and use["used"] >= 1
    ]


def measured_from_here(*, using: str = "default") -> dict[str, dict[str, str]] | None:
    """Return the references of losses that risk last told of, and those from here on; None before it told of any."""
    update = _last(using)
    if update is None:
        return None
    book: dict[str, Any] = update.rm_portfolio_risk
    value = book["portfolio_value"]
    began = Decimal(value) - Decimal(book["daily_pnl"])
    return {"before": {"peak": book["peak_value"], "day": str(began)}, "after": {"peak": value, "day": value}}


def _last(using: str) -> RiskStrand | None:
    return RiskStrand.objects.using(using).filter(kind="risk_update").order_by("-id").first()
