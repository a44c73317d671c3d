"""Book risk: what the book as it stands may lose, under the returns that are remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import hypot, sqrt
from typing import Protocol

import numpy as np

from portfolio import limits, metrics, stress
from portfolio.exposure import Exposure
from tradingops.modules.risk.equity import Equity
from tradingops.modules.risk.policy import RiskPolicy
from tradingops.modules.risk.windows import Panel


class Bars(Protocol):
    """How many bars of a length [s] a span of time has, in a market of some sessions."""

    def __call__(self, seconds: int, /, *, grid: str | None) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BookRisk:
    """What the risk manager knows of a book; None where too few returns are remembered.

    ``tail`` is that of one bar, ``horizon_tail`` that of the policy's horizon; ``volatilities`` are one-bar standard
    deviations by symbol; ``total_risk`` is the book's own, annualised. All are fractions of the portfolio's value.
    """

    exposure: Exposure
    panel: Panel
    tail: metrics.Tail | None
    horizon_tail: metrics.Tail | None
    total_risk: float | None
    volatilities: Mapping[str, float]
    correlations: Mapping[tuple[str, str], float]
    sharpe: float | None
    losses: Mapping[stress.Scenario, float]
    uses: tuple[limits.Use, ...]

    @property
    def level(self) -> limits.Level:
        """The gravest level of any limit."""
        return limits.worst(self.uses)

    @property
    def levels(self) -> dict[str, limits.Level]:
        """The level of each limit."""
        return {use.limit.name: use.level for use in self.uses}


def assess(
    exposure: Exposure,
    *,
    panel: Panel,
    equity: Equity,
    bar_seconds: int,
    policy: RiskPolicy,
    grids: Mapping[str, str],
) -> BookRisk:
    """Return the risk of a book's exposure.

    ``bar_seconds`` is the length of the bars that bring it round, ``grids`` are the sessions of symbols that close.
    """
    length = next((panel.seconds[symbol] for symbol in exposure.weights if symbol in panel.seconds), bar_seconds)
    tail = tail_of(exposure, book_returns(exposure.weights, panel), policy)
    horizon = _most(policy.bars_a_horizon, length, exposure.weights, grids)
    horizon_tail = None if tail is None else tail.over(horizon)
    years = {symbol: policy.periods_a_year(length, grid=grids.get(symbol)) for symbol in exposure.weights}
    total_risk = total_risk_of(exposure, panel, periods_a_year=years)
    volatilities = volatilities_of(panel)
    correlations = correlations_of(panel)
    values = {
        "position": exposure.largest,
        "var": None if horizon_tail is None else horizon_tail.var,
        "cvar": None if horizon_tail is None else horizon_tail.cvar,
        "drawdown": equity.drawdown,
        "correlation": shared_direction(exposure, correlations),
        "volatility": total_risk,
        "exposure": exposure.gross,
        "daily_loss": equity.daily_loss,
        "concentration": exposure.concentration,
    }
    periods = policy.moments_a_year(bar_seconds, grids=[grids.get(symbol) for symbol in panel.columns])
    return BookRisk(
        exposure=exposure,
        panel=panel,
        tail=tail,
        horizon_tail=horizon_tail,
        total_risk=total_risk,
        volatilities=volatilities,
        correlations=correlations,
        sharpe=metrics.sharpe(equity.returns, periods_a_year=periods, risk_free=policy.risk_free),
        losses=stress.losses(exposure.weights, _daily(volatilities, panel, grids, policy), policy.stress),
        uses=tuple(limit.use(values[limit.name]) for limit in policy.limits),
    )


def book_returns(weights: Mapping[str, float], panel: Panel) -> metrics.Array:
    """Return what each remembered moment would have earned these weights, as fractions of value."""
    symbols = sorted(weights)
    earned = np.empty(0)
    for nth, (symbol, column) in enumerate(zip(symbols, panel.together(symbols), strict=False)):
        each = weights[symbol] * column
        earned = earned + each if nth else each
    return earned


def tail_of(exposure: Exposure, returns: metrics.Array, policy: RiskPolicy) -> metrics.Tail | None:
    """Return the one-bar tail of the book; nothing held loses nothing."""
    if not exposure.weights:
        return metrics.Tail(0.0, 0.0, 0)
    return metrics.historical_tail(returns, share=policy.tail_share, least=policy.least_observations)


def total_risk_of(exposure: Exposure, panel: Panel, *, periods_a_year: Mapping[str, float]) -> float | None:
    """Return the annualised volatility of the book; nothing held has none.

    A year has ``periods_a_year`` of each symbol. Sessions are taken to lie within one another: the whole book moves in
    the shortest, and while that is closed the rest of it goes on by itself.
    """
    parts, counted = list[float](), 0.0
    for periods in sorted({*periods_a_year.values()}):
        moving = {each: weight for each, weight in exposure.weights.items() if periods_a_year[each] >= periods}
        deviation = metrics.volatility(book_returns(moving, panel))
        if deviation is None:
            return None
        parts.append(deviation * sqrt(periods - counted))
        counted = periods
    return hypot(*parts)


def volatilities_of(panel: Panel) -> dict[str, float]:
    """Return the one-bar standard deviation of each symbol that has one."""
    found = {symbol: metrics.volatility(panel.known(symbol)) for symbol in panel.columns}
    return {symbol: deviation for symbol, deviation in found.items() if deviation is not None}


def correlations_of(panel: Panel) -> dict[tuple[str, str], float]:
    """Return the correlation of each pair of symbols over the moments known of both, pairs in order."""
    pairs = combinations(panel.columns, 2)
    if panel.is_full:
        # A symbol's direction is then the same beside any other, and is found once.
        directions = {symbol: metrics.direction(column) for symbol, column in panel.columns.items()}
        found = {pair: metrics.aligned(*(directions[symbol] for symbol in pair)) for pair in pairs}
    else:
        found = {pair: metrics.correlation(*both) for pair in pairs if (both := panel.together(pair))}
    return {pair: rho for pair, rho in found.items() if rho is not None}


def shared_direction(exposure: Exposure, correlations: Mapping[tuple[str, str], float]) -> float:
    """Return the largest correlation of two positions that earn together, at least 0.

    A long and a short of one mind hedge each other, and count with the opposite sign.
    """
    weights = exposure.weights
    shared = [
        rho if weights[one] * weights[other] > 0 else -rho
        for (one, other), rho in correlations.items()
        if weights.get(one) and weights.get(other)
    ]
    return max(0.0, *shared) if shared else 0.0


def _daily(
    volatilities: Mapping[str, float], panel: Panel, grids: Mapping[str, str], policy: RiskPolicy
) -> dict[str, float]:
    return {
        symbol: each * sqrt(policy.bars_a_day(panel.seconds[symbol], grid=grids.get(symbol)))
        for symbol, each in volatilities.items()
    }


def _most(bars: Bars, seconds: int, symbols: Iterable[str], grids: Mapping[str, str]) -> float:
    """Return how many bars of a length a span has in that market which has most; without symbols none closes."""
    by_grid = {grids.get(symbol) for symbol in symbols} or {None}
    return max(bars(seconds, grid=grid) for grid in by_grid)
