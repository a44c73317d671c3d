"""Rows of a lesson's page: what it was applied to, and what befell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from strands import figures, json_values
from tradingops.console.lessons import queries

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """One judgement that a lesson was applied to, and what its plan came to."""

    at: datetime
    lifecycle_id: str
    symbol: str
    said: str
    relevance: str
    boost: str
    others: int
    result: str
    won: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that befell a lesson."""

    at: datetime
    who: str
    what: str
    standing: str
    note: str


def touched(rows: Sequence[Row], results: Mapping[str, Row], *, lesson_id: str) -> list[Touched]:
    """Return what a lesson was applied to, with the results of plans by their ids."""
    return [_touched(row, results.get(row["plan_id"] or "", {}), lesson_id=lesson_id) for row in rows]


def _touched(row: Row, result: Row, *, lesson_id: str) -> Touched:
    learned = queries.told(dict(row), "learned")
    matches = json_values.objects(learned.get("matches") or [])
    match = next((each for each in matches if each.get("lesson_id") == lesson_id), {})
    pnl = json_values.number(str(result["pnl"])) if result.get("pnl") is not None else None
    return Touched(
        at=row["at"],
        lifecycle_id=row["lifecycle_id"] or row["id"],
        symbol=row["symbol"] or figures.ABSENT,
        said=figures.word(row["said"]) or figures.spaced(row["kind"]),
        relevance=figures.score(match.get("relevance")),
        boost=figures.factor(learned.get("confidence_boost")),
        others=max(0, len(json_values.items(learned.get("lessons_applied"))) - 1),
        result=figures.money(pnl, signed=True),
        won=None if pnl is None else pnl > 0,
    )


def history(rows: Sequence[Row]) -> list[Change]:
    """Return what befell a lesson, in words."""
    return [_TELLERS.get(row["teller"], _by_its_module)(row, queries.told(dict(row), "told")) for row in rows]


#: Why its module changed a lesson.
_CAUSES = {
    "effect": "by what it was measured to be worth",
    "words": "after a writer’s words",
    "words_refused": "a writer’s words were refused",
}


def _by_its_module(row: Row, told: Row) -> Change:
    before, standing = figures.word(told.get("before")), figures.word(told.get("standing"))
    cause = figures.word(told.get("cause"))
    by = cause.removeprefix("person:") if cause.startswith("person:") else ""
    turned = f"{before} → {standing}" if before and before != standing else standing
    what = " ".join(filter(None, (turned, f"on the word of {by}" if by else _CAUSES.get(cause, figures.spaced(cause)))))
    return Change(at=row["at"], who="its module", what=what, standing=standing, note=figures.word(told.get("note")))


def _by_a_person(row: Row, told: Row) -> Change:
    standing = figures.word(told.get("standing"))
    asked = {"active": "asked to activate it", "retired": "asked to retire it"}.get(standing, f"asked for {standing}")
    who = figures.word(told.get("by")) or "somebody"
    return Change(at=row["created_at"], who=who, what=asked, standing="", note=figures.word(told.get("note")))


def _by_a_writer(row: Row, told: Row) -> Change:
    who = " ".join(filter(None, (figures.word(told.get("writer")), figures.word(told.get("model"))))) or "a writer"
    status = figures.word(told.get("status"))
    what = "wrote words for it" if told.get("lesson") else f"wrote nothing: {figures.spaced(status) or 'refused'}"
    return Change(at=row["created_at"], who=who, what=what, standing="", note=figures.word(told.get("reason")))


_TELLERS = {
    "module": _by_its_module,
    "lesson_verdict": _by_a_person,
    "lesson_words": _by_a_writer,
    "lesson_words_refused": _by_a_writer,
}
