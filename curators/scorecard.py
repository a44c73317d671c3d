"""The scorecard: what each curator said of a plan, against what became of the plan.

A curator was **for** a plan when it approved it or nudged its score up, **against** it when it vetoed it or nudged its
score down. A nudge of exactly nothing lets the plan be and counts as an approval. For is right when the plan won
(profit above zero), against when it did not; a plan that broke even won nothing. Whether the plan was entered or
followed on paper makes no difference to who was right.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from curators import calibration
from curators.learning_policy import LearningPolicy
from curators.panel import SMALLEST_SCORE, Voice

#: Decimals of what is kept of a score.
_DECIMALS = 6

_SPOKE = {Voice.VETO, Voice.NUDGE, Voice.APPROVE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What one opinion was worth: whether it was right, and three shares between 0 and 1."""

    correct: bool
    confidence: float
    accuracy: float
    impact: float

    def __post_init__(self) -> None:
        for name in ("confidence", "accuracy", "impact"):
            _within(name, getattr(self, name), 0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How right one curator was about one plan.

    ``mark`` is None for a curator that gave no opinion that can be scored, and ``reason`` then says why. ``weight`` is
    the factor its nudge was heard under. ``saved`` and ``missed`` are what the desk is better or worse off for having
    this curator [fraction of the portfolio's value].
    """

    curator: str
    action: str
    contribution: float = 0.0
    weight: float = 1.0
    mark: Mark | None = None
    saved: float = 0.0
    missed: float = 0.0
    actual: bool
    reason: str = ""

    @property
    def against(self) -> bool:
        """Whether the curator spoke against the plan."""
        return is_against(self.action, self.contribution)

    def to_json(self) -> dict[str, Any]:
        """Return the score as it is said on the wire."""
        mark = self.mark
        return {
            "curator": self.curator,
            "action": self.action,
            "contribution": self.contribution,
            "confidence": mark.confidence if mark else None,
            "weight": self.weight,
            "correct": mark.correct if mark else None,
            "accuracy": mark.accuracy if mark else None,
            "impact": mark.impact if mark else None,
            "effect": {"saved": self.saved, "missed": self.missed},
            "actual": self.actual,
            "reason": self.reason,
        }


def is_against(action: str, contribution: float) -> bool:
    """Return whether an opinion speaks against its plan: a veto, or a nudge down."""
    return action == Voice.VETO or (action == Voice.NUDGE and contribution < 0)


def judge(
    hearings: Sequence[Mapping[str, Any]],
    *,
    sigma: float,
    curated: float,
    outcome: Mapping[str, Any],
    size: float,
    policy: LearningPolicy,
    publish_at: float = 0.0,
) -> list[Score]:
    """Return one score for each curator heard, in the order they were heard.

    ``hearings`` are the records of a verdict as JSON, ``sigma`` and ``curated`` its scores, ``outcome`` the JSON of
    what became of the plan (``pnl_percent``, ``actual``), ``size`` what was at stake [fraction of the portfolio's
    value] — 0 where the plan would have been stopped anyway. ``publish_at`` is what the score had to reach.

    - accuracy is the complement of the Brier score: ``1 - (confidence - right)^2``;
    - impact is ``(1 + s) / 2``, where s is the curator's share of the move of the score, at most ``full_impact``, over
      ``full_impact``, negative when it was wrong: 0.5 moved nothing. Vetoes move the whole score and share it evenly,
      other opinions of a vetoed plan move nothing; nudges share ``|curated - sigma| / sigma`` by their size;
    - a veto saves the loss or misses the gain of a plan that was not entered, in even parts with whoever else stopped
      it. A nudge saves or misses nothing unless the nudges carried the score across ``publish_at``; then those that
      pushed that way share what came of it by their size.

    A hearing that cannot be scored says so in its score. Raises ValueError where sigma, curated, size or the outcome is
    no number that can be.
    """
    case = _Case(
        sigma=_within("sigma", sigma, 0.0, 1.0),
        curated=_within("curated", curated, 0.0, 1.0),
        publish_at=publish_at,
        pnl=_within("pnl_percent", outcome["pnl_percent"], -policy.max_pnl_percent, policy.max_pnl_percent),
        actual=bool(outcome["actual"]),
        size=_within("size", size, 0.0, math.inf),
        stopped_by=sum(bool(each.get("stops", each["action"] == Voice.VETO)) for each in hearings),
        nudges=tuple(_push(each) for each in hearings if _fault(each) is None and each["action"] == Voice.NUDGE),
    )
    return [_scored(each, case=case, policy=policy) for each in hearings]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One plan before its panel, and what became of it."""

    sigma: float
    curated: float
    publish_at: float
    pnl: float
    actual: bool
    size: float
    stopped_by: int
    nudges: tuple[float, ...]

    def moved_by(self, action: str, contribution: float) -> float:
        """Return the share of the score that an opinion moved."""
        if action == Voice.VETO:
            return 1.0 / max(self.stopped_by, 1)
        pushed = math.fsum(map(abs, self.nudges))
        if action == Voice.APPROVE or self.stopped_by or not pushed:
            return 0.0
        return abs(self.curated - self.sigma) / max(self.sigma, SMALLEST_SCORE) * abs(contribution) / pushed

    def gained_by(self, action: str, contribution: float) -> float:
        """Return what the desk gained by an opinion, negative for a loss [fraction of the portfolio's value]."""
        if action == Voice.VETO:
            return 0.0 if self.actual else -self.pnl * self.size / max(self.stopped_by, 1)
        flipped = self._flipped()
        if action != Voice.NUDGE or flipped * contribution <= 0:
            return 0.0
        pushed = math.fsum(abs(each) for each in self.nudges if flipped * each > 0)
        return flipped * self.pnl * self.size * abs(contribution) / pushed

    def _flipped(self) -> int:
        """Return 1 where nudges let a plan pass that was entered, -1 where they held back one that was not, else 0."""
        flipped = int(self.curated >= self.publish_at) - int(self.sigma >= self.publish_at)
        return flipped if not self.stopped_by and (flipped > 0) == self.actual else 0


def _scored(hearing: Mapping[str, Any], *, case: _Case, policy: LearningPolicy) -> Score:
    curator, action = str(hearing["curator_type"]), str(hearing["action"])
    fault = _fault(hearing)
    if fault is not None:
        return Score(curator=curator, action=action, actual=case.actual, reason=fault)
    contribution = _push(hearing)
    gained = round(case.gained_by(action, contribution), _DECIMALS)
    return Score(
        curator=curator,
        action=action,
        contribution=contribution,
        weight=round(_weight(hearing), _DECIMALS),
        mark=_mark(action, contribution, confidence=float(hearing["confidence"]), case=case, policy=policy),
        saved=max(0.0, gained),
        missed=max(0.0, -gained),
        actual=case.actual,
    )


def _mark(action: str, contribution: float, *, confidence: float, case: _Case, policy: LearningPolicy) -> Mark:
    correct = is_against(action, contribution) != (case.pnl > 0)
    moved = min(case.moved_by(action, contribution) / policy.full_impact, 1.0)
    return Mark(
        correct=correct,
        confidence=round(confidence, _DECIMALS),
        accuracy=round(1.0 - calibration.brier(confidence, right=correct), _DECIMALS),
        impact=round((1.0 + (moved if correct else -moved)) / 2, _DECIMALS),
    )


def _fault(hearing: Mapping[str, Any]) -> str | None:
    """Return why a hearing cannot be scored, or None."""
    action = hearing["action"]
    if action not in _SPOKE:
        return f"action: {action!r} is no opinion; only a veto, a nudge or an approval is scored"
    confidence, contribution = hearing.get("confidence"), hearing.get("contribution")
    if not _is_number(confidence) or not 0.0 <= confidence <= 1.0:
        return f"confidence: {confidence!r} is no share from 0 to 1; a curator states how sure it is"
    if not _is_number(contribution):
        return f"contribution: {contribution!r} is no finite number; a nudge has a size"
    if not _is_number(_weight(hearing)):
        return f"weight_adjustment: {_weight(hearing)!r} is no finite number; leave it out where nothing was weighed"
    return None


def _push(hearing: Mapping[str, Any]) -> float:
    """Return a contribution as it is kept: one too small to be kept let the plan be."""
    return round(float(hearing["contribution"]), _DECIMALS)


def _weight(hearing: Mapping[str, Any]) -> Any:
    """Return the factor that the panel heard a curator under; 1 where its record names none."""
    return (hearing.get("evidence") or {}).get("weight_adjustment", 1.0)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _within(name: str, value: Any, least: float, most: float) -> float:
    if not _is_number(value) or not least <= value <= most:
        raise ValueError(f"{name}: {value!r} is no number from {least:g} to {most:g}; nothing can be scored by it")
    return float(value)
