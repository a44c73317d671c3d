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
from strands import tags
from strands.given import Given
from strands.strand import Strand
from strands.wire import Kept, State, version_of
from tradingops.modules import learning
from tradingops.modules import policy as policies
from tradingops.modules.alpha import (
    anomalies,
    asymmetries,
    confirmation,
    detection,
    following,
    judging,
    outcomes,
    pack,
    plan_making,
    seasons,
    slots,
    tape,
)
from tradingops.modules.alpha.policy import AlphaPolicy

NAME = judging.MODULE
VERSION = "2"
STATE_VERSION = 1

WITHHELD = "withheld"

_FEEDBACK = frozenset({"feedback", "execution", "position"})
_SILENCE: Sequence[Strand] = ()


class AlphaDetector:
    """One symbol's detector.

    Its state is the slots its signals hold, the last bars, what it judged and waits for, the plans it follows, its
    experts, curators and lessons.
    """

    name = NAME
    version = VERSION

    def __init__(self, policy: AlphaPolicy | None = None, *, gather: Any = dsi.gather) -> None:
        self.policy = policy or AlphaPolicy()
        self._gather = gather

    def start(self, partition: str) -> State:
        """Return the state before anything was heard."""
        return {
            **slots.empty(),
            **following.empty(),
            "learning": learning.start(),
            tape.TAPE: {},
            judging.SEASONS: seasons.start(),
            judging.EXPERTS: dsi.start(self.policy.dsi),
            judging.RECORD: [],
            judging.INTEREST: [],
        }

    def handle(self, state: State, strand: Strand, given: Given) -> tuple[State, Sequence[Strand]]:
        """Return the state after hearing a strand, and what it gives: signals and anomalies, else nothing."""
        if strand.kind == "bar":
            return self._bar(state, strand, given)
        if strand.kind in _FEEDBACK:
            return outcomes.heard(state, strand, given.now, policies.effective(self.policy, given))
        if strand.kind in learning.OF_LESSONS:
            learner = outcomes.learner(policies.effective(self.policy, given))
            learned, answers = learning.take(state["learning"], strand, learner=learner)
            return {**state, "learning": learned}, answers
        return state, _SILENCE

    def load(self, kept: Kept) -> State:
        """Return a state from what was kept of it; raises NewerState."""
        version_of(kept, module=NAME, newest=STATE_VERSION)
        state = {**self.start(""), **policies.without(kept), "learning": learning.load(kept)}
        return {name: value for name, value in state.items() if name not in ("judged", "curators", "learned")}

    def dump(self, state: State) -> Kept:
        """Return a state as it is kept."""
        return {"version": STATE_VERSION, **state, "learning": state["learning"].to_json()}

    def _bar(self, state: State, bar: Strand, given: Given) -> tuple[State, Sequence[Strand]]:
        features = bar.payload.get("md_features")
        if not features:
            return state, _SILENCE
        policy = policies.effective(self.policy, given)
        state, told = _heard_prices(state, bar, policy)
        strange = anomalies.seen_in(bar.payload["md_bar"], features, policy.anomalies)
        # Hardly a bar breaks a level, and without one most policies cannot detect: this is the way nearly all bars go.
        if not strange and not features.get("breakout") and policy.needs_breakout:
            return state, told
        told = [*told, *(_anomaly(bar, each, nth) for nth, each in enumerate(strange))]
        sound = replace(bar, payload={**bar.payload, "md_features": detection.finite(features)})
        state, signal = self._signal(state, sound, given.now, policy)
        return state, told if signal is None else [*told, signal]

    def _signal(self, state: State, bar: Strand, now: datetime, policy: AlphaPolicy) -> tuple[State, Strand | None]:
        """Return the state and the signal that a bar gives; the same state and None where it gives none."""
        found = _found(state, bar, now, policy)
        if found is None:
            return state, None
        seats = roster.seat(NAME, policy.curators)
        state = {**state, "learning": learning.seated(state["learning"], seats, policy.curators.learning)}
        judged = judging.judge(state, bar, found, gather=self._gather, policy=policy, now=now)
        plan = plan_making.make_plan(
            bar,
            detection=judged.curated,
            voices=judged.voices,
            metadata=_metadata(judged, policy),
            told=asymmetries.told_by(
                bar.payload["md_bar"],
                at=bar.at.timestamp(),
                remembered=state[judging.INTEREST],
                policy=policy.intelligence,
            ),
            policy=policy,
            now=now,
        )
        if plan is None:
            return state, None
        return _said(state, judged, plan, now, policy)


def _heard_prices(state: State, bar: Strand, policy: AlphaPolicy) -> tuple[State, Sequence[Strand]]:
    """Return the state with a bar on its tape, and what the plans came to that were followed up to it."""
    row = tape.row_of(bar)
    if row is None:
        return state, _SILENCE
    timeframe = bar.timeframe or ""
    told: Sequence[Strand] = _SILENCE
    if state[following.FOLLOWED]:
        state, told = outcomes.followed(state, bar, row, policy)
    tapes = tape.extended(state[tape.TAPE], timeframe, row, length=policy.tape_length)
    known: dict[str, Any] = {
        tape.TAPE: tapes,
        judging.SEASONS: seasons.heard(state[judging.SEASONS], tapes[timeframe], timeframe, policy.intelligence),
    }
    if "open_interest" in bar.payload["md_bar"]:
        known[judging.INTEREST] = asymmetries.remember(
            state[judging.INTEREST], bar.payload["md_bar"], at=row[0], policy=policy.intelligence
        )
    return {**state, **known}, told


