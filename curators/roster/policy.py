"""Who sits on which panel, and by which numbers each curator judges."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from curators.learning_policy import LearningPolicy
from curators.panel import MAX_KAPPA, MAX_WEIGHT, MIN_WEIGHT

#: A number between 0 and 1.
Share = Annotated[float, Field(ge=0, le=1)]


class CuratorPolicy(BaseModel):
    """What every curator has: a quality below ``veto_below`` stops, above ``approve_above`` lets be, between it nudges.

    The nudge is ``(quality - neutral) * slope``, within kappa.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(True, description="whether the curator sits")
    kappa: float = Field(0.1, ge=0.01, le=MAX_KAPPA, description="largest nudge, up or down [log score]")
    weight: float = Field(0.25, ge=MIN_WEIGHT, le=MAX_WEIGHT, description="configured weight [share]")
    veto_below: float = Field(0.2, ge=0, le=1, description="quality below which it stops the plan [0-1]")
    approve_above: float = Field(0.8, ge=0, le=1, description="quality above which it lets the plan be [0-1]")
    neutral: float = Field(0.5, ge=0, le=1, description="quality that moves nothing [0-1]")
    slope: float = Field(0.2, ge=0, le=1, description="nudge for a whole point of quality [log score]")
    most_sure: float = Field(0.9, ge=0.5, le=1, description="confidence that it has at most in its own action [0-1]")
    fails_closed: bool = Field(False, description="whether a fault of the curator stops the plan")

    @model_validator(mode="after")
    def _in_order(self) -> CuratorPolicy:
        if not self.veto_below <= self.neutral <= self.approve_above:
            raise ValueError(
                f"neutral: {self.neutral} must lie between veto_below {self.veto_below} and approve_above "
                f"{self.approve_above}"
            )
        return self


class DsiCuratorPolicy(CuratorPolicy):
    """The evidence of the micro-structure."""

    kappa: float = Field(0.12, ge=0.01, le=MAX_KAPPA, description="largest nudge, up or down [log score]")
    weight: float = Field(0.30, ge=MIN_WEIGHT, le=MAX_WEIGHT, description="configured weight [share]")
    veto_below: float = Field(0.3, ge=0, le=1, description="quality below which it stops the plan [0-1]")
    approve_above: float = Field(0.7, ge=0, le=1, description="quality above which it lets the plan be [0-1]")
    evidence_share: float = Field(0.6, ge=0, le=1, description="evidence's and confirmation's part of quality [share]")
    experts_share: float = Field(0.4, ge=0, le=1, description="the experts' own standing's part of quality [share]")
    unknown: float = Field(0.5, ge=0, le=1, description="standing of experts that were never scored [0-1]")


class PatternCuratorPolicy(CuratorPolicy):
    """Candlestick patterns in the last three bars."""

    kappa: float = Field(0.10, ge=0.01, le=MAX_KAPPA, description="largest nudge, up or down [log score]")
    weight: float = Field(0.20, ge=MIN_WEIGHT, le=MAX_WEIGHT, description="configured weight [share]")
    veto_below: float = Field(0.4, ge=0, le=1, description="quality below which it stops the plan [0-1]")
    neutral: float = Field(0.6, ge=0, le=1, description="quality that moves nothing [0-1]")
    slope: float = Field(0.15, ge=0, le=1, description="nudge for a whole point of quality [log score]")
    doji: float = Field(0.8, ge=0, le=1, description="quality of a doji [0-1]")
    hammer: float = Field(0.7, ge=0, le=1, description="quality of a hammer [0-1]")
    shooting_star: float = Field(0.6, ge=0, le=1, description="quality of a shooting star [0-1]")
    engulfing: float = Field(0.9, ge=0, le=1, description="quality of an engulfing bar [0-1]")
    harami: float = Field(0.5, ge=0, le=1, description="quality of a harami [0-1]")
    morning_star: float = Field(0.8, ge=0, le=1, description="quality of a morning star [0-1]")
    doji_body: float = Field(0.1, gt=0, le=1, description="largest body of a doji [share of the range]")
    small_body: float = Field(0.35, gt=0, le=1, description="largest body of a small bar [share of the range]")
    long_shadow: float = Field(2.0, gt=0, le=10, description="shadow of a hammer or a star [bodies]")
    short_shadow: float = Field(0.5, ge=0, le=5, description="its other shadow at most [bodies]")


