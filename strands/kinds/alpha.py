"""What the alpha detector says: signals with their plans, what became of those not entered, anomalies."""

from __future__ import annotations

from typing import Any, TypedDict

from strands import figures, tags, telling
from strands.json_values import at
from strands.kinds import learning
from strands.kinds.kind import Kind, Look, Role
from strands.telling import Part, Payload, Tone


class Plan(TypedDict, total=False):
    """A signal made tradable; prices are decimal strings, sizes shares of the portfolio."""

    plan_id: str
    signal_id: str
    symbol: str
    timeframe: str
    direction: str
    entry_conditions: list[dict[str, Any]]
    entry_price: str
    stop_loss: str
    take_profit: str
    position_size: float
    max_position_size: float
    risk_per_trade: float
    risk_reward_ratio: float
    confidence_score: float
    strength_score: float
    tier: str
    order_type: str
    slippage_tolerance: float
    time_horizon: str
    valid_until: str
    created_at: str
    venue_preferences: list[str]
    market_context: dict[str, Any]
    signal_metadata: dict[str, Any]


class Pack(TypedDict, total=False):
    pack_id: str
    signal_id: str
    trading_plan_id: str
    signal_type: str
    direction: str
    pattern_detected: str
    confidence_score: float
    points_of_interest: list[dict[str, Any]]
    features: dict[str, Any]


class Anomaly(TypedDict, total=False):
    anomaly_type: str
    anomaly_score: float
    value: float
    limit: float


class Counterfactual(TypedDict, total=False):
    """What a plan would have come to; no outcome where it would never have been entered."""

    plan_id: str
    outcome: learning.Outcome | None
    reason: str


class SignalPayload(TypedDict, total=False):
    sig_sigma: float
    sig_confidence: float
    sig_direction: str
    trading_plan: Plan
    signal_pack: Pack
    dsi_evidence: dict[str, Any]
    regime_context: dict[str, Any]
    event_context: dict[str, Any]
    module_intelligence: dict[str, Any]
    curator_feedback: dict[str, Any]
    lesson_metadata: learning.Applied


class CounterfactualPayload(TypedDict, total=False):
    lesson_metadata: Counterfactual


class AnomalyPayload(TypedDict, total=False):
    signal_pack: Anomaly


class BraidPayload(TypedDict, total=False):
    lesson_metadata: learning.Braid
    trading_plan: dict[str, Any]
    signal_pack: dict[str, Any]


_SIGNAL_READS = (
    "sig_direction",
    "sig_sigma",
    "sig_confidence",
    "trading_plan.entry_price",
    "trading_plan.stop_loss",
    "trading_plan.take_profit",
)


def _signal(payload: Payload) -> list[Part]:
    return [
        telling.pill(at(payload, "sig_direction")),
        telling.labelled("strength", figures.score(at(payload, "sig_sigma"))),
        telling.labelled("confidence", figures.score(at(payload, "sig_confidence"))),
        telling.labelled("entry", figures.price(at(payload, "trading_plan.entry_price")), Tone.MUTED),
        telling.labelled("stop", figures.price(at(payload, "trading_plan.stop_loss")), Tone.MUTED),
        telling.labelled("target", figures.price(at(payload, "trading_plan.take_profit")), Tone.MUTED),
    ]


def _withheld(payload: Payload) -> list[Part]:
    curated, needed = (at(payload, f"curator_feedback.{name}") for name in ("curated_score", "publish_at"))
    direction, *rest = _signal(payload)
    return [
        Part("withheld", Tone.WARNING, pill=True),
        Part(_halted(payload), Tone.WARNING),
        Part(telling.words(at(payload, "sig_direction")), direction.tone),
        telling.labelled("curated", _against(curated, needed), Tone.WARNING),
        *rest,
    ]


def _halted(payload: Payload) -> str:
    """Return the halt that forbade to publish, ``module:alpha halted``; nothing where none did."""
    scope, state = (telling.words(at(payload, f"curator_feedback.halt.{name}")) for name in ("scope", "state"))
    return f"{scope} {state}" if scope else ""


def _against(value: Any, limit: Any) -> str:
    if value is None or limit is None:
        return figures.ABSENT
    return " against ".join(figures.near(value, limit))


def _counterfactual(payload: Payload) -> list[Part]:
    outcome = at(payload, "lesson_metadata.outcome")
    pnl = at(outcome, "pnl_percent")
    if pnl is None:
        why = at(payload, "lesson_metadata.reason") or at(outcome, "close_reason")
        return [Part("would not have been entered", Tone.MUTED, pill=True), Part(telling.words(why) or "no result")]
    return [
        Part(f"would have come to {figures.percent(pnl, signed=True)}", telling.gain(pnl)),
        Part(telling.words(at(outcome, "direction"))),
        Part(telling.words(at(outcome, "close_reason")), Tone.MUTED),
        telling.labelled("R", figures.plain(at(outcome, "r_multiple"), figures=3), Tone.MUTED),
    ]


def _anomaly(payload: Payload) -> list[Part]:
    return [
        Part(telling.words(at(payload, "signal_pack.anomaly_type")) or "anomaly", Tone.WARNING, pill=True),
        telling.labelled("score", figures.score(at(payload, "signal_pack.anomaly_score"))),
        telling.labelled("value", figures.brief(at(payload, "signal_pack.value"))),
        telling.labelled("limit", figures.brief(at(payload, "signal_pack.limit")), Tone.MUTED),
    ]


SIGNAL = Kind(
    name="signal",
    means="a signal with the plan that makes it tradable",
    payload=SignalPayload,
    hearers=(tags.EVALUATE_PLAN,),
    reads=_SIGNAL_READS,
    line=_signal,
    look=Look("signal", Tone.INFO),
)
WITHHELD = Kind(
    name="withheld",
    means="a signal that alpha's own curators, or a halt of alpha, stopped",
    payload=SignalPayload,
    unheard="nobody is asked to decide on it; alpha follows it on the bars",
    reads=(
        *_SIGNAL_READS,
        *(f"curator_feedback.{name}" for name in ("curated_score", "publish_at", "halt.scope", "halt.state")),
    ),
    line=_withheld,
    look=Look("withheld", Tone.WARNING),
)
COUNTERFACTUAL = Kind(
    name="counterfactual",
    means="what a plan that was not entered would have come to",
    payload=CounterfactualPayload,
    hearers=(tags.DM_COUNTERFACTUAL, tags.TRADER_COUNTERFACTUAL),
    reads=("lesson_metadata.outcome", "lesson_metadata.reason"),
    line=_counterfactual,
    look=Look("counterfactual", Tone.MUTED),
)
ANOMALY = Kind(
    name="anomaly",
    means="something out of the ordinary on the bars",
    payload=AnomalyPayload,
    unheard="people read it, as a row of `anomaly_events`",
    reads=(
        "signal_pack.anomaly_type",
        "signal_pack.anomaly_score",
        "signal_pack.value",
        "signal_pack.limit",
    ),
    line=_anomaly,
    look=Look("anomaly", Tone.WARNING),
)

ROLE = Role(
    name="alpha",
    table="ad_strands",
    words="signals",
    kinds=(SIGNAL, WITHHELD, COUNTERFACTUAL, ANOMALY, *learning.of_a_learner(BraidPayload)),
)
