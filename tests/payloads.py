"""Payloads: what a person would understand under every path that lines read, and JSON of any make."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from strands import kinds
from strands.kinds.kind import Kind

STEPS = sorted({step for role in kinds.ROLES.values() for path in role.reads for step in path.split(".")})
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["12.5", "1e999", "1e999999999", "NaN", "reject", "modify", "Infinity", 10**400])
)
NAMES = st.sampled_from(
    [*STEPS, "gate", "passed", "value", "limit", "comparison", "distance", "qty", "px", "field", "to"]
)
ODD = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)
#: A value that a person would understand at the end of each path.
TYPICAL: dict[str, Any] = {
    "gates": [],
    "modifications": [{"field": "position_size", "from": 0.2, "to": 0.1, "because": "position_limit"}],
    "scores": [{"correct": True}],
    "weights": [{}],
    "outcome": {"pnl_percent": 0.01, "close_reason": "take_profit"},
    "fill": {"qty": "1", "px": "2.5", "fee": "0.1"},
    "0": {"side": "buy", "qty": "1", "px": "2.5", "fee": "0.1"},
    "until": "2026-01-05T12:00:00Z",
    "fails": [{"type": "price_above"}],
    "breaches": ["position"],
    "warnings": [],
    "strand_ids": ["A"],
    "names": ["ann"],
    "op_policy": {"min_confidence": 0.6},
}


def path_in(payload: dict[str, Any], path: str, value: Any) -> None:
    """Lay a value into a payload at a path."""
    *outer, last = path.split(".")
    for step in outer[:-1] if last == "0" else outer:
        payload = payload.setdefault(step, {})
    if last == "0":
        payload[outer[-1]] = [value]
    else:
        payload[last] = value


def typical(kind: Kind) -> dict[str, Any]:
    payload: dict[str, Any] = {}
    for path in kind.reads:
        last = path.rpartition(".")[2]
        path_in(payload, path, TYPICAL.get(last, 0.5))
    return payload
