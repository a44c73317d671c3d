"""Stress: what the book as it stands would lose in markets worse than those remembered."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import pydantic
from pydantic import Field


class Scenario(StrEnum):
    """A bad day."""

    CRASH = "crash"
    RALLY = "rally"
    VOLATILITY_SHOCK = "volatility_shock"
    CORRELATION_ONE = "correlation_one"
    LIQUIDITY_GAP = "liquidity_gap"


class StressPolicy(pydantic.BaseModel):
    """How bad each day is."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    crash: float = Field(0.20, gt=0, le=1, description="fall of every price at once [fraction]")
    rally: float = Field(0.20, gt=0, le=10, description="rise of every price at once [fraction]")
    shock_deviations: float = Field(
        5.0, gt=0, le=50, description="move of each price against its position [days' deviations]"
    )
    together_deviations: float = Field(
        1.645, gt=0, le=50, description="move of all as one against the book; 1.645 is a normal 95 % [days' deviations]"
    )
    gap: float = Field(
        0.02, gt=0, le=1, description="price lost in closing everything in a market without depth [fraction]"
    )
    unknown_volatility: float = Field(
        0.05, gt=0, le=1, description="a day's volatility of a symbol whose own is not known yet [fraction]"
    )


def losses(
    weights: Mapping[str, float], daily_volatility: Mapping[str, float | None], policy: StressPolicy
) -> dict[Scenario, float]:
    """Return what each scenario would cost the book, as a fraction of its value; a gain is negative.

    ``weights`` are signed fractions of value; ``daily_volatility`` holds one day's standard deviation by symbol.
    """
    net = sum(weights.values())
    gross = sum(abs(weight) for weight in weights.values())
    one_day = sum(
        abs(weight) * _known(daily_volatility.get(symbol), policy.unknown_volatility)
        for symbol, weight in weights.items()
    )
    return {
        Scenario.CRASH: policy.crash * net,
        Scenario.RALLY: -policy.rally * net,
        Scenario.VOLATILITY_SHOCK: policy.shock_deviations * one_day,
        Scenario.CORRELATION_ONE: policy.together_deviations * one_day,
        Scenario.LIQUIDITY_GAP: policy.gap * gross,
    }


def _known(volatility: float | None, otherwise: float) -> float:
    return otherwise if volatility is None else volatility
