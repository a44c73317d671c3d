"""Every number that the semantics of the specification name for judgement, and the setting that holds it.

Written by hand, in the order of the semantics' sections: curators, curators' learning, lessons, braids, deep signal
intelligence, alpha, decision maker. A number that is kept otherwise, or by no setting, says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the semantics, where it stands and its setting; ``kept`` and ``why`` where it is kept otherwise."""

    section: str
    said: str
    number: Any
    setting: str
    kept: Any = None
    why: str = ""

    def __str__(self) -> str:
        return f"{self.section} {self.said} = {self.number} in {self.setting}"

    @property
    def default(self) -> Any:
        """What the setting must hold."""
        return self.number if not self.why else self.kept


@dataclass(frozen=True, slots=True)
class Unset:
    """A number of the semantics that no setting holds, and why."""

    section: str
    said: str
    number: Any
    why: str


def _all(section: str, prefix: str, *numbers: tuple[str, Any, str]) -> tuple[Number, ...]:
    return tuple(Number(section, said, number, f"{prefix}.{name}") for said, number, name in numbers)


AGGREGATION = (
    Number("1.1", "τ_publish of alpha", 0.35, "alpha.publish_threshold"),
    Number("1.1", "τ_publish of the decision maker", 0.0, "dm.publish_at"),
    Number("1.1", "τ_publish of the trader", 0.0, "trader.publish_at"),
    Number("1.1", "confidence of alpha to publish", 0.6, "alpha.min_confidence"),
)

LEARNING = tuple(
    number
    for module in ("alpha", "dm", "trader")
    for number in _all(
        "1.5",
        f"{module}.curators.learning",
        ("share of accuracy in a curator's score", 0.4, "accuracy_share"),
        ("share of calibration in it", 0.3, "calibration_share"),
        ("share of impact in it", 0.3, "impact_share"),
        ("accuracy, calibration and impact that are unknown", 0.5, "unknown"),
        ("performance that raises a weight", 0.7, "good_above"),
        ("factor that raises it", 1.1, "raise_factor"),
        ("performance that lowers a weight", 0.4, "poor_below"),
        ("factor that lowers it", 0.9, "lower_factor"),
        ("rate of smoothing", 0.01, "rate"),
        ("share that learning accuracy keeps", 0.7, "keep"),
        ("reliability bins", 10, "bins"),
        ("least weight", 0.05, "min_weight"),
        ("most weight", 1.0, "max_weight"),
        ("rate of vetoes that alerts", 0.3, "max_veto_rate"),
        ("mean nudge that alerts", 0.1, "max_mean_nudge"),
    )
)

LESSONS = tuple(
    number
    for module in ("alpha", "dm", "trader")
    for number in (
        *_all(
            "2",
            f"{module}.lessons",
            ("lessons applied to a decision", 5, "max_applied"),
            ("the symbol's part of relevance", 0.35, "symbol_share"),
            ("the timeframe's part", 0.2, "timeframe_share"),
            ("the regime's part", 0.3, "regime_share"),
            ("the part of decision type or venue", 0.15, "kind_share"),
            ("what an unknown part counts", 0.5, "unknown_share"),
            ("least relevance", 0.5, "min_relevance"),
            ("least boost", 0.5, "min_boost"),
            ("most boost", 1.5, "max_boost"),
            ("least weight under lessons", 0.05, "min_weight"),
            ("most weight under lessons", 1.0, "max_weight"),
        ),
        *_all(
            "3",
            f"{module}.lessons",
            ("share of sigma, decision or execution quality in a strand's score", 0.4, "judgement_share"),
            ("share of confidence, risk or slippage control", 0.3, "assurance_share"),
            ("share of the outcome", 0.3, "outcome_share"),
            ("days of the window", 30, "window_days"),
            ("score of a braid", 3.0, "braid_score"),
            ("score of a meta-braid", 9.0, "meta_braid_score"),
            ("score of a meta2-braid", 27.0, "meta2_braid_score"),
            ("members of a braid of any level", 3, "min_members"),
            ("score of a success", 0.7, "success_score"),
            ("drop that is a degradation", 0.1, "max_drop"),
            ("results that degradation looks at", 10, "recent"),
        ),
    )
)

