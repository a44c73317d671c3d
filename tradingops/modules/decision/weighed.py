"""A plan weighed: every number that the gates look at, and what made it."""

from __future__ import annotations

from dataclasses import dataclass

from curators import panel
from portfolio.plans.plan import TradingPlan
from strands.lessons.lesson import Applied
from tradingops.modules.decision import allocation, asymmetries, budget, fusion, impact, modification, score, subscores


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
    fused: fusion.Fused
    lessons: Applied
    asymmetry: asymmetries.Asymmetries
    grant: budget.Grant
    granted: Assessment
    allocation: allocation.Allocation
    verdict: panel.Verdict
    score: score.Score
    changes: modification.Changes
    final: Assessment
