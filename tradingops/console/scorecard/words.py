"""One scored opinion in words: what the curator said, what became of the plan, and what that made of its weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from strands import figures, json_values
from tradingops.console.showing import curators


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One row of the list behind a figure; ``about`` is the strand judged, which leads to its lifecycle."""

    about: str
    at: datetime | None
    symbol: str
    said: str
    action: str
    confidence: str
    correct: bool
    outcome: str
    won: bool | None
    followed: bool
    worth: str
    weight: str


def decision_of(row: Mapping[str, Any]) -> Decision:
    """Return one listed score in words."""
    told = json_values.mapping(json_values.loads(row["told"]) if isinstance(row["told"], str) else row["told"])
    outcome = json_values.mapping(told.get("outcome"))
    pnl = json_values.number(outcome.get("pnl_percent"))
    return Decision(
        about=row["about"],
        at=row["at"],
        symbol=figures.word(told.get("symbol")) or figures.ABSENT,
        said=_said(row),
        action=row["action"] or figures.ABSENT,
        confidence=figures.percent(row["confidence"], digits=0),
        correct=bool(row["correct"]),
        outcome=curators.outcome_in_words(outcome),
        won=None if pnl is None else pnl > 0,
        followed=outcome.get("actual") is False,
        worth=_worth(row),
        weight=_weight(told),
    )


def _said(row: Mapping[str, Any]) -> str:
    nudge = json_values.number(row["contribution"])
    if row["action"] == "nudge" and nudge:
        return figures.fixed(nudge, digits=3, signed=True)
    return ""


def _worth(row: Mapping[str, Any]) -> str:
    """Return what the opinion saved or missed, in shares of the portfolio's value."""
    saved, missed = json_values.number(row["saved"]) or 0.0, json_values.number(row["missed"]) or 0.0
    return figures.percent(saved - missed, digits=3, signed=True) if saved or missed else figures.ABSENT


def _weight(told: Mapping[str, Any]) -> str:
    before, after = json_values.number(told.get("weight_before")), json_values.number(told.get("weight_after"))
    if before is None or after is None:
        return figures.ABSENT
    return " → ".join(figures.fixed(each, digits=4) for each in (before, after))
