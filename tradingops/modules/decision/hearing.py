"""A hearing: one plan before the court as the desk stands now, and what is remembered of how it was judged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from curators import roster, weights
from curators.curator import Curator
from strands.given import Given
from strands.lessons.lesson import Applied
from strands.strand import Strand
from tradingops.modules import learning
from tradingops.modules.decision import circumstances, court, decision, fusion, pending, validation
from tradingops.modules.decision.court import Court
from tradingops.modules.decision.decision import Decision
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.shares import rounded
from tradingops.modules.decision.state import DecisionState
from tradingops.modules.decision.weighing.appraisal import Appraisal, Bench

#: The curators that a module was made with; None for those that the policy seats.
Curators = Sequence[Curator] | None


class Heard(NamedTuple):
    """A plan that was judged, and the state that knows of it; nothing is settled yet."""

    state: DecisionState
    court: Court
    lessons: Applied
    decided: Decision


def hear(
    state: DecisionState, signal: Strand, given: Given, *, policy: DecisionPolicy, curators: Curators = None
) -> Heard:
    """Return a signal's plan judged by every gate, in the circumstances of this turn."""
    ask = validation.read(signal)
    state, fused = _fused(pruned(state, given.now), ask, given.now, policy)
    state, bench = _seated(state, policy, curators)
    convened = Court(
        signal=signal,
        ask=ask,
        fused=fused,
        circumstances=circumstances.of(state, given),
        policy=policy,
        bench=bench,
    )
    lessons = learning.applied(state.learning, convened.situation, policy.lessons)
    return Heard(state, convened, lessons, convened.decide(lessons))


def settled(heard: Heard, answer: Strand) -> DecisionState:
    """Return the state with a judgement that waits for its outcome, and the money of a plan that passed kept back."""
    state, convened, lessons, decided = heard
    appraisal = decided.case.appraisal
    if appraisal is None:
        return state
    uses = court.uses(convened, lessons.without())
    judgement = court.judgement(convened, appraisal, decided, answer=answer, uses=uses)
    plan_id, most = appraisal.plan.plan_id, convened.policy.judgements_remembered
    state = state._replace(learning=learning.keep(state.learning, plan_id, judgement, most=most))
    if not decided.passes:
        return state
    commitment = _commitment(appraisal, answer, decided, convened.policy)
    return state._replace(plans={**state.plans, plan_id: commitment})


def pruned(state: DecisionState, now: datetime) -> DecisionState:
    """Return the state without plans that no strand will speak of again."""
    plans = pending.pruned(state.plans, now=now, held=state.held)
    return state if plans is state.plans else state._replace(plans=plans)


def _seated(state: DecisionState, policy: DecisionPolicy, curators: Curators) -> tuple[DecisionState, Bench]:
    """Return the state with a record of every curator that sits, and those curators with their weights."""
    seats = roster.seat(decision.MODULE, policy.curators) if curators is None else curators
    seated = learning.seated(state.learning, seats, policy.curators.learning)
    return state._replace(learning=seated), Bench(curators=seats, weights=weights.current(seated.curators))


def _fused(
    state: DecisionState, ask: validation.Ask, now: datetime, policy: DecisionPolicy
) -> tuple[DecisionState, fusion.Fused]:
    """Return the state with one more alpha of its symbol, and what the alphas that still hold say together."""
    alphas, fused = fusion.fuse(
        state.alphas, ask.plan, sigma=ask.sigma, confidence=ask.confidence, now=now, policy=policy.fusion
    )
    return state._replace(alphas=alphas), fused


def _commitment(appraisal: Appraisal, answer: Strand, decided: Decision, policy: DecisionPolicy) -> pending.Commitment:
    """Return a plan's money as it is kept back, until no fill of it can come any more."""
    plan, bought = appraisal.plan, appraisal.final.bought
    return pending.Commitment(
        symbol=plan.symbol,
        lifecycle_id=answer.lifecycle_id,
        status=pending.Status.PENDING,
        waiting=bought.quantity,
        price=plan.entry_price,
        at_risk=rounded(bought.weight * plan.stop_fraction),
        until=pending.until(plan.valid_until, decided.valid_until, grace_seconds=policy.reserve_grace_seconds),
    )