class RegimeCuratorPolicy(CuratorPolicy):
    """Whether the market is in a state that plans do well in; volatility is measured over some hours."""

    kappa: float = Field(0.08, ge=0.01, le=MAX_KAPPA, description="largest nudge, up or down [log score]")
    weight: float = Field(0.15, ge=MIN_WEIGHT, le=MAX_WEIGHT, description="configured weight [share]")
    veto_below: float = Field(0.3, ge=0, le=1, description="quality below which it stops the plan [0-1]")
    slope: float = Field(0.1, ge=0, le=1, description="nudge for a whole point of quality [log score]")
    horizon_hours: float = Field(4.0, gt=0, le=8784, description="what volatility is stated over [h]")
    lively: float = Field(0.02, gt=0, le=10, description="volatility that a trend needs and a range does without")
    wild: float = Field(0.05, gt=0, le=10, description="volatility that a volatile regime has")
    still: float = Field(0.01, gt=0, le=10, description="volatility that a calm regime stays below")
    trending: tuple[Share, Share] = Field((0.8, 0.4), description="quality of a trend, lively or not [0-1]")
    ranging: tuple[Share, Share] = Field((0.6, 0.3), description="quality of a range, not lively or lively [0-1]")
    volatile: tuple[Share, Share] = Field((0.7, 0.2), description="quality of volatility, wild or not [0-1]")
    calm: tuple[Share, Share] = Field((0.5, 0.3), description="quality of calm, still or not [0-1]")
    unknown: float = Field(0.1, ge=0, le=1, description="quality of a regime nobody told [0-1]")


class DivergenceCuratorPolicy(CuratorPolicy):
    """Price against RSI 14 and MACD 12/26/9 over the last bars."""

    kappa: float = Field(0.10, ge=0.01, le=MAX_KAPPA, description="largest nudge, up or down [log score]")
    weight: float = Field(0.20, ge=MIN_WEIGHT, le=MAX_WEIGHT, description="configured weight [share]")
    veto_below: float = Field(0.0, ge=0, le=1, description="quality below which it stops the plan [0-1]")
    approve_above: float = Field(1.0, ge=0, le=1, description="quality above which it lets the plan be [0-1]")
    lookback: int = Field(20, ge=5, le=100, description="bars that are compared [count]")
    rsi: int = Field(14, ge=2, le=100, description="bars of the RSI [count]")
    fast: int = Field(12, ge=2, le=100, description="bars of MACD's fast mean [count]")
    slow: int = Field(26, ge=3, le=200, description="bars of MACD's slow mean [count]")
    signal: int = Field(9, ge=2, le=100, description="bars of MACD's signal [count]")
    rsi_scale: float = Field(10.0, gt=0, le=100, description="move of the RSI that is a whole divergence [points]")
    macd_scale: float = Field(1.0, gt=0, le=100, description="move of MACD that is one [its standard deviations]")


class EvolutionCuratorPolicy(CuratorPolicy):
    """Whether alpha's plans have lately done better or worse than before."""

    kappa: float = Field(0.05, ge=0.01, le=MAX_KAPPA, description="largest nudge, up or down [log score]")
    weight: float = Field(0.10, ge=MIN_WEIGHT, le=MAX_WEIGHT, description="configured weight [share]")
    veto_below: float = Field(0.0, ge=0, le=1, description="quality below which it stops the plan [0-1]")
    approve_above: float = Field(1.0, ge=0, le=1, description="quality above which it lets the plan be [0-1]")
    slope: float = Field(0.1, ge=0, le=1, description="nudge for a whole point of quality [log score]")
    recent: int = Field(10, ge=3, le=100, description="outcomes that count as lately [count]")
    change: float = Field(0.1, ge=0, le=1, description="change of the win share that is worth speaking of [ratio]")
    window_days: int = Field(30, ge=1, le=365, description="how far back it looks [days]")


class PerformanceCuratorPolicy(CuratorPolicy):
    """What alpha's plans came to lately."""

    kappa: float = Field(0.05, ge=0.01, le=MAX_KAPPA, description="largest nudge, up or down [log score]")
    weight: float = Field(0.05, ge=MIN_WEIGHT, le=MAX_WEIGHT, description="configured weight [share]")
    veto_below: float = Field(0.0, ge=0, le=1, description="quality below which it stops the plan [0-1]")
    approve_above: float = Field(1.0, ge=0, le=1, description="quality above which it lets the plan be [0-1]")
    slope: float = Field(0.1, ge=0, le=1, description="nudge for a whole point of quality [log score]")
    shrinkage: float = Field(10.0, ge=0, le=1000, description="outcomes that weigh as much as knowing nothing [count]")
    least: int = Field(5, ge=1, le=1000, description="outcomes before it speaks [count]")
    window_days: int = Field(30, ge=1, le=365, description="how far back it looks [days]")


class RiskCuratorPolicy(CuratorPolicy):
    """What stops would lose, of what they may lose."""

    fails_closed: bool = Field(True, description="whether a fault of the curator stops the plan")
    kappa: float = Field(0.15, ge=0.01, le=MAX_KAPPA, description="largest nudge, up or down [log score]")
    weight: float = Field(0.30, ge=MIN_WEIGHT, le=MAX_WEIGHT, description="configured weight [share]")
    max_risk: float = Field(0.01, gt=0, le=1, description="loss at all stops that is too much [share of value]")


