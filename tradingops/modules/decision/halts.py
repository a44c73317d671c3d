"""Halts: what people have stopped, by scope: ``desk``, ``symbol:X``, ``module:X``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from strands.strand import Strand

COLUMN = "op_halt"


class Standing(StrEnum):
    """How far a scope may trade, from freely to not at all."""

    ACTIVE = "active"
    REDUCE_ONLY = "reduce-only"
    HALTED = "halted"


_STRICTNESS = {standing.value: rank for rank, standing in enumerate(Standing)}


def said(halted: Mapping[str, str], strand: Strand) -> dict[str, str]:
    """Return the halts after one more was said; raises ValueError for one that names no scope or state."""
    halt = strand.payload.get(COLUMN)
    scope, standing = (halt.get("scope"), halt.get("state")) if isinstance(halt, dict) else (None, None)
    if not isinstance(scope, str) or not scope or standing not in _STRICTNESS:
        raise ValueError(f"{COLUMN}: {halt!r} is no halt; send {{scope, state}} with state {', '.join(Standing)}")
    others = {each: state for each, state in halted.items() if each != scope}
    return others if standing == Standing.ACTIVE else {**others, scope: standing}


def strictest(halted: Mapping[str, str], symbol: str | None) -> str:
    """Return the strictest standing of the desk, the decision maker and a symbol."""
    scopes = ("desk", "module:dm", f"symbol:{symbol}")
    return max((halted.get(scope, Standing.ACTIVE.value) for scope in scopes), key=_STRICTNESS.__getitem__)
