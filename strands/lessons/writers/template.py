"""The writer that is always there: a lesson by rule, the same for the same facts.

``trust = n / (n + shrinkage)`` shrinks every effect by the number of outcomes; ``lean = 2 · mean graded outcome - 1``
says which way and how clearly they ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from strands.lessons.lesson import POSITION_SIZE
from strands.lessons.member import UNKNOWN
from strands.lessons.policy import LessonPolicy

#: The threshold that a module's strength is held against.
THRESHOLDS = {"alpha": "publish", "dm": "score", "trader": "execution"}

#: Whose confidence a lesson may move, and who decides on sizes: nobody is recommended what it cannot do.
CONFIDENT, SIZING = frozenset({"alpha", "dm"}), frozenset({"dm"})

Json = Mapping[str, Any]


class Template:
    """Writes lessons by rule."""

    name = "template"

    def write(self, *, module: str, columns: Mapping[str, str], facts: Json, policy: LessonPolicy) -> dict[str, Any]:
        conditions = {name: value for name, value in columns.items() if value != UNKNOWN}
        where = ", ".join(value.replace("_", " ") for value in conditions.values()) or "any market"
        count, wins = facts["n"], facts["wins"]
        return {
            "title": f"{where}: {wins} of {count} won"[: policy.title_length],
            "description": _description(facts)[: policy.text_length],
            "conditions": conditions,
            "recommendations": [
                *_boosts(module, conditions, facts, policy),
                *_thresholds(module, facts, policy),
                *_weights(facts, policy),
            ][: policy.max_recommendations],
            "confidence": confidence(facts, policy=policy),
        }


def trust(count: int, *, policy: LessonPolicy) -> float:
    """Return how far so many outcomes are believed, in [0, 1)."""
    return count / (count + policy.shrinkage)


def confidence(facts: Json, *, policy: LessonPolicy) -> float:
    """Return ``trust · (1 + |2 · share won - 1|) / 2``: many outcomes that agree are sure."""
    agreement = abs(2 * facts["wins"] / facts["n"] - 1)
    return float(round(trust(facts["n"], policy=policy) * (1 + agreement) / 2, 6))


def _description(facts: Json) -> str:
    count = facts["n"]
    known, r_sum = facts["r"]
    r_in_words = f", {r_sum / known:+.2f} R where the risk was known" if known else ""
    reasons = ", ".join(f"{times} by {name.replace('_', ' ')}" for name, times in facts["reasons"].items())
    return (
        f"{facts['wins']} of {count} won, {100 * facts['pnl_sum'] / count:+.2f} % on average{r_in_words}; "
        f"{facts['actual']} were traded, {count - facts['actual']} followed on the bars. They ended {reasons}."
    )


def _lean(facts: Json) -> float:
    """Return the way that outcomes lean, in [-1, 1]; 0 where grades and money disagree."""
    lean = 2.0 * facts["graded_sum"] / facts["n"] - 1.0
    return float(lean) if lean * facts["pnl_sum"] > 0 else 0.0


def _boosts(module: str, conditions: Json, facts: Json, policy: LessonPolicy) -> Iterator[dict[str, Any]]:
    lean = _lean(facts)
    factor = round(1.0 + policy.max_effect * trust(facts["n"], policy=policy) * lean, 6)
    if not lean:
        return
    because = f"{facts['wins']} of {facts['n']} won, {100 * facts['pnl_sum'] / facts['n']:+.2f} % on average"
    if module in CONFIDENT:
        yield {
            "type": "confidence_boost",
            "condition": dict(conditions),
            "boost_factor": factor,
            "because": because,
        }
    if module in SIZING and lean < 0:
        yield {"type": "risk_adjustment", "risk_type": POSITION_SIZE, "risk_value": factor, "because": because}


def _thresholds(module: str, facts: Json, policy: LessonPolicy) -> Iterator[dict[str, Any]]:
    """Yield the strength to ask for where losers were the weaker ones: half way, shrunk by trust."""
    lost = facts["n"] - facts["wins"]
    if _lean(facts) >= 0 or not facts["wins"] or not lost:
        return
    stronger, weaker = facts["strength_won"] / facts["wins"], facts["strength_lost"] / lost
    if stronger - weaker >= policy.threshold_gap:
        value = weaker + trust(facts["n"], policy=policy) * (stronger - weaker) / 2
        yield {
            "type": "threshold_adjustment",
            "threshold_type": THRESHOLDS[module],
            "threshold_value": round(min(policy.max_threshold, max(policy.min_threshold, value)), 6),
            "because": f"winners had a strength of {stronger:.2f} on average, losers of {weaker:.2f}",
        }


def _weights(facts: Json, policy: LessonPolicy) -> Iterator[dict[str, Any]]:
    for curator, (heard, right) in facts["curators"].items():
        edge = right / heard - 0.5
        if heard >= policy.min_curator_heard and abs(edge) >= policy.curator_edge:
            yield {
                "type": "curator_weight_adjustment",
                "curator_type": curator,
                "adjustment": round(1.0 + 2 * policy.max_effect * trust(heard, policy=policy) * edge, 6),
                "because": f"right {right} times of {heard}",
            }
