"""A member of a cluster: one judgement that has ended, scored, with the facts that a lesson is drawn from.

Facts add up: a braid's facts are the sums of its members', so a braid is a member of the next level by the same shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from strands.lessons import outcome as outcomes
from strands.lessons.outcome import Outcome
from strands.lessons.policy import LessonPolicy

UNKNOWN = "UNKNOWN"

#: The parts of a strand's score: how good the judgement was, and how sure, safe or well controlled.
PARTS = {
    "alpha": ("sig_sigma", "sig_confidence"),
    "dm": ("decision_quality", "risk_assessment"),
    "trader": ("execution_quality", "slippage_control"),
}
#: What a module's own judgements are told apart by, the more telling column first.
OWN = {
    "alpha": ("signal_type", "pattern_detected"),
    "dm": ("decision_type", "risk_level"),
    "trader": ("venue", "order_type"),
}

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One judgement that has ended; ``facts`` are what its cluster keeps of it."""

    id: str
    module: str
    columns: Json
    facts: Json


def of(
    module: str,
    *,
    subject_id: str,
    columns: Json,
    parts: Json,
    outcome: Outcome,
    scores: Iterable[Json] = (),
    policy: LessonPolicy,
) -> Member:
    """Return the member that a judgement and its outcome make.

    ``parts`` are named by ``PARTS``, ``scores`` say of each ``curator`` whether it was ``correct`` (None: it gave no
    opinion). Raises Unreadable for a part that is no finite number, KeyError for a module that does not learn.
    """
    strength, assurance = (outcomes.number(name, parts.get(name), _MOST_PART) for name in PARTS[module])
    score = scored(strength=strength, assurance=assurance, outcome=outcome.graded, policy=policy)
    facts = {
        "id": subject_id,
        "at": outcome.closed_at,
        "score": score,
        "outcome": outcome.graded,
        "won": outcome.won,
        "pnl_percent": outcome.pnl_percent,
        "n": 1,
        "wins": int(outcome.won),
        "successes": int(score > policy.success_score),
        "pnl_sum": outcome.pnl_percent,
        "graded_sum": outcome.graded,
        "r": [1, outcome.r_multiple] if outcome.r_multiple is not None else [0, 0.0],
        "actual": int(outcome.actual),
        "strength_won": strength if outcome.won else 0.0,
        "strength_lost": 0.0 if outcome.won else strength,
        "reasons": {outcome.close_reason: 1},
        "curators": {each["curator"]: [1, int(each["correct"])] for each in scores if each["correct"] is not None},
    }
    return Member(id=subject_id, module=module, columns=named(module, columns), facts=facts)


def scored(*, strength: float, assurance: float, outcome: float, policy: LessonPolicy) -> float:
    """Return a strand's score in [0, 1]: ``.4 strength + .3 assurance + .3 outcome`` by default."""
    parts = (
        policy.judgement_share * _share(strength),
        policy.assurance_share * _share(assurance),
        policy.outcome_share * _share(outcome),
    )
    return round(_share(sum(parts)), 6)


def named(module: str, columns: Json) -> dict[str, str]:
    """Return the columns that tell a module's judgements apart; what is missing is UNKNOWN."""
    names = ("symbol", "timeframe", "regime", "session_bucket", *OWN[module])
    return {name: str(columns.get(name) or UNKNOWN)[:100] for name in names}


def coarser(module: str, columns: Json, *, level: int) -> dict[str, str]:
    """Return the columns of a level: braids keep all, meta-braids drop session and detail, the highest keep three."""
    names = ("symbol", "timeframe", "regime", "session_bucket", *OWN[module])
    kept = {2: names, 3: (*names[:3], OWN[module][0])}.get(level, names[:3])
    return {name: columns[name] for name in kept}


def added(facts: Sequence[Json]) -> dict[str, Any]:
    """Return the sum of facts, of strands or of braids."""
    sums = {name: round(sum(each[name] for each in facts), 6) for name in _SUMMED}
    counts = {name: sum(each[name] for each in facts) for name in _COUNTED}
    r = [sum(each["r"][0] for each in facts), round(sum(each["r"][1] for each in facts), 6)]
    return {**sums, **counts, "r": r, "reasons": _tallied(facts), "curators": _heard(facts)}


def _tallied(facts: Sequence[Json]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in facts:
        for reason, times in each["reasons"].items():
            found[reason] = found.get(reason, 0) + times
    return dict(sorted(found.items()))


def _heard(facts: Sequence[Json]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for each in facts:
        for curator, (heard, right) in each["curators"].items():
            before = found.get(curator, [0, 0])
            found[curator] = [before[0] + heard, before[1] + right]
    return dict(sorted(found.items()))


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))


_SUMMED = ("score", "pnl_sum", "graded_sum", "strength_won", "strength_lost")
_COUNTED = ("n", "wins", "successes", "actual")
#: Parts of a score are shares; anything far beyond is a fault of its teller.
_MOST_PART = 100.0
