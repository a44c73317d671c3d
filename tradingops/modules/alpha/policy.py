"""What the alpha detector goes by: every threshold, weight and multiple, with its unit and range."""

from __future__ import annotations

from functools import cached_property

import pydantic
from pydantic import Field

from curators.dsi.policy import DsiPolicy
from curators.roster.policy import AlphaRoster
from portfolio.execution.costs import CostPolicy
from portfolio.execution.counterfactual import CounterfactualPolicy
from portfolio.plans.plan import OrderType, Tier
from strands.lessons.policy import LessonPolicy
from tradingops.modules.alpha.intelligence.policy import IntelligencePolicy

FROZEN = pydantic.ConfigDict(frozen=True, extra="forbid")


class Conditions(pydantic.BaseModel):
    """One number a detection condition: its weight, or the score it gives when it is met."""

    model_config = FROZEN

    rsi: float = Field(ge=0, le=1, description="RSI beyond its band against the direction [0-1]")
    macd: float = Field(ge=0, le=1, description="MACD histogram on the direction's side [0-1]")
    breakout: float = Field(ge=0, le=1, description="a level broken in the direction [0-1]")
    volume: float = Field(ge=0, le=1, description="volume spike [0-1]")
    regime: float = Field(ge=0, le=1, description="regime trending in the direction [0-1]")


class TierRules(pydantic.BaseModel):
    """What signals from one strength upwards may ask for."""

    model_config = FROZEN

    tier: Tier = Field(description="the tier's name")
    from_strength: float = Field(ge=0, le=1, description="least strength of the tier [0-1]")
    max_position_size: float = Field(gt=0, le=1, description="largest position [fraction of portfolio value]")
    risk_per_trade: float = Field(gt=0, le=0.1, description="most that the stop may lose [fraction of value]")
    min_risk_reward: float = Field(ge=1, le=10, description="least reward for one unit of risk")
    stop_atrs: float = Field(gt=0, le=20, description="distance of the stop [ATR 14]")
    target_atrs: float = Field(gt=0, le=50, description="distance of the target [ATR 14]")
    slippage_tolerance: float = Field(ge=0, le=0.1, description="most slippage at entry [fraction of price]")
    order_type: OrderType = Field(description="how the entry is ordered")


class Horizon(pydantic.BaseModel):
    """How long a signal of one timeframe stays good."""

    model_config = FROZEN

    timeframe: str = Field(description="the signal's timeframe")
    horizon: str = Field(description="the plan's time horizon")
    valid_minutes: int = Field(gt=0, le=43_200, description="how long the plan may be entered [minutes]")
    bars_a_year: int = Field(
        gt=0,
        description="bars of the timeframe in a year of 365 days where the market never closes; else its sessions'",
    )


class ConfirmationWeight(pydantic.BaseModel):
    """How much one timeframe's vote counts."""

    model_config = FROZEN

    timeframe: str = Field(description="the vote's timeframe")
    weight: float = Field(ge=0, le=1, description="weight among the votes that exist [0-1]")


class AnomalyLimits(pydantic.BaseModel):
    """Beyond which a bar is an anomaly."""

    model_config = FROZEN

    price_move: float = Field(
        6.0, gt=0, le=100, description="size of the one-bar return [standard deviations of 100 bars]"
    )
    volume_spike: float = Field(8.0, gt=1, le=1000, description="volume against its mean of 20 bars [ratio]")
    range_shock: float = Field(5.0, gt=0, le=100, description="high less low [ATR 14]")
    gap: float = Field(4.0, gt=0, le=100, description="open against the close before [standard deviations of 100 bars]")


_TIERS = (
    TierRules(
        tier=Tier.STRONG,
        from_strength=0.8,
        max_position_size=0.15,
        risk_per_trade=0.03,
        min_risk_reward=1.5,
        stop_atrs=2.0,
        target_atrs=4.0,
        slippage_tolerance=0.005,
        order_type=OrderType.MARKET,
    ),
    TierRules(
        tier=Tier.MEDIUM,
        from_strength=0.6,
        max_position_size=0.10,
        risk_per_trade=0.02,
        min_risk_reward=1.5,
        stop_atrs=1.5,
        target_atrs=3.0,
        slippage_tolerance=0.003,
        order_type=OrderType.LIMIT,
    ),
    TierRules(
        tier=Tier.WEAK,
        from_strength=0.0,
        max_position_size=0.05,
        risk_per_trade=0.01,
        min_risk_reward=2.0,
        stop_atrs=1.0,
        target_atrs=2.0,
        slippage_tolerance=0.001,
        order_type=OrderType.STOP,
    ),
)

