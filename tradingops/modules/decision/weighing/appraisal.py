"""The appraisal of a plan: every number that the gates look at, and what made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import isfinite

from curators import panel
from curators.curator import Curator
from portfolio.execution import costs
from portfolio.plans.plan import TradingPlan
from strands.lessons.lesson import NOTHING_LEARNED, Applied
from tradingops.modules.decision.circumstances import Circumstances
from tradingops.modules.decision.fusion import Fused
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.shares import rounded
from tradingops.modules.decision.validation import Ask
from tradingops.modules.decision.weighing import (
    allocation,
    asymmetries,
    at_size,
    budget,
    curator_inputs,
    modification,
    score,
)
from tradingops.modules.decision.weighing.at_size import AtSize


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Who judges, and what their outcomes made of their weights."""

    curators: Sequence[Curator] = ()
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """A plan with its budget, its scores and its changes.

    ``granted`` is the plan at the size the budget bears: risk, allocation and the score judge that. ``final`` is the
    plan as it would be executed, changes made: the limits hold for that.
    """

    plan: TradingPlan
    confidence: float
    fused: Fused
    lessons: Applied
    asymmetry: asymmetries.Asymmetries
    cost: costs.Cost
    grant: budget.Grant
    granted: AtSize
    allocation: allocation.Allocation
    verdict: panel.Verdict
    score: score.Score
    changes: modification.Changes
    final: AtSize


def weigh(
    ask: Ask,
    *,
    fused: Fused,
    circumstances: Circumstances,
    policy: DecisionPolicy,
    bench: Bench,
    lessons: Applied = NOTHING_LEARNED,
) -> Appraisal | None:
    """Return everything that the gates look at, None for what cannot be judged.

    Lessons multiply the curators' weights, boost the confidence and may cut the size.
    """
    if ask.plan is None:
        return None
    plan, drawdown = ask.plan, circumstances.drawdown
    cost = _cost(plan, circumstances, policy)
    one_side = rounded(cost.one_side)
    sized = partial(at_size.of, plan, regime=ask.regime, cost=one_side, circumstances=circumstances, policy=policy)
    asymmetry = asymmetries.read(plan.market_context, policy=policy)
    grant = budget.grant(plan, sigma=fused.sigma, drawdown=drawdown, scaling=asymmetry.scaling, policy=policy)
    granted = sized(grant.size)
    room = allocation.score(granted.impact, grant, policy=policy)
    inputs = curator_inputs.of(
        ask, plan, cost=one_side, grant=grant, granted=granted, circumstances=circumstances, policy=policy
    )
    verdict = panel.convene(
        bench.curators,
        sigma=fused.sigma,
        inputs=inputs,
        weights=lessons.weighed(bench.weights),
        publish_at=policy.publish_at,
    )
    parts = _parts(verdict, granted, room, asymmetry)
    scored = score.combine(parts, policy=policy)
    changes = modification.of(plan, grant, scored=scored, parts=parts, policy=policy, caution=lessons.size_factor)
    return Appraisal(
        plan=plan,
        confidence=rounded(lessons.confidence(ask.confidence)),
        fused=fused,
        lessons=lessons,
        asymmetry=asymmetry,
        cost=cost,
        grant=grant,
        granted=granted,
        allocation=room,
        verdict=verdict,
        score=scored,
        changes=changes,
        final=granted if changes.size == grant.size else sized(changes.size),
    )


def _cost(plan: TradingPlan, circumstances: Circumstances, policy: DecisionPolicy) -> costs.Cost:
    """Return what trading a plan costs, by the market that it saw."""
    atr = plan.market_context.get("atr")
    return costs.round_trip(
        price=plan.entry_price,
        atr=float(atr) if isinstance(atr, int | float) and isfinite(atr) and atr > 0 else None,
        preferences=plan.venue_preferences,
        instrument=circumstances.instrument(plan.symbol),
        policy=policy.cost,
    )


def _parts(
    verdict: panel.Verdict, granted: AtSize, room: allocation.Allocation, asymmetry: asymmetries.Asymmetries
) -> score.Inputs:
    return score.Inputs(
        curated=verdict.curated,
        risk=granted.risk.overall,
        allocation=room.overall,
        impact=granted.impact.score,
        asymmetry=asymmetry.score,
        scaling=asymmetry.scaling,
    )
