"""Strands as rows of trading_plans and trading_plan_approvals: the columns that are written, and what fits them.

Columns of JSON values: money as decimal strings, shares as percent where the specification says percent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from portfolio import ledger
from portfolio.plans.plan import Direction
from strands import ids
from strands.strand import Strand
from strands.written import Written

Row = dict[str, Any]

DIRECTIONS = (*Direction, "neutral")
STATUSES = {"approve": "approved", "modify": "modified", "reject": "rejected"}
EXECUTIONS = {
    "filled": "executed",
    "partial": "partial",
    "cancelled": "cancelled",
    "expired": "cancelled",
    "failed": "failed",
    "rejected": "failed",
}
PERCENT = Decimal(100)
BPS = Decimal(10_000)
#: Why a plan was changed that no rule changed.
BY_PEOPLE = "changed by people"

_SYMBOL_LENGTH, _HORIZON_LENGTH = 20, 10
_HUNDREDTH, _TEN_THOUSANDTH = Decimal("0.01"), Decimal("0.0001")
_LARGEST_RATIO = Decimal("9999.9999")
#: Digits before or after the point beyond which a number is no money.
_MOST_DIGITS = 100
_FITTED = Context(prec=60, rounding=ROUND_HALF_EVEN)

#: The columns of each statement's rows, declared once; a change gives some of them.
PLAN = Written(
    columns={
        "plan_id": "uuid",
        "symbol": "text",
        "timestamp": "timestamptz",
        "signal_strength": "numeric",
        "direction": "text",
        "entry_conditions": "jsonb",
        "entry_price": "numeric",
        "position_size": "numeric",
        "stop_loss": "numeric",
        "take_profit": "numeric",
        "time_horizon": "text",
        "risk_reward_ratio": "numeric",
        "confidence_score": "numeric",
        "microstructure_evidence": "jsonb",
        "regime_context": "jsonb",
        "module_intelligence": "jsonb",
        "valid_until": "timestamptz",
        "lifecycle_id": "text",
    },
)
APPROVAL = Written(
    columns={
        "approval_id": "uuid",
        "plan_id": "uuid",
        "timestamp": "timestamptz",
        "approval_status": "text",
        "approval_reason": "text",
        "modifications": "jsonb",
        "risk_assessment": "jsonb",
        "risk_controls": "jsonb",
        "portfolio_impact": "jsonb",
        "decision_confidence": "numeric",
        "decision_factors": "jsonb",
        "alternative_plans": "jsonb",
        "lifecycle_id": "text",
    },
)
CHANGE = Written(
    columns={
        "plan_id": "uuid",
        "validation_status": "text",
        "risk_assessment": "jsonb",
        "portfolio_impact": "jsonb",
        "execution_status": "text",
        "executed_price": "numeric",
        "executed_quantity": "numeric",
        "execution_cost": "numeric",
        "slippage": "numeric",
        "pnl": "numeric",
        "performance_metrics": "jsonb",
    },
    is_whole=False,
)


def plan_of(signal: Strand) -> Row | None:
    """Return the trading_plans row of a signal; None where it names no plan, symbol or direction."""
    payload, plan = signal.payload, _object(signal.payload.get("trading_plan"))
    plan_id = _plan_id(plan.get("plan_id"))
    symbol, direction = plan.get("symbol") or signal.symbol, plan.get("direction")
    if plan_id is None or not isinstance(symbol, str) or direction not in DIRECTIONS:
        return None
    size = _number(plan.get("position_size"))
    return {
        "plan_id": plan_id,
        "symbol": symbol[:_SYMBOL_LENGTH],
        "timestamp": signal.at.isoformat(),
        "signal_strength": _score(payload.get("sig_sigma", plan.get("strength_score"))) or "0",
        "direction": direction,
        "entry_conditions": plan.get("entry_conditions"),
        "entry_price": _money(plan.get("entry_price")),
        "position_size": None if size is None else _fitted(size * PERCENT, _HUNDREDTH, _HUNDREDTH, PERCENT),
        "stop_loss": _money(plan.get("stop_loss")),
        "take_profit": _money(plan.get("take_profit")),
        "time_horizon": str(plan.get("time_horizon") or "")[:_HORIZON_LENGTH] or None,
        "risk_reward_ratio": _fitted(_number(plan.get("risk_reward_ratio")), _HUNDREDTH, _HUNDREDTH, Decimal(10)),
        "confidence_score": _score(plan.get("confidence_score", payload.get("sig_confidence"))) or "0",
        "microstructure_evidence": payload.get("dsi_evidence"),
        "regime_context": payload.get("regime_context"),
        "module_intelligence": payload.get("module_intelligence"),
        "valid_until": _moment(plan.get("valid_until")),
        "lifecycle_id": signal.lifecycle_id,
    }


def approval_of(decision: Strand) -> Row | None:
    """Return the trading_plan_approvals row of a decision; None where its plan has no id."""
    verdict = _object(decision.payload.get("dm_decision"))
    plan_id, status = _plan_id(verdict.get("plan_id")), STATUSES.get(str(verdict.get("decision_type")))
    if plan_id is None or status is None:
        return None
    return {
        "approval_id": str(ids.uuid_of("approval", decision.id)),
        "plan_id": plan_id,
        "timestamp": decision.at.isoformat(),
        "approval_status": status,
        "approval_reason": _reason(verdict),
        "modifications": _modifications(verdict),
        "risk_assessment": decision.payload.get("risk_metrics"),
        "risk_controls": verdict.get("risk_parameters"),
        "portfolio_impact": decision.payload.get("portfolio_impact"),
        "decision_confidence": _score(verdict.get("score")),
        "decision_factors": _factors(verdict),
        "alternative_plans": _alternatives(verdict),
        "lifecycle_id": decision.lifecycle_id,
    }


def _factors(verdict: Mapping[str, Any]) -> Row:
    """Return what bore on a decision: scores and gates, and of one that people were asked about who said what, when."""
    factors = {name: verdict.get(name) for name in ("score_parts", "allocation", "gates")}
    review = _object(verdict.get("review"))
    people = (
        "item",
        "outcome",
        "people",
        "verdicts",
        "changes",
        "authors",
        "needs",
        "deadline",
        "silence_acted",
        "hash",
    )
    return {**factors, "review": {name: review.get(name) for name in people}} if review else factors


def _reason(verdict: Mapping[str, Any]) -> Any:
    """Return why a plan was decided so, and of one that people were asked about what each of them said."""
    told = _object(verdict.get("review")).get("verdicts")
    words = [f"{each.get('by')}: {each.get('comment')}" for each in told or () if isinstance(each, dict)]
    return "; ".join([*filter(None, [verdict.get("reason")]), *words]) or None


def _modifications(verdict: Mapping[str, Any]) -> Any:
    """Return what was changed of a plan, by the decision maker and by people."""
    review = _object(verdict.get("review"))
    changes, before = _object(review.get("changes")), _object(review.get("before"))
    if not changes:
        return verdict.get("modifications")
    by_people = [
        {"field": name, "from": before.get(name), "to": to, "because": BY_PEOPLE} for name, to in changes.items()
    ]
    return [*(verdict.get("modifications") or ()), *by_people]


def _alternatives(verdict: Mapping[str, Any]) -> list[Row] | None:
    """Return the plan as alpha made it where people changed it; None where they did not."""
    review = _object(verdict.get("review"))
    before, plan = _object(review.get("before")), _object(verdict.get("plan"))
    return [{**plan, **before, "because": "as alpha made it"}] if before else None


def judged(decision: Strand) -> Row | None:
    """Return what a decision changes of its plan's row."""
    verdict = _object(decision.payload.get("dm_decision"))
    plan_id, status = _plan_id(verdict.get("plan_id")), STATUSES.get(str(verdict.get("decision_type")))
    if plan_id is None or status is None:
        return None
    return {
        "plan_id": plan_id,
        "validation_status": "failed" if status == "rejected" else "validated",
        "risk_assessment": decision.payload.get("risk_metrics"),
        "portfolio_impact": decision.payload.get("portfolio_impact"),
    }


