"""A state with every mapping in it filled in another order: whoever asks it must answer the same."""

from __future__ import annotations

from typing import Any

#: How deep a state is turned round.
DEEPEST = 4


def reordered(value: Any, depth: int = 0) -> Any:
    """Return a value in which mappings, those within it too, hold the same in the opposite order."""
    if depth == DEEPEST:
        return value
    if type(value) is dict:
        return {key: reordered(value[key], depth + 1) for key in reversed(value)}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(reordered(each, depth + 1) for each in value))
    return value
