"""The alpha detector: hears bars, and answers with signals that carry a complete trading plan, and with anomalies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from curators import roster
from curators.dsi import evidence as dsi
from portfolio.execution import counterfactual
from portfolio.plans.plan import TradingPlan
from strands.given import Given
from strands.strand import Strand
from strands.wire import Kept
from tradingops.modules import instruments, learning
from tradingops.modules import policy as policies
from tradingops.modules.alpha import (
    anomalies,
    assembly,
    confirmation,
    detection,
    following,
    outcomes,
    signals,
    slots,
    tape,
)
from tradingops.modules.alpha import state as states
from tradingops.modules.alpha.assembly import Assembled
from tradingops.modules.alpha.detection import Detection
from tradingops.modules.alpha.intelligence import seasons
from tradingops.modules.alpha.planning import asymmetries, plan_making
from tradingops.modules.alpha.policy import AlphaPolicy
from tradingops.modules.alpha.state import AlphaState

NAME = states.NAME
VERSION = signals.VERSION

_FEEDBACK = frozenset({"feedback", "execution", "position"})
_SILENCE: Sequence[Strand] = ()

Answered = tuple[AlphaState, Sequence[Strand]]


class AlphaDetector:
    """One symbol's detector; ``gather`` finds the evidence on a tape."""

    name = NAME
    version = VERSION

    def __init__(self, policy: AlphaPolicy | None = None, *, gather: Any = dsi.gather) -> None:
        self.policy = policy or AlphaPolicy()
        self._gather = gather

    def start(self, partition: str) -> AlphaState:
        """Return the state before anything happened."""
        return states.start(self.policy)

    def load(self, kept: Kept) -> AlphaState:
        """Return a state from what was kept of it; raises NewerState."""
        return states.load(kept, self.policy)

    def dump(self, state: AlphaState) -> Kept:
        """Return a state as it is kept."""
        return states.dump(state)

    def handle(self, state: AlphaState, strand: Strand, given: Given) -> Answered:
        """Return the state after a strand, and what bars gave (signals, anomalies) or outcomes taught."""
        if strand.kind == "bar":
            return self._bar(state, strand, given)
        if strand.kind == instruments.KIND:
            return state._replace(instruments=instruments.hear(state.instruments, strand)), _SILENCE
        if strand.kind in _FEEDBACK:
            return outcomes.on_feedback(state, strand, given.now, policies.effective(self.policy, given))
        if strand.kind in learning.OF_LESSONS:
            learner = outcomes.learner(policies.effective(self.policy, given))
            learned, answers = learning.take(state.learning, strand, learner=learner)
            return state._replace(learning=learned), answers
        return state, _SILENCE

    def _bar(self, state: AlphaState, bar: Strand, given: Given) -> Answered:
        features = bar.payload.get("md_features")
        if not features:
            return state, _SILENCE
        policy = policies.effective(self.policy, given)
        state, answers = _with_prices(state, bar, policy)
        unusual = anomalies.seen_in(bar.payload["md_bar"], features, policy.anomalies)
        # Hardly a bar breaks a level, and without one most policies cannot detect: this is the way nearly all bars go.
        if not unusual and not features.get("breakout") and policy.needs_breakout:
            return state, answers
        answers = [*answers, *(_anomaly(bar, each, nth) for nth, each in enumerate(unusual))]
        sound = replace(bar, payload={**bar.payload, "md_features": detection.finite(features)})
        state, signal = self._signal(state, sound, given, policy)
        return state, answers if signal is None else [*answers, signal]

    def _signal(
        self, state: AlphaState, bar: Strand, given: Given, policy: AlphaPolicy
    ) -> tuple[AlphaState, Strand | None]:
        """Return the state and the plan that a bar gives, published or withheld; None where it gives none."""
        found = _found(state, bar, given.now, policy)
        if found is None:
            return state, None
        seats = roster.seat(NAME, policy.curators)
        state = state._replace(learning=learning.seated(state.learning, seats, policy.curators.learning))
        assembled = assembly.assemble(state, bar, found, gather=self._gather, policy=policy, now=given.now)
        plan = _plan(state, assembled, policy, given.now)
        if plan is None:
            return state, None
        return _answered(state, assembled, plan, given, policy)


