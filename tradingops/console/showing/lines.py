"""A line: what a strand says in short, and how it is coloured."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a line is coloured."""

    GOOD = "good"
    BAD = "bad"
    WARN = "warning"
    CALM = "plain"


@dataclass(frozen=True, slots=True)
class Line:
    """A summary and its colour."""

    text: str
    tone: Tone = Tone.CALM