class BudgetCuratorPolicy(CuratorPolicy):
    """How much of the budget is left: Kelly, brakes, drawdown, concentration."""

    weight: float = Field(0.25, ge=MIN_WEIGHT, le=MAX_WEIGHT, description="configured weight [share]")
    veto_below: float = Field(0.3, ge=0, le=1, description="quality below which it stops the plan [0-1]")
    neutral: float = Field(0.6, ge=0, le=1, description="quality that moves nothing [0-1]")
    approve_above: float = Field(0.6, ge=0, le=1, description="quality above which it lets the plan be [0-1]")
    slope: float = Field(0.1667, ge=0, le=1, description="nudge for a whole point of quality [log score]")


class ExecutionCuratorPolicy(CuratorPolicy):
    """What entering and leaving is expected to cost, and whether the market can bear the size."""

    kappa: float = Field(0.08, ge=0.01, le=MAX_KAPPA, description="largest nudge, up or down [log score]")
    weight: float = Field(0.20, ge=MIN_WEIGHT, le=MAX_WEIGHT, description="configured weight [share]")
    veto_below: float = Field(0.1, ge=0, le=1, description="quality below which it stops the plan [0-1]")
    neutral: float = Field(0.8, ge=0, le=1, description="quality that moves nothing [0-1]")
    approve_above: float = Field(0.9, ge=0, le=1, description="quality above which it lets the plan be [0-1]")
    slope: float = Field(0.1, ge=0, le=1, description="nudge for a whole point of quality [log score]")
    max_cost: float = Field(0.01, gt=0, le=1, description="round trip that scores nothing [fraction of price]")
    max_cost_of_target: float = Field(1.0, gt=0, le=10, description="cost that scores nothing [targets]")


class PortfolioCuratorPolicy(CuratorPolicy):
    """What a plan does to the portfolio: correlation, concentration, value at risk."""

    fails_closed: bool = Field(True, description="whether a fault of the curator stops the plan")
    veto_below: float = Field(0.1, ge=0, le=1, description="quality below which it stops the plan [0-1]")
    weight: float = Field(0.25, ge=MIN_WEIGHT, le=MAX_WEIGHT, description="configured weight [share]")
    neutral: float = Field(0.75, ge=0, le=1, description="quality that moves nothing [0-1]")
    approve_above: float = Field(0.9, ge=0, le=1, description="quality above which it lets the plan be [0-1]")
    max_hhi: float = Field(0.3, gt=0, le=1, description="Herfindahl index that scores nothing [0-1]")


class TimingCuratorPolicy(CuratorPolicy):
    """Whether this is an hour to trade in."""

    enabled: bool = Field(False, description="whether the curator sits")
    weight: float = Field(0.20, ge=MIN_WEIGHT, le=MAX_WEIGHT, description="configured weight [share]")
    sessions: tuple[str, ...] = Field(("ASIA", "EU", "US"), description="sessions that are market hours")
    inside: float = Field(1.0, ge=0, le=1, description="quality within market hours [0-1]")
    outside: float = Field(0.3, ge=0, le=1, description="quality outside [0-1]")


class CostCuratorPolicy(CuratorPolicy):
    """What one side costs."""

    enabled: bool = Field(False, description="whether the curator sits")
    weight: float = Field(0.10, ge=MIN_WEIGHT, le=MAX_WEIGHT, description="configured weight [share]")
    veto_below: float = Field(0.0, ge=0, le=1, description="quality below which it stops the plan [0-1]")
    max_cost: float = Field(0.002, gt=0, le=1, description="cost of one side that is still good [fraction of notional]")


class ComplianceCuratorPolicy(CuratorPolicy):
    """What may be traded at all."""

    fails_closed: bool = Field(True, description="whether a fault of the curator stops the plan")
    enabled: bool = Field(False, description="whether the curator sits")
    weight: float = Field(0.05, ge=MIN_WEIGHT, le=MAX_WEIGHT, description="configured weight [share]")
    veto_below: float = Field(0.5, ge=0, le=1, description="quality below which it stops the plan [0-1]")
    symbols: tuple[str, ...] = Field((), description="symbols allowed; none named: any")
    directions: tuple[str, ...] = Field(("long", "short"), description="directions allowed")
    max_leverage: float = Field(1.0, gt=0, le=100, description="gross exposure allowed [share of value]")


