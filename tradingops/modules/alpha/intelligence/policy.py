"""IntelligencePolicy: every number by which residuals, kernel and events become a factor on a signal's strength."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Gain = Annotated[float, Field(ge=0.0, le=2.0)]
Power = Annotated[float, Field(gt=0.0, le=5.0)]


class IntelligencePolicy(BaseModel):
    """How the tape, the seasons and the events around a bar are read, and how far they may move a signal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(True, description="read at all; else the factor is 1 and everything is said to be absent")

    # What is read
    min_rows: int = Field(60, ge=30, le=4096, description="least believable rows of the tape [count]")
    warm_rows: int = Field(21, ge=5, le=1024, description="first returns that no residual is taken of [count]")
    max_gap_share: Share = Field(0.1, description="steps of another length beyond which the tape is not believed")

    # Residuals: z = (actual - predicted) / deviation of the prediction
    clamp: float = Field(3.0, gt=0, le=10, description="largest residual before its boosts [deviations]")
    regime_boost: Gain = Field(0.2, description="boost of a residual along the trend of a regime held for certain")
    evidence_gain: Gain = Field(0.3, description="boost for DSI evidence of 1, of residuals and of the kernel")
    kalman_q: float = Field(0.01, gt=0, le=10, description="noise of the states a step [variance, normalised returns]")
    kalman_r: float = Field(0.1, gt=0, le=10, description="noise of a reading [variance, normalised returns]")
    kalman_reversion: Share = Field(0.95, description="what the reverting state keeps at a step")
    ewma_decay: float = Field(0.94, gt=0, lt=1, description="what the expected variance keeps at a bar [share]")
    season_bars: int = Field(30, ge=2, le=100_000, description="least returns of an hour of the day [count]")
    season_memory: int = Field(5000, ge=10, le=10_000_000, description="returns that a season remembers [count]")
    ridge: float = Field(0.1, ge=0, le=100, description="ridge of a regression on peers or flow [standardised squares]")
    relative_rows: int = Field(20, ge=2, le=512, description="returns over which a symbol is set against peers [count]")
    max_peer_return: float = Field(
        1.0, gt=0, le=10, description="return of peers beyond which none is believed [share]"
    )
    max_lag: int = Field(5, ge=1, le=50, description="bars by which peers may lead [count]")
    min_lead: Share = Field(0.3, description="least |correlation| of a lead")
    flow_buckets: int = Field(20, ge=8, le=512, description="equal parts into which trades are cut [count]")
    min_trades: int = Field(200, ge=50, le=1_000_000, description="least trades from which order flow is read [count]")

    # Kernel
    accuracy_weight: Share = Field(0.3, description="weight of accuracy in the quality")
    precision_weight: Share = Field(0.25, description="weight of precision in the quality")
    stability_weight: Share = Field(0.25, description="weight of stability in the quality")
    orthogonality_weight: Share = Field(0.2, description="weight of orthogonality in the quality")
    cost_weight: Share = Field(0.2, description="what a cost of 1 takes off the quality")
    slippage: float = Field(0.0005, ge=0, le=0.1, description="expected slippage of a side [fraction of price]")
    stability_rows: int = Field(20, ge=5, le=512, description="window of the rolling correlation [bars]")
    trend_rows: int = Field(20, ge=2, le=512, description="returns over which the path is straight or not [count]")
    hbar: float = Field(1.0, gt=0, le=100, description="scale of the resonance [factor]")
    alpha: Power = Field(1.0, description="power of the straightness phi")
    beta: Power = Field(0.8, description="power of the novelty")
    gamma: Power = Field(0.8, description="power of the emergence")
    delta: Power = Field(0.7, description="power of 1 - theta, the complexity")
    epsilon: Power = Field(0.7, description="power of 1 - rho, the persistence")
    least_divisor: float = Field(1e-6, gt=0, le=1, description="added to the resonance's divisor")
    sq_power: Share = Field(0.6, description="power of the quality in det_sigma")
    kr_power: Share = Field(0.4, description="power of the resonance in det_sigma")
    learning_gain: Gain = Field(0.2, description="boost of det_sigma for a module that learns to the full")
    learning_share: Share = Field(0.5, description="part of the learning rate in that")
    innovation_share: Share = Field(0.3, description="part of innovation in that")
    collaboration_share: Share = Field(0.2, description="part of collaboration in that")
    interval: float = Field(1.96, gt=0, le=5, description="half width of the accuracy's interval [deviations]")
    max_uncertainty: Share = Field(0.3, description="half width of that interval beyond which the kernel abstains")
    sigma_min: Share = Field(0.35, description="det_enhanced_sigma from which residuals are believed more, not less")
    deprecate_below: Share = Field(0.05, description="det_enhanced_sigma below which the kernel calls for another")

    # Factor
    min_factor: float = Field(0.8, gt=0, le=1, description="least factor on the strength [factor]")
    max_factor: float = Field(1.25, ge=1, le=5, description="largest factor on the strength [factor]")
    residual_gain: Gain = Field(0.1, description="logarithm of the factor of residuals that agree in full")
    residual_neutral: float = Field(0.0, ge=-1, le=1, description="agreement of the residuals that moves nothing")
    kernel_gain: Gain = Field(0.2, description="logarithm added for a kernel 1 above sigma_min and full agreement")
    event_gain: Gain = Field(0.1, description="logarithm of the factor of a resonance 1 above the neutral one")
    event_neutral: float = Field(0.5, ge=0, le=2, description="resonance that moves nothing: a breakout's own weight")
    max_resonance: float = Field(1.4, gt=0, le=10, description="largest resonance believed: all four events in full")
    failed_weight: Gain = Field(0.2, description="what failing at a level takes off the resonance")
    volatility_gain: Gain = Field(0.05, description="logarithm taken off at a volatility beyond the expected in full")
    module_gain: Gain = Field(0.2, description="logarithm of the module's boost for det_sigma 1 above sigma_min")
    regime_gain: Gain = Field(0.1, description="logarithm of the regime's adjustment in a full, certain trend")

    # Asymmetries
    oi_volatility: float = Field(0.01, gt=0, le=10, description="usual hourly change of open interest [fraction]")
    oi_hours: int = Field(24, ge=1, le=168, description="hours over which open interest is compared [h]")
    funding_volatility: float = Field(0.001, gt=0, le=1, description="usual size of the funding rate [fraction]")
    basis_volatility: float = Field(0.01, gt=0, le=1, description="usual size of the basis [fraction of price]")
    max_asymmetry: float = Field(10.0, gt=0, le=100, description="largest asymmetry told [deviations]")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        """Refuse windows that do not fit into the least tape, and weights that leave nothing to weigh."""
        longest = max(self.relative_rows, self.max_lag)
        if self.warm_rows <= longest:
            raise ValueError(
                f"warm_rows: {self.warm_rows} must be above relative_rows and max_lag ({longest}); raise it"
            )
        least = self.warm_rows + self.stability_rows + MARGIN
        if self.min_rows < max(least, self.trend_rows + 1):
            raise ValueError(
                f"min_rows: {self.min_rows} is below {max(least, self.trend_rows + 1)}, which warm_rows, stability_rows"
                " and trend_rows need; raise it"
            )
        if not self.accuracy_weight + self.precision_weight > 0:
            raise ValueError(
                "accuracy_weight, precision_weight: one must be above 0, or nothing measures the residuals"
            )
        return self


#: Rows beyond the windows, so that a rolling correlation has more than one window to roll over.
MARGIN = 8
