"""Validation: what a signal must say before anything else about it is judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

from portfolio.plans import plan as plans
from strands.strand import Payload, Strand


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A signal as the decision maker reads it: the plan, if it can be judged at all, and the rules it breaks.

    ``plan`` is None where a field that every judgement needs is missing or senseless. ``sigma`` is the strength that
    the panel is given and ``confidence`` how sure alpha is of it [0-1].
    """

    symbol: str | None
    regime: str | None
    plan: plans.TradingPlan | None
    sigma: float
    confidence: float
    problems: tuple[str, ...]


def read(signal: Strand) -> Ask:
    """Return what a signal asks for; never raises, whatever the payload holds."""
    try:
        plan = plans.plan_from(_plan_of(signal.payload))
    except plans.InvalidPlan as broken:
        return _unreadable(signal, (str(broken),))
    sigma = _stated(signal, "sig_sigma", plan.strength_score)
    confidence = _stated(signal, "sig_confidence", plan.confidence_score)
    scores = {"sig_sigma": sigma, "sig_confidence": confidence}
    problems = (*map(str, plan.problems()), *_disagreements(signal, plan), *_score_problems(scores))
    if not (_can_be_judged(plan) and all(map(_is_score, scores.values()))):
        return _unreadable(signal, problems)
    return Ask(
        symbol=signal.symbol,
        regime=signal.regime,
        plan=plan,
        sigma=float(sigma),
        confidence=float(confidence),
        problems=problems,
    )


def _unreadable(signal: Strand, problems: tuple[str, ...]) -> Ask:
    return Ask(symbol=signal.symbol, regime=signal.regime, plan=None, sigma=0.0, confidence=0.0, problems=problems)


def _stated(signal: Strand, column: str, otherwise: float) -> Any:
    """Return what the signal's own column says, or what its plan says where the column is empty."""
    said = signal.payload.get(column)
    return otherwise if said is None else said


def _plan_of(payload: Payload) -> dict[str, object]:
    given = payload.get("trading_plan")
    if not isinstance(given, dict):
        raise plans.InvalidPlan(f"trading_plan: {given!r} is no object; send the plan's fields and their values")
    return given


def _disagreements(signal: Strand, plan: plans.TradingPlan) -> Iterator[str]:
    if signal.symbol is not None and signal.symbol != plan.symbol:
        yield f"symbol: {plan.symbol!r} is not the signal's own {signal.symbol!r}"
    stated = signal.payload.get("sig_direction")
    if stated is not None and stated != plan.direction:
        yield f"direction: {plan.direction.value!r} is not the signal's own {stated!r}"


def _score_problems(scores: dict[str, object]) -> Iterator[str]:
    for name, score in scores.items():
        if not _is_score(score):
            yield f"{name}: {score!r} is no score; give a number from 0 to 1"


def _can_be_judged(plan: plans.TradingPlan) -> bool:
    """Whether sizes and scores can be computed from the plan, sound or not."""
    return (
        plan.entry_price > 0
        and plan.stop_loss > 0
        and plan.position_size > 0
        and _is_score(plan.confidence_score)
        and _is_score(plan.strength_score)
    )


def _is_score(number: object) -> bool:
    if isinstance(number, bool) or not isinstance(number, int | float):
        return False
    return isfinite(number) and 0 <= number <= 1
