"""Weighing: everything that is computed of one plan before the gates look at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curators import panel
from curators.curator import Curator
from portfolio.plans.plan import TradingPlan
from strands.lessons.lesson import NOTHING_LEARNED, Applied
from tradingops.modules.decision import allocation, asymmetries, budget, impact, modification, score, subscores
from tradingops.modules.decision.facts import Facts
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.shares import rounded
from tradingops.modules.decision.validation import Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One size of a plan, bought in whole steps, and what it would do."""

    bought: budget.Sized
    impact: impact.Impact
    readings: subscores.Readings
    risk: subscores.SubScores


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A plan with its budget, its scores and its changes.

    ``granted`` is the plan at the size the budget bears: risk, allocation and the score judge that. ``final`` is the
    plan as it would be executed, changes made: the limits hold for that.
    """

    plan: TradingPlan
    confidence: float
    lessons: Applied
    asymmetry: asymmetries.Asymmetries
    grant: budget.Grant
    granted: Assessment
    allocation: allocation.Allocation
    verdict: panel.Verdict
    score: score.Score
    changes: modification.Changes
    final: Assessment


def weigh(ask: Ask, *, facts: Facts, policy: DecisionPolicy, curators: Sequence[Curator]) -> Weighed | None:
    """Return everything that the gates look at, None for what cannot be judged; lessons and curators enter here."""
    if ask.plan is None:
        return None
    plan, lessons = ask.plan, NOTHING_LEARNED
    asymmetry = asymmetries.read(plan.market_context, policy=policy)
    grant = budget.grant(plan, sigma=ask.sigma, drawdown=facts.drawdown, scaling=asymmetry.scaling, policy=policy)
    granted = _assess(plan, grant.size, regime=ask.regime, facts=facts, policy=policy)
    room = allocation.score(granted.impact, grant, policy=policy)
    verdict = panel.convene(
        curators, sigma=ask.sigma, inputs=_inputs(plan, grant, granted, room), publish_at=policy.publish_at
    )
    parts = score.Inputs(
        curated=verdict.curated,
        risk=granted.risk.overall,
        allocation=room.overall,
        impact=granted.impact.score,
        asymmetry=asymmetry.score,
        scaling=asymmetry.scaling,
    )
    scored = score.combine(parts, policy=policy)
    changes = modification.of(
        plan, grant, score=scored.value, risk=parts.risk, allocation=parts.allocation, policy=policy
    )
    cut = changes.size != grant.size
    return Weighed(
        plan=plan,
        confidence=rounded(lessons.confidence(ask.confidence)),
        lessons=lessons,
        asymmetry=asymmetry,
        grant=grant,
        granted=granted,
        allocation=room,
        verdict=verdict,
        score=scored,
        changes=changes,
        final=_assess(plan, changes.size, regime=ask.regime, facts=facts, policy=policy) if cut else granted,
    )


def _assess(plan: TradingPlan, size: float, *, regime: str | None, facts: Facts, policy: DecisionPolicy) -> Assessment:
    """Return what a plan of one size would do to the portfolio."""
    bought = budget.sized(plan, size, value=facts.held.value, policy=policy)
    volatility = facts.volatility(plan, policy=policy)
    added = None if volatility is None else policy.var_z * volatility * bought.weight
    moved = impact.assess(
        facts.held, plan.symbol, bought, var=facts.var_95 or 0.0, added_var=added or 0.0, policy=policy
    )
    readings = subscores.Readings(
        size_ratio=rounded(size / policy.position_limit),
        weight=moved.weight.after,
        added_var=None if added is None else rounded(added / policy.max_var),
        correlation=facts.correlation(plan.symbol),
        volume_share=facts.volume_share(plan.symbol, bought.quantity),
        volatility=volatility,
        regime=regime,
    )
    return Assessment(bought=bought, impact=moved, readings=readings, risk=subscores.score(readings, policy=policy))


def _inputs(plan: TradingPlan, grant: budget.Grant, granted: Assessment, room: allocation.Allocation) -> dict[str, Any]:
    """Return what curators may read."""
    return {
        "plan": plan,
        "grant": grant,
        "impact": granted.impact,
        "readings": granted.readings,
        "risk": granted.risk,
        "allocation": room,
    }
