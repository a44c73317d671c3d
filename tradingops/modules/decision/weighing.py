"""Weighing: everything that is computed of one plan before the gates look at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from curators import panel
from curators.curator import Curator
from portfolio.plans.plan import TradingPlan
from strands.lessons.lesson import NOTHING_LEARNED, Applied
from tradingops.modules.decision import (
    allocation,
    asymmetries,
    budget,
    curator_inputs,
    impact,
    modification,
    score,
    subscores,
)
from tradingops.modules.decision.facts import Facts
from tradingops.modules.decision.fusion import Fused
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.shares import rounded
from tradingops.modules.decision.validation import Ask
from tradingops.modules.decision.weighed import Assessment, Weighed


def weigh(
    ask: Ask,
    *,
    fused: Fused,
    facts: Facts,
    policy: DecisionPolicy,
    curators: Sequence[Curator],
    weights: Mapping[str, float] | None = None,
    lessons: Applied = NOTHING_LEARNED,
) -> Weighed | None:
    """Return everything that the gates look at, None for what cannot be judged.

    ``weights`` are what the curators' outcomes made of their weights; lessons multiply them, boost the confidence and
    may cut the size.
    """
    if ask.plan is None:
        return None
    plan = ask.plan
    asymmetry = asymmetries.read(plan.market_context, policy=policy)
    grant = budget.grant(plan, sigma=fused.sigma, drawdown=facts.drawdown, scaling=asymmetry.scaling, policy=policy)
    granted = _assess(plan, grant.size, regime=ask.regime, facts=facts, policy=policy)
    room = allocation.score(granted.impact, grant, policy=policy)
    verdict = panel.convene(
        curators,
        sigma=fused.sigma,
        inputs=curator_inputs.of(ask, plan, grant=grant, granted=granted, room=room, facts=facts, policy=policy),
        weights=lessons.weighed(weights or {}),
        publish_at=policy.publish_at,
    )
    scored = score.combine(_parts(verdict, granted, room, asymmetry), policy=policy)
    changes = modification.of(
        plan,
        grant,
        score=scored.value,
        risk=granted.risk.overall,
        allocation=room.overall,
        policy=policy,
        caution=lessons.size_factor,
    )
    cut = changes.size != grant.size
    return Weighed(
        plan=plan,
        confidence=rounded(lessons.confidence(ask.confidence)),
        fused=fused,
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


def _parts(
    verdict: panel.Verdict,
    granted: Assessment,
    room: allocation.Allocation,
    asymmetry: asymmetries.Asymmetries,
) -> score.Inputs:
    return score.Inputs(
        curated=verdict.curated,
        risk=granted.risk.overall,
        allocation=room.overall,
        impact=granted.impact.score,
        asymmetry=asymmetry.score,
        scaling=asymmetry.scaling,
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
