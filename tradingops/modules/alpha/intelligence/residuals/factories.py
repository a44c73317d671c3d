"""Factories: every residual that the specification names, those that can be read and why the others cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tradingops.modules.alpha.intelligence.policy import IntelligencePolicy
from tradingops.modules.alpha.intelligence.residuals import flow, kalman, peers, seasonality, volatility
from tradingops.modules.alpha.intelligence.residuals.residual import Absent, Residual
from tradingops.modules.alpha.intelligence.residuals.series import Series
from tradingops.modules.alpha.intelligence.seasons import Seasons

#: Residuals of what nobody feeds.
UNFED = {
    "basis_carry": "no funding, open interest or term structure is fed with a history",
    "vol_surface": "no option prices are fed",
    "breadth": "no market of many symbols is fed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Residuals:
    """What could be read, by name, and why the rest could not; both in the order of the factories."""

    read: Mapping[str, Residual]
    absent: Mapping[str, str]

    @property
    def sided(self) -> dict[str, Residual]:
        """Those that take a side over the whole tape."""
        return {name: each for name, each in self.read.items() if each.history is not None}

    @property
    def voting(self) -> dict[str, Residual]:
        """Those whose sign says where the market went beyond what was expected: all but volatility."""
        return {name: each for name, each in self.read.items() if name != VOLATILITY}


VOLATILITY = "volatility"


def made(
    series: Series,
    *,
    seasons: Seasons,
    trades: Sequence[Mapping[str, Any]] = (),
    policy: IntelligencePolicy,
) -> Residuals:
    """Return every residual that a tape, the seasons kept of its symbol and the trades behind it allow."""
    factories: dict[str, Callable[[], Residual]] = {
        "kalman": lambda: kalman.read(series, policy),
        "seasonality": lambda: seasonality.read(series, seasons, policy),
        "lead_lag": lambda: peers.lead_lag(series, policy),
        "cross_sectional": lambda: peers.cross_sectional(series, policy),
        VOLATILITY: lambda: volatility.read(series, policy),
        "order_flow": lambda: flow.order_flow(trades, policy),
    }
    read: dict[str, Residual] = {}
    absent: dict[str, str] = {}
    for name, factory in factories.items():
        try:
            read[name] = factory()
        except Absent as reason:
            absent[name] = str(reason)
    return Residuals(read=read, absent={**absent, **UNFED})
