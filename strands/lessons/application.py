"""Which lessons apply to a situation, and what they come to together."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from strands.lessons.lesson import NOTHING_LEARNED, Applied, Match, merged
from strands.lessons.member import OWN, UNKNOWN
from strands.lessons.policy import LessonPolicy

Json = Mapping[str, Any]

_SHARED = ("symbol", "timeframe", "regime")
_NOT_KNOWN = (None, "", UNKNOWN)


def applied(learned: Json, *, situation: Json, policy: LessonPolicy) -> Applied:
    """Return what the active lessons that match a situation come to, the most relevant and confident first.

    ``situation`` maps columns to values; the fourth column is the module's own (signal type, decision type, venue), or
    ``kind``. What either side does not know counts half.
    """
    if not policy.enabled or not learned["index"]:
        return NOTHING_LEARNED
    matches = heapq.nsmallest(policy.max_applied, _matches(learned, situation, policy), key=_rank)
    return merged(matches, policy=policy)


def indexed(lessons: Json) -> list[dict[str, Any]]:
    """Return the active lessons by what they are matched with, the surest first: relevance is found once a group."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for lesson_id, lesson in lessons.items():
        if lesson["standing"] == "active":
            own, columns = OWN[lesson["module"]][0], lesson["columns"]
            key = (own, *(columns.get(name, UNKNOWN) for name in (*_SHARED, own)))
            groups.setdefault(key, []).append(lesson_id)
    return [
        {
            "own": own,
            "values": values,
            "ids": sorted(groups[own, *values], key=lambda x: (-lessons[x]["confidence"], x)),
        }
        for own, *values in sorted(groups)
    ]


def relevance(values: Sequence[str], own: str, situation: Json, *, policy: LessonPolicy) -> float:
    """Return the weighted share of symbol, timeframe, regime and own column on which lessons and a situation agree."""
    return _agreement(values, _here(own, situation), _shares(policy), policy.unknown_share)


def _here(own: str, situation: Json) -> tuple[Any, ...]:
    return (*map(situation.get, _SHARED), situation.get(own) or situation.get("kind"))


def _shares(policy: LessonPolicy) -> tuple[float, ...]:
    return policy.symbol_share, policy.timeframe_share, policy.regime_share, policy.kind_share


def _agreement(there: Sequence[str], here: Sequence[Any], shares: Sequence[float], unknown: float) -> float:
    total = 0.0
    for share, mine, theirs in zip(shares, here, there, strict=True):
        if mine == theirs and mine not in _NOT_KNOWN:
            total += share
        elif mine in _NOT_KNOWN or theirs in _NOT_KNOWN:
            total += share * unknown
    return round(total, 6)


def _matches(learned: Json, situation: Json, policy: LessonPolicy) -> Iterator[Match]:
    shares, unknown, least = _shares(policy), policy.unknown_share, policy.min_relevance
    here: dict[str, tuple[Any, ...]] = {}
    for group in learned["index"]:
        own = group["own"]
        if own not in here:
            here[own] = _here(own, situation)
        found = _agreement(group["values"], here[own], shares, unknown)
        if found >= least:
            for lesson_id in group["ids"][: policy.max_applied]:
                yield _match(lesson_id, learned["lessons"][lesson_id], found)


def _rank(match: Match) -> tuple[float, str]:
    return -match.relevance * match.confidence, match.lesson_id


def _match(lesson_id: str, lesson: Json, found: float) -> Match:
    boosts = [each["boost_factor"] for each in lesson["recommendations"] if each["type"] == "confidence_boost"]
    return Match(
        lesson_id=lesson_id,
        relevance=found,
        confidence=lesson["confidence"],
        recommendations=lesson["recommendations"],
        boost_factor=boosts[0] if boosts else 1.0,
    )
