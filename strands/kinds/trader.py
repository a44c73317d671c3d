"""What the trader says: orders, what plans wait for, fills, executions, closed positions."""

from __future__ import annotations

from typing import Any, TypedDict

from strands import figures, json_values, tags, telling
from strands.json_values import at
from strands.kinds import learning, venue
from strands.kinds.kind import Kind, Look, Role
from strands.telling import Part, Payload, Tone


class Order(TypedDict, total=False):
    """An instruction to a venue; prices and quantities are decimal strings.

    ``protection`` says of an entry who works its stop and target; those two are ``reduce_only``, ``group`` makes them a
    pair of which one cancels the other, ``attached_to`` names the entry that they wait for.
    """

    plan_id: str
    signal_id: str
    decision_id: str
    symbol: str
    direction: str
    side: str
    intent: str
    quantity: str
    order_type: str
    limit_price: str | None
    stop_price: str | None
    expected_price: str
    stop_loss: str
    take_profit: str
    time_horizon: str
    bar_seconds: float
    execution_strategy: str
    max_slippage: float
    max_latency_ms: int
    venue_preferences: list[str]
    exit_reason: str
    execution_notes: str
    valid_until: str | None
    created_at: str
    slippage_tolerance: float
    worst_price: str
    protection: str
    reduce_only: bool
    group: str
    attached_to: str | None
    replaces: str | None
    held: str


class Cancel(TypedDict, total=False):
    order_id: str
    plan_id: str
    symbol: str


class Monitoring(TypedDict, total=False):
    """What a plan waits for: conditions that hold, conditions that fail, how long it may wait.

    ``reason`` is for people: what keeps a position or an order from being as it should. ``venue`` names the venue that
    is at fault, where one is.
    """

    state: str
    plan_id: str
    venue: str
    holds: list[str]
    fails: list[dict[str, Any]]
    until: str
    reason: str


class Metrics(TypedDict, total=False):
    status: str
    intent: str
    reason: str | None
    venue: str
    slip_real_bps: float
    latency_ms: float
    fees: str
    venue_score: float
    adherence: float
    slip_penalty: float
    lat_penalty: float
    execution_score: float
    feedback_score: float


class Outcome(TypedDict, total=False):
    """How a position ended; money is in the currency, ``pnl_percent`` a fraction."""

    plan_id: str
    plan_ids: list[str]
    signal_id: str
    direction: str
    outcome: str
    close_reason: str
    pnl: str
    gross_pnl: str
    fees: str
    funding: str
    pnl_percent: float
    r_multiple: float
    entry_price: str
    exit_price: str
    quantity: str
    opened_at: str
    closed_at: str
    hold_seconds: float
    unprotected_seconds: float


class Position(TypedDict, total=False):
    symbol: str
    quantity: str
    avg_price: str
    realized_pnl: str
    unrealized_pnl: str
    fees: str
    funding: str


class OrderPayload(TypedDict, total=False):
    decision_id: str
    order_spec: Order
    tr_predict: dict[str, float]
    route_hint: str


class CancelPayload(TypedDict, total=False):
    decision_id: str
    order_spec: Cancel


class MonitoringPayload(TypedDict, total=False):
    decision_id: str
    monitoring_state: Monitoring


class FillPayload(TypedDict, total=False):
    decision_id: str
    fills: list[venue.Fill]
    position_data: Position


class ExecutionPayload(TypedDict, total=False):
    decision_id: str
    order_spec: Order
    tr_predict: dict[str, float]
    fills: list[venue.Fill]
    exec_metrics: Metrics
    tr_execution: dict[str, Any]
    tr_slippage: dict[str, Any]
    tr_latency: dict[str, Any]
    tr_venue_performance: dict[str, Any]
    position_data: Position
    lesson_metadata: learning.Applied


class PositionPayload(TypedDict, total=False):
    decision_id: str
    tr_outcome: Outcome
    position_data: Position


class BraidPayload(TypedDict, total=False):
    lesson_metadata: learning.Braid
    exec_metrics: learning.Braid


def _order(payload: Payload) -> list[Part]:
    order = at(payload, "order_spec")
    asked = at(order, "limit_price") or at(order, "stop_price")
    return [
        telling.pill(at(order, "side")),
        telling.figure(figures.quantity(at(order, "quantity"))),
        Part(telling.words(at(order, "order_type"))),
        telling.labelled("at", figures.price(asked)),
        telling.labelled("expected", figures.price(at(order, "expected_price")), Tone.MUTED),
        Part(telling.words(at(order, "intent")), Tone.MUTED),
        telling.labelled("because of", telling.words(at(order, "exit_reason")), Tone.MUTED),
    ]


def _cancel(payload: Payload) -> list[Part]:
    return [
        Part("take back", Tone.MUTED, pill=True),
        telling.labelled("order", telling.words(at(payload, "order_spec.order_id"))),
    ]


def _monitoring(payload: Payload) -> list[Part]:
    state = at(payload, "monitoring_state")
    fails = [telling.named(each, "type") for each in json_values.items(at(state, "fails"))]
    return [
        telling.pill(at(state, "state")),
        telling.labelled("for", ", ".join(filter(None, fails))),
        telling.labelled("until", figures.clock(at(state, "until")), Tone.MUTED),
        Part(telling.words(at(state, "reason"))),
    ]