def _said(
    state: State, judged: judging.Judged, plan: TradingPlan, now: datetime, policy: AlphaPolicy
) -> tuple[State, Strand | None]:
    """Return the state after a plan was published or withheld, and the strand that says so.

    A plan that its own curators stop is withheld and followed; while the symbol rests from the last one, in silence.
    """
    published = judged.verdict.approved
    if not published and slots.rests(state, now, policy):
        return state, None
    said = judged.bar.answer(
        module=NAME,
        kind="signal" if published else WITHHELD,
        tags=(tags.EVALUATE_PLAN,) if published else (),
        payload=_payload(judged, plan, policy),
    )
    if published:
        state = slots.taken(state, plan_id=plan.plan_id, timeframe=plan.timeframe, until=plan.valid_until, now=now)
    else:
        state = slots.withheld(state, now)
    followed = counterfactual.follow(plan)
    kept = judging.record(judged, said, size=plan.position_size, followed=followed)
    learned = learning.keep(state["learning"], plan.plan_id, kept, most=policy.judgements_remembered)
    state = {**state, "learning": learned}
    if not published:
        state = following.begun(state, followed, timeframe=plan.timeframe, policy=policy.counterfactual)
    return state, said


def _found(state: State, bar: Strand, now: datetime, policy: AlphaPolicy) -> detection.Detection | None:
    """Return what a bar speaks for, once every filter has let it pass."""
    features = bar.payload["md_features"]
    if not detection.is_complete(features):
        return None
    found = detection.detect(features, policy)
    if found is None or not _is_good_enough(found, features, policy):
        return None
    if _confirmation(found, features, policy) < policy.min_confirmation:
        return None
    return found if slots.may_speak(state, bar.timeframe or "", now, policy) else None


def _is_good_enough(found: detection.Detection, features: Mapping[str, Any], policy: AlphaPolicy) -> bool:
    return (
        found.confidence >= policy.min_confidence
        and found.strength >= policy.min_strength
        and features["volume_ratio"] >= policy.min_volume_ratio
        and quality_of(found, features["volume_ratio"], policy) >= policy.min_quality
    )


def _confirmation(found: detection.Detection, features: Mapping[str, Any], policy: AlphaPolicy) -> float:
    return confirmation.confirmed_share(features.get("votes") or {}, found.direction, policy)


def quality_of(found: detection.Detection, volume_ratio: float, policy: AlphaPolicy) -> float:
    """Return ``0.4 confidence + 0.3 strength + 0.3 min(volume ratio, 2)``, in [0, 1.3]."""
    volume = min(volume_ratio, policy.quality_volume_cap)
    return round(
        policy.quality_confidence * found.confidence
        + policy.quality_strength * found.strength
        + policy.quality_volume * volume,
        detection.SCORE_DECIMALS,
    )


def _payload(judged: judging.Judged, plan: TradingPlan, policy: AlphaPolicy) -> dict[str, Any]:
    """Return the columns of a signal."""
    bar, features = judged.bar, judged.bar.payload["md_features"]
    packed = pack.pack_of(bar, plan=plan, detection=judged.curated, processing=plan.signal_metadata)
    return {
        "sig_sigma": judged.curated.strength,
        "sig_confidence": judged.found.confidence,
        "sig_direction": judged.found.direction.value,
        "trading_plan": plan.to_json(),
        "signal_pack": packed,
        **({"dsi_evidence": judged.evidence.to_json()} if judged.evidence else {}),
        "regime_context": _regime_context(features),
        "event_context": judged.events,
        "module_intelligence": {
            "module": NAME,
            "version": VERSION,
            **judged.voices.to_payload(),
            "intelligence": judged.intelligence.to_payload(),
        },
        "curator_feedback": judged.feedback(),
        "lesson_metadata": judged.lessons.to_json(),
    }


def _metadata(judged: judging.Judged, policy: AlphaPolicy) -> dict[str, Any]:
    found, features = judged.found, judged.bar.payload["md_features"]
    return {
        "detection_score": found.score,
        "detected_strength": found.strength,
        "conditions_met": list(found.met),
        "confidence": found.confidence,
        "confirmation": _confirmation(found, features, policy),
        "quality": quality_of(found, features["volume_ratio"], policy),
    }


def _regime_context(features: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "regime": features.get("regime"),
        "confidence": features.get("regime_confidence"),
        "trend": features.get("trend"),
        "votes": features.get("votes"),
    }


def _anomaly(bar: Strand, found: anomalies.Anomaly, nth: int) -> Strand:
    """Return one finding as a strand addressed to nobody: people read it in the anomalies' table."""
    return bar.answer(module=NAME, kind="anomaly", payload={"signal_pack": found.to_payload()}, nth=nth)