EVIDENCE = (
    *_all(
        "4",
        "alpha.dsi.tape",
        ("rows of a window", 64, "window"),
        ("rows between windows", 32, "step"),
        ("added to the ask size", 1e-10, "depth_epsilon"),
        ("rows that are the last", 5, "recent"),
    ),
    *_all(
        "4",
        "alpha.dsi.grammar",
        ("score that matches a pattern", 0.5, "matched_above"),
        ("volume momentum of a trend", 0.5, "trend_volume_momentum"),
        ("price momentum of a trend", 0.3, "trend_price_momentum"),
        ("spread tightening of a trend", 0.2, "trend_spread_tightening"),
        ("weights of a trend's measures", (0.4, 0.4, 0.2), "trend_weights"),
        ("strength of a trend", 0.8, "trend_strength"),
        ("volume spike of a reversal", 0.7, "reversal_volume_spike"),
        ("price divergence of a reversal", 0.4, "reversal_price_divergence"),
        ("spread widening of a reversal", 0.3, "reversal_spread_widening"),
        ("weights of a reversal's measures", (0.5, 0.3, 0.2), "reversal_weights"),
        ("strength of a reversal", 0.9, "reversal_strength"),
    ),
    Number("4", "rows of a sequence", 32, "alpha.dsi.classifier.sequence"),
    *_all(
        "4",
        "alpha.dsi.anomaly",
        ("score that is anomalous", 0.7, "anomalous_above"),
        ("deviations that score in full", 2.0, "full_deviation"),
        ("rank that scores in full", 0.95, "full_percentile"),
        ("trees", 100, "trees"),
        ("contamination", 0.1, "contamination"),
        ("history", 1000, "history"),
    ),
    *_all(
        "4",
        "alpha.dsi.divergence",
        ("rows of the RSI", 14, "rsi_rows"),
        ("fast rows of the MACD", 12, "macd_fast"),
        ("slow rows of the MACD", 26, "macd_slow"),
        ("rows of its signal", 9, "macd_signal"),
        ("rows of a correlation", 10, "rows"),
        ("opposition that counts", 0.3, "strong_above"),
    ),
    *_all(
        "4",
        "alpha.dsi.fusion",
        ("weight of each expert", 0.25, "weight"),
        ("evidence that confirms", 0.7, "confirm_above"),
        ("rate of weights", 0.01, "learning_rate"),
        ("accuracy at which a weight stays", 0.5, "even_accuracy"),
        ("least weight of an expert", 0.1, "min_weight"),
        ("most weight of an expert", 0.9, "max_weight"),
        ("threshold of an expert", 0.7, "threshold"),
        ("step of a threshold", 0.01, "threshold_step"),
        ("least threshold", 0.5, "min_threshold"),
        ("most threshold", 0.9, "max_threshold"),
        ("mean error that lowers a threshold", 0.1, "good_error"),
        ("errors that move a threshold", 10, "threshold_errors"),
        ("errors that make a confidence", 5, "confidence_errors"),
        ("confidence before there are enough", 0.5, "unknown_confidence"),
        ("least confidence", 0.1, "min_confidence"),
        ("gain of confirmed evidence", 0.5, "confirmed_boost"),
        ("loss of unconfirmed evidence", 0.2, "unconfirmed_cut"),
        ("gain of evidence in the kernel", 0.3, "kernel_boost"),
        ("weight that survives", 0.1, "survival_share"),
        ("deviations of the interval", 1.96, "deviations"),
    ),
)