def _fill(payload: Payload) -> list[Part]:
    fill = at(payload, "fills.0")
    return [
        telling.pill(at(fill, "side")),
        *venue.filled(fill),
        Part(telling.words(at(fill, "intent")), Tone.MUTED),
        telling.labelled("then holding", figures.quantity(at(payload, "position_data.quantity")), Tone.MUTED),
    ]


def _execution(payload: Payload) -> list[Part]:
    metrics = at(payload, "exec_metrics")
    slip, latency = at(metrics, "slip_real_bps"), at(metrics, "latency_ms")
    return [
        telling.pill(at(metrics, "status")),
        Part(telling.words(at(metrics, "intent"))),
        telling.labelled("score", figures.score(at(metrics, "execution_score"))),
        Part("" if slip is None else f"slippage {figures.rounded(slip, digits=1)} bps"),
        Part("" if latency is None else f"latency {figures.count(latency)} ms", Tone.MUTED),
        telling.labelled("fees", figures.money(at(metrics, "fees")), Tone.MUTED),
        Part(telling.words(at(metrics, "venue")), Tone.MUTED),
        Part(telling.words(at(metrics, "reason")), Tone.MUTED),
    ]


def _position(payload: Payload) -> list[Part]:
    outcome = at(payload, "tr_outcome")
    gain = telling.gain(at(outcome, "pnl"))
    return [
        telling.pill(at(outcome, "outcome")),
        Part(telling.words(at(outcome, "direction"))),
        telling.figure(figures.money(at(outcome, "pnl"), signed=True), gain),
        telling.figure(figures.percent(at(outcome, "pnl_percent"), signed=True), gain),
        Part(telling.words(at(outcome, "close_reason")), Tone.MUTED),
        telling.labelled("after", figures.span(at(outcome, "hold_seconds")), Tone.MUTED),
        telling.labelled("funding", _funding(at(outcome, "funding")), Tone.MUTED),
    ]


def _funding(paid: Any) -> str:
    """Return what holding cost, nothing where it cost nothing."""
    return figures.money(paid, signed=True) if figures.decimal(paid) else ""


ORDER = Kind(
    name="order",
    means="an instruction to a venue",
    payload=OrderPayload,
    hearers=(tags.SUBMIT_ORDER,),
    reads=(
        "order_spec.side",
        "order_spec.quantity",
        "order_spec.order_type",
        "order_spec.limit_price",
        "order_spec.stop_price",
        "order_spec.expected_price",
        "order_spec.intent",
        "order_spec.exit_reason",
    ),
    line=_order,
    look=Look("order", Tone.INFO),
)
CANCEL = Kind(
    name="cancel",
    means="an order asked back from its venue",
    payload=CancelPayload,
    hearers=(tags.CANCEL_ORDER,),
    reads=("order_spec.order_id",),
    line=_cancel,
    look=Look("cancel", Tone.MUTED),
)
MONITORING = Kind(
    name="monitoring",
    means="what a plan waits for, or that it waits no more",
    payload=MonitoringPayload,
    hearers=(tags.RISK_EXECUTION_FEEDBACK,),
    unheard="risk hears of venues at fault; the rest people read, and the trader knows it already",
    reads=("monitoring_state.state", "monitoring_state.fails", "monitoring_state.until", "monitoring_state.reason"),
    line=_monitoring,
    look=Look("monitoring", Tone.MUTED),
)
FILL = Kind(
    name="fill",
    means="some of an order was done; books change by this and by funding",
    payload=FillPayload,
    hearers=(tags.DM_EXECUTION_FEEDBACK, tags.RISK_EXECUTION_FEEDBACK),
    reads=("fills.0", "position_data.quantity"),
    line=_fill,
    look=Look("fill", Tone.GOOD),
)
EXECUTION = Kind(
    name="execution",
    means="the whole report on one decision's entry or exit",
    payload=ExecutionPayload,
    hearers=(tags.DM_EXECUTION_FEEDBACK, tags.ALPHA_EXECUTION_FEEDBACK),
    reads=(
        "exec_metrics.status",
        "exec_metrics.intent",
        "exec_metrics.slip_real_bps",
        "exec_metrics.latency_ms",
        "exec_metrics.execution_score",
        "exec_metrics.fees",
        "exec_metrics.venue",
        "exec_metrics.reason",
    ),
    line=_execution,
    look=Look("execution", Tone.INFO),
)
POSITION = Kind(
    name="position",
    means="a position that was closed, and what it came to",
    payload=PositionPayload,
    hearers=(tags.DM_EXECUTION_FEEDBACK, tags.ALPHA_EXECUTION_FEEDBACK, tags.RISK_EXECUTION_FEEDBACK),
    reads=(
        "tr_outcome.outcome",
        "tr_outcome.direction",
        "tr_outcome.pnl",
        "tr_outcome.pnl_percent",
        "tr_outcome.close_reason",
        "tr_outcome.hold_seconds",
        "tr_outcome.funding",
    ),
    line=_position,
    look=Look("position", Tone.INFO),
)

ROLE = Role(
    name="trader",
    table="tr_strands",
    words="orders and fills",
    spoken="tr",
    kinds=(ORDER, CANCEL, MONITORING, FILL, EXECUTION, POSITION, *learning.of_a_learner(BraidPayload)),
    waiting={"tr_fills": "the specification has it beside `fills`, where the trader puts the same"},
)
