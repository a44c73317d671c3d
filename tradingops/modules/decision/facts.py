"""Facts: what the decision maker has been told that bears on any plan, as of now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import sqrt
from typing import Any

from portfolio import metrics
from portfolio.plans.plan import TradingPlan
from strands.given import Given
from strands.market.bar import Timeframe
from strands.wire import State
from tradingops.modules.decision import holdings
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.shares import rounded

SECONDS_AN_HOUR = 3600.0

_SECONDS = {each.value: each.seconds for each in Timeframe}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The desk at one moment; None where nobody has told.

    ``var_95`` and ``cvar_95`` are the book's, over the risk manager's horizon, as positive
    shares of value; ``volatilities`` are annual, by symbol. ``drawdown`` and
    ``daily_loss`` are the worse of what the risk manager said and what the book shows now.
    """

    given: Given
    held: holdings.Holdings
    var_95: float | None
    cvar_95: float | None
    drawdown: float
    daily_loss: float
    risk_age_seconds: float | None
    correlations: Mapping[str, float]
    volatilities: Mapping[str, float]
    volumes: Mapping[str, str]

    @property
    def now(self) -> datetime:
        return self.given.now

    def correlation(self, symbol: str) -> float | None:
        """Return the largest |correlation| with any other symbol held or promised; 0 where there is none."""
        others = self.held.symbols - {symbol}
        pairs = [self.correlations.get("|".join(sorted((symbol, other)))) for other in sorted(others)]
        known = [abs(rho) for rho in pairs if rho is not None]
        if known:
            return max(known)
        return None if others else 0.0

    def volatility(self, plan: TradingPlan, *, policy: DecisionPolicy) -> float | None:
        """Return the deviation of a symbol's returns over the policy's horizon: as told by risk, else by the plan."""
        told = self.volatilities.get(plan.symbol)
        if told is not None:
            return rounded(told * sqrt(policy.horizon_hours / policy.year_hours))
        own, seconds = plan.market_context.get("vol_20"), _SECONDS.get(plan.timeframe)
        if not isinstance(own, float | int) or seconds is None:
            return None
        return rounded(own * sqrt(policy.horizon_hours * SECONDS_AN_HOUR / seconds))

    def volume_share(self, symbol: str, quantity: Decimal) -> float | None:
        """Return a quantity against the volume of the last bar heard; None without volume."""
        volume = Decimal(self.volumes.get(symbol, "0"))
        return rounded(float(quantity / volume)) if volume > 0 else None

    def halt(self, symbol: str | None) -> str:
        """Return the strictest state of the desk, this module and a symbol."""
        return self.given.halted("module:dm", f"symbol:{symbol}").value


def of(state: State, given: Given) -> Facts:
    """Return the facts in a state, and in what the turn was given."""
    held = holdings.of(state)
    risk: Mapping[str, Any] = state["risk"] or {}
    value = held.value
    return Facts(
        given=given,
        held=held,
        var_95=risk.get("var_95"),
        cvar_95=risk.get("cvar_95"),
        drawdown=max(_fall(state["peak"], value), risk.get("drawdown") or 0.0),
        daily_loss=_fall(state["day"]["value"], value),
        risk_age_seconds=(given.now - datetime.fromisoformat(risk["at"])).total_seconds() if risk else None,
        correlations=risk.get("correlations", {}),
        volatilities=risk.get("volatilities", {}),
        volumes=state["volumes"],
    )


def _fall(before: str, value: Decimal) -> float:
    """Return the loss since an earlier value, as a share of it; 0 for a gain."""
    return rounded(metrics.drawdown(peak=float(before), value=float(value)))