_HORIZONS = (
    Horizon(timeframe="1m", horizon="5m", valid_minutes=5, bars_a_year=525_600),
    Horizon(timeframe="5m", horizon="15m", valid_minutes=15, bars_a_year=105_120),
    Horizon(timeframe="15m", horizon="1h", valid_minutes=60, bars_a_year=35_040),
    Horizon(timeframe="1h", horizon="4h", valid_minutes=240, bars_a_year=8_760),
    Horizon(timeframe="4h", horizon="1d", valid_minutes=1_440, bars_a_year=2_190),
    Horizon(timeframe="1d", horizon="1w", valid_minutes=10_080, bars_a_year=365),
)

_VOTES = tuple(
    ConfirmationWeight(timeframe=timeframe, weight=weight)
    for timeframe, weight in (("1h", 0.4), ("15m", 0.3), ("5m", 0.2), ("1m", 0.1))
)


class AlphaPolicy(pydantic.BaseModel):
    """The alpha detector's settings; the defaults are those of the semantics of the specification."""

    model_config = FROZEN

    # detection
    weights: Conditions = Field(
        Conditions(rsi=0.2, macd=0.2, breakout=0.3, volume=0.2, regime=0.1), description="weight of each condition"
    )
    scores: Conditions = Field(
        Conditions(rsi=0.8, macd=0.9, breakout=0.9, volume=0.8, regime=0.7), description="score of each condition met"
    )
    min_detection: float = Field(0.6, ge=0, le=1, description="least sum of weight times score to detect [0-1]")
    rsi_oversold: float = Field(30.0, ge=0, le=50, description="a long's RSI lies below [RSI points]")
    rsi_overbought: float = Field(70.0, ge=50, le=100, description="a short's RSI lies above [RSI points]")
    volume_spike: float = Field(2.0, ge=1, le=100, description="volume of a spike against its mean of 20 bars [ratio]")

    # confidence and strength: each part is clipped to 0-1 before the mean is taken
    rsi_middle: float = Field(50.0, gt=0, lt=100, description="RSI that says nothing [RSI points]")
    confidence_rsi_span: float = Field(40.0, gt=0, le=100, description="RSI points for a whole point of confidence")
    confidence_macd: float = Field(10.0, gt=0, description="confidence for a histogram of one ATR")
    confidence_volume_span: float = Field(2.0, gt=0, description="volume ratio above 1 for a whole point of confidence")
    strength_rsi_span: float = Field(50.0, gt=0, le=100, description="RSI points for a whole point of strength")
    strength_macd: float = Field(5.0, gt=0, description="strength for a histogram of one ATR")
    strength_volume_span: float = Field(3.0, gt=0, description="volume ratio above 1 for a whole point of strength")
    regime_aligned: float = Field(0.8, ge=0, le=1, description="confidence of a regime trending in the direction [0-1]")
    regime_neutral: float = Field(0.6, ge=0, le=1, description="confidence of a regime that does not trend [0-1]")
    regime_opposed: float = Field(0.0, ge=0, le=1, description="confidence of a regime trending against it [0-1]")
    min_confidence: float = Field(0.6, ge=0, le=1, description="least confidence of a signal [0-1]")
    min_strength: float = Field(0.5, ge=0, le=1, description="least strength of a signal [0-1]")

    # confirmation
    votes: tuple[ConfirmationWeight, ...] = Field(_VOTES, min_length=1, description="weight of each timeframe's vote")
    min_confirmation: float = Field(0.6, ge=0, le=1, description="least weighted share of agreeing votes [0-1]")

    # filters
    min_volume_ratio: float = Field(1.2, ge=0, le=100, description="least volume against its mean of 20 bars [ratio]")
    quality_confidence: float = Field(0.4, ge=0, le=1, description="weight of confidence in quality")
    quality_strength: float = Field(0.3, ge=0, le=1, description="weight of strength in quality")
    quality_volume: float = Field(0.3, ge=0, le=1, description="weight of the volume ratio in quality")
    quality_volume_cap: float = Field(2.0, gt=0, le=100, description="volume ratio that counts at most in quality")
    min_quality: float = Field(
        0.75,
        ge=0,
        le=2,
        description="least quality; 0.75 is what the other thresholds already ask, so it refuses nothing",
    )
    cooldown_minutes: int = Field(30, ge=0, le=10_080, description="rest of a symbol after a signal [minutes]")
    max_open_symbol: int = Field(3, ge=1, le=100, description="most signals of a symbol pending or held")
    max_open_timeframe: int = Field(2, ge=1, le=100, description="most of them of one timeframe")
    max_open_hours: int = Field(
        168, ge=1, le=8_760, description="after which an open signal without news is let go [hours]"
    )

    # plan
    tiers: tuple[TierRules, ...] = Field(
        _TIERS, min_length=1, description="what each strength may ask, strongest first"
    )
    horizons: tuple[Horizon, ...] = Field(_HORIZONS, min_length=1, description="horizon and validity by timeframe")
    base_size: float = Field(0.05, gt=0, le=1, description="position of a signal of strength 1 [fraction of value]")
    min_volatility: float = Field(0.1, gt=0, le=10, description="least volatility in the size [annualised]")
    correlation: float = Field(0.7, ge=0, le=1, description="correlation with the book, unknown to alpha, in the size")
    min_correlation: float = Field(0.1, gt=0, le=1, description="least correlation in the size")
    size_decimals: int = Field(6, ge=2, le=12, description="decimals of a position's size")
    stop_fraction: float = Field(0.02, gt=0, lt=1, description="stop where there is no ATR [fraction of price]")
    target_fraction: float = Field(0.04, gt=0, lt=1, description="target where there is no ATR [fraction of price]")
    cost: CostPolicy = Field(CostPolicy(), description="what a round trip costs, and may cost of what a plan risks")
    max_stop_fraction: float = Field(0.5, gt=0, lt=1, description="farthest stop [fraction of price]")
    max_risk_reward: float = Field(10.0, ge=1, le=100, description="most reward for one unit of risk")
    price_band: float = Field(
        0.3, gt=0, le=100, description="entry no farther from the close [share of the way to the stop]"
    )
    min_regime_alignment: float = Field(
        0.6, ge=0, le=1, description="regime part that makes a condition of entry [0-1]"
    )
    venues: tuple[str, ...] = Field(("hyperliquid", "binance", "coinbase"), description="venues, best first")

    # voices
    evidence_weight: float = Field(0.3, ge=0, le=1, description="boost of the plan's confidence for DSI evidence of 1")
    publish_threshold: float = Field(0.35, ge=0, le=1, description="least curated strength of a signal [0-1]")

    # events
    bounce_weight: float = Field(0.3, ge=0, le=1, description="weight of a bounce in the event resonance")
    reclaim_weight: float = Field(0.4, ge=0, le=1, description="weight of a reclaim in the event resonance")
    breakout_weight: float = Field(0.5, ge=0, le=1, description="weight of a breakout in the event resonance")
    zone_weight: float = Field(0.2, ge=0, le=1, description="weight of the nearest zone's strength in the resonance")
    zone_atrs: float = Field(2.0, gt=0, le=100, description="distance at which a zone's strength is nil [ATR 14]")

    # judgement
    dsi: DsiPolicy = Field(DsiPolicy(), description="micro-structure evidence")
    intelligence: IntelligencePolicy = Field(IntelligencePolicy(), description="residuals, kernel and events")
    curators: AlphaRoster = Field(AlphaRoster(), description="alpha's curators")
    lessons: LessonPolicy = Field(LessonPolicy(), description="how lessons are learned and applied")
    counterfactual: CounterfactualPolicy = Field(
        CounterfactualPolicy(), description="how plans that were not entered are followed"
    )
    tape_length: int = Field(128, ge=64, le=4096, description="bars kept on the tape [count]")
    judgements_remembered: int = Field(
        64, ge=1, le=10_000, description="judgements that wait for their outcome at once [count]"
    )
    record_days: int = Field(30, ge=1, le=365, description="how far back alpha's record of outcomes goes [days]")
    record_length: int = Field(200, ge=10, le=10_000, description="outcomes in the record at most [count]")

    anomalies: AnomalyLimits = Field(AnomalyLimits(), description="beyond which a bar is an anomaly")

    @pydantic.model_validator(mode="after")
    def _tiers_descend(self) -> AlphaPolicy:
        """Hold the tiers in order, strongest first, down to a strength of 0, each able to keep its ratio."""
        starts = [each.from_strength for each in self.tiers]
        if starts != sorted(starts, reverse=True) or starts[-1] > 0:
            raise ValueError(f"tiers: from_strength {starts} must fall from tier to tier and end at 0")
        # One whole unit apart, so that a ratio within both bounds exists at any tick, even for a stop of one tick.
        over = [each.tier.value for each in self.tiers if each.min_risk_reward + 1 > self.max_risk_reward]
        if over:
            raise ValueError(
                f"tiers: min_risk_reward of {', '.join(over)} is not 1 below max_risk_reward {self.max_risk_reward}"
            )
        return self

    @cached_property
    def most_without_breakout(self) -> float:
        """The largest detection score that a bar without a breakout can have [0-1]."""
        weight, score = self.weights, self.scores
        return (
            weight.rsi * score.rsi
            + weight.macd * score.macd
            + weight.volume * score.volume
            + weight.regime * score.regime
        )

    @cached_property
    def needs_breakout(self) -> bool:
        """Whether no bar without a breakout can be detected."""
        return self.most_without_breakout < self.min_detection

    def tier_of(self, strength: float) -> TierRules:
        """Return what a signal of this strength may ask for."""
        return next(each for each in self.tiers if strength >= each.from_strength)

    def horizon_of(self, timeframe: str | None) -> Horizon | None:
        """Return how long a signal of a timeframe stays good; None for a timeframe that no plan is made for."""
        return next((each for each in self.horizons if each.timeframe == timeframe), None)