DETECTION = (
    *_all(
        "5",
        "alpha",
        ("RSI that is low", 30, "rsi_oversold"),
        ("RSI that is high", 70, "rsi_overbought"),
        ("volume ratio of a spike", 2.0, "volume_spike"),
        ("weight of the RSI", 0.2, "weights.rsi"),
        ("weight of the MACD", 0.2, "weights.macd"),
        ("weight of a breakout", 0.3, "weights.breakout"),
        ("weight of volume", 0.2, "weights.volume"),
        ("weight of the regime", 0.1, "weights.regime"),
        ("score of the RSI", 0.8, "scores.rsi"),
        ("score of the MACD", 0.9, "scores.macd"),
        ("score of a breakout", 0.9, "scores.breakout"),
        ("score of volume", 0.8, "scores.volume"),
        ("score of the regime", 0.7, "scores.regime"),
        ("least detection", 0.6, "min_detection"),
        ("span of the RSI in confidence", 40, "confidence_rsi_span"),
        ("gain of the MACD in confidence", 10, "confidence_macd"),
        ("span of volume in confidence", 2, "confidence_volume_span"),
        ("confidence of a regime in the direction", 0.8, "regime_aligned"),
        ("confidence of another regime", 0.6, "regime_neutral"),
        ("middle of the RSI in strength", 50, "rsi_middle"),
        ("span of the RSI in strength", 50, "strength_rsi_span"),
        ("gain of the MACD in strength", 5, "strength_macd"),
        ("span of volume in strength", 3, "strength_volume_span"),
        ("least confidence", 0.6, "min_confidence"),
        ("least strength", 0.5, "min_strength"),
        ("vote of 1h", 0.4, "votes.0.weight"),
        ("vote of 15m", 0.3, "votes.1.weight"),
        ("vote of 5m", 0.2, "votes.2.weight"),
        ("vote of 1m", 0.1, "votes.3.weight"),
        ("share of votes that confirms", 0.6, "min_confirmation"),
        ("cooldown in minutes", 30, "cooldown_minutes"),
        ("signals of a symbol", 3, "max_open_symbol"),
        ("signals of a timeframe", 2, "max_open_timeframe"),
        ("least volume ratio", 1.2, "min_volume_ratio"),
        ("weight of confidence in quality", 0.4, "quality_confidence"),
        ("weight of strength in quality", 0.3, "quality_strength"),
        ("weight of volume in quality", 0.3, "quality_volume"),
        ("volume ratio that counts at most", 2, "quality_volume_cap"),
    ),
    *_all(
        "5",
        "market.feature.pattern",
        ("window of a pivot", 5, "pivot_wing"),
        ("tolerance of a level", 0.02, "level_tolerance"),
        ("touches of a level", 2, "level_touches"),
        ("margin of a breakout", 0.01, "breakout_margin"),
        ("volume of a breakout", 1.5, "breakout_volume"),
        ("strength of a breakout at most", 2, "breakout_cap"),
        ("lookback of a divergence", 20, "divergence_lookback"),
    ),
    *_all(
        "5",
        "market.feature.regimes",
        ("weight of the return over 20", 0.5, "weight_20"),
        ("weight of the return over 50", 0.3, "weight_50"),
        ("weight of the return over 100", 0.2, "weight_100"),
        ("trend that trends", 0.6, "trending"),
        ("ratio that is high", 1.5, "high_ratio"),
        ("ratio that is low", 0.5, "low_ratio"),
        ("confidence in any regime", 0.5, "floor"),
        ("confidence of a unit of trend", 0.5, "trend_share"),
        ("confidence of the trend at most", 0.3, "trend_cap"),
        ("confidence of an extreme", 0.1, "extreme_share"),
    ),
    Number("5", "width of the Bollinger bands", 2, "market.feature.band_width"),
)

