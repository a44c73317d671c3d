"""Circumstances: everything beside a plan itself that bears on it, at the moment it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import sqrt

from portfolio import ledger, metrics
from portfolio.plans.plan import TradingPlan
from strands.given import Given, HaltState
from strands.market.bar import Timeframe
from strands.market.instruments.instrument import Instrument
from tradingops.modules import instruments
from tradingops.modules.decision import holdings
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.shares import rounded
from tradingops.modules.decision.state import DecisionState

SECONDS_AN_HOUR = 3600.0

_SECONDS = {each.value: each.seconds for each in Timeframe}


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """The desk at one moment; None for what the risk manager has not said.

    ``var_95`` and ``cvar_95`` are the book's, over the risk manager's horizon, as positive shares of value;
    ``volatilities`` are annual, by symbol. ``drawdown`` is the worse of what the risk manager said and what the book
    shows; ``daily_loss`` is the book's alone.
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
    volumes: Mapping[str, Decimal]
    instruments: instruments.Known

    @property
    def now(self) -> datetime:
        """The moment of the turn."""
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
        """Return the deviation of a symbol's returns over the policy's horizon, by risk's number or the plan's own."""
        annual = self.volatilities.get(plan.symbol)
        if annual is not None:
            return rounded(annual * sqrt(policy.horizon_hours / policy.year_hours))
        own, seconds = plan.market_context.get("vol_20"), _SECONDS.get(plan.timeframe)
        if not isinstance(own, float | int) or seconds is None:
            return None
        return rounded(own * sqrt(policy.horizon_hours * SECONDS_AN_HOUR / seconds))

    def volume_share(self, symbol: str, quantity: Decimal) -> float | None:
        """Return a quantity against the volume of the symbol's last bar; None without volume."""
        volume = self.volumes.get(symbol, ledger.ZERO)
        return rounded(float(quantity / volume)) if volume > 0 else None

    def instrument(self, symbol: str) -> Instrument | None:
        """Return what is traded under a symbol; None where the market has told of none."""
        return instruments.of(self.instruments, symbol)

    def halt(self, symbol: str | None) -> HaltState:
        """Return the strictest state of the desk, this module and a symbol."""
        return self.given.halted("module:dm", f"symbol:{symbol}")


def of(state: DecisionState, given: Given) -> Circumstances:
    """Return the circumstances of a turn."""
    held, risk = holdings.of(state), state.risk
    drawdown, daily_loss = _fall(state.peak, held.value), _fall(state.day.value, held.value)
    return Circumstances(
        given=given,
        held=held,
        var_95=risk.var_95 if risk else None,
        cvar_95=risk.cvar_95 if risk else None,
        drawdown=max(drawdown, risk.drawdown or 0.0) if risk else drawdown,
        daily_loss=daily_loss,
        risk_age_seconds=(given.now - risk.at).total_seconds() if risk else None,
        correlations=risk.correlations if risk else {},
        volatilities=risk.volatilities if risk else {},
        volumes=state.volumes,
        instruments=state.instruments,
    )


def _fall(before: Decimal, value: Decimal) -> float:
    """Return the loss since an earlier value, as a share of it; 0 for a gain."""
    return rounded(metrics.drawdown(peak=float(before), value=float(value)))
