"""Words and figures with which a strand is told in a line, and how each is meant; how they look is the console's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from strands import figures
from strands.json_values import UNREADABLE, Unreadable, at

Payload = Mapping[str, Any]

#: Letters of a free text that a line keeps.
MOST_LETTERS = 160
#: Parts of a line about a payload that no kind tells.
MOST_PARTS = 4


class Tone(StrEnum):
    """How a word is meant; the text always says it too."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    WARNING = "warning"
    INFO = "info"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Part:
    """One word or figure of a line; a pill stands out; of what is unreadable, ``title`` names the field."""

    text: str
    tone: Tone = Tone.PLAIN
    pill: bool = False
    title: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.text, Unreadable):
            object.__setattr__(self, "tone", Tone.WARNING)
            object.__setattr__(self, "title", self.title or self.text.field)


#: The words of statuses and outcomes, each with its tone; a word that is not here is plain.
TONES = {
    **dict.fromkeys(("long", "buy", "approve", "approved", "filled", "win", "ok", "validated", "executed"), Tone.GOOD),
    **dict.fromkeys(("delivered", "active", "completed", "positive_reinforcement", "running"), Tone.GOOD),
    **dict.fromkeys(("answered", "cached"), Tone.GOOD),
    **dict.fromkeys(("short", "sell", "reject", "rejected", "failed", "loss", "breach", "denied", "halted"), Tone.BAD),
    **dict.fromkeys(("refused", "nonsense", "timeout"), Tone.BAD),
    **dict.fromkeys(("modify", "modified", "partial", "partially_filled", "warning", "unknown"), Tone.WARNING),
    **dict.fromkeys(
        (
            "unprotected",
            "silent",
            "undone",
            "expired",
            "retrying",
            "constructive_feedback",
            "in_progress",
            "late",
            "withheld",
        ),
        Tone.WARNING,
    ),
    **dict.fromkeys(("reduce-only", "capped"), Tone.WARNING),
    **dict.fromkeys(("accepted", "entry", "pending", "waiting", "learning_opportunity"), Tone.INFO),
    **dict.fromkeys(("initiated", "proposed", "reserved"), Tone.INFO),
    **dict.fromkeys(("cancelled", "exit", "breakeven", "archived", "deprecated", "inactive", "retired"), Tone.MUTED),
}


def text(parts: Iterable[Part]) -> str:
    """Return a line as plain text."""
    return " · ".join(part.text for part in parts)


def tone(parts: Iterable[Part]) -> Tone:
    """Return how a line as a whole is meant: as its first pill that has a tone, else as its first part that has one."""
    toned = [part for part in parts if part.tone is not Tone.PLAIN and (part.pill or part.tone is not Tone.MUTED)]
    return next((part.tone for part in toned if part.pill), toned[0].tone if toned else Tone.PLAIN)


def pill(status: Any) -> Part:
    """Return a status as a pill in its tone."""
    return Part(words(status) or figures.ABSENT, tone_of(status), pill=True)


def tone_of(status: Any) -> Tone:
    """Return the tone of the word of a status or an outcome."""
    return TONES.get(status, Tone.PLAIN) if isinstance(status, str) else Tone.PLAIN


def words(value: Any) -> str:
    """Return a code as words, a free text no longer than a line bears, nothing for what is neither."""
    said = figures.spaced(value)
    if isinstance(said, Unreadable):
        return said
    found = " ".join(said.split())
    return found if len(found) <= MOST_LETTERS else f"{found[: MOST_LETTERS - 1]}…"


def figure(value: str, tone: Tone = Tone.PLAIN) -> Part:
    """Return a figure that needs no name; nothing where it is absent."""
    return Part("" if value == figures.ABSENT else value, tone)


def labelled(label: str, value: str, tone: Tone = Tone.PLAIN) -> Part:
    """Return a figure after its name; nothing where the figure is absent."""
    if UNREADABLE in value:
        return Part(f"{label} {value}", Tone.WARNING, title=getattr(value, "field", "") or label)
    return Part("" if value in ("", figures.ABSENT) else f"{label} {value}", tone)


def gain(value: Any) -> Tone:
    """Return the tone of a gain, of a loss, or of neither."""
    number = figures.decimal(value)
    return Tone.PLAIN if not number else Tone.GOOD if number > 0 else Tone.BAD


def named(value: Any, name: str) -> str:
    """Return a text in words, or what an object has under a name."""
    return words(value if isinstance(value, str) else at(value, name))


def first_values(payload: Any) -> list[Part]:
    """Return the first plain values of a payload whose line nobody declared, documents before what lies in them."""
    if not isinstance(payload, Mapping):
        return []
    documents = [payload, *(value for value in payload.values() if isinstance(value, Mapping))]
    plain = [
        labelled(words(key), words(value))
        for document in documents
        for key, value in document.items()
        if isinstance(value, str | int | float)
    ]
    return [part for part in plain if part.text][:MOST_PARTS]
