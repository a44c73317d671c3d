"""What became of a plan: read with care, graded between 0 and 1."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from strands.lessons.policy import LessonPolicy


class Unreadable(ValueError):
    """An outcome, a member or a lesson cannot be read; the message names the field, the value and the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A plan's result; ``actual`` is false where nobody entered it and it was followed on the bars.

    ``pnl_percent`` is net of fees [fraction of entry notional]; ``graded`` is 0.5 for neither gain nor loss.
    """

    plan_id: str
    actual: bool
    pnl_percent: float
    r_multiple: float | None
    graded: float
    close_reason: str
    closed_at: str

    @property
    def won(self) -> bool:
        return self.pnl_percent > 0

    @classmethod
    def from_json(cls, value: Any, *, policy: LessonPolicy) -> Outcome:
        """Return an outcome read from its JSON; raises Unreadable."""
        if not isinstance(value, Mapping):
            raise Unreadable(f"outcome: {type(value).__name__} is no object")
        pnl = number("pnl_percent", value.get("pnl_percent"), policy.max_pnl_percent)
        r_multiple = value.get("r_multiple")
        if r_multiple is not None:
            r_multiple = number("r_multiple", r_multiple, policy.max_r_multiple)
        actual = value.get("actual")
        if not isinstance(actual, bool):
            raise Unreadable(f"actual: {str(actual)[:50]!r} is neither true nor false")
        return cls(
            plan_id=_text("plan_id", value.get("plan_id")),
            actual=actual,
            pnl_percent=pnl,
            r_multiple=r_multiple,
            graded=graded(pnl_percent=pnl, r_multiple=r_multiple, policy=policy),
            close_reason=str(value.get("close_reason") or "unknown")[:50],
            closed_at=moment("closed_at", value.get("closed_at")),
        )


def graded(*, pnl_percent: float, r_multiple: float | None, policy: LessonPolicy) -> float:
    """Return ``0.5 + 0.5 tanh(r)``; without an R, the result over ``outcome_scale`` stands for it."""
    r = pnl_percent / policy.outcome_scale if r_multiple is None else r_multiple
    return round(0.5 + 0.5 * math.tanh(r), 6)


def number(name: str, value: Any, most: float) -> float:
    """Return a finite number no larger than the most, either way; raises Unreadable."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= most:
        raise Unreadable(f"{name}: {str(value)[:50]!r} is no number from {-most:g} to {most:g}")
    return round(float(value), 8)


def moment(name: str, value: Any) -> str:
    """Return an ISO moment in UTC, so that moments compare as texts; raises Unreadable."""
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Unreadable(f"{name}: {str(value)[:50]!r} is no ISO moment") from None
    if at.tzinfo is None:
        raise Unreadable(f"{name}: {value!r} has no time zone")
    return at.astimezone(UTC).isoformat()


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise Unreadable(f"{name}: {str(value)[:50]!r} is no text")
    return value[:200]
