"""The court: one plan before everything that decides about it, with the lessons that apply and without each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from strands.lessons.lesson import Applied
from strands.strand import Strand
from tradingops.modules import learning
from tradingops.modules.decision import decision, gates
from tradingops.modules.decision.circumstances import Circumstances
from tradingops.modules.decision.decision import Decision
from tradingops.modules.decision.fusion import Fused
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.validation import Ask
from tradingops.modules.decision.weighing import appraisal
from tradingops.modules.decision.weighing.appraisal import Appraisal, Bench

#: The gates through which curators speak: a curator is scored on a plan that nothing else stops.
CURATORS_OWN = frozenset({"curator_veto", "curated_score"})

#: Which limit each threshold of a lesson tightens; a lesson raises it and never lowers it.
TIGHTENED = {"confidence": "min_confidence", "score": "approve_score", "risk": "min_risk_score"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Court:
    """A plan, the circumstances, and who judges it."""

    signal: Strand
    ask: Ask
    fused: Fused
    circumstances: Circumstances
    policy: DecisionPolicy
    bench: Bench

    def decide(self, lessons: Applied) -> Decision:
        """Return the decision under these lessons."""
        policy = cautioned(self.policy, lessons)
        weighed = appraisal.weigh(
            self.ask,
            fused=self.fused,
            circumstances=self.circumstances,
            policy=policy,
            bench=self.bench,
            lessons=lessons,
        )
        case = gates.Case(ask=self.ask, circumstances=self.circumstances, policy=policy, appraisal=weighed)
        return decision.decide(case)

    @property
    def situation(self) -> dict[str, Any]:
        """What the plan is like, for lessons to be matched with."""
        return {
            "symbol": self.signal.symbol,
            "timeframe": self.signal.timeframe,
            "regime": self.signal.regime,
            "session_bucket": self.signal.session_bucket,
            "direction": self.ask.plan.direction.value if self.ask.plan else None,
        }


def cautioned(policy: DecisionPolicy, lessons: Applied) -> DecisionPolicy:
    """Return the policy with the limits that lessons tighten; the policy itself where they tighten none."""
    tightened = {
        field: value
        for name, field in TIGHTENED.items()
        if (value := lessons.thresholds.get(name)) is not None and value > getattr(policy, field)
    }
    return policy.model_copy(update=tightened) if tightened else policy


def size_of(decided: Decision) -> float:
    """Return the share of value that a decision puts in; for a plan that is refused, what the budget would bear."""
    weighed = decided.case.appraisal
    if weighed is None:
        return 0.0
    return weighed.final.bought.weight if decided.passes else weighed.granted.bought.weight


def judgement(
    court: Court, weighed: Appraisal, decided: Decision, *, answer: Strand, uses: Sequence[learning.Use]
) -> learning.Judgement:
    """Return what is remembered of the judgement on a plan that could be weighed, until its outcome is known."""
    stopped_by_others = any(each.stops and each.gate not in CURATORS_OWN for each in decided.findings)
    size, risk = size_of(decided), weighed.granted.risk.overall
    return learning.Judgement(
        subject_id=answer.id,
        lifecycle_id=answer.lifecycle_id,
        hearings=learning.compact(weighed.verdict),
        sigma=weighed.verdict.sigma,
        curated=weighed.verdict.curated,
        publish_at=court.policy.publish_at,
        stake=0.0 if stopped_by_others else size,
        size=size,
        passes=decided.passes,
        uses=tuple(uses),
        columns={
            **court.situation,
            "decision_type": decided.type.value,
            "risk_level": risk_level(risk, court.policy),
        },
        parts={"decision_quality": weighed.score.value, "risk_assessment": risk},
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
