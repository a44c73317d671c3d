"""Markets in which a desk learns: short, and with lessons that need fewer outcomes than usual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from strands.market.bar import Bar
from strands.strand import Strand
from tests.acceptance import markets, story
from tradingops.replay.refold import plain

#: What was learned, by the kinds that say so.
LEARNED = frozenset({"braid", "meta_braid", "meta2_braid", "lesson", "curator_scores", "counterfactual", "withheld"})

#: So little makes a signal and so little a lesson that a day of bars teaches.
EAGER: dict[str, Any] = {
    "market.feature.pattern.breakout_margin": 0.0005,
    "alpha.cooldown_minutes": 0,
    "alpha.price_band": 10.0,
    "alpha.cost.max_cost_of_risk": 10.0,
    "dm.cost.max_cost_of_risk": 10.0,
    "alpha.min_detection": 0.5,
    "alpha.min_confidence": 0.5,
    "alpha.min_strength": 0.4,
    "lessons.braid_score": 1.0,
    "lessons.meta_braid_score": 2.0,
    "lessons.min_members": 2,
    "lessons.min_confidence": 0.0,
    "curators.learning.min_outcomes": 1,
}

#: A seed whose day holds lessons of two levels.
TEACHING = 4
BARS = markets.simulated("BTC", "ETH", "SOL", moments=2_000, seed=TEACHING)


def replayed(bars: Sequence[Bar], settings: Mapping[str, Any] | None = None) -> dict[str, Strand]:
    """Return what a desk that learns eagerly says over bars."""
    return story.replayed([bars], settings={**EAGER, **(settings or {})})


def learned(strands: Mapping[str, Strand]) -> dict[str, Any]:
    """Return everything that was learned, by id, in the order it was said."""
    return {
        identity: (each.module, each.kind, each.symbol, each.at, plain(dict(each.payload)))
        for identity, each in strands.items()
        if each.kind in LEARNED
    }
