"""Which agents react to an event: a matrix of tags, cooldowns taken from what was queued before, and dice.

The dice are seeded by the event and the reaction, so that a replay rolls the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

ANYBODY = "*"
#: How far a reaction may lie from the first cause of it all.
MOST_DEPTH = 3


class Key(NamedTuple):
    """What a cooldown is counted by."""

    source: str
    target: str
    type: str

    def __str__(self) -> str:
        return ":".join(self)


@dataclass(frozen=True, slots=True)
class Reaction:
    """A row of the matrix; ``source`` and ``target`` may be anybody: the agent of the event."""

    source: str
    tags: frozenset[str]
    target: str
    type: str
    probability: float
    cooldown: timedelta


@dataclass(frozen=True, slots=True)
class Heard:
    """What happened: whose event, its tags, when, and how many causes lie before it."""

    id: str
    agent: str
    tags: frozenset[str]
    at: datetime
    depth: int = 0


class Rolled(NamedTuple):
    """A reaction that an event calls for; why it does not come to be, empty where it does."""

    key: Key
    dropped: str = ""


def read(matrix: Iterable[Mapping[str, Any]]) -> tuple[Reaction, ...]:
    """Return the rows of a matrix; raises ValueError that names the row and what is wrong with it."""
    return tuple(_row(place, each) for place, each in enumerate(matrix))


def _row(place: int, told: Mapping[str, Any]) -> Reaction:
    try:
        probability, minutes = float(told["probability"]), float(told["cooldown_minutes"])
        row = Reaction(
            str(told["source"]),
            frozenset(map(str, told["tags"])),
            str(told["target"]),
            str(told["type"]),
            probability,
            timedelta(minutes=minutes),
        )
    except (KeyError, TypeError, ValueError) as wrong:
        raise ValueError(f"reaction_matrix[{place}]: {wrong}: give source, tags, target, type, probability, "
                         "cooldown_minutes") from None  # fmt: skip
    if not 0 <= probability <= 1 or minutes < 0 or not row.tags:
        raise ValueError(f"reaction_matrix[{place}]: probability 0 to 1, cooldown_minutes 0 or more, at least one tag")
    return row


def rolled(matrix: Sequence[Reaction], event: Heard, *, queued: Mapping[Key, datetime]) -> list[Rolled]:
    """Return every reaction that an event calls for, in the matrix' order.

    All tags of a row must be there. First the depth, then the cooldown since the newest queued, then chance: a roll
    that failed starts no cooldown, and at exactly its end a cooldown is over.
    """
    found, queued = [], dict(queued)
    for row in matrix:
        if row.source not in (ANYBODY, event.agent) or not row.tags <= event.tags:
            continue
        key = Key(event.agent, event.agent if row.target == ANYBODY else row.target, row.type)
        dropped = _dropped(row, key, event, queued.get(key))
        if not dropped:
            queued[key] = event.at
        found.append(Rolled(key, dropped))
    return found


def _dropped(row: Reaction, key: Key, event: Heard, last: datetime | None) -> str:
    if event.depth >= MOST_DEPTH:
        return f"depth: {event.depth} causes lie before it, at most {MOST_DEPTH - 1} may"
    if last is not None and event.at < last + row.cooldown:
        return f"cooldown: until {(last + row.cooldown).isoformat()}"
    if Random(f"{event.id}:{key}").random() >= row.probability:  # noqa: S311  (dice, and no secret)
        return f"probability: {row.probability}"
    return ""
