"""What the risk manager goes by: every limit, window and rate, with its unit and range."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property
from typing import Literal

import pydantic
from pydantic import Field

from portfolio.limits import Limit
from portfolio.stress import StressPolicy
from strands.market import session_grid

#: What the desk does by itself at a limit.
Reaction = Literal["nothing", "reduce-only", "halted"]


_DAY = 86_400


class RiskPolicy(pydantic.BaseModel):
    """The risk manager's settings; the defaults are those of the semantics of the specification."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    initial_cash: Decimal = Field(
        Decimal(100_000),
        gt=0,
        le=Decimal("1e15"),
        description="cash before the first fill; no later change moves it [currency]",
    )

    # windows
    window_bars: int = Field(500, ge=20, le=10_000, description="returns remembered of each symbol [bars]")
    bar_minutes: int = Field(15, ge=1, le=1_440, description="length of bars before the first was heard [minutes]")
    least_observations: int = Field(
        20, ge=2, le=1000, description="returns below which nothing is said of a tail [bars]"
    )
    tail_share: float = Field(0.05, gt=0, lt=0.5, description="share of returns beyond the value at risk [fraction]")
    horizon_minutes: int = Field(
        1_440, ge=1, le=43_200, description="horizon of the VaR and CVaR that are held against their limits [minutes]"
    )
    year_days: int = Field(365, ge=200, le=366, description="days in a year of a market that never closes [days]")
    risk_free: float = Field(
        0.02, ge=-0.1, le=1, description="yearly rate without risk, in the Sharpe ratio [fraction]"
    )
    say_every_minutes: int = Field(60, ge=1, le=10_080, description="longest silence while bars come in [minutes]")

    # limits
    max_position: float = Field(0.10, gt=0, le=10, description="largest position [fraction of value]")
    max_var: float = Field(0.02, gt=0, le=1, description="VaR 95 over the horizon [fraction of value]")
    max_cvar: float = Field(0.03, gt=0, le=1, description="CVaR 95 over the horizon [fraction of value]")
    max_drawdown: float = Field(0.10, gt=0, le=1, description="fall from the highest value [fraction]")
    max_concentration: float = Field(0.30, gt=0, le=10, description="sum of squared weights of value")
    warn_concentration: float = Field(0.20, gt=0, le=10, description="sum of squared weights from which to warn")
    max_correlation: float = Field(0.70, gt=0, le=1, description="correlation of two positions that earn together")
    max_volatility: float = Field(
        0.50, gt=0, le=10, description="volatility of the book, annualised [fraction of value]"
    )
    max_exposure: float = Field(0.50, gt=0, le=10, description="longs plus shorts [fraction of value]")
    max_daily_loss: float = Field(0.05, gt=0, le=1, description="loss since midnight UTC [fraction of the value then]")
    on_daily_loss: Reaction = Field(
        "reduce-only",
        description="state of the desk from when the day's loss reaches its limit, until a person resumes",
    )
    on_drawdown: Reaction = Field(
        "reduce-only", description="state of the desk from when the drawdown reaches its limit, until a person resumes"
    )
    stale_after_bars: int = Field(
        3, ge=1, le=1000, description="age in its session from beyond which a symbol's data is stale [its bars]"
    )
    watched_hours: int = Field(
        24,
        ge=1,
        le=10_000,
        description="silence in its session after which a symbol that is not held was left, and is not stale [hours]",
    )
    on_stale_data: Reaction = Field(
        "reduce-only",
        description="state of a symbol from when its data is stale, of the desk where all are, until a person resumes",
    )
    most_venue_errors: int = Field(
        5, ge=1, le=1000, description="faults of one venue within the window that halt it [count]"
    )
    venue_error_minutes: int = Field(
        10, ge=1, le=1_440, description="window in which faults of a venue are counted [minutes]"
    )
    on_venue_errors: Reaction = Field(
        "reduce-only", description="state of a venue from when it failed too often, until a person resumes"
    )
    warn_share: float = Field(0.80, gt=0, le=1, description="share of a limit from which to warn [fraction]")

    stress: StressPolicy = Field(StressPolicy(), description="how bad each bad day is")

    @pydantic.model_validator(mode="after")
    def _warn_before_breach(self) -> RiskPolicy:
        """Hold the warning of concentration at or below its limit."""
        if self.warn_concentration > self.max_concentration:
            raise ValueError(
                f"warn_concentration: {self.warn_concentration} lies above max_concentration {self.max_concentration}"
            )
        return self

    @cached_property
    def limits(self) -> tuple[Limit, ...]:
        """Every limit, in the order they are told."""
        maxima = {
            "position": self.max_position,
            "var": self.max_var,
            "cvar": self.max_cvar,
            "drawdown": self.max_drawdown,
            "correlation": self.max_correlation,
            "volatility": self.max_volatility,
            "exposure": self.max_exposure,
            "daily_loss": self.max_daily_loss,
        }
        concentration = Limit(
            name="concentration",
            maximum=self.max_concentration,
            warn_share=self.warn_concentration / self.max_concentration,
        )
        by_name = {name: Limit(name=name, maximum=most, warn_share=self.warn_share) for name, most in maxima.items()}
        return (*by_name.values(), concentration)

    @cached_property
    def halting(self) -> dict[str, str]:
        """The limits that put the desk into a state when they are reached, each with the state."""
        reactions = {"daily_loss": self.on_daily_loss, "drawdown": self.on_drawdown}
        return {limit: state for limit, state in reactions.items() if state != "nothing"}

    def periods_a_year(self, seconds: int, *, grid: str | None = None) -> float:
        """Return how many bars of a length a year has, those of its sessions where a market closes."""
        in_sessions = session_grid.bars_a_year(grid, seconds)
        return self.year_days * _DAY / seconds if in_sessions is None else in_sessions

    def moments_a_year(self, seconds: int, *, grids: Iterable[str | None]) -> float:
        """Return at how many moments of a year a bar of any of some markets ends: the book's value is known at each.

        Sessions that lie within one another share their moments, those that do not have their own.
        """
        several = {*grids} or {None}
        most = max(self.periods_a_year(seconds, grid=each) for each in several)
        closing = frozenset(each for each in several if each and session_grid.hours_of(each) is not None)
        never_closes = len(closing) < len(several) or seconds > _DAY
        return most if never_closes else most * session_grid.together(closing)

    def bars_a_day(self, seconds: int, *, grid: str | None = None) -> float:
        """Return how many bars of a length a day has, those of its session where a market closes."""
        in_session = session_grid.bars_a_session(grid, seconds)
        return _DAY / seconds if in_session is None else in_session

    def bars_a_horizon(self, seconds: int, *, grid: str | None = None) -> float:
        """Return how many bars of a length the horizon has at most: days with a session each where a market closes."""
        if session_grid.hours_of(grid) is None:
            return self.horizon_minutes * 60 / seconds
        days, rest = divmod(self.horizon_minutes * 60, _DAY)
        a_day = self.bars_a_day(seconds, grid=grid)
        return days * a_day + min(rest / seconds, a_day)
