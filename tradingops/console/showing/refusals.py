"""Why a plan was not traded, in a sentence: the first gate that failed, its value, its limit and the distance."""

from __future__ import annotations

from typing import Any

from tradingops.console.showing import facts

#: A failed comparison: what lies between value and limit, and what the distance is.
_MISSED = {
    "<=": ("above", "too much"),
    ">=": ("below", "short"),
    ">": ("not above", "short"),
    "<": ("not below", "too much"),
}
_REFUSED = ("reject", "rejected")


def is_refusal(decision_type: Any) -> bool:
    """Return whether a decision's type is a no."""
    return decision_type in _REFUSED


def first_failed(decision: Any) -> dict[str, Any] | None:
    """Return the gate that a decision names as its reason, else the first that failed, else None."""
    gates = facts.objects(facts.dig(decision, "gates"))
    failed = [gate for gate in gates if gate.get("passed") is False]
    reason = facts.dig(decision, "reason")
    return next((gate for gate in failed if gate.get("gate") == reason), failed[0] if failed else None)


def why(decision: Any) -> str:
    """Return why a decision is what it is, in a few words; empty where it names no reason."""
    gate = first_failed(decision)
    return sentence(gate) if gate else facts.spaced(facts.dig(decision, "reason"))


def sentence(gate: dict[str, Any]) -> str:
    """Return a failed gate in words: ``exposure 0.52 above 0.50, 0.02 too much``."""
    name = facts.spaced(gate.get("gate")) or "a gate"
    value, limit = facts.number(gate.get("value")), facts.number(gate.get("limit"))
    missed = _MISSED.get(facts.word(gate.get("comparison")))
    if gate.get("value") is None:
        return f"{name} could not be measured"
    if value is None or limit is None or missed is None:
        return f"{name} {facts.word(gate.get('value'))}, wanted {wanted(gate.get('limit'))}"
    distance = facts.number(gate.get("distance"))
    shown = _whole(value, limit) or facts.near(value, limit, abs(value - limit if distance is None else distance))
    lies, by = missed
    apart = f", {shown[2]} {by}" if facts.number(shown[2].replace(",", "")) else ""
    return f"{name} {shown[0]} {lies} {shown[1]}{apart}"


def wanted(limit: Any) -> str:
    """Return a limit in words, several as a list."""
    return " or ".join(map(facts.word, limit)) if isinstance(limit, list) else facts.word(limit)


def _whole(value: float, limit: float) -> list[str] | None:
    """Return counts as counts: three positions are not 3.00."""
    if not (value.is_integer() and limit.is_integer() and max(abs(value), abs(limit)) >= 1):
        return None
    return [f"{each:,.0f}" for each in (value, limit, abs(value - limit))]