class OrderCuratorPolicy(CuratorPolicy):
    """What an order is expected to meet: slippage, latency, the chance of a fill."""

    kappa: float = Field(0.08, ge=0.01, le=MAX_KAPPA, description="largest nudge, up or down [log score]")
    weight: float = Field(0.30, ge=MIN_WEIGHT, le=MAX_WEIGHT, description="configured weight [share]")
    veto_below: float = Field(0.3, ge=0, le=1, description="quality below which it stops the plan [0-1]")
    neutral: float = Field(0.7, ge=0, le=1, description="quality that moves nothing [0-1]")
    approve_above: float = Field(0.9, ge=0, le=1, description="quality above which it lets the plan be [0-1]")


class VenueCuratorPolicy(CuratorPolicy):
    """Whether there is a venue good enough, by its score and by how it did."""

    weight: float = Field(0.25, ge=MIN_WEIGHT, le=MAX_WEIGHT, description="configured weight [share]")
    neutral: float = Field(0.6, ge=0, le=1, description="quality that moves nothing [0-1]")
    record_share: float = Field(0.3, ge=0, le=1, description="the venue's record's part of quality [share]")
    shrinkage: float = Field(10.0, ge=0, le=1000, description="executions that weigh as much as none [count]")


class LevelCuratorPolicy(CuratorPolicy):
    """What the risk manager says of the book."""

    fails_closed: bool = Field(True, description="whether a fault of the curator stops the plan")
    weight: float = Field(0.20, ge=MIN_WEIGHT, le=MAX_WEIGHT, description="configured weight [share]")
    neutral: float = Field(0.8, ge=0, le=1, description="quality that moves nothing [0-1]")
    approve_above: float = Field(0.9, ge=0, le=1, description="quality above which it lets the plan be [0-1]")
    ok: float = Field(1.0, ge=0, le=1, description="quality while no limit is near [0-1]")
    warning: float = Field(0.5, ge=0, le=1, description="quality while one is near [0-1]")
    breach: float = Field(0.0, ge=0, le=1, description="quality while one is broken [0-1]")


class PositionCuratorPolicy(CuratorPolicy):
    """How large the position becomes."""

    fails_closed: bool = Field(True, description="whether a fault of the curator stops the plan")
    weight: float = Field(0.25, ge=MIN_WEIGHT, le=MAX_WEIGHT, description="configured weight [share]")
    neutral: float = Field(0.75, ge=0, le=1, description="quality that moves nothing [0-1]")
    approve_above: float = Field(0.9, ge=0, le=1, description="quality above which it lets the plan be [0-1]")
    adding: float = Field(0.7, ge=0, le=1, description="factor where something is held the same way already [0-1]")


class Roster(BaseModel):
    """Who sits on a panel, in the order of the fields, and how their weights learn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    learning: LearningPolicy = Field(LearningPolicy(), description="how curators are scored and their weights learn")


class AlphaRoster(Roster):
    """Alpha's curators."""

    dsi: DsiCuratorPolicy = Field(DsiCuratorPolicy(), description="micro-structure evidence")
    pattern: PatternCuratorPolicy = Field(PatternCuratorPolicy(), description="candlestick patterns")
    regime: RegimeCuratorPolicy = Field(RegimeCuratorPolicy(), description="the market's state")
    divergence: DivergenceCuratorPolicy = Field(DivergenceCuratorPolicy(), description="price against momentum")
    evolution: EvolutionCuratorPolicy = Field(EvolutionCuratorPolicy(), description="lately against before")
    performance: PerformanceCuratorPolicy = Field(PerformanceCuratorPolicy(), description="what plans came to")


class DecisionRoster(Roster):
    """The decision maker's curators."""

    risk: RiskCuratorPolicy = Field(RiskCuratorPolicy(), description="what stops would lose")
    budget: BudgetCuratorPolicy = Field(BudgetCuratorPolicy(), description="what is left of the budget")
    execution: ExecutionCuratorPolicy = Field(ExecutionCuratorPolicy(), description="what trading it costs")
    portfolio: PortfolioCuratorPolicy = Field(PortfolioCuratorPolicy(), description="what it does to the portfolio")
    timing: TimingCuratorPolicy = Field(TimingCuratorPolicy(), description="market hours; off by default")
    cost: CostCuratorPolicy = Field(CostCuratorPolicy(), description="cost of one side; off by default")
    compliance: ComplianceCuratorPolicy = Field(
        ComplianceCuratorPolicy(), description="what is allowed; off by default"
    )


class TraderRoster(Roster):
    """The trader's curators."""

    execution: OrderCuratorPolicy = Field(OrderCuratorPolicy(), description="what the order is expected to meet")
    venue: VenueCuratorPolicy = Field(VenueCuratorPolicy(), description="whether a venue is good enough")
    risk: LevelCuratorPolicy = Field(LevelCuratorPolicy(), description="what the risk manager says")
    position: PositionCuratorPolicy = Field(PositionCuratorPolicy(), description="how large the position becomes")
