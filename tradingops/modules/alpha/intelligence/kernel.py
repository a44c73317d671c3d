"""The kernel: how far the residuals deserve belief, from what they were worth on the tape and from the situation.

``det_sigma = quality ** 0.6 * resonance ** 0.4``, each in [0, 1].

Quality (``sq_score``) sets ``s``, the mean of the residuals at each bar, against the return of the bar after: accuracy
and precision of its sign, stability of their correlation, orthogonality of the residuals among themselves, less the
cost of trading it.

Resonance is ``d / (1 + d)`` of ``d = kr_delta_phi = hbar coh phi^a nov^b em^g / ((1 - theta)^d (1 - rho)^e + 1e-6)``.
As written it divides by 1 - theta, so that disorder is rewarded; that oddity is kept and bounded by the fraction.
``state' = sigma(rho + .1 d - .05 rho)`` of the same documents is left out: nothing reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from math import exp, log, sqrt
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tradingops.modules.alpha.intelligence.policy import IntelligencePolicy
from tradingops.modules.alpha.intelligence.residuals.factories import Residuals
from tradingops.modules.alpha.intelligence.residuals.regression import correlation
from tradingops.modules.alpha.intelligence.residuals.series import Array, Series

_DECIMALS = 6
#: The orders that three values can have, ties among them.
_ORDERS = 13
#: What a singular covariance is lifted by, as a share of its mean variance.
_LIFT = 1e-9
#: Beyond this a logistic is 0 or 1 to the last digit that is kept.
_CERTAIN = 30.0


class Abstains(ValueError):
    """The kernel cannot say anything; the message says why."""


class Fate(StrEnum):
    """What the kernel makes of the module as it is: believed, neither, or in need of another."""

    PROMOTED = "promoted"
    KEPT = "kept"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """The kernel's scores in [0, 1], with everything they were made of; ``learning`` is the factor of that name."""

    quality: Mapping[str, float | None]
    situation: Mapping[str, float]
    uncertainty: float
    sq_score: float
    kr_delta_phi: float
    resonance: float
    det_sigma: float
    learning: float
    det_enhanced_sigma: float
    fate: Fate

    def to_json(self) -> dict[str, Any]:
        """Return the scores and their parts as JSON."""
        return {
            "quality": _rounded(self.quality),
            "situation": _rounded(self.situation),
            "uncertainty": round(self.uncertainty, _DECIMALS),
            "sq_score": round(self.sq_score, _DECIMALS),
            "kr_delta_phi": round(self.kr_delta_phi, _DECIMALS),
            "resonance": round(self.resonance, _DECIMALS),
            "det_sigma": round(self.det_sigma, _DECIMALS),
            "learning": round(self.learning, _DECIMALS),
            "det_enhanced_sigma": round(self.det_enhanced_sigma, _DECIMALS),
            "standing": self.fate.value,
        }


def read(
    series: Series,
    residuals: Residuals,
    *,
    evidence: float,
    learning: Mapping[str, float] | None,
    policy: IntelligencePolicy,
) -> Kernel:
    """Return the kernel of a tape and its residuals.

    Raises Abstains where fewer than two residuals take a side over the tape, for one alone can neither agree nor be
    more than its parts, and where their accuracy is too uncertain.
    """
    histories = {
        name: each.history[policy.warm_rows :] for name, each in residuals.sided.items() if each.history is not None
    }
    if len(histories) < 2:
        raise Abstains(f"{len(histories)} residuals take a side over the tape of the 2 needed")
    signal = np.mean(list(histories.values()), axis=0)
    calls, moves = signal[:-1], series.returns[policy.warm_rows + 1 :]
    accuracy, uncertainty = _accuracy(calls, moves, policy)
    if uncertainty > policy.max_uncertainty:
        raise Abstains(f"accuracy is uncertain by {uncertainty:.2f}, more than {policy.max_uncertainty:g}")
    quality: dict[str, float | None] = {
        "accuracy": accuracy,
        "precision": _precision(calls, moves),
        "stability": _stability(calls, moves, policy.stability_rows),
        "orthogonality": 1.0 - max(abs(correlation(a, b)) for a, b in combinations(histories.values(), 2)),
        "cost": min(1.0, policy.slippage / (abs(float(signal[-1])) * series.deviation + policy.least_divisor)),
    }
    situation = situation_of(series, residuals, policy)
    return _scored(quality, situation, uncertainty, evidence=evidence, learning=learning, policy=policy)


