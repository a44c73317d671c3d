"""What the decision maker remembers of a risk update: the numbers that its gates read, and when they were said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from strands.strand import Strand


class RiskUpdate(NamedTuple):
    """The risk manager's numbers at a moment; None for what it does not know.

    ``var_95`` and ``cvar_95`` are positive shares of value over its horizon, ``drawdown`` a share of the peak;
    ``correlations`` are by pair (``A|B``, sorted), ``volatilities`` annual, by symbol.
    """

    at: datetime
    var_95: float | None
    cvar_95: float | None
    drawdown: float | None
    correlations: Mapping[str, float]
    volatilities: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return the numbers under their names; ``load`` undoes it."""
        return {**self._asdict(), "at": self.at.isoformat()}


def load(kept: Mapping[str, Any]) -> RiskUpdate:
    """Return the risk update that ``to_json`` wrote."""
    return RiskUpdate(**{**kept, "at": datetime.fromisoformat(kept["at"])})


def read(strand: Strand) -> RiskUpdate:
    """Return what a strand of the risk manager says."""
    tails, portfolio, volatility = (
        strand.payload.get(column) or {} for column in ("rm_var_calculation", "rm_portfolio_risk", "rm_volatility")
    )
    return RiskUpdate(
        at=strand.at,
        var_95=tails.get("horizon_var_95"),
        cvar_95=tails.get("horizon_cvar_95"),
        drawdown=portfolio.get("drawdown"),
        correlations=_numbers(strand.payload.get("rm_correlation") or {}),
        volatilities=_numbers({symbol: each.get("annualised") for symbol, each in volatility.items()}),
    )


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers among values, by their keys in order."""
    return {key: float(number) for key, number in sorted(values.items()) if isinstance(number, int | float)}
