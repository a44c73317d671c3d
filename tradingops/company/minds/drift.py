"""How a conversation moves two agents towards or away from each other, by what each said to the other.

Exact decimals: the column of the table shows two digits, and a drift of half a hundredth is not to be lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any, NamedTuple

from tradingops.company.minds import pairs
from tradingops.company.minds.pairs import Pair

#: By kind of direct exchange: how strongly it is meant, and how far one moves a pair.
STRENGTH = {"agree": Decimal("0.8"), "disagree": Decimal("0.7"), "support": Decimal("0.6"), "challenge": Decimal("0.6")}
STEP = {
    "agree": Decimal("0.02"),
    "disagree": Decimal("-0.01"),
    "support": Decimal("0.015"),
    "challenge": Decimal("-0.005"),
}
#: How much the mood of a conversation adds to an exchange, and what it moves of itself.
OF_MOOD, MOOD_STEP = Decimal("0.5"), Decimal("0.01")
LEAST = Decimal("0.001")
KEPT = 20
PLACES = Decimal("0.000001")

#: What an exchange sounds like; the denial of a word is looked for first.
PHRASES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"\b(?:{words})\b", re.IGNORECASE))
    for kind, words in (
        ("disagree", r"(?:do not|don't|cannot|can't) agree|disagree|not convinced|i object|that is wrong"),
        ("challenge", r"what about|are you sure|why would|show me|on what figures|but have you"),
        ("support", r"well said|i would back|i back|building on|adding to|i second"),
        ("agree", r"agree|you are right|exactly|same here|that fits"),
    )
)


class Utterance(NamedTuple):
    """Who said what."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far one conversation may move a pair, and between what it stays."""

    most: Decimal = Decimal("0.03")
    least_affinity: Decimal = Decimal("0.10")
    most_affinity: Decimal = Decimal("0.95")


class Moved(NamedTuple):
    """How a pair was moved: from where to where, by which exchanges."""

    pair: Pair
    before: Decimal
    after: Decimal
    exchanges: tuple[str, ...]

    def to_json(self, *, at: str, conversation: str) -> dict[str, Any]:
        """Return an entry of a pair's log, decimals as text."""
        return {
            "at": at,
            "conversation": conversation,
            "before": str(self.before),
            "after": str(self.after),
            "drift": str(self.after - self.before),
            "exchanges": list(self.exchanges),
        }


def exchange(text: str) -> str | None:
    """Return what kind of exchange a sentence is, None where it is none."""
    return next((kind for kind, phrase in PHRASES if phrase.search(text)), None)


def mood(said: Sequence[Utterance]) -> Decimal:
    """Return the mood of a conversation from −1 to 1: what was for less what was against, of all exchanges."""
    kinds = [kind for each in said if (kind := exchange(each.text))]
    if not kinds:
        return Decimal(0)
    return sum((Decimal(1) if STEP[kind] > 0 else Decimal(-1) for kind in kinds), Decimal(0)) / len(kinds)


def exchanges(said: Sequence[Utterance]) -> dict[Pair, list[str]]:
    """Return the direct exchanges of each pair: a sentence is said to whom it names, else to who spoke before."""
    names = {each.speaker for each in said}
    found: dict[Pair, list[str]] = {}
    for place, each in enumerate(said):
        kind = exchange(each.text)
        to = _to(each, said[:place], names)
        if kind and to:
            found.setdefault(pairs.pair(each.speaker, to), []).append(kind)
    return found


def drifts(said: Sequence[Utterance], affinities: Mapping[Pair, Decimal], *, bounds: Bounds = Bounds()) -> list[Moved]:
    """Return how a conversation moves each pair of those who spoke, the smallest movements left out."""
    feeling, direct = mood(said), exchanges(said)
    moved = []
    for one, other in combinations(sorted({each.speaker for each in said}), 2):
        told = direct.get((one, other), [])
        before = affinities.get((one, other), pairs.NEUTRAL)
        drift = _drift(told, feeling)
        drift = max(-bounds.most, min(bounds.most, drift)).quantize(PLACES)
        if abs(drift) <= LEAST:
            continue
        after = max(bounds.least_affinity, min(bounds.most_affinity, before + drift))
        moved.append(Moved((one, other), before, after, tuple(told)))
    return moved


def _drift(told: Sequence[str], feeling: Decimal) -> Decimal:
    """mean of step · strength over direct exchanges, times 1 + .5 · mood; without one, .01 · mood."""
    if not told:
        return MOOD_STEP * feeling
    mean = sum((STEP[kind] * STRENGTH[kind] for kind in told), Decimal(0)) / len(told)
    return mean * (1 + OF_MOOD * feeling)


def _to(said: Utterance, before: Sequence[Utterance], names: Iterable[str]) -> str | None:
    named = [each for each in names if each != said.speaker and re.search(rf"\b{each}\b", said.text, re.IGNORECASE)]
    if named:
        return min(named, key=lambda each: said.text.lower().index(each))
    return next((each.speaker for each in reversed(before) if each.speaker != said.speaker), None)


def logged(log: Sequence[Mapping[str, Any]], entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return a pair's log with one more entry, the oldest let go."""
    return [*log, entry][-KEPT:]
