"""Which plans need people before they are traded, how long people have, and what follows when nobody answers."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

#: What people need beyond one base bar: to be told, to read, to answer [s].
LEAST_BEYOND_A_BAR = 60

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Mode = Literal["paper", "live"]


class Needs(StrEnum):
    """How many people must be for a plan."""

    NONE = "none"
    ONE = "one"
    TWO = "two"

    @property
    def people(self) -> int:
        """The number of people."""
        return list(Needs).index(self)


class Silence(StrEnum):
    """What becomes of a plan whose deadline passes without enough people for it."""

    REJECT = "reject"
    SMALLER = "smaller"
    ESCALATE = "escalate"


class Band(BaseModel):
    """Plans that need somebody: those that every field lets in; an empty list lets all in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    needs: Needs = Field(Needs.ONE, description="none, one or two people")
    min_size: Share = Field(0.0, description="least size as it would be bought [share of value]")
    max_confidence: Share = Field(1.0, description="most confidence [0-1]")
    symbols: tuple[str, ...] = Field((), description="symbols")
    regimes: tuple[str, ...] = Field((), description="regimes")
    modes: tuple[Mode, ...] = Field((), description="what the desk trades in: paper, live")

    def holds(self, *, size: float, symbol: str, confidence: float, regime: str | None, mode: Mode) -> bool:
        """Return whether a plan lies in the band; ``size`` is a share of value."""
        return (
            size >= self.min_size
            and confidence <= self.max_confidence
            and (not self.symbols or symbol in self.symbols)
            and (not self.regimes or regime in self.regimes)
            and (not self.modes or mode in self.modes)
        )


class ReviewPolicy(BaseModel):
    """The bands, and the terms on which people are asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bands: tuple[Band, ...] = Field((), description="plans that need people; the strictest band that holds one counts")
    mode: Mode = Field("paper", description="what this desk trades in, for bands that differ by it")
    answer_seconds: int = Field(1800, ge=1, le=604_800, description="time to answer, of market time [s]")
    base_bar_seconds: int = Field(60, ge=1, le=86_400, description="the bar by which market time moves on [s]")
    short_deadlines: bool = Field(
        False, description="allow less time to answer than one base bar and 60 s, on purpose [bool]"
    )
    act_seconds: int = Field(
        60, ge=0, le=86_400, description="how long before the plan's own end the deadline lies at the latest [s]"
    )
    silence: Silence = Field(Silence.REJECT, description="what follows the deadline: reject, smaller or escalate")
    smaller_share: float = Field(0.5, gt=0, lt=1, description="what silence leaves of the size [share]")
    price_band: float = Field(
        0.005, gt=0, le=1, description="how far the price may have moved since the plan was shown [fraction]"
    )
    most_waiting: int = Field(1000, ge=1, le=100_000, description="plans that wait for people at once [count]")
    most_ended: int = Field(
        256, ge=1, le=10_000, description="ended reviews remembered, to tell a late verdict what became of it [count]"
    )

    def needed(self, *, size: float, symbol: str, confidence: float, regime: str | None) -> Needs:
        """Return how many people a plan needs: the most of all bands that hold it, none where none does."""
        found = (
            band.needs
            for band in self.bands
            if band.holds(size=size, symbol=symbol, confidence=confidence, regime=regime, mode=self.mode)
        )
        return max(found, key=lambda each: each.people, default=Needs.NONE)

    @model_validator(mode="after")
    def _leaves_time(self) -> Self:
        """Refuse a deadline that nobody could meet, unless it is asked for on purpose."""
        least = self.base_bar_seconds + LEAST_BEYOND_A_BAR
        if self.answer_seconds < least and not self.short_deadlines:
            raise ValueError(
                f"answer_seconds: {self.answer_seconds} is below one base bar and {LEAST_BEYOND_A_BAR} s "
                f"({least}); give at least {least}, or set short_deadlines to allow it"
            )
        return self