def _scored(
    quality: dict[str, float | None],
    situation: dict[str, float],
    uncertainty: float,
    *,
    evidence: float,
    learning: Mapping[str, float] | None,
    policy: IntelligencePolicy,
) -> Kernel:
    sq_score = quality_score(quality, policy)
    delta = kr_delta_phi(**situation, policy=policy)
    resonance = delta / (1.0 + delta)
    det_sigma = sq_score**policy.sq_power * resonance**policy.kr_power
    learned = 1.0 + policy.learning_gain * _learned(learning or {}, policy)
    enhanced = min(1.0, det_sigma * (1.0 + policy.evidence_gain * evidence) * learned)
    return Kernel(
        quality=quality,
        situation=situation,
        uncertainty=uncertainty,
        sq_score=sq_score,
        kr_delta_phi=delta,
        resonance=resonance,
        det_sigma=det_sigma,
        learning=learned,
        det_enhanced_sigma=enhanced,
        fate=fate_of(enhanced, policy),
    )


def quality_score(quality: Mapping[str, float | None], policy: IntelligencePolicy) -> float:
    """Return the weighted mean of the parts that are known less the weighted cost, in [0, 1]."""
    names = ("accuracy", "precision", "stability", "orthogonality")
    weighed = [(getattr(policy, f"{name}_weight"), part) for name in names if (part := quality[name]) is not None]
    mean: float = sum(weight * part for weight, part in weighed) / sum(weight for weight, _ in weighed)
    return min(max(mean - policy.cost_weight * (quality["cost"] or 0.0), 0.0), 1.0)


def kr_delta_phi(
    *,
    coherence: float,
    phi: float,
    novelty: float,
    emergence: float,
    theta: float,
    rho: float,
    policy: IntelligencePolicy,
) -> float:
    """Return the resonance as the specification writes it, not bounded above; every part is in [0, 1]."""
    raised: float = policy.hbar * coherence * phi**policy.alpha * novelty**policy.beta * emergence**policy.gamma
    divisor: float = (1.0 - theta) ** policy.delta * (1.0 - rho) ** policy.epsilon + policy.least_divisor
    return raised / divisor


def fate_of(enhanced: float, policy: IntelligencePolicy) -> Fate:
    """Return what a det_enhanced_sigma says of the module."""
    if enhanced < policy.deprecate_below:
        return Fate.DEPRECATED
    return Fate.PROMOTED if enhanced >= policy.sigma_min else Fate.KEPT


def situation_of(series: Series, residuals: Residuals, policy: IntelligencePolicy) -> dict[str, float]:
    """Return what the kernel's symbols stand for, each computed from the tape or the residuals, in [0, 1].

    coherence: how far the residuals point one way; phi: how straight the price went; novelty: how rare the newest bar
    is; emergence: how evenly the surprise is spread over the residuals; theta: disorder; rho: persistence.
    """
    sides = [each.z for each in residuals.voting.values()]
    size = sum(map(abs, sides))
    evenness = (1.0 - max(map(abs, sides)) / size) * len(sides) / (len(sides) - 1) if size > 0 else 0.0
    return {
        "coherence": abs(sum(sides)) / size if size > 0 else 0.0,
        "phi": _straightness(series.returns[-policy.trend_rows :]),
        "novelty": _rarity(series),
        "emergence": min(max(evenness, 0.0), 1.0),
        "theta": _disorder(series.returns),
        "rho": abs(correlation(series.returns[1:], series.returns[:-1])),
    }