def _with_prices(state: AlphaState, bar: Strand, policy: AlphaPolicy) -> Answered:
    """Return the state with a bar on its tape, and what the plans came to that were followed up to it."""
    row = tape.row_of(bar)
    if row is None:
        return state, _SILENCE
    answers: Sequence[Strand] = _SILENCE
    if state.following.plans:
        state, answers = outcomes.step(state, bar, row, policy)
    timeframe = bar.timeframe or ""
    tapes = tape.extended(state.tapes, timeframe, row, length=policy.tape_length)
    by_season = seasons.extended(state.seasons, tapes[timeframe], timeframe, policy.intelligence)
    state = states.with_prices(state, tapes, by_season)
    if "open_interest" in bar.payload["md_bar"]:
        state = state._replace(
            open_interest=asymmetries.remember(
                state.open_interest, bar.payload["md_bar"], at=row[0], policy=policy.intelligence
            )
        )
    return state, answers


def _found(state: AlphaState, bar: Strand, now: datetime, policy: AlphaPolicy) -> Detection | None:
    """Return what a bar speaks for, once every filter has let it pass."""
    features = bar.payload["md_features"]
    if not detection.is_complete(features):
        return None
    found = detection.detect(features, policy)
    if found is None or not _is_good_enough(found, features, policy):
        return None
    return found if slots.may_signal(state.slots, bar.timeframe or "", now, policy) else None


def _is_good_enough(found: Detection, features: Mapping[str, Any], policy: AlphaPolicy) -> bool:
    confirmed = confirmation.confirmed_share(features.get("votes") or {}, found.direction, policy)
    return (
        found.confidence >= policy.min_confidence
        and found.strength >= policy.min_strength
        and features["volume_ratio"] >= policy.min_volume_ratio
        and signals.quality_of(found, features["volume_ratio"], policy) >= policy.min_quality
        and confirmed >= policy.min_confirmation
    )


def _plan(state: AlphaState, assembled: Assembled, policy: AlphaPolicy, now: datetime) -> TradingPlan | None:
    bar = assembled.bar
    return plan_making.make_plan(
        bar,
        atrs=bar.payload["md_features"].get("atrs") or {},
        instrument=instruments.of(state.instruments, bar.symbol),
        detection=assembled.curated,
        voices=assembled.voices,
        metadata=signals.metadata(assembled, policy),
        asymmetry=asymmetries.of_bar(
            bar.payload["md_bar"], at=bar.at.timestamp(), remembered=state.open_interest, policy=policy.intelligence
        ),
        policy=policy,
        now=now,
    )


def _answered(
    state: AlphaState, assembled: Assembled, plan: TradingPlan, given: Given, policy: AlphaPolicy
) -> tuple[AlphaState, Strand | None]:
    """Return the state after a plan was published or withheld, and its strand.

    A plan that its own curators stop, or a halt of alpha, is withheld and followed; while the symbol rests from the
    last one that was, in silence.
    """
    now, halt = given.now, signals.halt_of_alpha(given)
    withheld = halt is not None or not assembled.verdict.approved
    if withheld and slots.withheld_lately(state.slots, now, policy):
        return state, None
    answer = signals.strand_of(assembled, plan, halt=halt, policy=policy)
    followed = counterfactual.follow(plan)
    judgement = assembly.judgement(assembled, answer, size=plan.position_size, followed=followed.to_json())
    learned = learning.keep(state.learning, plan.plan_id, judgement, most=policy.judgements_remembered)
    if withheld:
        begun = following.begun(state.following, followed, timeframe=plan.timeframe, policy=policy.counterfactual)
        after = slots.after_withholding(state.slots, now)
        return state._replace(learning=learned, following=begun, slots=after), answer
    taken = slots.after_signal(
        state.slots, plan_id=plan.plan_id, timeframe=plan.timeframe, until=plan.valid_until, now=now
    )
    return state._replace(learning=learned, slots=taken), answer


def _anomaly(bar: Strand, found: anomalies.Anomaly, nth: int) -> Strand:
    """Return one finding as a strand addressed to nobody: people read it in the anomalies' table."""
    return bar.answer(module=NAME, kind="anomaly", payload={"signal_pack": found.to_json()}, nth=nth)