def executed(execution: Strand) -> Row | None:
    """Return what a finished order changes of its plan's row: all of it for an entry, a note for an exit."""
    spec, metrics = (_object(execution.payload.get(column)) for column in ("order_spec", "exec_metrics"))
    plan_id = _plan_id(spec.get("plan_id"))
    if plan_id is None:
        return None
    if spec.get("intent") == "exit":
        return {"plan_id": plan_id, "performance_metrics": {"exit": metrics}}
    quantity, price = _traded(execution.payload.get("fills") or ())
    slip = _number(metrics.get("slip_real_bps"))
    return {
        "plan_id": plan_id,
        "execution_status": EXECUTIONS.get(str(metrics.get("status"))),
        "executed_price": _money(price),
        "executed_quantity": _money(quantity),
        "execution_cost": _money(metrics.get("fees")),
        "slippage": None if slip is None else _fitted(slip / BPS, _TEN_THOUSANDTH, -_LARGEST_RATIO, _LARGEST_RATIO),
        "performance_metrics": {"entry": metrics},
    }


def closed(position: Strand) -> Row | None:
    """Return what a closed position changes of its plan's row: what it earned, and what it cost in all."""
    outcome = _object(position.payload.get("tr_outcome"))
    plan_id = _plan_id(outcome.get("plan_id"))
    if plan_id is None:
        return None
    return {
        "plan_id": plan_id,
        "pnl": _money(outcome.get("pnl")),
        "execution_cost": _money(outcome.get("fees")),
        "performance_metrics": {"outcome": outcome},
    }


def _traded(fills: Sequence[Mapping[str, Any]]) -> tuple[Decimal | None, Decimal | None]:
    """Return the quantity of fills and their average price; None for no fills."""
    pairs = [[_within(each.get(name), ledger.MAX_EXPONENT) for name in ("qty", "px")] for each in fills]
    known = [(quantity, price) for quantity, price in pairs if quantity and price]
    quantity = ledger.total(each for each, _ in known)
    if not quantity:
        return None, None
    return quantity, ledger.QUOTIENT.divide(ledger.total(ledger.EXACT.multiply(*each) for each in known), quantity)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _plan_id(value: object) -> str | None:
    """Return a plan's id as PostgreSQL spells it; None for what is no UUID."""
    try:
        return str(UUID(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _moment(value: object) -> str | None:
    """Return an ISO moment with its zone as it is; None for anything else."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment.isoformat() if moment and moment.tzinfo else None


def _number(value: object) -> Decimal | None:
    """Return a JSON number or decimal string as a finite Decimal; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _fitted(number: Decimal | None, step: Decimal, least: Decimal, most: Decimal) -> str | None:
    """Return a number rounded to a column's step and held within its range."""
    if number is None:
        return None
    return str(min(max(number, least), most).quantize(step, context=_FITTED))


def _score(value: object) -> str | None:
    return _fitted(_number(value), _HUNDREDTH, Decimal(0), Decimal(1))


def _money(value: object) -> str | None:
    """Return an amount with every digit it has; None for one that no column of money takes."""
    number = _within(value, _MOST_DIGITS)
    return None if number is None else format(number, "f")


def _within(value: object, digits: int) -> Decimal | None:
    """Return a number of at most so many digits before and after the point; None for any other."""
    number = _number(value)
    if number is None or number.adjusted() >= digits or int(number.as_tuple().exponent) < -digits:
        return None
    return number