def _accuracy(calls: Array, moves: Array, policy: IntelligencePolicy) -> tuple[float, float]:
    """Return the share of signal followed by its own sign, and half its interval (Agresti and Coull 1998).

    The count behind it is what the uneven weights are worth (Kish 1965). Raises Abstains where nothing was called.
    """
    weights = np.abs(calls)
    total = float(weights.sum())
    if not total > 0.0:
        raise Abstains("the residuals on the tape are all zero")
    accuracy = float(weights[calls * moves > 0.0].sum()) / total
    count, added = total * total / float(weights @ weights), policy.interval * policy.interval
    middle = (accuracy * count + added / 2.0) / (count + added)
    return accuracy, policy.interval * sqrt(middle * (1.0 - middle) / (count + added))


def _precision(calls: Array, moves: Array) -> float:
    """Return the logistic of the t-statistic of what the signal would have earned, a half where nothing varied."""
    earned = calls * moves
    spread = float(earned.std(ddof=1))
    if not spread > 0.0:
        return 0.5
    statistic = float(earned.mean()) / spread * sqrt(len(earned))
    return 1.0 / (1.0 + exp(-min(max(statistic, -_CERTAIN), _CERTAIN)))


def _stability(calls: Array, moves: Array, rows: int) -> float | None:
    """Return the mean of the rolling correlation, laid from [-1, 1] into [0, 1]; None where no window varies."""
    ours, theirs = (sliding_window_view(each, rows) for each in (calls, moves))
    ours, theirs = ours - ours.mean(axis=1, keepdims=True), theirs - theirs.mean(axis=1, keepdims=True)
    spread = np.sqrt((ours * ours).sum(axis=1) * (theirs * theirs).sum(axis=1))
    there = spread > 0.0
    if not there.any():
        return None
    found = (ours * theirs).sum(axis=1)[there] / spread[there]
    return min(max((1.0 + float(found.mean())) / 2.0, 0.0), 1.0)


def _straightness(returns: Array) -> float:
    """Return the way made over the way gone (Kaufman's efficiency ratio)."""
    gone = float(np.abs(returns).sum())
    return min(1.0, abs(float(returns.sum())) / gone) if gone > 0.0 else 0.0


def _rarity(series: Series) -> float:
    """Return the share of earlier bars whose return, range and volume lie nearer to the usual (Mahalanobis 1936)."""
    bars = np.array([series.returns, series.ranges[1:], series.volume[1:]])
    apart = bars - bars.mean(axis=1, keepdims=True)
    spread = np.sqrt((apart * apart).mean(axis=1, keepdims=True))
    apart /= np.where(spread > 0.0, spread, 1.0)
    covariance = apart @ apart.T / bars.shape[1] + np.eye(len(bars)) * _LIFT
    distances = (apart * np.linalg.solve(covariance, apart)).sum(axis=0)
    return float(np.count_nonzero(distances[:-1] < distances[-1])) / (len(distances) - 1)


def _disorder(returns: Array) -> float:
    """Return the entropy of the orders of three returns over its most (Bandt and Pompe 2002); ties are orders too.

    Without ties it is at most log 6 / log 13 = 0.70. Over log 6 alone, quiet markets, which have ties, would come to 1
    and the resonance to a division by nothing.
    """
    first, middle, last = returns[:-2], returns[1:-1], returns[2:]
    signs = [np.sign(b - a).astype(np.int64) + 1 for a, b in ((first, middle), (middle, last), (first, last))]
    counts = np.bincount(9 * signs[0] + 3 * signs[1] + signs[2])
    shares = counts[counts > 0] / len(first)
    return min(max(float(-(shares * np.log(shares)).sum()) / log(_ORDERS), 0.0), 1.0)


def _learned(learning: Mapping[str, float], policy: IntelligencePolicy) -> float:
    """Return how well a module learns, as the kernel weighs it; what is not known adds nothing."""
    return (
        policy.learning_share * learning.get("learning_rate", 0.0)
        + policy.innovation_share * learning.get("innovation", 0.0)
        + policy.collaboration_share * learning.get("collaboration", 0.0)
    )


def _rounded(parts: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: None if part is None else round(part, _DECIMALS) for name, part in parts.items()}
