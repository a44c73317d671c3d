"""What a strand says, in a line: the few values of its payload that a person looks for first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from strands import figures

Payload = Mapping[str, Any]


class Tone(StrEnum):
    """How a word is meant; the text always says it too."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    WARNING = "warning"
    INFO = "info"
    MUTED = "muted"


@dataclass(frozen=True)
class Part:
    """One word or figure of a gist; a pill stands out."""

    text: str
    tone: Tone = Tone.PLAIN
    pill: bool = False


#: The words of statuses and outcomes, each with its tone; a word that is not here is plain.
TONES = {
    **dict.fromkeys(("long", "buy", "approve", "approved", "filled", "win", "ok", "validated", "executed"), Tone.GOOD),
    **dict.fromkeys(("delivered", "active", "completed", "positive_reinforcement", "running"), Tone.GOOD),
    **dict.fromkeys(("short", "sell", "reject", "rejected", "failed", "loss", "breach", "denied"), Tone.BAD),
    **dict.fromkeys(("modify", "modified", "partial", "partially_filled", "warning", "unknown"), Tone.WARNING),
    **dict.fromkeys(("expired", "retrying", "constructive_feedback", "in_progress", "late", "withheld"), Tone.WARNING),
    **dict.fromkeys(
        ("accepted", "entry", "pending", "waiting", "learning_opportunity", "initiated", "proposed"), Tone.INFO
    ),
    **dict.fromkeys(("cancelled", "exit", "breakeven", "archived", "deprecated", "inactive", "retired"), Tone.MUTED),
}


def pill(word: Any) -> Part:
    """Return a status as a pill in its tone."""
    text = str(word) if word not in (None, "") else figures.ABSENT
    return Part(text.replace("_", " "), TONES.get(text, Tone.PLAIN), pill=True)


def gist(kind: str | None, payload: Payload) -> list[Part]:
    """Return the few parts that tell a strand of this kind; a kind that is not known tells its first plain values."""
    parts = _TELLERS.get(kind or "", _anything)(payload)
    return [part for part in parts if part.text]


def text(parts: list[Part]) -> str:
    """Return a gist as plain text."""
    return " · ".join(part.text for part in parts)


def _of(payload: Payload, name: str) -> Mapping[str, Any]:
    value = payload.get(name)
    return value if isinstance(value, Mapping) else {}


def _labelled(label: str, value: str, tone: Tone = Tone.PLAIN) -> Part:
    return Part(f"{label} {value}" if value != figures.ABSENT else "", tone)


def _gain(value: Any) -> Tone:
    number = figures.decimal(value)
    return Tone.PLAIN if not number else Tone.GOOD if number > 0 else Tone.BAD


def _bar(payload: Payload) -> list[Part]:
    bar = _of(payload, "md_bar")
    opened, closed = figures.decimal(bar.get("open")), figures.decimal(bar.get("close"))
    change = (closed - opened) / opened if opened and closed is not None else None
    return [
        Part(figures.price(closed)),
        Part(figures.percent(change, signed=True) if change is not None else "", _gain(change)),
        _labelled("high", figures.price(bar.get("high")), Tone.MUTED),
        _labelled("low", figures.price(bar.get("low")), Tone.MUTED),
        _labelled("volume", figures.plain(bar.get("volume")), Tone.MUTED),
    ]


def _signal(payload: Payload) -> list[Part]:
    plan = _of(payload, "trading_plan")
    return [
        pill(payload.get("sig_direction")),
        _labelled("strength", figures.score(payload.get("sig_sigma"))),
        _labelled("confidence", figures.score(payload.get("sig_confidence"))),
        _labelled("entry", figures.price(plan.get("entry_price")), Tone.MUTED),
        _labelled("stop", figures.price(plan.get("stop_loss")), Tone.MUTED),
        _labelled("target", figures.price(plan.get("take_profit")), Tone.MUTED),
    ]


def _anomaly(payload: Payload) -> list[Part]:
    pack = _of(payload, "signal_pack")
    return [
        Part(str(pack.get("anomaly_type") or "anomaly").replace("_", " "), Tone.WARNING, pill=True),
        _labelled("score", figures.score(pack.get("anomaly_score"))),
        _labelled("value", figures.plain(pack.get("value"))),
        _labelled("limit", figures.plain(pack.get("limit")), Tone.MUTED),
    ]