PLANS = (
    *_all(
        "5",
        "alpha",
        ("stop without an ATR", 0.02, "stop_fraction"),
        ("target without an ATR", 0.04, "target_fraction"),
        ("size at full strength", 0.05, "base_size"),
        ("least volatility in the size", 0.1, "min_volatility"),
        ("correlation in the size", 0.7, "correlation"),
        ("least correlation in the size", 0.1, "min_correlation"),
        ("strength of the strong tier", 0.8, "tiers.0.from_strength"),
        ("its largest size, the cap of all", 0.15, "tiers.0.max_position_size"),
        ("its risk", 0.03, "tiers.0.risk_per_trade"),
        ("its least reward for risk", 1.5, "tiers.0.min_risk_reward"),
        ("its stop in ATRs", 2, "tiers.0.stop_atrs"),
        ("its target in ATRs", 4, "tiers.0.target_atrs"),
        ("its slippage", 0.005, "tiers.0.slippage_tolerance"),
        ("strength of the medium tier", 0.6, "tiers.1.from_strength"),
        ("its largest size", 0.10, "tiers.1.max_position_size"),
        ("its risk", 0.02, "tiers.1.risk_per_trade"),
        ("its least reward for risk", 1.5, "tiers.1.min_risk_reward"),
        ("its stop in ATRs", 1.5, "tiers.1.stop_atrs"),
        ("its target in ATRs", 3, "tiers.1.target_atrs"),
        ("its slippage", 0.003, "tiers.1.slippage_tolerance"),
        ("largest size of the weak tier", 0.05, "tiers.2.max_position_size"),
        ("its risk", 0.01, "tiers.2.risk_per_trade"),
        ("its least reward for risk", 2.0, "tiers.2.min_risk_reward"),
        ("its stop in ATRs", 1, "tiers.2.stop_atrs"),
        ("its target in ATRs", 2, "tiers.2.target_atrs"),
        ("its slippage", 0.001, "tiers.2.slippage_tolerance"),
        ("alignment of the regime", 0.6, "min_regime_alignment"),
        ("most reward for risk", 10, "max_risk_reward"),
        ("minutes that a plan of 1m is good", 5, "horizons.0.valid_minutes"),
        ("minutes that a plan of 5m is good", 15, "horizons.1.valid_minutes"),
        ("minutes that a plan of 15m is good", 60, "horizons.2.valid_minutes"),
        ("minutes that a plan of 1h is good", 240, "horizons.3.valid_minutes"),
        ("minutes that a plan of 4h is good", 1440, "horizons.4.valid_minutes"),
        ("minutes that a plan of 1d is good", 10080, "horizons.5.valid_minutes"),
        ("gain of evidence in a plan's confidence", 0.3, "evidence_weight"),
        ("weight of a bounce", 0.3, "bounce_weight"),
        ("weight of a reclaim", 0.4, "reclaim_weight"),
        ("weight of a breakout", 0.5, "breakout_weight"),
        ("weight of a zone", 0.2, "zone_weight"),
    ),
    Number(
        "5",
        "band of the entry price",
        0.001,
        "alpha.price_band",
        kept=0.3,
        why="a share of the way to the stop: a thousandth of the price is a minute's range here and a tick's there",
    ),
    Number("5", "confidence that an entry asks", 0.6, "trader.confidence_min"),
    Number("5", "largest exposure", 0.5, "dm.max_exposure"),
    Number("5", "largest loss of a day", 0.05, "dm.max_daily_loss"),
    Number(
        "5",
        "largest drawdown",
        0.15,
        "dm.max_drawdown",
        kept=0.1,
        why="§6 limits drawdown to .1, and the stricter of the two holds",
    ),
)

