"""Curators for people: what one is called, and what became of the plan that it judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strands import figures, json_values


def title(name: str) -> str:
    """Return a curator's name as people read it."""
    short = name.removesuffix("_curator")
    return _ACRONYMS.get(short) or figures.spaced(short) or name


_ACRONYMS = {"dsi": "DSI"}


def outcome_in_words(outcome: Mapping[str, Any]) -> str:
    """Return what a plan came to: its result, in multiples of its risk too, and how it ended."""
    pnl, multiple = json_values.number(outcome.get("pnl_percent")), json_values.number(outcome.get("r_multiple"))
    if pnl is None:
        return figures.spaced(outcome.get("close_reason")) or figures.ABSENT
    said = figures.percent(pnl, signed=True)
    said += f" ({figures.fixed(multiple, digits=2, signed=True)} R)" if multiple is not None else ""
    return ", ".join(filter(None, (said, figures.spaced(outcome.get("close_reason")))))
