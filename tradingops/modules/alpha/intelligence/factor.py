"""Intelligence: what the tape, the seasons and the events around a bar add to a detection, or take from it.

The factor multiplies the strength that was detected. It is the product of its parts, each ``exp(gain * part)``, so
that what favours a long by as much as it favours a short cancels exactly, and it is bounded by the policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, isfinite, prod
from typing import Any

from portfolio.plans.plan import Direction
from tradingops.modules.alpha import regimes
from tradingops.modules.alpha.intelligence import kernel
from tradingops.modules.alpha.intelligence.kernel import Kernel
from tradingops.modules.alpha.intelligence.policy import IntelligencePolicy
from tradingops.modules.alpha.intelligence.residuals import factories, series
from tradingops.modules.alpha.intelligence.residuals.factories import Residuals
from tradingops.modules.alpha.intelligence.residuals.residual import Residual
from tradingops.modules.alpha.intelligence.seasons import Seasons

_DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Intelligence:
    """A factor on the strength with the parts that it is the product of, and what enters the plan's confidence.

    ``module_boost`` and ``regime_adjustment`` are None where nothing is known; ``absent`` names everything that did not
    speak, with the reason after a colon. ``agreement`` is -1 where the residuals oppose the direction in full, 1 where
    they agree.
    """

    factor: float = 1.0
    module_boost: float | None = None
    regime_adjustment: float | None = None
    agreement: float | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    residuals: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    kernel: Kernel | None = None
    absent: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON."""
        return {
            "factor": self.factor,
            "module_boost": self.module_boost,
            "regime_adjustment": self.regime_adjustment,
            "agreement": self.agreement,
            "parts": dict(self.parts),
            "residuals": {name: dict(each) for name, each in self.residuals.items()},
            "kernel": None if self.kernel is None else self.kernel.to_json(),
            "absent": list(self.absent),
        }


def read(
    *,
    rows: series.Rows,
    features: Mapping[str, Any],
    direction: str,
    seasons: Seasons,
    event_context: Mapping[str, Any],
    evidence: float | None,
    policy: IntelligencePolicy,
    trades: Sequence[Mapping[str, Any]] = (),
    learning: Mapping[str, float] | None = None,
) -> Intelligence:
    """Return what is known beyond the bar's own features; a factor of 1 with the reason where the tape cannot be read.

    ``rows`` are the tape of one timeframe, its newest bar last; ``seasons`` are by timeframe;
    ``evidence`` is DSI's in [0, 1]. ``trades`` and ``learning`` (``learning_rate``, ``innovation``, ``collaboration``,
    each in [0, 1]) are read where they are given. Raises ValueError for an unknown direction.
    """
    sign = Direction(direction).sign
    if not policy.enabled:
        return Intelligence(absent=("intelligence: switched off",))
    try:
        read = series.of_rows(rows, policy)
    except series.Unreadable as reason:
        return Intelligence(absent=(f"tape: {reason}",))
    residuals = factories.made(read, seasons=seasons, trades=trades, policy=policy)
    absent = dict(residuals.absent)
    believed = share(evidence)
    if believed is None:
        absent["dsi"] = "no evidence was gathered"
    seen = _kernel(read, residuals, believed or 0.0, _shares(learning), policy, absent)
    if not learning:
        absent["learning"] = "the module's learning rate, innovation and collaboration are told by nobody"
    boosts = {name: _boost(each, features, believed or 0.0, policy) for name, each in residuals.read.items()}
    agreement = _agreement(residuals, boosts, sign, policy)
    parts = _parts(agreement, seen, residuals, event_context, policy, absent)
    return Intelligence(
        factor=round(prod(parts.values()), _DECIMALS),
        module_boost=None if seen is None else _raised(policy.module_gain, seen.det_sigma - policy.sigma_min),
        regime_adjustment=_regime_adjustment(features, sign, policy, absent),
        agreement=agreement,
        parts=parts,
        residuals={name: each.to_json(boosts[name]) for name, each in residuals.read.items()},
        kernel=seen,
        absent=tuple(f"{name}: {reason}" for name, reason in absent.items()),
    )