def stopped_by(decision: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the gate that stopped a plan: the one its reason names, else the first that failed; None when none did."""
    told = decision.get("gates")
    gates = [gate for gate in told if isinstance(gate, Mapping)] if isinstance(told, list) else []
    failed = [gate for gate in gates if gate.get("passed") is False]
    return next((gate for gate in failed if gate.get("gate") == decision.get("reason")), failed[0] if failed else None)


def gate_told(gate: Mapping[str, Any]) -> str:
    """Return a gate with its value against its limit."""
    name = str(gate.get("gate", "gate")).replace("_", " ")
    return f"{name} {figures.plain(gate.get('value'))} against {figures.plain(gate.get('limit'))}"


def _decision(payload: Payload) -> list[Part]:
    decision = _of(payload, "dm_decision")
    gate = stopped_by(decision) if decision.get("decision_type") == "reject" else None
    reason = str(decision.get("reason") or "").replace("_", " ")
    plan = _of(decision, "plan")
    return [
        pill(decision.get("decision_type")),
        Part(str(plan.get("direction") or ""), TONES.get(str(plan.get("direction")), Tone.PLAIN)),
        _labelled("score", figures.score(decision.get("score"))),
        Part(gate_told(gate), Tone.BAD) if gate else Part(reason, Tone.BAD),
        _labelled("quantity", figures.quantity(plan.get("quantity")), Tone.MUTED),
    ]


def _feedback(payload: Payload) -> list[Part]:
    decision = _of(payload, "dm_decision")
    return [
        pill(decision.get("decision_type")),
        Part(str(decision.get("feedback_type") or "").replace("_", " ")),
        Part(str(decision.get("reason") or "").replace("_", " "), Tone.MUTED),
    ]


def _order(payload: Payload) -> list[Part]:
    order = _of(payload, "order_spec")
    return [
        pill(order.get("side")),
        Part(figures.quantity(order.get("quantity"))),
        Part(str(order.get("order_type") or "")),
        _labelled("at", figures.price(order.get("limit_price") or order.get("stop_price"))),
        Part(str(order.get("intent") or ""), Tone.MUTED),
        _labelled("because of", str(order.get("exit_reason") or figures.ABSENT).replace("_", " "), Tone.MUTED),
        _labelled("expected", figures.price(order.get("expected_price")), Tone.MUTED),
    ]


def _order_update(payload: Payload) -> list[Part]:
    update = _of(payload, "vn_update")
    fill = _of(update, "fill")
    return [
        pill(update.get("status")),
        *(_filled(fill) if fill else ()),
        _labelled("remaining", figures.quantity(update.get("remaining")), Tone.MUTED),
        Part(str(update.get("reason") or "").replace("_", " "), Tone.MUTED),
    ]


def _filled(fill: Mapping[str, Any]) -> list[Part]:
    return [
        Part(f"{figures.quantity(fill.get('qty'))} at {figures.price(fill.get('px'))}"),
        _labelled("fee", figures.money(fill.get("fee")), Tone.MUTED),
    ]


def _fill(payload: Payload) -> list[Part]:
    fills = payload.get("fills") or [{}]
    fill = fills[0] if isinstance(fills, list) and isinstance(fills[0], Mapping) else {}
    holding = _of(payload, "position_data")
    return [
        pill(fill.get("side")),
        *_filled(fill),
        Part(str(fill.get("intent") or ""), Tone.MUTED),
        _labelled("then holding", figures.quantity(holding.get("quantity")), Tone.MUTED),
    ]


def _execution(payload: Payload) -> list[Part]:
    metrics = _of(payload, "exec_metrics")
    return [
        pill(metrics.get("status")),
        _labelled("slippage", f"{figures.plain(metrics.get('slip_real_bps'), figures=3)} bps"),
        _labelled("score", figures.score(metrics.get("execution_score"))),
        _labelled("fees", figures.money(metrics.get("fees")), Tone.MUTED),
        Part(str(metrics.get("venue") or ""), Tone.MUTED),
    ]


def _position(payload: Payload) -> list[Part]:
    outcome = _of(payload, "tr_outcome")
    gain = _gain(outcome.get("pnl"))
    return [
        pill(outcome.get("outcome")),
        Part(str(outcome.get("direction") or "")),
        Part(figures.money(outcome.get("pnl"), signed=True), gain),
        Part(figures.percent(outcome.get("pnl_percent"), signed=True), gain),
        Part(str(outcome.get("close_reason") or "").replace("_", " "), Tone.MUTED),
    ]


def _risk(payload: Payload) -> list[Part]:
    book, assessment = _of(payload, "rm_portfolio_risk"), _of(payload, "rm_risk_assessment")
    measured = _of(payload, "rm_var_calculation")
    return [
        pill(assessment.get("level")),
        _labelled("value", figures.money(book.get("portfolio_value"))),
        _labelled("exposure", figures.percent(book.get("exposure"), digits=1)),
        _labelled("drawdown", figures.percent(book.get("drawdown"))),
        _labelled("VaR 95", figures.percent(measured.get("var_95")), Tone.MUTED),
    ]


def _note(payload: Payload) -> list[Part]:
    note = _of(payload, "op_note")
    return [
        Part(str(note.get("action") or "note"), Tone.INFO, pill=True),
        _labelled("by", str(note.get("user") or figures.ABSENT)),
        Part(str(note.get("reason") or "")),
    ]


def _anything(payload: Payload) -> list[Part]:
    documents = [value for value in payload.values() if isinstance(value, Mapping)]
    plain = [
        _labelled(str(key).replace("_", " "), figures.plain(value))
        for document in documents
        for key, value in document.items()
        if isinstance(value, (str, int, float))
    ]
    return plain[:4]


_TELLERS: dict[str, Callable[[Payload], list[Part]]] = {
    "bar": _bar,
    "signal": _signal,
    "anomaly": _anomaly,
    "decision": _decision,
    "feedback": _feedback,
    "order": _order,
    "order_update": _order_update,
    "fill": _fill,
    "execution": _execution,
    "position": _position,
    "risk_update": _risk,
    "note": _note,
}
