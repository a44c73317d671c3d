"""Why a plan was not traded, in a sentence: the first gate that failed, its value, its limit and the distance."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from strands import figures, json_values, telling

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


def first_failed(decision: Any) -> Mapping[str, Any] | None:
    """Return the gate that a decision names as its reason, else the first that failed, else None."""
    gates = json_values.objects(json_values.dig(decision, "gates"))
    failed = [gate for gate in gates if gate.get("passed") is False]
    reason = json_values.dig(decision, "reason")
    return next((gate for gate in failed if gate.get("gate") == reason), failed[0] if failed else None)


def why(decision: Any) -> str:
    """Return why a decision is what it is, in a few words; empty where it names no reason."""
    gate = first_failed(decision)
    return sentence(gate) if gate else telling.words(json_values.dig(decision, "reason"))


def sentence(gate: Mapping[str, Any]) -> str:
    """Return a failed gate in words: ``exposure 0.52 above 0.50, 0.02 too much``."""
    name = telling.words(gate.get("gate")) or "a gate"
    value, limit = figures.decimal(gate.get("value")), figures.decimal(gate.get("limit"))
    missed = _MISSED.get(figures.word(gate.get("comparison")))
    if gate.get("value") is None:
        return f"{name} could not be measured"
    if value is None or limit is None or missed is None:
        return f"{name} {telling.words(gate.get('value'))}, wanted {wanted(gate.get('limit'))}"
    distance = figures.decimal(gate.get("distance"))
    return f"{name} {_missed(value, limit, abs(value - limit if distance is None else distance), missed)}"


def wanted(limit: Any) -> str:
    """Return a limit in words, several as a list."""
    return " or ".join(map(telling.words, limit)) if isinstance(limit, list) else telling.words(limit)


def _missed(value: Decimal, limit: Decimal, distance: Decimal, words: tuple[str, str]) -> str:
    lies, by = words
    shown = figures.near(value, limit, distance)
    if _counts(value, limit):
        shown = [figures.count(each) for each in (value, limit, abs(value - limit))]
    apart = f", {shown[2]} {by}" if shown[2].strip("-0.") else ""
    return f"{shown[0]} {lies} {shown[1]}{apart}"


def _counts(value: Decimal, limit: Decimal) -> bool:
    """Return whether both are counts: three positions are not 3.00."""
    return value == int(value) and limit == int(limit) and max(abs(value), abs(limit)) >= 1
