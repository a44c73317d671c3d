"""The decision maker's policy: every number it judges by, with its unit, its range and its default."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from curators.roster.policy import DecisionRoster
from portfolio.execution.costs import CostPolicy
from strands.lessons.policy import LessonPolicy
from tradingops.modules.decision.fusion import AlphaFusionPolicy
from tradingops.modules.decision.reviews.policy import ReviewPolicy

Share = Annotated[float, Field(ge=0.0, le=1.0)]
#: From the worst: (above this reading, this score).
Bands = tuple[tuple[Annotated[float, Field(ge=0.0)], Share], ...]


class DecisionPolicy(BaseModel):
    """What the decision maker may do with plans, and how it weighs them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    initial_cash: Decimal = Field(
        Decimal(100_000), gt=0, le=Decimal("1e15"), description="cash before the first fill [currency]"
    )

    # What a plan must be
    allowed_directions: tuple[Literal["long", "short"], ...] = Field(("long", "short"), description="directions traded")
    min_risk_reward: float = Field(1.5, gt=0, le=10, description="least reward for one unit of risk [ratio]")
    min_confidence: float = Field(0.6, ge=0, le=1, description="least confidence after lessons [0-1]")

    cost: CostPolicy = Field(CostPolicy(), description="what a round trip costs, and may cost")

    # Hard limits: what holds after the plan has been filled, plans still waiting for their fills included
    position_limit: float = Field(
        0.1, gt=0, le=1, description="largest position; larger plans are cut [share of value]"
    )
    max_open_plans_per_symbol: int = Field(1, ge=1, le=100, description="plans open at once in one symbol [count]")
    max_open_positions: int = Field(5, ge=1, le=1000, description="symbols held at once [count]")
    max_exposure: float = Field(0.5, gt=0, le=10, description="gross exposure [share of value]")
    max_concentration: float = Field(0.3, gt=0, le=10, description="weight of one symbol [share of value]")
    max_drawdown: float = Field(0.1, gt=0, le=1, description="fall from the peak; also where the budget ends [share]")
    max_daily_loss: float = Field(0.05, gt=0, le=1, description="loss since the day (UTC) began [share of value]")
    max_var: float = Field(0.02, gt=0, le=1, description="value at risk at 95 % over the horizon [share of value]")
    max_cvar: float = Field(0.03, gt=0, le=1, description="mean loss beyond that [share of value]")
    max_correlation: float = Field(0.7, ge=0, le=1, description="|correlation| with a symbol already held [0-1]")
    max_volatility: float = Field(0.5, gt=0, le=10, description="deviation of returns over its horizon [fraction]")
    max_volume_share: float = Field(0.1, gt=0, le=1, description="quantity against the last bar's volume [share]")
    max_risk_age_seconds: int = Field(7200, ge=1, le=604_800, description="oldest risk update acted upon [s]")

    # What the risk sub-scores are made of
    size_bands: Bands = Field(((1.0, 0.0), (0.8, 0.3)), description="position against its limit [ratio -> score]")
    concentrated_score: Share = Field(0.5, description="most the size scores beyond the concentration limit [0-1]")
    var_bands: Bands = Field(
        ((0.2, 0.0), (0.1, 0.3), (0.05, 0.6)), description="added VaR by its limit [ratio -> score]"
    )
    correlation_bands: Bands = Field(((0.8, 0.0), (0.6, 0.3), (0.4, 0.6)), description="|correlation| -> score")
    volume_bands: Bands = Field(((0.1, 0.0), (0.05, 0.3), (0.01, 0.6)), description="share of volume -> score")
    volatility_bands: Bands = Field(((0.5, 0.0), (0.3, 0.3), (0.2, 0.6)), description="volatility -> score")
    horizon_hours: float = Field(24.0, gt=0, le=8784, description="what volatility and VaR are stated over [h]")
    year_hours: float = Field(8760.0, ge=1000, le=8784, description="hours that a market is open in a year [h]")
    var_z: float = Field(1.645, gt=0, le=5, description="deviations at 95 % of a normal return [count]")
    cvar_z: float = Field(2.063, gt=0, le=6, description="mean of a normal return beyond that [deviations]")
    regime_risk: dict[str, Annotated[float, Field(gt=0, le=10)]] = Field(
        {"ranging_volatile": 1.5}, description="factor on volatility by regime; others 1 [factor]"
    )
    unknown_score: Share = Field(0.5, description="a sub-score of what nobody has told [0-1]")
    weight_size: Share = Field(0.25, description="weight of the size sub-score")
    weight_var: Share = Field(0.25, description="weight of the VaR sub-score")
    weight_correlation: Share = Field(0.20, description="weight of the correlation sub-score")
    weight_liquidity: Share = Field(0.15, description="weight of the liquidity sub-score")
    weight_volatility: Share = Field(0.15, description="weight of the volatility sub-score")

    # What the allocation score is made of
    weight_headroom: Share = Field(0.4, description="weight of the exposure left after the plan")
    weight_diversification: Share = Field(0.3, description="weight of the distance to the concentration limit")
    weight_grant: Share = Field(0.3, description="weight of how much of the asked size the budget bears")

    # Budget
    base_risk_budget: float = Field(0.01, gt=0, le=1, description="loss at the stop before brakes [share of value]")
    kelly_edge: float = Field(0.01, gt=0, le=1, description="mean return of a plan at full strength [fraction]")
    kelly_deviation: float = Field(0.02, gt=0, le=10, description="deviation of that return [fraction]")
    kelly_cap: float = Field(0.5, gt=0, le=1, description="largest Kelly fraction [share of value]")
    kelly_share: float = Field(0.25, gt=0, le=1, description="part of Kelly that may be used [share]")
    budget_ceiling: float = Field(0.10, gt=0, le=1, description="largest budget [share of value]")

    # Asymmetries
    asymmetry_threshold: float = Field(1.0, gt=0, le=10, description="mean |Z| from which one counts [deviations]")
    asymmetry_slope: float = Field(0.5, ge=0, le=10, description="scaling added for each deviation [factor]")
    max_scaling: float = Field(2.0, ge=1, le=10, description="largest scaling of the budget [factor]")

    # Score and decision
    formula: Literal["A", "B"] = Field("A", description="A: the curated score moved; B: a weighted mean")
    a_risk: float = Field(0.3, ge=0, le=1, description="formula A: weight of risk beyond neutral")
    a_allocation: float = Field(0.2, ge=0, le=1, description="formula A: weight of allocation beyond neutral")
    a_asymmetry: float = Field(0.1, ge=0, le=1, description="formula A: weight of the asymmetry")
    a_asymmetry_cap: float = Field(0.2, ge=0, le=1, description="formula A: most that asymmetry adds")
    a_impact: float = Field(0.1, ge=0, le=1, description="formula A: weight of impact beyond neutral")
    neutral: Share = Field(0.5, description="formula A: the score that moves nothing [0-1]")
    b_risk: float = Field(0.4, gt=0, le=1, description="formula B: weight of risk")
    b_allocation: float = Field(0.3, gt=0, le=1, description="formula B: weight of allocation")
    b_asymmetry: float = Field(0.2, ge=0, le=1, description="formula B: weight of the asymmetry, where one is known")
    b_impact: float = Field(0.1, ge=0, le=1, description="formula B: weight of impact")
    publish_at: Share = Field(0.0, description="least curated score that passes the panel [0-1]")
    min_risk_score: Share = Field(0.3, description="risk score below which a plan is rejected [0-1]")
    min_allocation_score: Share = Field(0.3, description="allocation score below which a plan is rejected [0-1]")
    approve_score: Share = Field(0.7, description="least score approved as it stands [0-1]")
    modify_score: Share = Field(0.4, description="least score approved with changes [0-1]")
    cut_below_risk: Share = Field(0.6, description="a modified plan scoring less on risk is cut [0-1]")
    wait_below_allocation: Share = Field(0.6, description="a modified plan scoring less on allocation waits [0-1]")
    size_cut: float = Field(0.7, gt=0, lt=1, description="what a cut leaves of the size [share]")

    # What the trader is told
    valid_seconds: int = Field(3600, ge=1, le=604_800, description="how long a decision may be acted upon [s]")
    reserve_grace_seconds: int = Field(
        3600, ge=0, le=604_800, description="how long after that its money stays reserved for late fills [s]"
    )
    max_slippage: float = Field(0.01, gt=0, le=1, description="largest slippage [fraction of price]")
    max_latency_ms: int = Field(1000, ge=1, le=3_600_000, description="largest latency of an order [ms]")
    rebalancing_threshold: float = Field(0.05, gt=0, le=1, description="drift worth trading against [share of value]")

    fusion: AlphaFusionPolicy = Field(
        AlphaFusionPolicy(), description="how several alphas of a symbol are heard as one"
    )

    review: ReviewPolicy = Field(ReviewPolicy(), description="which plans need people before they are traded")

    # Who judges, and what is learned
    curators: DecisionRoster = Field(DecisionRoster(), description="the decision maker's curators")
    lessons: LessonPolicy = Field(LessonPolicy(), description="how lessons are learned and applied")
    judgements_remembered: int = Field(
        256, ge=1, le=10_000, description="judgements that wait for their outcome at once [count]"
    )

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        """Refuse numbers that contradict each other."""
        if self.modify_score > self.approve_score:
            raise ValueError(f"modify_score: {self.modify_score} is above approve_score {self.approve_score}; lower it")
        for group in (_RISK_WEIGHTS, _ALLOCATION_WEIGHTS):
            if abs(sum(getattr(self, name) for name in group) - 1.0) > 1e-9:
                raise ValueError(f"{', '.join(group)}: the weights must add up to 1")
        for name in _BANDS:
            steps = [above for above, _ in getattr(self, name)]
            if steps != sorted(steps, reverse=True):
                raise ValueError(f"{name}: {steps} must fall; begin with the worst reading")
        return self


_RISK_WEIGHTS = ("weight_size", "weight_var", "weight_correlation", "weight_liquidity", "weight_volatility")
_ALLOCATION_WEIGHTS = ("weight_headroom", "weight_diversification", "weight_grant")
_BANDS = ("size_bands", "var_bands", "correlation_bands", "volume_bands", "volatility_bands")
