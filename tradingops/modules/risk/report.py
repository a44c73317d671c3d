"""Report: an assessment as the payload of a risk update."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import sqrt
from typing import Any

from portfolio import ledger, limits
from tradingops.modules.risk import equity as equities
from tradingops.modules.risk.assessment import Assessment
from tradingops.modules.risk.policy import RiskPolicy

_DECIMALS = 8


def payload_of(
    assessment: Assessment,
    *,
    book: ledger.Book,
    marks: Mapping[str, Decimal],
    equity: equities.Equity,
    levels: Mapping[str, str],
    before: Mapping[str, str],
    cause: str,
    policy: RiskPolicy,
) -> dict[str, Any]:
    """Return the columns of a risk update; ``levels`` holds each limit's level now, ``before`` at the last one."""
    changed = {name: [before.get(name), level] for name, level in levels.items() if before.get(name) != level}
    return {
        "rm_risk_assessment": {
            "level": assessment.level.value,
            "breaches": [name for name, level in levels.items() if level == limits.Level.BREACH],
            "warnings": [name for name, level in levels.items() if level == limits.Level.WARNING],
        },
        "rm_portfolio_risk": _portfolio(assessment, book=book, marks=marks, equity=equity),
        "rm_var_calculation": _tails(assessment, policy),
        "rm_stress_test": {scenario.value: _rounded(loss) for scenario, loss in assessment.losses.items()},
        "rm_risk_limits": [use.to_json() for use in assessment.uses],
        "rm_correlation": {"|".join(pair): _rounded(rho) for pair, rho in assessment.correlations.items()},
        "rm_volatility": _volatilities(assessment, policy),
        "rm_alert_data": {"cause": cause, "changed": changed},
    }


def _portfolio(
    assessment: Assessment, *, book: ledger.Book, marks: Mapping[str, Decimal], equity: equities.Equity
) -> dict[str, Any]:
    exposure = assessment.exposure
    return {
        "portfolio_value": equity["last"],
        "cash": ledger.text(book.cash),
        "exposure": _rounded(exposure.gross),
        "net_exposure": _rounded(exposure.net),
        "concentration": _rounded(exposure.concentration),
        "holdings_hhi": _rounded(exposure.holdings_hhi),
        "max_weight": _rounded(exposure.largest),
        "drawdown": _rounded(equities.drawdown(equity)),
        "max_drawdown": _rounded(equity["max_drawdown"]),
        "peak_value": equity["peak"],
        "total_risk": _rounded(assessment.total_risk),
        "sharpe": _rounded(assessment.sharpe),
        "daily_pnl": ledger.text(equities.daily_pnl(equity)),
        "realized_pnl": ledger.text(book.realized_pnl),
        "fees": ledger.text(book.fees),
        "marks": {symbol: ledger.text(mark) for symbol, mark in sorted(marks.items())},
        "positions": _positions(book, marks, exposure.weights),
    }


def _positions(
    book: ledger.Book, marks: Mapping[str, Decimal], weights: Mapping[str, float]
) -> dict[str, dict[str, Any]]:
    return {
        symbol: {
            "quantity": ledger.text(held.quantity),
            "avg_price": ledger.text(held.avg_price),
            "unrealized": ledger.text(held.unrealized(marks[symbol])),
            "weight": _rounded(weights.get(symbol)),
        }
        for symbol, held in book.open_positions.items()
    }


def _tails(assessment: Assessment, policy: RiskPolicy) -> dict[str, Any]:
    """Return VaR and CVaR of one bar, and those of the horizon that the limits are held against."""
    tail, horizon = assessment.tail, assessment.horizon_tail
    return {
        "var_95": _rounded(tail.var if tail else None),
        "cvar_95": _rounded(tail.cvar if tail else None),
        "observations": tail.observations if tail else 0,
        "horizon_var_95": _rounded(horizon.var if horizon else None),
        "horizon_cvar_95": _rounded(horizon.cvar if horizon else None),
        "horizon_minutes": policy.horizon_minutes,
        "tail_share": policy.tail_share,
    }


def _volatilities(assessment: Assessment, policy: RiskPolicy) -> dict[str, dict[str, float | None]]:
    return {
        symbol: {
            "per_bar": _rounded(deviation),
            "annualised": _rounded(deviation * sqrt(policy.periods_a_year(assessment.panel.seconds[symbol]))),
        }
        for symbol, deviation in assessment.volatilities.items()
    }


def _rounded(number: float | None) -> float | None:
    # Adding zero takes the sign from a negative zero, which a database would not keep.
    return None if number is None else round(number, _DECIMALS) + 0.0
