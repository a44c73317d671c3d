"""Two agents as a pair: one name for both orders, and how they stand to each other, exact and as it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

Pair = tuple[str, str]
Affinities = Mapping[Pair, Decimal]
#: How two stand to each other of whom nothing is known.
NEUTRAL = Decimal("0.50")


def pair(one: str, other: str) -> Pair:
    """Return the pair of two agents, in alphabetical order; raises ValueError for one agent twice."""
    if one == other:
        raise ValueError(f"pair: {one} and {other} are one agent; a pair is of two")
    return (one, other) if one < other else (other, one)


def affinity(affinities: Affinities, one: str, other: str) -> Decimal:
    """Return how two agents stand to each other."""
    return affinities.get(pair(one, other), NEUTRAL)


def mean(affinities: Affinities, agent: str, others: Iterable[str]) -> float:
    """Return how an agent stands to others on average, neutral where there are none."""
    found = [affinity(affinities, agent, each) for each in others if each != agent]
    return float(sum(found) / len(found)) if found else float(NEUTRAL)
