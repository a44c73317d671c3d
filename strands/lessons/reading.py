"""A lesson's JSON, whoever wrote it, as a lesson: bounded, or refused with the reasons."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from strands.lessons.outcome import Unreadable
from strands.lessons.policy import LessonPolicy

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
FIELDS = frozenset({"title", "description", "conditions", "recommendations", "confidence"})
#: Of each type, what it is about and the number it recommends.
SHAPES = {
    "curator_weight_adjustment": ("curator_type", "adjustment"),
    "threshold_adjustment": ("threshold_type", "threshold_value"),
    "confidence_boost": ("condition", "boost_factor"),
    "risk_adjustment": ("risk_type", "risk_value"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What was learned, when it applies, what it recommends."""

    title: str
    description: str
    conditions: Mapping[str, str]
    recommendations: tuple[Mapping[str, Any], ...]
    confidence: float

    def to_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "description": self.description,
            "conditions": dict(self.conditions),
            "recommendations": [dict(each) for each in self.recommendations],
            "confidence": self.confidence,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A lesson, or None where it was refused, and a note for whatever was refused or bounded."""

    lesson: Lesson | None
    notes: tuple[str, ...]


def read(told: Any, *, policy: LessonPolicy) -> Reading:
    """Return a lesson read from JSON, as text or as a value; nothing that it holds raises."""
    notes: list[str] = []
    try:
        return Reading(lesson=_lesson(_sized(told, policy), policy, notes), notes=tuple(notes))
    except Unreadable as fault:
        return Reading(lesson=None, notes=(*notes, str(fault)))


def _sized(told: Any, policy: LessonPolicy) -> Mapping[str, Any]:
    """Return the object that was told; measured before it is walked, and free of NaN."""
    try:
        text = told if isinstance(told, str) else json.dumps(told, allow_nan=False)
        if len(text.encode()) > policy.max_bytes:
            raise Unreadable(f"lesson: longer than {policy.max_bytes} bytes")
        value = json.loads(text, parse_constant=_no_number)
        # What no UTF-8 can carry, and the one character that PostgreSQL's texts cannot.
        if b"\\u0000" in json.dumps(value, ensure_ascii=False).encode():
            raise Unreadable("lesson: a text holds the character 0")
    except Unreadable:
        raise
    except (ValueError, TypeError, RecursionError) as fault:
        raise Unreadable(f"lesson: no JSON of finite numbers, {type(fault).__name__}") from None
    if not isinstance(value, dict):
        raise Unreadable(f"lesson: {type(value).__name__} is no object")
    return value


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _lesson(value: Mapping[str, Any], policy: LessonPolicy, notes: list[str]) -> Lesson:
    if unknown := sorted(value.keys() - FIELDS):
        notes.append(f"left out {', '.join(each[:50] for each in unknown[:5])}")
    conditions = value.get("conditions")
    if not isinstance(conditions, dict):
        raise Unreadable("conditions: an object is wanted")
    return Lesson(
        title=_text(value, "title", policy.title_length, notes),
        description=_text(value, "description", policy.text_length, notes),
        conditions=dict(_conditions(conditions, policy, notes)),
        recommendations=tuple(_recommendations(value.get("recommendations"), policy, notes)),
        confidence=_within(value, "confidence", 0.0, 1.0, notes),
    )


def _conditions(told: Mapping[str, Any], policy: LessonPolicy, notes: list[str]) -> Iterator[tuple[str, str]]:
    for name, value in sorted(told.items())[: policy.max_recommendations]:
        if NAME.fullmatch(name) and isinstance(value, str):
            yield name, value[: policy.title_length]
        else:
            notes.append(f"conditions: left out {name[:50]}")


def _recommendations(told: Any, policy: LessonPolicy, notes: list[str]) -> Iterator[dict[str, Any]]:
    if not isinstance(told, list):
        raise Unreadable("recommendations: a list is wanted")
    if len(told) > policy.max_recommendations:
        notes.append(f"recommendations: the first {policy.max_recommendations} of {len(told)} are kept")
    for nth, each in enumerate(told[: policy.max_recommendations]):
        try:
            yield _recommendation(each, policy, notes)
        except Unreadable as fault:
            notes.append(f"recommendations[{nth}]: refused, {fault}")


def _recommendation(told: Any, policy: LessonPolicy, notes: list[str]) -> dict[str, Any]:
    kind = told.get("type") if isinstance(told, dict) else None
    if not isinstance(kind, str) or kind not in SHAPES:
        raise Unreadable(f"type: one of {', '.join(SHAPES)} is wanted")
    target, number = SHAPES[kind]
    if unknown := told.keys() - {"type", target, number, "because"}:
        raise Unreadable(f"{min(unknown)[:50]}: not a field of {kind}")
    least, most = policy.min_factor, policy.max_factor
    if kind == "threshold_adjustment":
        least, most = policy.min_threshold, policy.max_threshold
    if kind == "risk_adjustment":
        most = 1.0
    return {
        "type": kind,
        target: _condition(told, policy) if target == "condition" else _name(told, target),
        number: _within(told, number, least, most, notes),
        "because": _text(told, "because", policy.text_length, notes) if told.get("because") else "",
    }


def _condition(told: Mapping[str, Any], policy: LessonPolicy) -> Any:
    said = told.get("condition")
    if isinstance(said, str):
        return said[: policy.title_length]
    if isinstance(said, dict) and all(NAME.fullmatch(k) and isinstance(v, str) for k, v in said.items()):
        return {name: value[: policy.title_length] for name, value in said.items()}
    raise Unreadable("condition: a text, or columns with a text each, is wanted")


def _name(told: Mapping[str, Any], field: str) -> str:
    name = told.get(field)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise Unreadable(f"{field}: small letters, digits and _ are wanted, 64 at most")
    return name


def _text(told: Mapping[str, Any], name: str, most: int, notes: list[str]) -> str:
    text = told.get(name)
    if not isinstance(text, str) or not text.strip():
        raise Unreadable(f"{name}: a text is wanted")
    if len(text) > most:
        notes.append(f"{name}: cut at {most} characters")
    return text[:most]


def _within(told: Mapping[str, Any], name: str, least: float, most: float, notes: list[str]) -> float:
    number = told.get(name)
    if isinstance(number, bool) or not isinstance(number, int | float) or not _finite(number):
        raise Unreadable(f"{name}: {str(number)[:50]!r} is no finite number")
    bounded = round(float(min(max(number, least), most)), 6)
    if not least <= number <= most:
        notes.append(f"{name}: {str(number)[:20]} is held to {bounded:g}")
    return bounded


def _finite(number: float) -> bool:
    return isinstance(number, int) or math.isfinite(number)
