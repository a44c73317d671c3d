"""What each kind of strand says, in one line with the facts that matter."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from strands import tables
from tradingops.console.showing import facts, lifecycle_lines, refusals
from tradingops.console.showing.lines import Line, Tone

Facts = dict[str, Any]


#: What a summary reads, by table: a name, and the path to it from a column.
READ: dict[str, dict[str, tuple[str, ...]]] = {
    "ad_strands": {
        "direction": ("sig_direction",),
        "strength": ("sig_sigma",),
        "confidence": ("sig_confidence",),
        "entry": ("trading_plan", "entry_price"),
        "stop": ("trading_plan", "stop_loss"),
        "target": ("trading_plan", "take_profit"),
        "anomaly": ("signal_pack", "anomaly_type"),
        "anomaly_score": ("signal_pack", "anomaly_score"),
        "learned": ("lesson_metadata",),
    },
    "dm_strands": {
        "type": ("dm_decision", "decision_type"),
        "score": ("dm_decision", "score"),
        "reason": ("dm_decision", "reason"),
        "gates": ("dm_decision", "gates"),
        "modifications": ("dm_decision", "modifications"),
        "quantity": ("dm_decision", "plan", "quantity"),
        "feedback": ("dm_decision", "feedback_type"),
        "learned": ("lesson_metadata",),
    },
    "tr_strands": {
        "side": ("order_spec", "side"),
        "quantity": ("order_spec", "quantity"),
        "order_type": ("order_spec", "order_type"),
        "limit": ("order_spec", "limit_price"),
        "expected": ("order_spec", "expected_price"),
        "intent": ("order_spec", "intent"),
        "exit_reason": ("order_spec", "exit_reason"),
        "fill": ("fills", "0"),
        "metrics": ("exec_metrics",),
        "monitoring": ("monitoring_state",),
        "outcome": ("tr_outcome",),
        "learned": ("lesson_metadata",),
    },
    "rm_strands": {
        "level": ("rm_risk_assessment", "level"),
        "breaches": ("rm_risk_assessment", "breaches"),
        "warnings": ("rm_risk_assessment", "warnings"),
        "exposure": ("rm_portfolio_risk", "exposure"),
        "drawdown": ("rm_portfolio_risk", "drawdown"),
        "value": ("rm_portfolio_risk", "portfolio_value"),
        "var": ("rm_var_calculation", "var_95"),
    },
    "md_strands": {
        "close": ("md_bar", "close"),
        "volume": ("md_bar", "volume"),
        "moved": ("md_features", "ret_1"),
        "timer": ("md_timer",),
    },
    "vn_strands": {"update": ("vn_update",)},
    "op_strands": {
        "verdict": ("op_verdict",),
        "halt": ("op_halt",),
        "policy": ("op_policy",),
        "note": ("op_note",),
    },
    "co_strands": {"verdict": ("co_verdict",), "proposal": ("co_proposal",)},
}

_ABSENT: dict[str, Facts] = {tables.BY_NAME[name].module: dict.fromkeys(read) for name, read in READ.items()}


def of(*, module: str, kind: str | None, read: Any) -> Line:
    """Return the line of a strand from what READ names; odd facts give a shorter line, never an error."""
    return _LINES.get((module, kind), _anything)({**_ABSENT[module], **facts.mapping(read)})


def from_row(table: str, row: Facts) -> Facts:
    """Return what READ names out of a whole row."""
    return {name: facts.dig(row, *map(_step, path)) for name, path in READ[table].items()}


def _step(step: str) -> str | int:
    return int(step) if step.isdigit() else step


def _signal(read: Facts) -> Line:
    strength, confidence = facts.score(read["strength"]), facts.score(read["confidence"])
    said = f"{facts.word(read['direction'])} · strength {strength}, confidence {confidence}"
    if read["entry"] is None:
        return Line(said)
    plan = f"entry {facts.price(read['entry'])}, stop {facts.price(read['stop'])}, target {facts.price(read['target'])}"
    return Line(f"{said} · {plan}")


def _anomaly(read: Facts) -> Line:
    return Line(f"{facts.spaced(read['anomaly'])} · score {facts.score(read['anomaly_score'])}", Tone.WARN)


def _decision(read: Facts) -> Line:
    kind = facts.word(read["type"]) or "decision"
    said = f"{kind} · score {facts.score(read['score'])}"
    if refusals.is_refusal(kind):
        return Line(f"{said} · {refusals.why(read)}".removesuffix(" · "), Tone.BAD)
    tone = Tone.WARN if kind == "modify" else Tone.GOOD
    changed = ", ".join(filter(None, map(_changed, facts.items(read["modifications"]))))
    size = f"quantity {facts.quantity(read['quantity'])}" if read["quantity"] is not None else ""
    return Line(" · ".join(filter(None, (said, size, changed))), tone)


def _changed(modification: Any) -> str:
    """Return a modification in words, whichever way it is told."""
    named = next(
        filter(None, (facts.dig(modification, key) for key in ("what", "field", "type", "reason"))), modification
    )
    return facts.spaced(named)


def _feedback(read: Facts) -> Line:
    return Line(" · ".join(filter(None, (facts.spaced(read["feedback"]), facts.spaced(read["reason"])))))


def _order(read: Facts) -> Line:
    at = read["limit"] if read["limit"] is not None else read["expected"]
    why = facts.spaced(read["exit_reason"]) or facts.spaced(read["intent"])
    what = f"{facts.word(read['side'])} {facts.quantity(read['quantity'])} {facts.word(read['order_type'])}"
    said = f"{what} near {facts.price(at)}"
    return Line(" · ".join(filter(None, (said, why))))


def _monitoring(read: Facts) -> Line:
    return _told(read["monitoring"])


def _fill(read: Facts) -> Line:
    fill = facts.mapping(read["fill"])
    said = f"{facts.word(fill.get('side'))} {facts.quantity(fill.get('qty'))} at {facts.price(fill.get('px'))}"
    return Line(f"{said} · fee {facts.price(fill.get('fee'))}", Tone.GOOD)


def _execution(read: Facts) -> Line:
    metrics = facts.mapping(read["metrics"])
    slip, latency = facts.number(metrics.get("slip_real_bps")), facts.number(metrics.get("latency_ms"))
    said = [facts.spaced(metrics.get("status")) or "finished", f"score {facts.score(metrics.get('execution_score'))}"]
    said += [f"slippage {slip:.1f} bps"] if slip is not None else []
    said += [f"latency {latency:.0f} ms"] if latency is not None else []
    return Line(" · ".join(said), Tone.GOOD if metrics.get("status") == "filled" else Tone.WARN)


def _position(read: Facts) -> Line:
    outcome = facts.mapping(read["outcome"])
    pnl = facts.number(outcome.get("pnl"))
    why, held = facts.spaced(outcome.get("close_reason")), outcome.get("hold_seconds")
    said = f"{facts.signed(pnl)} ({facts.share(outcome.get('pnl_percent'))}) · {why}".removesuffix(" · ")
    tone = Tone.CALM if not pnl else Tone.GOOD if pnl > 0 else Tone.BAD
    return Line(f"{said} after {facts.span(held)}" if facts.number(held) is not None else said, tone)


def _risk(read: Facts) -> Line:
    level = facts.word(read["level"]) or "risk"
    exposure, drawdown, var = (facts.share(read[name]) for name in ("exposure", "drawdown", "var"))
    said = f"{level} · exposure {exposure}, drawdown {drawdown}, VaR {var}"
    first = next(iter(facts.items(read["breaches"]) + facts.items(read["warnings"])), None)
    named = facts.spaced(facts.dig(first, "limit") or first)
    tone = {"breach": Tone.BAD, "warning": Tone.WARN}.get(level, Tone.CALM)
    return Line(f"{said} · {named}" if named else said, tone)


def _bar(read: Facts) -> Line:
    moved = facts.number(read["moved"])
    change = "" if moved is None else f" ({100 * moved:+.2f} %)"
    return Line(f"{facts.price(read['close'])}{change} · volume {facts.quantity(read['volume'])}")


def _order_update(read: Facts) -> Line:
    update = facts.mapping(read["update"])
    status = facts.word(update.get("status")) or "update"
    fill = facts.mapping(update.get("fill"))
    said = [facts.spaced(status)]
    said += [f"{facts.quantity(fill.get('qty'))} at {facts.price(fill.get('px'))}"] if fill else []
    said += [facts.spaced(update.get("reason"))]
    tone = (
        Tone.BAD
        if status in ("rejected", "expired")
        else Tone.WARN
        if status in ("cancelled", "unknown")
        else Tone.CALM
    )
    return Line(" · ".join(filter(None, said)), tone)


def _judgement(kind: str, read: Facts) -> Line:
    """Return the line of a strand about judgement or learning."""
    row = {
        "sig_direction": read.get("direction"),
        "sig_sigma": read.get("strength"),
        "sig_confidence": read.get("confidence"),
        "lesson_metadata": read["learned"],
    }
    return lifecycle_lines.of(kind, row) or _anything(read)


def _anything(read: Facts) -> Line:
    """Return what there is, for kinds that nobody told the console about."""
    return _told({name: value for name, value in read.items() if value not in (None, "", [], {})})


def _told(value: Any, *, most: int = 4) -> Line:
    """Return the first few plain facts of a value."""
    if not isinstance(value, dict):
        return Line(facts.spaced(value))
    if len(value) == 1 and isinstance(only := next(iter(value.values())), dict):
        return _told(only, most=most)
    plain = [(facts.spaced(name), facts.spaced(each)) for name, each in value.items()]
    return Line(", ".join(f"{name} {each}" for name, each in plain if each)[: 60 * most])


_LINES: dict[tuple[str, str | None], Callable[[Facts], Line]] = {
    ("alpha", "signal"): _signal,
    ("alpha", "anomaly"): _anomaly,
    ("dm", "decision"): _decision,
    ("dm", "feedback"): _feedback,
    ("trader", "order"): _order,
    ("trader", "monitoring"): _monitoring,
    ("trader", "fill"): _fill,
    ("trader", "execution"): _execution,
    ("trader", "position"): _position,
    ("risk", "risk_update"): _risk,
    ("market", "bar"): _bar,
    ("venue", "order_update"): _order_update,
    **{
        (module, kind): partial(_judgement, kind)
        for module in ("alpha", "dm", "trader")
        for kind in lifecycle_lines.KINDS
        if module == "alpha" or kind not in ("withheld", "counterfactual")
    },
}


def kinds() -> list[tuple[str, str]]:
    """Return the modules and kinds that have a line of their own."""
    return [(module, kind) for module, kind in _LINES if kind]