DECISION = (
    *_all(
        "6",
        "dm",
        ("largest position", 0.1, "position_limit"),
        ("base of the risk budget", 0.01, "base_risk_budget"),
        ("edge in Kelly's fraction", 0.01, "kelly_edge"),
        ("deviation in Kelly's fraction", 0.02, "kelly_deviation"),
        ("largest Kelly fraction", 0.5, "kelly_cap"),
        ("part of Kelly that may be used", 0.25, "kelly_share"),
        ("largest budget", 0.10, "budget_ceiling"),
        ("size over its limit", 1.0, "size_bands.0.0"),
        ("score of it", 0.0, "size_bands.0.1"),
        ("size near its limit", 0.8, "size_bands.1.0"),
        ("score of it", 0.3, "size_bands.1.1"),
        ("score of the concentrated", 0.5, "concentrated_score"),
        ("VaR impact of score 0", 0.2, "var_bands.0.0"),
        ("VaR impact of a low score", 0.1, "var_bands.1.0"),
        ("score of it", 0.3, "var_bands.1.1"),
        ("VaR impact of a middling score", 0.05, "var_bands.2.0"),
        ("score of it", 0.6, "var_bands.2.1"),
        ("correlation of score 0", 0.8, "correlation_bands.0.0"),
        ("correlation of a low score", 0.6, "correlation_bands.1.0"),
        ("score of it", 0.3, "correlation_bands.1.1"),
        ("correlation of a middling score", 0.4, "correlation_bands.2.0"),
        ("score of it", 0.6, "correlation_bands.2.1"),
        ("share of volume of score 0", 0.1, "volume_bands.0.0"),
        ("share of volume of a low score", 0.05, "volume_bands.1.0"),
        ("score of it", 0.3, "volume_bands.1.1"),
        ("share of volume of a middling score", 0.01, "volume_bands.2.0"),
        ("score of it", 0.6, "volume_bands.2.1"),
        ("volatility of score 0", 0.5, "volatility_bands.0.0"),
        ("volatility of a low score", 0.3, "volatility_bands.1.0"),
        ("score of it", 0.3, "volatility_bands.1.1"),
        ("volatility of a middling score", 0.2, "volatility_bands.2.0"),
        ("score of it", 0.6, "volatility_bands.2.1"),
        ("weight of size", 0.25, "weight_size"),
        ("weight of VaR", 0.25, "weight_var"),
        ("weight of correlation", 0.20, "weight_correlation"),
        ("weight of liquidity", 0.15, "weight_liquidity"),
        ("weight of volatility", 0.15, "weight_volatility"),
        ("risk that is vetoed", 0.3, "min_risk_score"),
        ("largest VaR", 0.02, "max_var"),
        ("largest CVaR", 0.03, "max_cvar"),
        ("largest drawdown", 0.1, "max_drawdown"),
        ("largest concentration", 0.3, "max_concentration"),
        ("largest correlation", 0.7, "max_correlation"),
        ("largest volatility", 0.5, "max_volatility"),
        ("asymmetry that counts", 1.0, "asymmetry_threshold"),
        ("scaling of an asymmetry", 0.5, "asymmetry_slope"),
        ("largest scaling", 2.0, "max_scaling"),
        ("formula A: risk", 0.3, "a_risk"),
        ("formula A: allocation", 0.2, "a_allocation"),
        ("formula A: asymmetry", 0.1, "a_asymmetry"),
        ("formula A: asymmetry at most", 0.2, "a_asymmetry_cap"),
        ("formula A: impact", 0.1, "a_impact"),
        ("formula A: the score that moves nothing", 0.5, "neutral"),
        ("formula B: risk", 0.4, "b_risk"),
        ("formula B: allocation", 0.3, "b_allocation"),
        ("formula B: asymmetry", 0.2, "b_asymmetry"),
        ("formula B: impact", 0.1, "b_impact"),
        ("score that is approved", 0.7, "approve_score"),
        ("score that is modified", 0.4, "modify_score"),
        ("allocation that is vetoed", 0.3, "min_allocation_score"),
        ("seconds that a decision is good", 3600, "valid_seconds"),
        ("risk that is cut", 0.6, "cut_below_risk"),
        ("what a cut leaves", 0.7, "size_cut"),
        ("allocation that waits", 0.6, "wait_below_allocation"),
        ("largest slippage", 0.01, "max_slippage"),
        ("largest latency in ms", 1000, "max_latency_ms"),
        ("drift worth trading against", 0.05, "rebalancing_threshold"),
        ("VaR share of the tail, as deviations", 1.645, "var_z"),
    ),
    *_all(
        "6",
        "risk",
        ("tail of the VaR", 0.05, "tail_share"),
        ("rate without risk", 0.02, "risk_free"),
        ("share of a limit that warns", 0.8, "warn_share"),
        ("concentration that warns", 0.2, "warn_concentration"),
        ("largest concentration", 0.3, "max_concentration"),
        ("largest VaR", 0.02, "max_var"),
        ("largest CVaR", 0.03, "max_cvar"),
        ("largest drawdown", 0.1, "max_drawdown"),
        ("largest position", 0.1, "max_position"),
        ("largest correlation", 0.7, "max_correlation"),
        ("largest volatility", 0.5, "max_volatility"),
    ),
)

