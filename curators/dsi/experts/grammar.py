"""The grammar: five patterns of price, volume and spread, each a rule over what now is against the rest of the window.

``now`` is the last few rows, ``the rest`` the window before them. A pattern's score is the summed weight of its
conditions that hold; one above ``matched_above`` is matched and adds score x strength to the evidence, at most 1. A
condition whose measure is absent does not hold.

=================== ==================================================================================== ========
pattern             conditions (weights in the policy)                                                   strength
=================== ==================================================================================== ========
trend_continuation  volume_momentum, price_momentum, spread_tightening                                   .8
reversal            volume_spike, price_divergence, spread_widening, after a move against the plan       .9
consolidation       smaller steps now, less volume now, a path that led nowhere                          .2
breakout            price beyond the rest's range on the plan's side, volume_spike, smaller steps before .85
volume_spike        volume_spike, price_momentum                                                         .5
=================== ==================================================================================== ========

The first two are the specification's; the others it names only. The machine's state is the furthest pattern matched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from curators.dsi import expert
from curators.dsi.expert import Array, Side
from curators.dsi.policy import GrammarPolicy
from curators.dsi.tape import Tape

#: From the least to the most that has happened.
STATES = ("volume_spike", "consolidation", "breakout", "trend_continuation", "reversal")
IDLE = "idle"

Measures = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A rule: ``conditions`` of (measure, threshold it must exceed, weight)."""

    name: str
    strength: float
    conditions: tuple[tuple[str, float, float], ...]

    def score(self, measures: Measures) -> float:
        """Return the share of the conditions' weights that hold."""
        held = 0.0
        for name, threshold, weight in self.conditions:
            value = measures[name]
            if value is not None and value > threshold:
                held += weight
        return held


def judge(
    tape: Tape, *, side: Side, confidence: float, window: int, recent: int, policy: GrammarPolicy
) -> expert.ExpertSaid | None:
    """Return what the patterns add up to for a plan of this side; None when the price never moved."""
    measures = measured(tape, side=side, window=window, recent=recent, policy=policy)
    if measures is None:
        return None
    scores = {pattern.name: pattern for pattern in patterns(policy)}
    found = {name: pattern.score(measures) for name, pattern in scores.items()}
    if not (measures["came_against"] or 0.0) > 0.0:
        found["reversal"] = 0.0
    matched = [name for name, score in found.items() if score > policy.matched_above]
    evidence = sum(found[name] * scores[name].strength for name in matched)
    details = {
        "patterns": {name: expert.rounded(score) for name, score in found.items()},
        "matched": matched,
        "state": max(matched, key=STATES.index, default=IDLE),
        "absent": sorted(name for name, value in measures.items() if value is None),
    }
    return expert.ExpertSaid(evidence=expert.share(evidence), confidence=expert.share(confidence), details=details)


@lru_cache(maxsize=16)
def patterns(policy: GrammarPolicy) -> tuple[Pattern, ...]:
    """Return the rules with the policy's numbers."""
    return tuple(_patterns(policy))


def _patterns(p: GrammarPolicy) -> Iterator[Pattern]:
    yield _pattern("trend_continuation", p.trend_strength, p.trend_weights, [
        ("volume_momentum", p.trend_volume_momentum), ("price_momentum", p.trend_price_momentum),
        ("spread_tightening", p.trend_spread_tightening)])  # fmt: skip
    yield _pattern("reversal", p.reversal_strength, p.reversal_weights, [
        ("volume_spike", p.reversal_volume_spike), ("price_divergence", p.reversal_price_divergence),
        ("spread_widening", p.reversal_spread_widening)])  # fmt: skip
    yield _pattern("consolidation", p.coil_strength, p.coil_weights, [
        ("narrowing", p.coil_narrowing), ("volume_quiet", p.coil_quiet), ("aimless", p.coil_aimless)])  # fmt: skip
    yield _pattern("breakout", p.breakout_strength, p.breakout_weights, [
        ("beyond", p.breakout_beyond), ("volume_spike", p.breakout_volume_spike),
        ("coiled", p.breakout_coiled)])  # fmt: skip
    yield _pattern("volume_spike", p.spike_strength, p.spike_weights, [
        ("volume_spike", p.spike_volume), ("price_momentum", p.spike_price_momentum)])  # fmt: skip


def _pattern(name: str, strength: float, weights: Sequence[float], conditions: list[tuple[str, float]]) -> Pattern:
    held = zip(conditions, weights, strict=True)
    return Pattern(name, strength, tuple((measure, threshold, weight) for (measure, threshold), weight in held))


def measured(tape: Tape, *, side: Side, window: int, recent: int, policy: GrammarPolicy) -> Measures | None:
    """Return the measures of the newest window by name, None for one that is absent; None when nothing moved."""
    price = tape.price[-window:]
    steps = np.abs(price[1:] - price[:-1])
    path = float(steps.sum())
    if not path > 0.0:
        return None
    spread = _change(tape.spread[-window:], recent)
    volume = tape.volume[-window:]
    flow = _change(volume, recent)
    together = expert.correlation(price[-policy.correlated :], volume[-policy.correlated :])
    return {
        "volume_momentum": flow,
        "volume_quiet": _negative(flow),
        "volume_spike": _spike(volume, recent),
        "spread_tightening": _negative(spread),
        "spread_widening": spread,
        "price_divergence": _negative(together),
        "narrowing": _negative(_change(steps, recent)),
        "coiled": _negative(_change(steps[:-recent], 2 * recent)),
        "aimless": 1.0 - abs(float(price[-1] - price[0])) / path,
        "price_momentum": side.sign * float(price[-1] - price[-1 - recent]) * len(steps) / (recent * path),
        "came_against": -side.sign * float(price[-1 - recent] - price[0]) / path,
        "beyond": _beyond(price, recent, side),
    }


def _change(values: Array, recent: int) -> float | None:
    """Return the mean now over the mean of the rest, less 1."""
    rest = float(values[:-recent].sum()) / (len(values) - recent)
    now = float(values[-recent:].sum()) / recent
    return now / rest - 1.0 if rest > 0.0 and now >= 0.0 else None


def _spike(volume: Array, recent: int) -> float | None:
    """Return by what share of itself the largest volume now exceeds the mean of the rest, at least 0."""
    rest, most = float(volume[:-recent].mean()), float(volume[-recent:].max())
    return max(0.0, 1.0 - rest / most) if most > 0.0 and rest >= 0.0 else None


def _beyond(price: Array, recent: int, side: Side) -> float | None:
    rest = price[:-recent] * side.sign
    most = float(rest.max())
    width = most - float(rest.min())
    return (float(price[-1]) * side.sign - most) / width if width > 0.0 else None


def _negative(value: float | None) -> float | None:
    return None if value is None else -value
