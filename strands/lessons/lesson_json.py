"""A lesson's JSON, whoever wrote it, as a lesson: held to its shape and its bounds, or refused with the reason."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from strands.lessons.outcome import Unreadable
from strands.lessons.policy import LessonBounds

FIELDS = frozenset({"title", "description", "conditions", "recommendations", "confidence"})
#: What a column, a curator, a threshold or a risk may be called.
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
#: How much of an absurd number or name a note repeats.
SHOWN_DIGITS, SHOWN_LETTERS = 20, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What one type of recommendation holds: what it is about, and the number recommended for it."""

    name: str
    number: str
    most: float = math.inf
    is_threshold: bool = False
    is_condition: bool = False

    def span(self, bounds: LessonBounds) -> tuple[float, float]:
        """Return the least and the most that its number may be."""
        if self.is_threshold:
            return bounds.min_threshold, bounds.max_threshold
        return bounds.min_factor, min(bounds.max_factor, self.most)


#: A factor of risk may only take less of it.
SHAPES = {
    "curator_weight_adjustment": Shape(name="curator_type", number="adjustment"),
    "threshold_adjustment": Shape(name="threshold_type", number="threshold_value", is_threshold=True),
    "confidence_boost": Shape(name="condition", number="boost_factor", is_condition=True),
    "risk_adjustment": Shape(name="risk_type", number="risk_value", most=1.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What was learned, when it applies, what it recommends."""

    title: str
    description: str
    conditions: Mapping[str, Any]
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
class Bounded:
    """A lesson within its bounds, None where it was refused, and a note for whatever was refused or bounded."""

    lesson: Lesson | None
    notes: tuple[str, ...]


def read(words: Any, *, bounds: LessonBounds) -> Bounded:
    """Return a lesson read from JSON, as text or as a value; nothing that it holds raises."""
    reader = _Reader(bounds=bounds)
    try:
        return Bounded(lesson=reader.lesson(_sized(words, bounds)), notes=tuple(reader.notes))
    except Unreadable as fault:
        return Bounded(lesson=None, notes=(*reader.notes, str(fault)))


def reworded(words: Mapping[str, Any], *, given: Mapping[str, Any], bounds: LessonBounds) -> tuple[Lesson, list[str]]:
    """Return a lesson in other words, with notes.

    ``given`` is the JSON of the lesson as it was, whose conditions stay and whose confidence is the most; every
    recommendation must give its reason. Raises Unreadable.
    """
    reader = _Reader(bounds=bounds, given=given)
    return reader.lesson(words), reader.notes


def cut(text: str, length: int) -> str:
    """Return a text without control characters and lone surrogates, no longer than so many characters."""
    # The slice first: a text of a million characters is not walked through.
    return "".join(each for each in text[: 2 * length] if each.isprintable() or each == "\n").strip()[:length].rstrip()


def no_number(word: str) -> float:
    """Refuse what JSON's readers take for a number and JSON does not: NaN and the infinities."""
    raise ValueError(f"{word} is no number")


def _sized(words: Any, bounds: LessonBounds) -> Mapping[str, Any]:
    """Return an object of JSON; measured before it is walked, and free of NaN."""
    try:
        text = words if isinstance(words, str) else json.dumps(words, allow_nan=False)
        if len(text.encode()) > bounds.max_bytes:
            raise Unreadable(f"lesson: longer than {bounds.max_bytes} bytes")
        value = json.loads(text, parse_constant=no_number)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Reads one lesson's parts, noting on the way what it refuses or bounds."""

    bounds: LessonBounds
    given: Mapping[str, Any] | None = None
    notes: list[str] = field(default_factory=list)

    def lesson(self, value: Mapping[str, Any]) -> Lesson:
        self._only(value, FIELDS)
        most = 1.0 if self.given is None else float(self.given["confidence"])
        return Lesson(
            title=self._text(value, "title", self.bounds.title_length),
            description=self._text(value, "description", self.bounds.text_length),
            conditions=self._conditions(value.get("conditions")),
            recommendations=tuple(self._recommendations(value.get("recommendations"))),
            confidence=self._within(value, "confidence", 0.0, most),
        )

    def _only(self, value: Mapping[str, Any], known: frozenset[str]) -> None:
        if unknown := sorted(value.keys() - known):
            self.notes.append(f"left out {', '.join(cut(each, SHOWN_LETTERS) for each in unknown[:5])}")

    def _conditions(self, value: Any) -> Mapping[str, Any]:
        if self.given is not None:
            if value != self.given["conditions"]:
                self.notes.append("conditions: those of the cluster hold")
            held: Mapping[str, Any] = self.given["conditions"]
            return held
        if not isinstance(value, dict):
            raise Unreadable("conditions: an object is wanted")
        return dict(self._columns(value))

    def _columns(self, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for name, wanted in sorted(value.items())[: self.bounds.max_conditions]:
            if NAME.fullmatch(name) and isinstance(wanted, str):
                yield name, cut(wanted, self.bounds.title_length)
            else:
                self.notes.append(f"conditions: left out {cut(name, SHOWN_LETTERS)}")

    def _recommendations(self, value: Any) -> Iterator[dict[str, Any]]:
        most = self.bounds.max_recommendations
        if not isinstance(value, list):
            raise Unreadable("recommendations: a list is wanted")
        if len(value) > most:
            self.notes.append(f"recommendations: the first {most} of {len(value)} are kept")
        for nth, each in enumerate(value[:most]):
            try:
                yield self._recommendation(each)
            except Unreadable as fault:
                self.notes.append(f"recommendations[{nth}]: refused, {fault}")

    def _recommendation(self, value: Any) -> dict[str, Any]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in SHAPES:
            raise Unreadable(f"type: one of {', '.join(SHAPES)} is wanted")
        shape = SHAPES[kind]
        self._only(value, frozenset({"type", shape.name, shape.number, "because"}))
        return {
            "type": kind,
            shape.name: self._condition(value.get(shape.name)) if shape.is_condition else self._name(value, shape.name),
            shape.number: self._within(value, shape.number, *shape.span(self.bounds)),
            "because": self._because(value),
        }

    def _because(self, value: Mapping[str, Any]) -> str:
        if self.given is None and not value.get("because"):
            return ""
        return self._text(value, "because", self.bounds.text_length)

    def _condition(self, value: Any) -> str | dict[str, str]:
        """Return a condition: a text, or what some columns of the cluster must be."""
        length, most = self.bounds.title_length, self.bounds.max_conditions
        if isinstance(value, str) and (text := cut(value, length)):
            return text
        if isinstance(value, dict) and len(value) <= most and all(map(_is_column, value.items())):
            return {name: cut(wanted, length) for name, wanted in value.items()}
        raise Unreadable("condition: a text, or columns with a text each, is wanted")

    def _name(self, value: Mapping[str, Any], name: str) -> str:
        text = value.get(name)
        if not isinstance(text, str) or not NAME.fullmatch(text):
            raise Unreadable(f"{name}: small letters, digits and _ are wanted, 64 at most")
        return text

    def _text(self, value: Mapping[str, Any], name: str, length: int) -> str:
        text = value.get(name)
        if not isinstance(text, str) or not (kept := cut(text, length)):
            raise Unreadable(f"{name}: a text is wanted")
        if len(text) > length:
            self.notes.append(f"{name}: cut at {length} characters")
        return kept

    def _within(self, value: Mapping[str, Any], name: str, least: float, most: float) -> float:
        """Return a number held between two bounds, at six decimals."""
        number = value.get(name)
        if isinstance(number, bool) or not isinstance(number, int | float) or not _is_finite(number):
            raise Unreadable(f"{name}: {str(number)[:SHOWN_LETTERS]!r} is no finite number")
        bounded = round(float(min(max(number, least), most)), 6)
        if not least <= number <= most:
            self.notes.append(f"{name}: {str(number)[:SHOWN_DIGITS]} is held to {bounded:g}")
        return bounded


def _is_column(column: tuple[str, Any]) -> bool:
    name, wanted = column
    return NAME.fullmatch(name) is not None and isinstance(wanted, str)


def _is_finite(number: float) -> bool:
    return isinstance(number, int) or math.isfinite(number)