UNSET = (
    Unset("1.1", "base κ of a curator", 0.15, "the largest a roster allows; each curator has its own below it"),
    Unset("1.1", "base veto threshold", 0.8, "the helper's rule is replaced by each curator's own veto threshold"),
    Unset("1.1", "sigma_min", 0.35, "the same number as τ_publish of alpha, and held there once"),
    Unset("1.1", "ε of σ_eff", 1e-9, "keeps a logarithm finite and decides nothing; a constant of the panel"),
    Unset(
        "1.1", "final score of the linear alternative", 0.5, "the alternative is not built; §10 picks the bounded rule"
    ),
    Unset("1.1", "default weight of the registry", 1.0, "every curator has a base weight of its own"),
    Unset("1.2", "vol and confidence that patterns multiply with", "×", "a product has no number of its own"),
    Unset(
        "1.5", "response that alerts", 1.0, "curators are pure and take microseconds; latencies are measured outside"
    ),
    Unset("1.5", "target of accuracy", 0.8, "a target to be read on the scorecard, which nothing acts upon"),
    Unset(
        "1.5", "κ of a lesson", (0.01, 0.15), "lessons multiply weights, which the panel bounds; κ stays as configured"
    ),
    Unset(
        "2", "newest lessons of a module's table", 10, "lessons are matched in the module's own state, and the top five"
    ),
    Unset("2", "similarity", 0.7, "named for later code; relevance by columns takes its place"),
    Unset("3", "counts 3 / 9 / 27", (3, 9, 27), "§10 row 29: the score and at least three members"),
    Unset("3", "gates of universal learning", (5, 0.6, 0.5, 0.4), "named for later code, which is not this one"),
    Unset("3", "tokens and temperature of a writer", (1000, 0.7), "an outside writer's; in its own policy"),
    Unset("3", "cadence", 300, "learning happens in the fold, at each outcome, and not by a clock"),
    Unset(
        "4",
        "embedding, layers, width and heads",
        (128, 4, 256, 8),
        "the reference body is a random mock; ours is small",
    ),
    Unset("4", "targets in milliseconds", 10, "what the benchmark measures; nothing in the desk acts upon it"),
    Unset("4", "observer matrices", "2×2", "optional, and left out: nobody says what they are to improve"),
    Unset("5", "windows of the indicators", (14, 20, 50, 100), "part of the features' names: rsi_14, sma_20, ret_100"),
    Unset("5", "squeeze of the Bollinger bands", 0.1, "a feature that no condition of detection asks for"),
    Unset(
        "5",
        "config alternative: size, RR, SL, TP",
        (0.1, 1.5, 0.05, 0.075),
        "an alternative; the tiers are the default",
    ),
    Unset(
        "6", "crypto risk", (0.25, 0.25, 0.20, 0.15, 0.15), "three of its five parts are fed by nobody, so it is absent"
    ),
)

ALPHA_CURATORS = (
    *_all(
        "1.2",
        "alpha.curators.dsi",
        ("κ", 0.12, "kappa"),
        ("weight", 0.30, "weight"),
        ("part of the evidence in q", 0.6, "evidence_share"),
        ("part of the experts in q", 0.4, "experts_share"),
        ("performance of experts nobody has scored", 0.5, "unknown"),
        ("q that vetoes", 0.3, "veto_below"),
        ("q that approves", 0.7, "approve_above"),
        ("q that does not nudge", 0.5, "neutral"),
        ("nudge of a unit of q", 0.2, "slope"),
    ),
    *_all(
        "1.2",
        "alpha.curators.pattern",
        ("κ", 0.10, "kappa"),
        ("weight", 0.20, "weight"),
        ("doji", 0.8, "doji"),
        ("hammer", 0.7, "hammer"),
        ("shooting star", 0.6, "shooting_star"),
        ("engulfing", 0.9, "engulfing"),
        ("harami", 0.5, "harami"),
        ("morning star", 0.8, "morning_star"),
        ("q that vetoes", 0.4, "veto_below"),
        ("q that approves", 0.8, "approve_above"),
        ("q that does not nudge", 0.6, "neutral"),
        ("nudge of a unit of q", 0.15, "slope"),
    ),
    *_all(
        "1.2",
        "alpha.curators.regime",
        ("κ", 0.08, "kappa"),
        ("weight", 0.15, "weight"),
        ("q that vetoes", 0.3, "veto_below"),
        ("q that approves", 0.8, "approve_above"),
        ("q that does not nudge", 0.5, "neutral"),
        ("nudge of a unit of q", 0.1, "slope"),
        ("q of a trend, lively or not", (0.8, 0.4), "trending"),
        ("volatility that a trend needs", 0.02, "lively"),
        ("q of a range, not lively or lively", (0.6, 0.3), "ranging"),
        ("q of volatility, wild or not", (0.7, 0.2), "volatile"),
        ("volatility that is wild", 0.05, "wild"),
        ("q of calm, still or not", (0.5, 0.3), "calm"),
        ("volatility that is still", 0.01, "still"),
        ("q of a regime that nobody told", 0.1, "unknown"),
    ),
    *_all(
        "1.2",
        "alpha.curators.divergence",
        ("rows of the RSI", 14, "rsi"),
        ("fast rows of the MACD", 12, "fast"),
        ("slow rows of the MACD", 26, "slow"),
        ("rows of its signal", 9, "signal"),
    ),
    Number("1.2", "window of evolution in days", 30, "alpha.record_days"),
    Number("1.2", "threshold of performance", 0.5, "alpha.curators.performance.neutral"),
    Number("1.2", "weight", 0.20, "alpha.curators.divergence.weight"),
    Number("1.2", "weight", 0.10, "alpha.curators.evolution.weight"),
    Number("1.2", "weight", 0.05, "alpha.curators.performance.weight"),
)

