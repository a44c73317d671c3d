"""Limits: what a portfolio may at most have of something, and how much of that it uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

#: Decimals of a share, and of a value where it enters a payload.
_DECIMALS = 8


class Level(StrEnum):
    """How near a limit is."""

    OK = "ok"
    WARNING = "warning"
    BREACH = "breach"


_GRAVITY = {Level.OK: 0, Level.WARNING: 1, Level.BREACH: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The most that a number may be; from ``warn_share`` of it on, people are warned."""

    name: str
    maximum: float
    warn_share: float

    def __post_init__(self) -> None:
        if not self.maximum > 0:
            raise ValueError(
                f"maximum: {self.maximum} of limit {self.name} is not above zero; a limit leaves some room"
            )
        if not 0 < self.warn_share <= 1:
            raise ValueError(f"warn_share: {self.warn_share} of limit {self.name} lies outside 0 (exclusive) to 1")

    def use(self, value: float | None) -> Use:
        """Return how much of the limit a value uses; None is a value that is not known yet, and warns of nothing.

        Breach lies beyond the maximum, warning from the limit's share of it on.
        """
        if value is None:
            return Use(self, None, None, Level.OK)
        # Rounded, so that the last digits of a float decide nothing: 0.08 of 0.1 is 80 %.
        share = round(value / self.maximum, _DECIMALS)
        return Use(self, value, share, self._level(share))

    @property
    def warn_at(self) -> float:
        """The value from which people are warned."""
        return self.warn_share * self.maximum

    def _level(self, share: float) -> Level:
        if share > 1:
            return Level.BREACH
        return Level.WARNING if share >= round(self.warn_share, _DECIMALS) else Level.OK


@dataclass(frozen=True, slots=True)
class Use:
    """One limit, the value held against it, the share of it that the value is, and how near that is."""

    limit: Limit
    value: float | None
    share: float | None
    level: Level

    def to_json(self) -> dict[str, Any]:
        """Return the use as JSON."""
        return {
            "limit": self.limit.name,
            "value": None if self.value is None else round(self.value, _DECIMALS),
            "maximum": self.limit.maximum,
            "used": self.share,
            "warn_at": round(self.limit.warn_at, _DECIMALS),
            "level": self.level.value,
        }


def worst(uses: Iterable[Use]) -> Level:
    """Return the gravest level among uses; ok for none."""
    return max((use.level for use in uses), key=_GRAVITY.__getitem__, default=Level.OK)
