"""What a memory is worth: where it matters, when it is promoted, and how it colours a voice.

Of outcomes alone a memory grows surer; a conversation that it was at work in is no evidence for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

STRATEGY, LESSON, PATTERN, INSIGHT, PREFERENCE = "strategy", "lesson", "pattern", "insight", "preference"
MOST_OF_AN_AGENT, MOST_OF_A_CONVERSATION, LEAST_KEPT = 200, 6, 0.55
#: relevance = .5 · words in common + .3 · tags in common + .2 · confidence + .1 if promoted
OF_WORDS, OF_TAGS, OF_CONFIDENCE, OF_PROMOTED = 0.5, 0.3, 0.2, 0.1
OLD, OF_THE_OLD = timedelta(days=30), 0.7
RELEVANT, MOST_RELEVANT = 0.3, 3
#: Promotion: how sure it must be, how high its score, how many of an agent in one run.
SURE, HIGH_SCORE, MOST_PROMOTED = 0.80, 0.7, 5
RECENCY = ((7, 1.0), (30, 0.7), (90, 0.4))
OLDEST_RECENCY = 0.2
BONUS = {STRATEGY: 0.15, PATTERN: 0.10, INSIGHT: 0.10, LESSON: 0.05}
VOICE = {INSIGHT: "optimism", PATTERN: "emphasis", STRATEGY: "emphasis", PREFERENCE: "caution", LESSON: "caution"}
LEAST_VOICE, MOST_VOICES = 0.3, 3
#: Texts that have this much of their words in common say the same.
NEARLY_THE_SAME = 0.85
_WORD = re.compile(r"[a-z0-9_%.-]{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """One thing that an agent remembers. ``outcomes`` are the ids of closed trades that bear it out or gainsay it."""

    agent: str
    type: str
    content: str
    confidence: float
    at: datetime
    tags: tuple[str, ...] = ()
    source: str = ""
    promoted: bool = False
    seen: int = 1
    upvotes: int = 0
    downvotes: int = 0
    outcomes: tuple[str, ...] = ()


def words(text: str) -> frozenset[str]:
    """Return the words of a text that tell something."""
    return frozenset(_WORD.findall(text.lower()))


def overlap(one: Iterable[str], other: Iterable[str]) -> float:
    """Return how much of the smaller of two sets lies in the other; 0 where one is empty."""
    one, other = set(one), set(other)
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def alike(one: str, other: str) -> bool:
    """Return whether two texts say nearly the same: most of all their words are in both."""
    first, second = words(one), words(other)
    together = first | second
    return not together or len(first & second) / len(together) >= NEARLY_THE_SAME


def remembered(known: Sequence[Memory], new: Memory) -> tuple[Memory, ...]:
    """Return an agent's memories with one more; the same source, or nearly the same text, is the same one seen again.

    One that is not sure enough is not kept; of too many the least sure goes, the oldest of those first.
    """
    if new.confidence < LEAST_KEPT:
        return tuple(known)
    for place, each in enumerate(known):
        same = (new.source and each.source == new.source) or (
            each.type == new.type and alike(each.content, new.content)
        )
        if same:
            return (*known[:place], replace(each, seen=each.seen + 1), *known[place + 1 :])
    kept = [*known, new]
    while len(kept) > MOST_OF_AN_AGENT:
        kept.remove(min(kept, key=lambda each: (each.promoted, each.confidence, each.at)))
    return tuple(kept)


def borne_out(memory: Memory, outcome: str, *, right: bool, step: float = 0.05) -> Memory:
    """Return a memory after the outcome of a closed trade; each outcome counts once, whichever way it is told again."""
    if outcome in memory.outcomes:
        return memory
    votes = {"upvotes": memory.upvotes + 1} if right else {"downvotes": memory.downvotes + 1}
    confidence = round(min(1.0, max(0.0, memory.confidence + (step if right else -step))), 4)
    return replace(memory, confidence=confidence, outcomes=(*memory.outcomes, outcome), **votes)


def relevance(memory: Memory, *, about: str, tags: Iterable[str], now: datetime) -> float:
    """Return how much a memory has to do with something, from 0 to 1.1; less where it is older than thirty days."""
    found = (
        OF_WORDS * overlap(words(memory.content), words(about))
        + OF_TAGS * overlap(memory.tags, tags)
        + OF_CONFIDENCE * memory.confidence
        + OF_PROMOTED * memory.promoted
    )
    return found * (OF_THE_OLD if now - memory.at > OLD else 1.0)


def influence(
    known: Sequence[Memory],
    *,
    about: str,
    tags: Iterable[str],
    now: datetime,
    dice: Random,
    probability: float,
    least: float,
    types: Iterable[str],
) -> tuple[Memory, ...]:
    """Return the promoted memories that influence a decision, the most relevant first; none where chance says so."""
    if dice.random() >= probability:
        return ()
    types, tags = set(types), tuple(tags)
    able = [each for each in known if each.promoted and each.type in types and each.confidence >= least]
    ranked = sorted(((relevance(each, about=about, tags=tags, now=now), each) for each in able), key=_by_relevance)
    return tuple(each for score, each in ranked if score > RELEVANT)[:MOST_RELEVANT]


def _by_relevance(ranked: tuple[float, Memory]) -> tuple[float, str]:
    return -ranked[0], ranked[1].content


def score(memory: Memory, *, now: datetime) -> float:
    """Return how ripe a memory is to be promoted.

    .4 · (confidence − .8) / .2 + .3 · min(upvotes / 3, 1) + .2 · recency + bonus of its type − min(.1 · downvotes, .3)
    """
    days = (now - memory.at).days
    recency = next((value for within, value in RECENCY if days <= within), OLDEST_RECENCY)
    return (
        0.4 * (memory.confidence - SURE) / (1.0 - SURE)
        + 0.3 * min(memory.upvotes / 3, 1.0)
        + 0.2 * recency
        + BONUS.get(memory.type, 0.0)
        - min(0.1 * memory.downvotes, 0.3)
    )


def ripe(known: Sequence[Memory], *, now: datetime) -> tuple[Memory, ...]:
    """Return the memories of one agent that are promoted now, the ripest first; outcomes bear each of them out."""
    able = [
        (score(each, now=now), each)
        for each in known
        if not each.promoted and each.confidence >= SURE and each.upvotes > each.downvotes
    ]
    ranked = sorted((pair for pair in able if pair[0] > HIGH_SCORE), key=_by_relevance)
    return tuple(each for _, each in ranked)[:MOST_PROMOTED]


def fallen(known: Sequence[Memory]) -> tuple[Memory, ...]:
    """Return the promoted memories that outcomes no longer bear out."""
    return tuple(each for each in known if each.promoted and each.upvotes <= each.downvotes)


def voice(known: Sequence[Memory], *, now: datetime) -> tuple[tuple[str, float], ...]:
    """Return what an agent's memories do to its voice: a colour and its strength, confidence · (1 − age / 30 days)."""
    found = [
        (VOICE[each.type], round(each.confidence * (1 - (now - each.at) / OLD), 4))
        for each in known
        if each.type in VOICE
    ]
    strong = sorted((each for each in found if each[1] >= LEAST_VOICE), key=lambda each: (-each[1], each[0]))
    return tuple(strong[:MOST_VOICES])
