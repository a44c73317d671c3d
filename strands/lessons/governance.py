"""How lessons come and go: measured, retired when they harm, and decided on by people.

Every change is returned as the JSON of a ``lesson`` strand. The machine retires, and never brings back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from strands.lessons import application, braiding, lesson_json
from strands.lessons.outcome import number
from strands.lessons.policy import LessonPolicy

Json = Mapping[str, Any]
Taught = tuple[dict[str, Any], list[dict[str, Any]]]

ACTIVE, RETIRED = "active", "retired"
_DEFAULTS = LessonPolicy()
NO_EFFECT: dict[str, Any] = {
    "touched": 0,
    "flipped": 0,
    "differed": 0,
    "with_pnl": 0.0,
    "without_pnl": 0.0,
    "effect": 0.0,
    "mean": 0.0,
    "gains": [],
}


def measure(
    learned: Json,
    *,
    lesson_id: str,
    with_pnl: float,
    without_pnl: float,
    flipped: bool,
    at: datetime,
    policy: LessonPolicy,
) -> Taught:
    """Return what is learned after a decision that a lesson touched ended, and the change of the lesson.

    Results are fractions of the portfolio's value. A lesson that was let go is measured no more. Raises Unreadable.
    """
    lesson = learned["lessons"].get(lesson_id)
    if lesson is None:
        return dict(learned), []
    effect = _measured(
        lesson["effect"] or NO_EFFECT,
        with_pnl=number("with_pnl", with_pnl, policy.max_pnl_percent),
        without_pnl=number("without_pnl", without_pnl, policy.max_pnl_percent),
        flipped=flipped,
        policy=policy,
    )
    note = harm(effect, policy=policy) if lesson["standing"] == ACTIVE else None
    standing = RETIRED if note else lesson["standing"]
    effect["at"] = at.isoformat()
    return _changed(learned, lesson_id, {"standing": standing, "effect": effect}, cause="effect", note=note)


def decided(learned: Json, verdict: Json, *, policy: LessonPolicy = _DEFAULTS) -> Taught:
    """Return what is learned after a person's verdict {lesson_id, standing, by, note}; a person may bring one back."""
    lesson_id, standing = verdict.get("lesson_id"), verdict.get("standing")
    if lesson_id not in learned["lessons"] or standing not in (ACTIVE, RETIRED):
        return dict(learned), []
    by, note = (str(verdict.get(name) or "")[: policy.note_length] for name in ("by", "note"))
    return _changed(learned, str(lesson_id), {"standing": standing}, cause=f"person:{by}", note=note or None)


def worded(learned: Json, *, lesson_id: str, lesson: Any, writer: str, policy: LessonPolicy) -> Taught:
    """Return what is learned after a writer's words for a lesson, held to the bounds; refused ones change nothing."""
    known = learned["lessons"].get(lesson_id)
    if known is None:
        return dict(learned), []
    found = lesson_json.read(lesson, bounds=policy)
    notes = "; ".join(found.notes)[: policy.note_length] or None
    if found.lesson is None:
        return _changed(learned, lesson_id, {}, cause="words_refused", note=notes)
    words = {**found.lesson.to_json(), "confidence": min(found.lesson.confidence, known["confidence"])}
    update = {"confidence": words["confidence"], "recommendations": braiding.spoken_of(words["recommendations"])}
    after, changes = _changed(learned, lesson_id, update, cause="words", note=notes)
    return after, [{**each, "lesson": words, "writer": writer[: policy.title_length]} for each in changes]


def harm(effect: Json, *, policy: LessonPolicy) -> str | None:
    """Return why a lesson retires by what it was measured to be worth, None while it may stay."""
    differed, mean = effect["differed"], effect["effect"] / max(effect["differed"], 1)
    if differed >= policy.min_differed and mean < -policy.harmful_below:
        return f"it cost {-100 * mean:.4f} % of the portfolio on average over {differed} results that it changed"
    if differed >= policy.patience and effect["effect"] <= 0:
        return f"it gained nothing over {differed} results that it changed"
    if degraded(effect["gains"], policy=policy) and sum(effect["gains"][-policy.recent :]) < 0:
        return f"it has become harmful over the last {policy.recent} results that it changed"
    return None


def degraded(gains: list[float], *, policy: LessonPolicy) -> bool:
    """Return whether the mean of the last results fell from that of those before by more than ``max_drop`` of it."""
    if len(gains) < 2 * policy.recent:
        return False
    older, newer = sum(gains[: policy.recent]), sum(gains[-policy.recent :])
    return older > 0 and newer < older * (1.0 - policy.max_drop)


def _measured(
    before: Json, *, with_pnl: float, without_pnl: float, flipped: bool, policy: LessonPolicy
) -> dict[str, Any]:
    gain = round(with_pnl - without_pnl, 8)
    touched = before["touched"] + 1
    effect = round(before["effect"] + gain, 8)
    return {
        "touched": touched,
        "flipped": before["flipped"] + int(flipped),
        "differed": before["differed"] + int(gain != 0),
        "with_pnl": round(before["with_pnl"] + with_pnl, 8),
        "without_pnl": round(before["without_pnl"] + without_pnl, 8),
        "effect": effect,
        "mean": round(effect / touched, 8),
        "gains": [*before["gains"], *([gain] if gain else [])][-2 * policy.recent :],
    }


def _changed(learned: Json, lesson_id: str, update: Json, *, cause: str, note: str | None) -> Taught:
    before = learned["lessons"][lesson_id]
    after = {**before, **update}
    effect = after["effect"]
    change = {
        "lesson_id": lesson_id,
        "standing": after["standing"],
        "before": before["standing"],
        "cause": cause,
        "note": note,
        "effect": {name: value for name, value in effect.items() if name != "gains"} if effect else None,
    }
    lessons = {**learned["lessons"], lesson_id: after}
    moved = any(after[name] != before[name] for name in ("standing", "confidence"))
    index = application.indexed(lessons) if moved else learned["index"]
    return {**learned, "lessons": lessons, "index": index}, [change]
