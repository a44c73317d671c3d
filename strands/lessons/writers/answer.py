"""A model's answer as a lesson: found in whatever surrounds it, held to its shape, bounded, or refused.

A model lends words and proposes recommendations. It cannot say where a lesson applies, which the cluster's conditions
do, nor be surer of it than its members allow.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from strands.lessons.writers.policy import WriterPolicy

FENCED = re.compile(r"```[a-zA-Z]*\s*\n(.*?)```", re.DOTALL)
#: What a curator, a threshold or a risk may be called.
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
#: How much of an absurd number a note repeats.
SHOWN_DIGITS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What one type of recommendation holds: what it is about, and the number recommended for it."""

    name: str
    number: str
    is_threshold: bool = False
    is_condition: bool = False


SHAPES = {
    "curator_weight_adjustment": Shape(name="curator_type", number="adjustment"),
    "threshold_adjustment": Shape(name="threshold_type", number="threshold_value", is_threshold=True),
    "confidence_boost": Shape(name="condition", number="boost_factor", is_condition=True),
    "risk_adjustment": Shape(name="risk_type", number="risk_value"),
}


class Nonsense(ValueError):
    """An answer holds no lesson."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A lesson as it may be used, and a note for each place where it is not as the model gave it."""

    lesson: Mapping[str, Any]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {"lesson": dict(self.lesson), "notes": list(self.notes)}


def read(content: str, *, given: Mapping[str, Any], policy: WriterPolicy) -> Reading:
    """Return the first lesson in a model's answer.

    ``given`` is the lesson by rule, whose conditions stay and whose confidence is the most. Raises Nonsense.
    """
    if len(content.strip()) < policy.least_answer:
        raise Nonsense(f"the answer has fewer than {policy.least_answer} characters")
    faults = []
    for candidate in candidates(content):
        try:
            return _lesson(candidate, given, policy)
        except Nonsense as fault:
            faults.append(str(fault))
    raise Nonsense(faults[0] if faults else "the answer holds no JSON object")


def candidates(content: str) -> Iterator[Mapping[str, Any]]:
    """Yield the JSON objects that a text is, fences, or embraces."""
    embraced = content[content.find("{") : content.rfind("}") + 1]
    for text in dict.fromkeys((content.strip(), *FENCED.findall(content), embraced)):
        try:
            value = json.loads(text, parse_constant=_no_number, parse_float=_finite)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def cut(text: str, length: int) -> str:
    """Return a text without control characters and lone surrogates, no longer than so many characters."""
    # The slice first: a text of a million characters is not walked through.
    return "".join(each for each in text[: 2 * length] if each.isprintable() or each == "\n").strip()[:length]


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_number(digits)


def _lesson(value: Mapping[str, Any], given: Mapping[str, Any], policy: WriterPolicy) -> Reading:
    notes: list[str] = []
    if unknown := value.keys() - given.keys():
        notes.append(f"left out {', '.join(sorted(cut(each, policy.title_length) for each in unknown)[:5])}")
    if value.get("conditions") != given["conditions"]:
        notes.append("conditions: those of the cluster hold")
    lesson = {
        "title": _text(value, "title", policy.title_length, notes),
        "description": _text(value, "description", policy.text_length, notes),
        "conditions": given["conditions"],
        "recommendations": list(_recommendations(value, policy, notes)),
        "confidence": _within(value, "confidence", 0.0, float(given["confidence"]), notes),
    }
    return Reading(lesson=lesson, notes=tuple(notes))


def _text(value: Mapping[str, Any], name: str, length: int, notes: list[str]) -> str:
    text = value.get(name)
    if not isinstance(text, str) or not (kept := cut(text, length)):
        raise Nonsense(f"{name}: a text is wanted")
    if len(text) > length:
        notes.append(f"{name}: cut at {length} characters")
    return kept


def _recommendations(value: Mapping[str, Any], policy: WriterPolicy, notes: list[str]) -> Iterator[dict[str, Any]]:
    said = value.get("recommendations")
    if not isinstance(said, list):
        raise Nonsense("recommendations: a list is wanted")
    if len(said) > policy.recommendations:
        notes.append(f"recommendations: the first {policy.recommendations} of {len(said)} are kept")
    for nth, each in enumerate(said[: policy.recommendations]):
        try:
            yield _recommendation(each, policy, notes)
        except Nonsense as fault:
            notes.append(f"recommendations[{nth}]: left out, {fault}")


def _recommendation(value: Any, policy: WriterPolicy, notes: list[str]) -> dict[str, Any]:
    kind = value.get("type") if isinstance(value, dict) else None
    shape = SHAPES.get(kind) if isinstance(kind, str) else None
    if shape is None:
        raise Nonsense(f"type: one of {', '.join(SHAPES)} is wanted")
    least, most = (
        (policy.least_threshold, policy.most_threshold)
        if shape.is_threshold
        else (policy.least_factor, policy.most_factor)
    )
    return {
        "type": kind,
        shape.name: (_condition if shape.is_condition else _name)(value, shape.name, policy, notes),
        shape.number: _within(value, shape.number, least, most, notes),
        "because": _text(value, "because", policy.text_length, notes),
    }


def _name(value: Mapping[str, Any], name: str, policy: WriterPolicy, notes: list[str]) -> str:
    text = _text(value, name, policy.title_length, notes)
    if not NAME.fullmatch(text):
        raise Nonsense(f"{name}: small letters, digits and _ are wanted, 64 at most")
    return text


def _condition(
    value: Mapping[str, Any], name: str, policy: WriterPolicy, notes: list[str]
) -> str | dict[str, str | float]:
    """Return a condition: a text, or what some columns of the cluster must be."""
    said = value.get(name)
    if not isinstance(said, dict):
        return _text(value, name, policy.title_length, notes)
    kept: dict[str, str | float] = {
        column: cut(each, policy.title_length) if isinstance(each, str) else each
        for column, each in said.items()
        if NAME.fullmatch(column) and isinstance(each, str | bool | float)
    }
    if len(kept) < len(said) or len(kept) > policy.conditions:
        raise Nonsense(f"{name}: at most {policy.conditions} columns with a text or a fraction each are wanted")
    return kept


def _within(value: Mapping[str, Any], name: str, least: float, most: float, notes: list[str]) -> float:
    """Return a number held between two bounds, at six decimals."""
    number = value.get(name)
    if not isinstance(number, int | float) or isinstance(number, bool):
        raise Nonsense(f"{name}: a number is wanted")
    bounded = round(float(min(max(number, least), most)), 6)
    if not least <= number <= most:
        notes.append(f"{name}: {cut(str(number), SHOWN_DIGITS)} is held to {bounded:g}")
    return bounded
