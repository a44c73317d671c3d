"""A model's answer as a lesson: found in whatever surrounds it.

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

from strands.lessons import lesson_json
from strands.lessons.outcome import Unreadable
from strands.lessons.writers.endpoint.policy import WriterPolicy

FENCED = re.compile(r"```[a-zA-Z]*\s*\n(.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A lesson as it may be used, and a note for each place where it is not as the model gave it."""

    lesson: Mapping[str, Any]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {"lesson": dict(self.lesson), "notes": list(self.notes)}


def read(content: str, *, given: Mapping[str, Any], policy: WriterPolicy) -> Answer:
    """Return the first lesson in a model's answer.

    ``given`` is the lesson by rule, whose conditions stay and whose confidence is the most. Raises Unreadable.
    """
    if len(content.strip()) < policy.least_answer:
        raise Unreadable(f"the answer has fewer than {policy.least_answer} characters")
    faults = []
    for candidate in candidates(content):
        try:
            lesson, notes = lesson_json.reworded(candidate, given=given, bounds=policy)
            return Answer(lesson=lesson.to_json(), notes=tuple(notes))
        except Unreadable as fault:
            faults.append(str(fault))
    raise Unreadable(faults[0] if faults else "the answer holds no JSON object")


def candidates(content: str) -> Iterator[Mapping[str, Any]]:
    """Yield the JSON objects that a text is, fences, or embraces."""
    embraced = content[content.find("{") : content.rfind("}") + 1]
    for text in dict.fromkeys((content.strip(), *FENCED.findall(content), embraced)):
        try:
            value = json.loads(text, parse_constant=lesson_json.no_number, parse_float=_finite)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else lesson_json.no_number(digits)
