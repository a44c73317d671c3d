"""A session grid tells how old data is and how many bars a year has; what never closes keeps its numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from strands.market import session_grid
from tests.unit.tradingops.modules.alpha.test_plan_making import POLICY
from tradingops.modules.alpha.planning import plan_making
from tradingops.modules.risk.policy import RiskPolicy

#: A Monday; 09:15 in Kolkata is 03:45 UTC.
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
NSE, FX = "09:15-15:30 Asia/Kolkata", "17:00-17:00 America/New_York"


def clock(hour: int, minute: int = 0, *, day: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


@pytest.mark.parametrize(
    ("grid", "since", "until", "minutes"),
    [
        (NSE, clock(10, day=-3), clock(3, 0), 0),
        (NSE, clock(10, day=-3), clock(4, 3), 18),
        (NSE, clock(9, 50), clock(12), 10),
        (NSE, clock(10, day=-9), clock(3, day=0), 6.25 * 60 * 5),
        ("24x7", clock(10, day=-3), clock(10, day=-3) + timedelta(minutes=7), 7),
        (None, clock(1), clock(2), 60),
        ("whenever", clock(1), clock(2), 60),
        ("09:15-25:30 Asia/Kolkata", clock(1), clock(2), 60),
        ("09:15-15:75 Asia/Kolkata", clock(1), clock(2), 60),
        ("09:15-15:30 Nowhere/Land", clock(1), clock(2), 60),
        (NSE, clock(5), clock(4), 0),
        (FX, clock(22, 10, day=-3), clock(22, 10, day=-1), 10),  # from Friday's close over the weekend
        (FX, clock(3, day=0), clock(3, day=1), 24 * 60),
        ("00:00-24:00 UTC", clock(23, day=-3), clock(1), 2 * 60),
    ],
)
def test_age_counts_only_while_the_market_is_open(
    grid: str | None, since: datetime, until: datetime, minutes: float
) -> None:
    assert session_grid.open_seconds(grid, since, until) == minutes * 60


def test_a_year_has_the_bars_of_its_sessions() -> None:
    sessions = 365 * 5 / 7
    assert session_grid.bars_a_year(NSE, 900) == sessions * 25
    assert session_grid.bars_a_year(NSE, 3600) == sessions * 7
    assert session_grid.bars_a_year(NSE, 86_400) == sessions
    assert session_grid.bars_a_year(NSE, 7 * 86_400) == pytest.approx(365 / 7)
    assert session_grid.bars_a_year(FX, 60) == sessions * 1440


@pytest.mark.parametrize("grid", [None, "24x7", "whenever"])
def test_what_never_closes_keeps_its_numbers_to_the_last_bit(grid: str | None) -> None:
    assert session_grid.bars_a_year(grid, 900) is None
    assert RiskPolicy().periods_a_year(900, grid=grid) == 365 * 86_400 / 900
    horizon = POLICY.horizon_of("15m")
    assert horizon is not None
    assert plan_making.annual_volatility(0.003, horizon, grid=grid) == 0.003 * 35_040**0.5


def test_alpha_and_risk_annualise_by_the_same_sessions() -> None:
    horizon = POLICY.horizon_of("15m")
    assert horizon is not None
    bars = RiskPolicy().periods_a_year(900, grid=NSE)
    assert plan_making.annual_volatility(0.003, horizon, grid=NSE) == 0.003 * bars**0.5
