"""What decision maker tests say to it: bars, risk updates, signals, fills, and a decision maker that has heard them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from strands import ids, strand, tags
from strands.given import HaltState
from strands.rulings.fold import Rulings
from strands.strand import Strand
from tests import instruments
from tradingops.modules.decision.module import DecisionMaker
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.state import DecisionState
from tradingops.people import acts
from tradingops.people import rulings as ruling_checks

NOON = datetime(2022, 1, 3, 12, tzinfo=UTC)
BTC, ETH = "BTC-PERP", "ETH-PERP"
ASKED = acts.Asked(by="ann", reason="a test", at=NOON - timedelta(hours=1), asked_at=NOON)


def a_bar(*, at: datetime = NOON, symbol: str = BTC, close: str = "100", volume: str = "1000000") -> Strand:
    """Return a completed 15-minute bar."""
    prices = dict.fromkeys(("open", "high", "low", "close"), close)
    opened = (at - timedelta(minutes=15)).isoformat()
    return strand.first(
        module="market",
        kind="bar",
        at=at,
        symbol=symbol,
        timeframe="15m",
        tags=(tags.DM_MARKET_UPDATE,),
        payload={"md_bar": {"opened_at": opened, **prices, "volume": volume}, "md_features": None},
    )


def a_risk_update(
    *,
    at: datetime = NOON,
    var_95: float | None = 0.001,
    cvar_95: float | None = 0.0015,
    drawdown: float = 0.0,
    correlation: dict[str, float] | None = None,
    volatility: dict[str, Any] | None = None,
) -> Strand:
    """Return a quiet day's risk update; volatilities are annual."""
    annual = {BTC: 0.2, ETH: 0.3} if volatility is None else volatility
    return strand.first(
        module="risk",
        kind="risk_update",
        at=at,
        symbol=BTC,
        tags=(tags.DM_RISK_UPDATE,),
        payload={
            "rm_var_calculation": {"horizon_var_95": var_95, "horizon_cvar_95": cvar_95, "observations": 100},
            "rm_portfolio_risk": {"drawdown": drawdown},
            "rm_correlation": correlation or {},
            "rm_volatility": {symbol: {"annualised": each} for symbol, each in annual.items()},
        },
    )


def a_plan(*, at: datetime = NOON, symbol: str = BTC, direction: str = "long", **changed: Any) -> dict[str, Any]:
    """Return a sound plan's payload: 8 % at 100, stop one percent away, target two."""
    sign = 1 if direction == "long" else -1
    return {
        "plan_id": str(ids.uuid_of("plan", symbol, at.isoformat(), direction)),
        "signal_id": f"{symbol}:{direction}",
        "symbol": symbol,
        "timeframe": "1m",
        "direction": direction,
        "entry_conditions": [{"type": "price_above", "value": "99.9"}],
        "entry_price": "100",
        "position_size": 0.08,
        "max_position_size": 0.15,
        "risk_per_trade": 0.02,
        "stop_loss": str(100 - sign),
        "take_profit": str(100 + 2 * sign),
        "risk_reward_ratio": 2.0,
        "confidence_score": 0.7,
        "strength_score": 0.7,
        "tier": "medium",
        "order_type": "market",
        "slippage_tolerance": 0.003,
        "time_horizon": "5m",
        "valid_until": (at + timedelta(minutes=5)).isoformat(),
        "created_at": at.isoformat(),
        "venue_preferences": ["paper"],
        "market_context": {"vol_20": 0.0008},
        "signal_metadata": {},
        **changed,
    }


def a_signal(
    *,
    at: datetime = NOON,
    symbol: str = BTC,
    direction: str = "long",
    sigma: float = 0.7,
    confidence: float = 0.7,
    **changed: Any,
) -> Strand:
    """Return a signal with a sound plan, some of its plan's fields changed."""
    return a_bar(at=at, symbol=symbol).answer(
        module="alpha",
        kind="signal",
        tags=(tags.EVALUATE_PLAN,),
        nth=int(direction == "short"),
        payload={
            "sig_sigma": sigma,
            "sig_confidence": confidence,
            "sig_direction": direction,
            "trading_plan": a_plan(at=at, symbol=symbol, direction=direction, **changed),
        },
    )


def a_fill(decision: Strand, *, quantity: str, price: str = "100", side: str = "buy", intent: str = "entry") -> Strand:
    """Return a fill of a decision's plan."""
    fill = {"px": price, "qty": quantity, "side": side, "fee": "1", "ts": decision.at.isoformat(), "intent": intent}
    return decision.answer(module="trader", kind="fill", tags=(tags.DM_EXECUTION_FEEDBACK,), payload={"fills": [fill]})


def an_execution(decision: Strand, *, fills: Sequence[dict[str, Any]] = (), intent: str = "entry") -> Strand:
    """Return the report that a decision's entry or exit order is finished."""
    spec = {"plan_id": decision.payload["dm_decision"]["plan_id"], "intent": intent}
    return decision.answer(
        module="trader",
        kind="execution",
        tags=(tags.DM_EXECUTION_FEEDBACK,),
        payload={"order_spec": spec, "fills": list(fills)},
    )


def a_closed_position(decision: Strand) -> Strand:
    """Return the report that the position of a decision's plan is closed."""
    outcome = {"plan_id": decision.payload["dm_decision"]["plan_id"], "pnl": "1"}
    return decision.answer(
        module="trader", kind="position", tags=(tags.DM_EXECUTION_FEEDBACK,), payload={"tr_outcome": outcome}
    )


def ruled(*rulings: Strand) -> Rulings:
    """Return what people have put in force, checked as the desk checks it."""
    return Rulings(rulings, check=ruling_checks.check({"dm": DecisionPolicy()}))


def a_halt(scope: str, state: str = "halted", *, nth: int = 0) -> Strand:
    """Return a ruling that halts a scope, or lets it trade again."""
    asked = dataclasses.replace(ASKED, at=ASKED.at + timedelta(seconds=nth))
    return acts.halt(scope, HaltState(state), asked=asked)


def heard(
    dm: DecisionMaker,
    strands: Iterable[Strand],
    state: DecisionState | None = None,
    *,
    rulings: Rulings | None = None,
) -> tuple[DecisionState, list[Strand]]:
    """Return the state after strands, each handled at its own moment under these rulings, and all the answers."""
    rulings = rulings or Rulings()
    state = dm.start("") if state is None else state
    answers: list[Strand] = []
    for each in strands:
        state, more = dm.handle(state, each, rulings.given(each.at, dm.name))
        answers.extend(more)
    return state, answers


def ready(dm: DecisionMaker, **risk: Any) -> DecisionState:
    """Return the state of a decision maker that has heard of instruments, one bar a symbol and a risk update."""
    steps = [instruments.told(symbol, NOON, tick="0.01", lot="0.001", least_notional=10) for symbol in (BTC, ETH)]
    return heard(dm, [*steps, a_bar(), a_bar(symbol=ETH), a_risk_update(**risk)])[0]


def gate_of(decision: Strand, code: str) -> dict[str, Any]:
    """Return what a decision says of one gate."""
    (found,) = [each for each in decision.payload["dm_decision"]["gates"] if each["gate"] == code]
    return dict(found)
