"""Confirmation: do the other timeframes agree?"""

from __future__ import annotations

from collections.abc import Mapping

from portfolio.plans.plan import Direction
from tradingops.modules.alpha.policy import AlphaPolicy

_DECIMALS = 6


def confirmed_share(votes: Mapping[str, int | None], direction: Direction, policy: AlphaPolicy) -> float:
    """Return the weight of the timeframes that agree, over the weight of those that have a vote, in [0, 1].

    A vote of 0 is a vote: a timeframe that goes nowhere does not agree. None is no vote. Without any vote: 0.
    """
    voted = agreed = 0.0
    for each in policy.votes:
        vote = votes.get(each.timeframe)
        if vote is None:
            continue
        voted += each.weight
        if vote == direction.sign:
            agreed += each.weight
    return round(agreed / voted, _DECIMALS) if voted else 0.0
