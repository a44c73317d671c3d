"""Report: the risk of a book as the payload of a risk update."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import sqrt
from typing import Any

from portfolio import ledger, limits
from tradingops.modules.risk.book_risk import BookRisk
from tradingops.modules.risk.policy import RiskPolicy
from tradingops.modules.risk.state import RiskState

_DECIMALS = 8


def payload_of(found: BookRisk, *, state: RiskState, cause: str, policy: RiskPolicy) -> dict[str, Any]:
    """Return the columns of a risk update; ``state`` holds the book, its marks, and the levels at the update before."""
    levels, before = found.levels, state.levels
    changed = {name: [_word(before.get(name)), _word(now)] for name, now in levels.items() if before.get(name) != now}
    return {
        "rm_risk_assessment": {
            "level": found.level.value,
            "breaches": [name for name, level in levels.items() if level == limits.Level.BREACH],
            "warnings": [name for name, level in levels.items() if level == limits.Level.WARNING],
        },
        "rm_portfolio_risk": _portfolio(found, state),
        "rm_var_calculation": _tails(found, policy),
        "rm_stress_test": {scenario.value: _rounded(loss) for scenario, loss in found.losses.items()},
        "rm_risk_limits": [use.to_json() for use in found.uses],
        "rm_correlation": {"|".join(pair): _rounded(rho) for pair, rho in found.correlations.items()},
        "rm_volatility": _volatilities(found, state.ages.grids, policy),
        "rm_alert_data": {"cause": cause, "changed": changed},
    }


def _word(level: limits.Level | None) -> str | None:
    return None if level is None else level.value


def _portfolio(found: BookRisk, state: RiskState) -> dict[str, Any]:
    book, marks, equity, exposure = state.book, state.marks, state.equity, found.exposure
    return {
        "portfolio_value": ledger.text(equity.last),
        "cash": ledger.text(book.cash),
        "exposure": _rounded(exposure.gross),
        "net_exposure": _rounded(exposure.net),
        "concentration": _rounded(exposure.concentration),
        "holdings_hhi": _rounded(exposure.holdings_hhi),
        "max_weight": _rounded(exposure.largest),
        "drawdown": _rounded(equity.drawdown),
        "max_drawdown": _rounded(equity.max_drawdown),
        "peak_value": ledger.text(equity.peak),
        "total_risk": _rounded(found.total_risk),
        "sharpe": _rounded(found.sharpe),
        "daily_pnl": ledger.text(equity.daily_pnl),
        "realized_pnl": ledger.text(book.realized_pnl),
        "fees": ledger.text(book.fees),
        "funding": ledger.text(book.funding),
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


def _tails(found: BookRisk, policy: RiskPolicy) -> dict[str, Any]:
    """Return VaR and CVaR of one bar, and those of the horizon that the limits are held against."""
    tail, horizon = found.tail, found.horizon_tail
    return {
        "var_95": _rounded(tail.var if tail else None),
        "cvar_95": _rounded(tail.cvar if tail else None),
        "observations": tail.observations if tail else 0,
        "horizon_var_95": _rounded(horizon.var if horizon else None),
        "horizon_cvar_95": _rounded(horizon.cvar if horizon else None),
        "horizon_minutes": policy.horizon_minutes,
        "tail_share": policy.tail_share,
    }


def _volatilities(found: BookRisk, grids: Mapping[str, str], policy: RiskPolicy) -> dict[str, dict[str, float | None]]:
    return {
        symbol: {
            "per_bar": _rounded(deviation),
            "annualised": _rounded(
                deviation * sqrt(policy.periods_a_year(found.panel.seconds[symbol], grid=grids.get(symbol)))
            ),
        }
        for symbol, deviation in found.volatilities.items()
    }


def _rounded(number: float | None) -> float | None:
    # Adding zero takes the sign from a negative zero, which a database would not keep.
    return None if number is None else round(number, _DECIMALS) + 0.0
