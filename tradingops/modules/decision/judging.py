"""Judging: one plan before everything that decides about it, with the lessons that apply and without each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curators.curator import Curator
from strands.lessons.lesson import Applied
from strands.strand import Strand
from tradingops.modules import learning
from tradingops.modules.decision import answers, gates, weighing
from tradingops.modules.decision.facts import Facts
from tradingops.modules.decision.fusion import Fused
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.validation import Ask
from tradingops.modules.decision.weighed import Weighed

#: The gates through which curators speak; what only they stop is theirs to answer for.
CURATORS_OWN = frozenset({"curator_veto", "curated_score"})

#: Which limit each threshold of a lesson tightens; a lesson raises it and never lowers it.
TIGHTENED = {"confidence": "min_confidence", "score": "approve_score", "risk": "min_risk_score"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Court:
    """A plan, what is known, and who judges it by which weights."""

    signal: Strand
    ask: Ask
    fused: Fused
    facts: Facts
    policy: DecisionPolicy
    curators: Sequence[Curator]
    weights: Mapping[str, float]

    def decide(self, lessons: Applied) -> answers.Decision:
        """Return the decision under these lessons."""
        policy = cautioned(self.policy, lessons)
        weighed = weighing.weigh(
            self.ask,
            fused=self.fused,
            facts=self.facts,
            policy=policy,
            curators=self.curators,
            weights=self.weights,
            lessons=lessons,
        )
        return answers.decide(gates.Case(ask=self.ask, facts=self.facts, policy=policy, weighed=weighed))


def cautioned(policy: DecisionPolicy, lessons: Applied) -> DecisionPolicy:
    """Return the policy with the limits that lessons tighten; the policy itself where they tighten none."""
    tightened = {
        field: value
        for name, field in TIGHTENED.items()
        if (value := lessons.thresholds.get(name)) is not None and value > getattr(policy, field)
    }
    return policy.model_copy(update=tightened) if tightened else policy


def situation(signal: Strand, ask: Ask) -> dict[str, Any]:
    """Return what a plan is like, for lessons to be matched with."""
    return {
        "symbol": signal.symbol,
        "timeframe": signal.timeframe,
        "regime": signal.regime,
        "session_bucket": signal.session_bucket,
        "direction": ask.plan.direction.value if ask.plan else None,
    }


def size_of(decided: answers.Decision) -> float:
    """Return the share of the portfolio's value that a decision puts in; what it weighs, for a plan that is refused."""
    weighed = decided.case.weighed
    if weighed is None:
        return 0.0
    return weighed.final.bought.weight if decided.passes else weighed.granted.bought.weight


def record(
    court: Court, weighed: Weighed, decided: answers.Decision, decision: Strand, uses: Sequence[learning.Use]
) -> learning.Judgement:
    """Return what is kept of the judgement on a plan that could be weighed, until its outcome is known."""
    stopped_by_others = any(each.stops and each.gate not in CURATORS_OWN for each in decided.found)
    size = size_of(decided)
    return learning.Judgement(
        subject_id=decision.id,
        lifecycle_id=decision.lifecycle_id,
        hearings=learning.compact(weighed.verdict),
        sigma=weighed.verdict.sigma,
        curated=weighed.verdict.curated,
        publish_at=court.policy.publish_at,
        stake=0.0 if stopped_by_others else size,
        size=size,
        passes=decided.passes,
        uses=tuple(uses),
        columns={
            **situation(court.signal, court.ask),
            "decision_type": decided.type.value,
            "risk_level": risk_level(weighed.granted.risk.overall, court.policy),
        },
        parts={"decision_quality": weighed.score.value, "risk_assessment": weighed.granted.risk.overall},
    )


def risk_level(overall: float, policy: DecisionPolicy) -> str:
    """Return a risk score as a word: high where a plan would be refused, low where it need not be cut."""
    if overall < policy.min_risk_score:
        return "high"
    return "medium" if overall < policy.cut_below_risk else "low"


def uses(court: Court, without: Mapping[str, Applied]) -> list[learning.Use]:
    """Return, for each lesson that had a say, what would have been decided without it."""
    found = []
    for lesson_id, rest in without.items():
        other = court.decide(rest)
        size = size_of(other) if other.passes else 0.0
        found.append(learning.Use(lesson_id=lesson_id, passes=other.passes, size=size))
    return found
