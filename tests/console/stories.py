"""Whole stories for the console's pages: from a bar to a closed position, or to a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from strands import ids
from strands.strand import Strand, first

T0 = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PRICE = 46_319.5

GATES = (
    ("plan_valid", "hard", "sound", "sound", "==", True, None),
    ("halted", "hard", "active", "active", "==", True, None),
    ("plan_expired", "hard", 900.0, 0, ">", True, 0.0),
    ("direction", "hard", "long", ["long", "short"], "in", True, None),
    ("risk_reward", "hard", 2.0, 1.2, ">=", True, 0.0),
    ("confidence", "hard", 0.64, 0.5, ">=", True, 0.0),
    ("position_limit", "soft", 0.05, 0.1, "<=", True, 0.0),
    ("drawdown", "hard", 0.012, 0.1, "<=", True, 0.0),
    ("exposure", "hard", 0.31, 0.5, "<=", True, 0.0),
    ("correlation", "hard", None, 0.7, "<=", None, None),
    ("score", "hard", 0.74, 0.4, ">=", True, 0.0),
)


def a_bar(
    minute: int = 0, *, symbol: str = "BTC-PERP", price: float = PRICE, timeframe: str = "1m", at: datetime = T0
) -> Strand:
    """A closed bar, told apart by its minute."""
    opened, closed = at + minute * MINUTE, at + (minute + 1) * MINUTE
    wave = 40.0 * ((minute * 7) % 11 - 5)
    bar = {
        "opened_at": opened.isoformat(),
        "open": f"{price + wave:.1f}",
        "high": f"{price + abs(wave) + 60:.1f}",
        "low": f"{price - abs(wave) - 45:.1f}",
        "close": f"{price - wave / 2:.1f}",
        "volume": f"{12.5 + minute % 7:.3f}",
    }
    features = {
        "close": price,
        "ret_1": 0.0012,
        "rsi_14": 61.2,
        "atr_14": 85.0,
        "regime": "trending_up",
        "votes": {"1m": 1, "15m": 1},
    }
    return first(
        module="market",
        kind="bar",
        at=closed,
        symbol=symbol,
        timeframe=timeframe,
        regime="trending_up",
        payload={"md_bar": bar, "md_features": features},
    )


def a_signal(bar: Strand, *, direction: str = "long") -> Strand:
    """What alpha says to a bar."""
    side = 1 if direction == "long" else -1
    plan = {
        "plan_id": str(ids.uuid_of("plan", bar.id, direction)),
        "symbol": bar.symbol,
        "timeframe": bar.timeframe,
        "direction": direction,
        "entry_conditions": [{"type": "price_above", "value": f"{PRICE - 20}"}],
        "entry_price": f"{PRICE}",
        "position_size": 0.05,
        "stop_loss": f"{PRICE - side * 170}",
        "take_profit": f"{PRICE + side * 340}",
        "risk_reward_ratio": 2.0,
        "confidence_score": 0.64,
        "strength_score": 0.71,
        "tier": "strong",
        "order_type": "limit",
        "time_horizon": "15m",
        "valid_until": (bar.at + 15 * MINUTE).isoformat(),
        "created_at": bar.at.isoformat(),
        "market_context": {"atr": 85.0, "rsi_14": 61.2, "trend": 0.4, "regime": "trending_up"},
    }
    return bar.answer(
        module="alpha",
        kind="signal",
        regime="trending_up",
        payload={
            "sig_sigma": 0.71,
            "sig_confidence": 0.64,
            "sig_direction": direction,
            "trading_plan": plan,
            "signal_pack": {"patterns": ["breakout"], "score": 0.68},
            "regime_context": {
                "regime": "trending_up",
                "confidence": 0.8,
                "trend": 0.4,
                "votes": {"1m": 1, "5m": 1, "15m": 1},
            },
        },
    )


def gates(**failed: tuple[Any, Any, str, Any]) -> list[dict[str, Any]]:
    """All gates passed, but for those given as value, limit, comparison and distance."""
    names = ("gate", "severity", "value", "limit", "comparison", "passed", "distance")
    table = {gate[0]: dict(zip(names, gate, strict=True)) for gate in GATES}
    for name, (value, limit, comparison, distance) in failed.items():
        found = {"value": value, "limit": limit, "comparison": comparison, "passed": False, "distance": distance}
        table[name] = {"gate": name, "severity": "hard", **found}
    return list(table.values())


def a_decision(
    signal: Strand, *, type: str = "approve", reason: str | None = None, found: Sequence[Any] = ()
) -> Strand:
    """What the decision maker says to a signal."""
    plan = {**signal.payload["trading_plan"], "quantity": "0.1080"}
    decision = {
        "decision_type": type,
        "score": 0.74,
        "score_parts": {
            "formula": "A",
            "curated": 0.62,
            "risk": 0.09,
            "allocation": 0.02,
            "asymmetry": 0.0,
            "impact": 0.01,
        },
        "reason": reason,
        "gates": list(found) or gates(),
        "plan": None if type == "reject" else plan,
        "plan_id": plan["plan_id"],
        "modifications": [],
        "valid_until": (signal.at + 60 * MINUTE).isoformat(),
    }
    return signal.answer(
        module="dm",
        kind="decision",
        payload={
            "alpha_bundle_ref": signal.id,
            "dm_decision": decision,
            "dm_budget": {
                "risk_budget": 0.01,
                "kelly": 0.42,
                "position_size": 0.05,
                "quantity": "0.1080",
                "notional": "5002.51",
            },
            "risk_metrics": {
                "size": 1.0,
                "var": 0.6,
                "correlation": 1.0,
                "liquidity": 0.6,
                "volatility": 1.0,
                "overall": 0.84,
            },
            "portfolio_impact": {
                "exposure": {"before": 0.26, "after": 0.31, "delta": 0.05},
                "concentration": {"before": 0.11, "after": 0.14, "delta": 0.03},
                "expected_cost": "10.005012",
                "score": 0.71,
            },
        },
    )


def a_refusal(signal: Strand) -> Strand:
    """A no, for too much exposure."""
    found = gates(exposure=(0.52, 0.5, "<=", 0.02), risk_reward=(1.05, 1.2, ">=", 0.15))
    return a_decision(signal, type="reject", reason="exposure", found=found)


def a_trade(
    decision: Strand, *, exit_bar: Strand, direction: str = "long", exit_at: float = PRICE + 340
) -> list[Strand]:
    """Everything after an approval: entry, fills in two parts, exit, executions and the closed position."""
    lifecycle = decision.lifecycle_id
    entry = _order(decision, intent="entry", side="buy" if direction == "long" else "sell", kind="limit", price=PRICE)
    told = [entry]
    fills = []
    for nth, quantity in enumerate(("0.0600", "0.0480")):
        fill = _fill(
            entry,
            px=PRICE + 4.5 + nth,
            qty=quantity,
            side="buy",
            latency=180 + 40 * nth,
            at=decision.at + (nth + 1) * MINUTE,
        )
        fills.append(fill)
        told += _filled(entry, fill, nth=nth, done=nth == 1, intent="entry")
    told.append(_execution(entry, fills, intent="entry", slip=1.1))
    leaving = exit_bar.answer(
        module="trader",
        kind="order",
        parent_id=entry.id,
        lifecycle_id=lifecycle,
        payload=_spec("exit", "sell", "market", exit_at, decision),
    )
    out = _fill(leaving, px=exit_at - 6, qty="0.1080", side="sell", latency=210, at=exit_bar.at + MINUTE)
    told += [
        leaving,
        *_filled(leaving, out, nth=0, done=True, intent="exit"),
        _execution(leaving, [out], intent="exit", slip=-1.3),
    ]
    outcome = {
        "pnl": "31.42",
        "pnl_percent": 0.00628,
        "gross_pnl": "36.18",
        "fees": "4.76",
        "hold_seconds": 1860,
        "close_reason": "take_profit",
        "entry_price": "46324.4",
        "exit_price": f"{exit_at - 6}",
        "direction": direction,
        "outcome": "win",
        "r_multiple": 1.71,
        "funding": "0",
        "quantity": "0.1080",
        "plan_id": decision.payload["dm_decision"]["plan_id"],
        "opened_at": (decision.at + MINUTE).isoformat(),
        "closed_at": (exit_bar.at + MINUTE).isoformat(),
    }
    closed = leaving.answer(
        module="trader",
        kind="position",
        payload={
            "decision_id": decision.id,
            "tr_outcome": outcome,
            "position_data": {"symbol": entry.symbol, "quantity": "0"},
        },
    )
    return [*told, closed]


def a_story(minute: int = 0, *, symbol: str = "BTC-PERP", refused: bool = False, held: int = 31) -> list[Strand]:
    """A bar, what became of it, and the bars around."""
    bar = a_bar(minute, symbol=symbol)
    signal = a_signal(bar)
    if refused:
        return [bar, signal, no := a_refusal(signal), a_feedback(no)]
    leaving = a_bar(minute + held, symbol=symbol)
    yes = a_decision(signal)
    return [bar, leaving, signal, yes, a_feedback(yes), *a_trade(yes, exit_bar=leaving)]


def a_feedback(decision: Strand) -> Strand:
    """What alpha hears of a decision."""
    kind = decision.payload["dm_decision"]["decision_type"]
    said = {
        "decision_type": kind,
        "feedback_type": "learning_opportunity" if kind == "reject" else "positive_reinforcement",
    }
    said["reason"] = decision.payload["dm_decision"]["reason"]
    return decision.answer(module="dm", kind="feedback", payload={"dm_decision": said})


def _spec(intent: str, side: str, kind: str, price: float, decision: Strand) -> dict[str, Any]:
    spec = {
        "symbol": decision.symbol,
        "side": side,
        "intent": intent,
        "quantity": "0.1080",
        "order_type": kind,
        "limit_price": f"{price}" if kind == "limit" else None,
        "expected_price": f"{price}",
        "direction": "long",
        "stop_loss": f"{PRICE - 170}",
        "take_profit": f"{PRICE + 340}",
        "created_at": decision.at.isoformat(),
        "exit_reason": "take_profit" if intent == "exit" else None,
        "execution_strategy": "passive",
    }
    predicted = {"fill_prob": 0.82, "slip_bps": 0.8, "latency_ms": 150}
    return {"decision_id": decision.id, "order_spec": spec, "tr_predict": predicted, "route_hint": "paper"}


def _order(decision: Strand, *, intent: str, side: str, kind: str, price: float) -> Strand:
    return decision.answer(module="trader", kind="order", payload=_spec(intent, side, kind, price, decision))


def _fill(order: Strand, *, px: float, qty: str, side: str, latency: int, at: datetime) -> dict[str, Any]:
    return {
        "px": f"{px}",
        "qty": qty,
        "side": side,
        "ts": at.isoformat(),
        "venue": "paper",
        "fee": "2.38",
        "latency_ms": latency,
        "spread_bps": 0.6,
        "impact_bps": 0.5,
        "liquidity": "taker",
        "order_id": order.id,
    }


def _filled(order: Strand, fill: dict[str, Any], *, nth: int, done: bool, intent: str) -> list[Strand]:
    update = {
        "order_id": order.id,
        "status": "filled" if done else "partially_filled",
        "filled_quantity": fill["qty"],
        "fill": fill,
    }
    heard = order.answer(module="venue", kind="order_update", nth=nth, payload={"vn_update": update})
    held = {"symbol": order.symbol, "quantity": fill["qty"], "avg_price": fill["px"]}
    said = order.answer(
        module="trader", kind="fill", nth=nth, payload={"fills": [{**fill, "intent": intent}], "position_data": held}
    )
    return [heard, said]


def _execution(order: Strand, fills: Sequence[dict[str, Any]], *, intent: str, slip: float) -> Strand:
    metrics = {
        "slip_real_bps": slip,
        "latency_ms": 200,
        "fees": "2.38",
        "venue": "paper",
        "status": "filled",
        "execution_score": 0.93,
        "intent": intent,
        "adherence": 0.98,
        "slip_penalty": 0.02,
        "lat_penalty": 0.03,
        "venue_score": 0.9,
    }
    payload = {
        "decision_id": order.payload["decision_id"],
        "order_spec": order.payload["order_spec"],
        "tr_predict": order.payload["tr_predict"],
        "fills": list(fills),
        "exec_metrics": metrics,
    }
    return order.answer(module="trader", kind="execution", payload=payload)
