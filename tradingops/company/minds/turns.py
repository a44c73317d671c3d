"""Who speaks next: who stands well with the others and has not spoken for a while, and chance for the rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from tradingops.company.minds import pairs
from tradingops.company.minds.pairs import Affinities

OF_AFFINITY, OF_RECENCY, OF_CHANCE = 0.6, 0.2, 0.2
#: How fast silence counts, and between what.
DECAY, LEAST, MOST = 0.5, 0.1, 1.0
MOST_CHANCE = 0.2


def next_speaker(spoken: Sequence[str], participants: Sequence[str], *, affinities: Affinities, dice: Random) -> str:
    """Return who speaks next, drawn by weight; never who spoke last. ``spoken`` are the speakers so far, in order.

    weight = .6 · mean affinity to the others + .2 · recency + .2 · (.2 · chance); recency = 1 − e^(−.5 · turns since),
    between .1 and 1, and 1 for whoever has not spoken yet.
    """
    able = [each for each in participants if not spoken or each != spoken[-1]] or list(participants)
    weights = [weight(each, spoken, participants, affinities=affinities, chance=dice.random()) for each in able]
    return dice.choices(able, weights)[0]


def weight(
    agent: str, spoken: Sequence[str], participants: Sequence[str], *, affinities: Affinities, chance: float
) -> float:
    """Return how much speaks for an agent speaking next; ``chance`` lies between 0 and 1."""
    mean = pairs.mean(affinities, agent, participants)
    return OF_AFFINITY * mean + OF_RECENCY * recency(agent, spoken) + OF_CHANCE * MOST_CHANCE * chance


def recency(agent: str, spoken: Sequence[str]) -> float:
    """Return how long an agent has been silent, from .1 to 1."""
    since = next((turns for turns, each in enumerate(reversed(spoken)) if each == agent), None)
    if since is None:
        return MOST
    return min(MOST, max(LEAST, 1.0 - math.exp(-DECAY * since)))
