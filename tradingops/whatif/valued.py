"""What plans came to: by the fills of those that were carried out, by what the desk recorded of those that were not.

A plan is valued by itself. Plans share slots, budgets and cooldowns, so the values of several are never one sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from portfolio.execution.order import Intent
from strands.strand import Strand

POSITION, COUNTERFACTUAL, EXECUTION = "position", "counterfactual", "execution"


class Basis(StrEnum):
    """What a plan's value rests on, or why it has none."""

    FILLS = "fills"
    COUNTERFACTUAL = "counterfactual"
    NEVER_ENTERED = "never entered"
    NOT_VALUED = "not valued"


class Value(NamedTuple):
    """What one plan came to net of costs: in R, as a fraction of its entry price, and in money where it was filled."""

    basis: Basis
    r: float | None = None
    pnl_percent: float | None = None
    pnl: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the value under its names."""
        return {"basis": self.basis.value, "r": self.r, "pnl_percent": self.pnl_percent, "pnl": self.pnl}


NOT_VALUED = Value(Basis.NOT_VALUED)


def carried_out(strands: Iterable[Strand]) -> dict[str, Value]:
    """Return what plans came to that the desk carried out, by its fills; a plan still open has no value yet."""
    found: dict[str, Value] = {}
    for strand in strands:
        if strand.kind == POSITION:
            found |= _of_position(strand.payload.get("tr_outcome"))
        elif strand.kind == EXECUTION and (plan_id := _never_filled(strand)):
            found.setdefault(plan_id, Value(Basis.NEVER_ENTERED))
    return found


def followed(strands: Iterable[Strand]) -> dict[str, Value]:
    """Return what plans would have come to that nobody entered, as the desk recorded it by its venue's rules."""
    found: dict[str, Value] = {}
    for strand in strands:
        if strand.kind == COUNTERFACTUAL:
            found |= _of_counterfactual(strand.payload.get("lesson_metadata"))
    return found


def summary(values: Sequence[Value]) -> dict[str, Any]:
    """Return how many plans won, lost, were never entered and are not valued, and the mean of those valued [R]."""
    valued = [each for each in values if each.pnl_percent is not None]
    stated = [each.r for each in valued if each.r is not None]
    return {
        "plans": len(values),
        "won": sum((each.pnl_percent or 0.0) > 0 for each in valued),
        "lost": sum((each.pnl_percent or 0.0) <= 0 for each in valued),
        "never_entered": sum(each.basis is Basis.NEVER_ENTERED for each in values),
        "not_valued": sum(each.basis is Basis.NOT_VALUED for each in values),
        "by_fills": sum(each.basis is Basis.FILLS for each in values),
        "by_counterfactual": sum(each.basis is Basis.COUNTERFACTUAL for each in values),
        "mean_r": round(sum(stated) / len(stated), 6) if stated else None,
    }


def _of_position(outcome: Any) -> dict[str, Value]:
    """Return the plans of a closed position; of several that made it together none has a value of its own."""
    if not isinstance(outcome, Mapping) or outcome.get("pnl_percent") is None:
        return {}
    plans = [each for each in outcome.get("plan_ids") or [outcome.get("plan_id")] if each]
    if len(plans) > 1:
        return dict.fromkeys(plans, NOT_VALUED)
    value = Value(Basis.FILLS, outcome.get("r_multiple"), outcome["pnl_percent"], outcome.get("pnl"))
    return dict.fromkeys(plans, value)


def _of_counterfactual(told: Any) -> dict[str, Value]:
    if not isinstance(told, Mapping) or not told.get("plan_id"):
        return {}
    outcome = told.get("outcome")
    if outcome is None:
        never = told.get("reason") == "never_entered"
        return {told["plan_id"]: Value(Basis.NEVER_ENTERED) if never else NOT_VALUED}
    return {told["plan_id"]: Value(Basis.COUNTERFACTUAL, outcome.get("r_multiple"), outcome.get("pnl_percent"))}


def _never_filled(execution: Strand) -> str | None:
    """Return the plan of an entry that ended without a fill."""
    spec = execution.payload.get("order_spec")
    if not isinstance(spec, Mapping) or spec.get("intent") == Intent.EXIT or execution.payload.get("fills"):
        return None
    plan_id = spec.get("plan_id")
    return plan_id if isinstance(plan_id, str) else None
