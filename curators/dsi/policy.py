"""DsiPolicy: every number by which the tape is read, the experts judge, and their judgements become one."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

#: A number between 0 and 1.
Share = Annotated[float, Field(ge=0, le=1)]


class BoostFormula(StrEnum):
    """How evidence becomes a factor on a signal's strength."""

    DSI = "dsi"
    KERNEL = "kernel"


class _Numbers(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TapePolicy(_Numbers):
    """How rows become tokens."""

    window: int = Field(64, ge=16, le=1024, description="rows of a window [count]")
    step: int = Field(32, ge=1, le=1024, description="rows between the ends of two windows [count]")
    lookback: int = Field(20, ge=6, le=512, description="rows over which rates and correlations are taken [count]")
    recent: int = Field(5, ge=1, le=64, description="rows that count as now against the rest [count]")
    depth_epsilon: float = Field(1e-10, gt=0.0, le=1e-3, description="added to the ask size in the depth ratio [base]")
    least_price: float = Field(1e-12, gt=0.0, description="prices below are not believed [quote]")
    most_price: float = Field(1e12, gt=0.0, description="prices above are not believed [quote]")
    most_volume: float = Field(1e18, gt=0.0, description="volumes and sizes above are not believed [base]")
    most_step: float = Field(100.0, gt=1.0, le=1e6, description="change between two rows that is believed [ratio]")

    @model_validator(mode="after")
    def _now_is_shorter_than_the_rest(self) -> TapePolicy:
        if not self.recent < self.lookback <= self.window:
            raise ValueError(
                f"recent: {self.recent}, lookback: {self.lookback}, window: {self.window} must be recent < lookback"
                " <= window; lower the first or raise the last"
            )
        # The grammar compares now with the two spans before it, and those with at least one step before them.
        if not 3 * self.recent + 1 < self.window:
            raise ValueError(f"recent: {self.recent} must be under a third of window {self.window}; lower it")
        return self


class GrammarPolicy(_Numbers):
    """What the grammar asks of each pattern: a measure's threshold, its weight, and the pattern's strength."""

    matched_above: float = Field(0.5, ge=0.0, lt=1.0, description="score above which a pattern is matched [share]")
    trend_strength: float = Field(0.8, ge=0.0, le=1.0, description="worth of a continued trend [evidence]")
    trend_volume_momentum: float = Field(0.5, ge=0.0, description="volume now above the rest [ratio]")
    trend_price_momentum: float = Field(0.3, ge=0.0, description="move in the plan's direction [usual steps a row]")
    trend_spread_tightening: float = Field(0.2, ge=0.0, le=1.0, description="spread now below the rest [share]")
    trend_weights: tuple[Share, Share, Share] = Field((0.4, 0.4, 0.2), description="weights of the three [share]")
    reversal_strength: float = Field(0.9, ge=0.0, le=1.0, description="worth of a reversal [evidence]")
    reversal_volume_spike: float = Field(0.7, ge=0.0, lt=1.0, description="excess of the largest volume now [share]")
    reversal_price_divergence: float = Field(0.4, ge=0.0, le=1.0, description="price against volume [correlation]")
    reversal_spread_widening: float = Field(0.3, ge=0.0, description="spread now above the rest [share]")
    reversal_weights: tuple[Share, Share, Share] = Field((0.5, 0.3, 0.2), description="weights of the three [share]")
    coil_strength: float = Field(0.2, ge=0.0, le=1.0, description="worth of a consolidation [evidence]")
    coil_narrowing: float = Field(0.3, ge=0.0, le=1.0, description="price range now below the rest's [share]")
    coil_quiet: float = Field(0.1, ge=0.0, le=1.0, description="volume now below the rest [share]")
    coil_aimless: float = Field(0.7, ge=0.0, le=1.0, description="path that led nowhere [share]")
    coil_weights: tuple[Share, Share, Share] = Field((0.5, 0.3, 0.2), description="weights of the three [share]")
    breakout_strength: float = Field(0.85, ge=0.0, le=1.0, description="worth of a breakout [evidence]")
    breakout_beyond: float = Field(0.1, ge=0.0, description="price beyond the rest's range [ranges of the rest]")
    breakout_volume_spike: float = Field(0.5, ge=0.0, lt=1.0, description="excess of the largest volume now [share]")
    breakout_coiled: float = Field(0.3, ge=0.0, le=1.0, description="narrowing before the break [share]")
    breakout_weights: tuple[Share, Share, Share] = Field((0.5, 0.3, 0.2), description="weights of the three [share]")
    spike_strength: float = Field(0.5, ge=0.0, le=1.0, description="worth of a volume spike [evidence]")
    spike_volume: float = Field(0.8, ge=0.0, lt=1.0, description="excess of the largest volume now [share]")
    spike_price_momentum: float = Field(0.3, ge=0.0, description="move in the plan's direction [usual steps a row]")
    spike_weights: tuple[Share, Share] = Field((0.6, 0.4), description="weights of the two [share]")
    correlated: int = Field(10, ge=3, le=256, description="rows over which price is set against volume [count]")


class ClassifierPolicy(_Numbers):
    """What the sequence classifier reads, and how it was and is trained."""

    sequence: int = Field(32, ge=16, le=512, description="rows it reads; the shipped weights are for 32 [count]")
    hidden: int = Field(8, ge=1, le=64, description="units of the hidden layer [count]")
    horizon: int = Field(24, ge=1, le=1000, description="bars in which a move must come true [count]")
    stop_atrs: float = Field(1.5, gt=0.0, le=20.0, description="move that is a signal, and loss that ends it [ATR 14]")
    atr_rows: int = Field(14, ge=2, le=200, description="bars of the average true range [count]")
    apart: int = Field(4, ge=1, le=1000, description="bars between two examples [count]")
    used_share: float = Field(
        0.6, gt=0.0, le=1.0, description="first part of each file that may be learned from [share]"
    )
    train_share: float = Field(0.75, gt=0.0, lt=1.0, description="earlier part of that which is fitted to [share]")
    epochs: int = Field(1500, ge=1, le=20_000, description="passes over the examples [count]")
    rate: float = Field(1.0, gt=0.0, le=10.0, description="step of the descent [ratio]")
    momentum: float = Field(0.9, ge=0.0, lt=1.0, description="what a step keeps of the last one [share]")
    decay: float = Field(1e-3, ge=0.0, le=1.0, description="pull of weights towards zero [ratio]")
    seed: int = Field(1, ge=0, description="start of the initial weights [count]")
    most: float = Field(8.0, gt=0.0, description="largest standardised input that is believed [deviations]")


class AnomalyPolicy(_Numbers):
    """How unusual the newest row is against the tape."""

    anomalous_above: float = Field(0.7, ge=0.0, le=1.0, description="score above which a row is anomalous [score]")
    full_deviation: float = Field(2.0, gt=0.0, le=100.0, description="deviations that score in full [deviations]")
    full_percentile: float = Field(0.95, gt=0.0, le=1.0, description="rank of the distance that scores in full [share]")
    shrinkage: float = Field(0.1, gt=0.0, le=1.0, description="pull of the correlations towards none [share]")
    trees: int = Field(100, ge=1, le=1000, description="trees of the isolation forest [count]")
    sample: int = Field(32, ge=4, le=256, description="rows that grow a tree [count]")
    contamination: float = Field(0.1, gt=0.0, lt=0.5, description="share of rows taken to be unusual [share]")
    references: int = Field(20, ge=2, le=200, description="rows whose scores place the border [count]")
    history: int = Field(1000, ge=32, le=10_000, description="newest rows that are looked back on [count]")


class DivergencePolicy(_Numbers):
    """When price and its companions go apart."""

    rsi_rows: int = Field(14, ge=2, le=200, description="rows of the relative strength index [count]")
    macd_fast: int = Field(12, ge=2, le=200, description="span of the fast average [rows]")
    macd_slow: int = Field(26, ge=3, le=400, description="span of the slow average [rows]")
    macd_signal: int = Field(9, ge=2, le=200, description="span of the signal line [rows]")
    rows: int = Field(10, ge=3, le=200, description="rows over which correlations are taken [count]")
    strong_above: float = Field(0.3, ge=0.0, lt=1.0, description="opposition below which there is none [correlation]")


class FusionPolicy(_Numbers):
    """How judgements become one, and how the experts' standing learns."""

    confirm_above: float = Field(0.7, ge=0.0, le=1.0, description="evidence above which a plan is confirmed [evidence]")
    deviations: float = Field(1.96, ge=0.0, le=10.0, description="half width of the interval [standard errors]")
    boost: BoostFormula = Field(BoostFormula.DSI, description="formula of the boost [dsi or kernel]")
    confirmed_boost: float = Field(0.5, ge=0.0, le=5.0, description="gain for confirmed evidence (dsi) [ratio]")
    unconfirmed_cut: float = Field(0.2, ge=0.0, le=1.0, description="loss for unconfirmed evidence (dsi) [ratio]")
    kernel_boost: float = Field(0.3, ge=0.0, le=5.0, description="gain for any evidence (kernel) [ratio]")
    weight: float = Field(0.25, gt=0.0, le=1.0, description="first weight of each expert [share]")
    learning_rate: float = Field(0.01, ge=0.0, le=1.0, description="move of a weight at one outcome [ratio]")
    even_accuracy: float = Field(0.5, ge=0.0, le=1.0, description="accuracy at which a weight stays [score]")
    min_weight: float = Field(0.1, gt=0.0, le=1.0, description="the floor of weights [share]")
    max_weight: float = Field(0.9, gt=0.0, le=1.0, description="the ceiling of weights [share]")
    threshold: float = Field(0.7, ge=0.0, le=1.0, description="first evidence above which an expert agrees [evidence]")
    threshold_step: float = Field(0.01, ge=0.0, le=1.0, description="move of a threshold at one outcome [evidence]")
    min_threshold: float = Field(0.5, ge=0.0, le=1.0, description="the floor of thresholds [evidence]")
    max_threshold: float = Field(0.9, ge=0.0, le=1.0, description="the ceiling of thresholds [evidence]")
    good_error: float = Field(0.1, ge=0.0, le=1.0, description="mean error below which a threshold falls [evidence]")
    threshold_errors: int = Field(10, ge=1, le=1000, description="outcomes that move a threshold [count]")
    confidence_errors: int = Field(5, ge=1, le=1000, description="outcomes that make a confidence [count]")
    unknown_confidence: float = Field(0.5, ge=0.0, le=1.0, description="confidence before there are enough [share]")
    min_confidence: float = Field(0.1, ge=0.0, le=1.0, description="the floor of that confidence [share]")
    survival_share: float = Field(0.1, ge=0.0, le=1.0, description="weight that survives [share of the first]")
    survival_window: int = Field(50, ge=1, le=10_000, description="outcomes over which survival is counted [count]")

    @model_validator(mode="after")
    def _bounds_leave_room(self) -> FusionPolicy:
        for name in ("weight", "threshold"):
            least, first, most = (getattr(self, field) for field in (f"min_{name}", name, f"max_{name}"))
            if not least <= first <= most:
                raise ValueError(f"{name}: {first} must lie within min_{name} {least} and max_{name} {most}; move one")
        return self


class DsiPolicy(_Numbers):
    """Deep signal intelligence: whether it speaks, and every number by which it does."""

    enabled: bool = Field(True, description="whether evidence is gathered [yes or no]")
    tape: TapePolicy = Field(default_factory=TapePolicy, description="rows into tokens")
    grammar: GrammarPolicy = Field(default_factory=GrammarPolicy, description="patterns of price, volume and spread")
    classifier: ClassifierPolicy = Field(default_factory=ClassifierPolicy, description="signal or noise")
    anomaly: AnomalyPolicy = Field(default_factory=AnomalyPolicy, description="how unusual now is")
    divergence: DivergencePolicy = Field(default_factory=DivergencePolicy, description="price against its companions")
    fusion: FusionPolicy = Field(default_factory=FusionPolicy, description="four judgements into one, and learning")
