"""What the decision maker keeps of a risk update: the numbers its gates read, and when they were said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strands.strand import Strand


def kept(strand: Strand) -> dict[str, Any]:
    """Return a risk update's moment, VaR and CVaR over its horizon, drawdown, correlations and annual volatilities."""
    tails, portfolio, volatility = (
        strand.payload.get(column) or {} for column in ("rm_var_calculation", "rm_portfolio_risk", "rm_volatility")
    )
    return {
        "at": strand.at.isoformat(),
        "var_95": tails.get("horizon_var_95"),
        "cvar_95": tails.get("horizon_cvar_95"),
        "drawdown": portfolio.get("drawdown"),
        "correlations": _known(strand.payload.get("rm_correlation") or {}),
        "volatilities": _known({symbol: told.get("annualised") for symbol, told in volatility.items()}),
    }


def _known(told: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers among what was told, by their keys in order."""
    return {key: float(number) for key, number in sorted(told.items()) if isinstance(number, int | float)}