def _kernel(
    read: series.Series,
    residuals: Residuals,
    evidence: float,
    learning: Mapping[str, float],
    policy: IntelligencePolicy,
    absent: dict[str, str],
) -> Kernel | None:
    """Return the kernel; None, with the reason among the absent, where it abstains."""
    try:
        return kernel.read(read, residuals, evidence=evidence, learning=learning, policy=policy)
    except kernel.Abstains as reason:
        absent["kernel"] = str(reason)
        return None


def _boost(each: Residual, features: Mapping[str, Any], evidence: float, policy: IntelligencePolicy) -> float:
    """Return ``(1 + regime boost)(1 + 0.3 evidence)``; the first counts along the trend of a trending regime."""
    trend = regimes.trend_of(features.get("regime"))
    along = trend is not None and each.z * trend.sign > 0
    sure = share(features.get("regime_confidence")) or 0.0
    return (1.0 + (policy.regime_boost * sure if along else 0.0)) * (1.0 + policy.evidence_gain * evidence)


def _agreement(
    residuals: Residuals, boosts: Mapping[str, float], sign: int, policy: IntelligencePolicy
) -> float | None:
    """Return the mean of the residuals seen from a direction, each at most as large as the clamp; None without any."""
    sides = [
        min(max(sign * each.z * boosts[name] / policy.clamp, -1.0), 1.0) for name, each in residuals.voting.items()
    ]
    return round(sum(sides) / len(sides), _DECIMALS) + 0.0 if sides else None


def _parts(
    agreement: float | None,
    seen: Kernel | None,
    residuals: Residuals,
    event_context: Mapping[str, Any],
    policy: IntelligencePolicy,
    absent: dict[str, str],
) -> dict[str, float]:
    """Return each part's factor, and the bound's where their product lies beyond it; absent parts have none."""
    parts: dict[str, float] = {}
    if agreement is not None:
        parts["residuals"] = _raised(policy.residual_gain, agreement - policy.residual_neutral)
        if seen is not None:
            parts["kernel"] = _raised(policy.kernel_gain, agreement * (seen.det_enhanced_sigma - policy.sigma_min))
    resonance = _resonance(event_context, policy)
    if resonance is None:
        absent["events"] = "no event resonance was told"
    else:
        parts["events"] = _raised(policy.event_gain, resonance - policy.event_neutral)
    if (volatility := residuals.read.get(factories.VOLATILITY)) is not None:
        parts["volatility"] = _raised(-policy.volatility_gain, max(0.0, volatility.z) / policy.clamp)
    product = prod(parts.values())
    held = min(max(product, policy.min_factor), policy.max_factor)
    return parts if held == product else {**parts, "bound": held / product}


def _resonance(event_context: Mapping[str, Any], policy: IntelligencePolicy) -> float | None:
    """Return the resonance of the events, less what failing at a level takes off it; None where none is known."""
    resonance = event_context.get("event_resonance_boost")
    if not isinstance(resonance, int | float) or not isfinite(resonance):
        return None
    held = min(max(float(resonance), 0.0), policy.max_resonance)
    return held - (policy.failed_weight if event_context.get("failed") else 0.0)


def _regime_adjustment(
    features: Mapping[str, Any], sign: int, policy: IntelligencePolicy, absent: dict[str, str]
) -> float | None:
    """Return the factor of a trend seen from a direction, by how sure the regime is; None where it is not known."""
    trend, sure = features.get("trend"), share(features.get("regime_confidence"))
    if not isinstance(trend, int | float) or not isfinite(trend) or sure is None:
        absent["regime"] = "trend or confidence of the regime is not known yet"
        return None
    return _raised(policy.regime_gain, sign * min(max(trend, -1.0), 1.0) * sure)


def share(number: Any) -> float | None:
    """Return a number held between 0 and 1; None for what is no finite number."""
    if isinstance(number, bool) or not isinstance(number, int | float) or not isfinite(number):
        return None
    return min(max(float(number), 0.0), 1.0)


def _shares(parts: Mapping[str, float] | None) -> dict[str, float]:
    """Return the shares among some numbers; what is none is left out."""
    return {name: found for name, each in (parts or {}).items() if (found := share(each)) is not None}


def _raised(gain: float, part: float) -> float:
    return round(exp(gain * part), _DECIMALS)