DECISION_CURATORS = (
    *_all(
        "1.3",
        "dm.curators.risk",
        ("κ", 0.15, "kappa"),
        ("weight", 0.30, "weight"),
        ("largest risk", 0.01, "max_risk"),
        ("q that vetoes", 0.2, "veto_below"),
        ("q that approves", 0.8, "approve_above"),
        ("nudge of a unit of q", 0.2, "slope"),
    ),
    Number(
        "1.3",
        "threshold",
        0.70,
        "dm.curators.risk.neutral",
        kept=0.5,
        why="the bounded formula that the risk curator goes by nudges by (q - .5)",
    ),
    *_all("1.3", "dm.curators.budget", ("weight", 0.25, "weight"), ("threshold", 0.60, "neutral")),
    *_all("1.3", "dm.curators.execution", ("weight", 0.20, "weight"), ("threshold", 0.80, "neutral")),
    *_all("1.3", "dm.curators.portfolio", ("weight", 0.25, "weight"), ("threshold", 0.75, "neutral")),
    Number("1.3", "weight", 0.2, "dm.curators.timing.weight"),
    Number("1.3", "weight", 0.1, "dm.curators.cost.weight"),
    Number("1.3", "transaction cost", 0.002, "dm.curators.cost.max_cost"),
    Number("1.3", "weight", 0.05, "dm.curators.compliance.weight"),
)

TRADER_CURATORS = (
    *_all("1.4", "trader.curators.execution", ("weight", 0.30, "weight"), ("threshold", 0.70, "neutral")),
    *_all("1.4", "trader.curators.venue", ("weight", 0.25, "weight"), ("threshold", 0.60, "neutral")),
    *_all("1.4", "trader.curators.risk", ("weight", 0.20, "weight"), ("threshold", 0.80, "neutral")),
    *_all("1.4", "trader.curators.position", ("weight", 0.25, "weight"), ("threshold", 0.75, "neutral")),
    Number("1.3", "κ of the trader's execution", 0.08, "trader.curators.execution.kappa"),
)

INTELLIGENCE = _all(
    "5",
    "alpha.intelligence",
    ("λ of a ridge", 0.1, "ridge"),
    ("noise of the Kalman filter's states", 0.01, "kalman_q"),
    ("noise of its readings", 0.1, "kalman_r"),
    ("what reversion keeps", 0.95, "kalman_reversion"),
    ("clamp of a residual", 3.0, "clamp"),
    ("largest lag", 5, "max_lag"),
    ("least correlation of a lead", 0.3, "min_lead"),
    ("α", 1.0, "alpha"),
    ("β", 0.8, "beta"),
    ("γ", 0.8, "gamma"),
    ("δ", 0.7, "delta"),
    ("ε", 0.7, "epsilon"),
    ("power of the quality", 0.6, "sq_power"),
    ("power of the resonance", 0.4, "kr_power"),
    ("gain of evidence", 0.3, "evidence_gain"),
    ("gain of learning", 0.2, "learning_gain"),
    ("share of the learning rate in it", 0.5, "learning_share"),
    ("share of innovation in it", 0.3, "innovation_share"),
    ("share of collaboration in it", 0.2, "collaboration_share"),
    ("sigma_min", 0.35, "sigma_min"),
    ("sigma that is deprecated", 0.05, "deprecate_below"),
    ("added to the divisor", 1e-6, "least_divisor"),
    ("uncertainty that abstains", 0.3, "max_uncertainty"),
)

NUMBERS: tuple[Number, ...] = (
    *AGGREGATION,
    *ALPHA_CURATORS,
    *DECISION_CURATORS,
    *TRADER_CURATORS,
    *LEARNING,
    *LESSONS,
    *EVIDENCE,
    *DETECTION,
    *PLANS,
    *INTELLIGENCE,
    *DECISION,
)
