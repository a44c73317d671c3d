"""Market time passes at its speed, as ours does while people are asked, and runs ahead until they first are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from tradingops.management import pacing

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass
class Wrist(pacing.Stop):
    """A stop that moves its own clock on instead of sleeping."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def __bool__(self) -> bool:
        return False

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        self.slept.append(seconds)
        return False


def a_pace(wrist: Wrist, **told: object) -> pacing.Pace:
    return pacing.Pace(**{"speed": 60.0, "begins": NOON, "stop": wrist, "clock": lambda: wrist.now, **told})  # type: ignore[arg-type]


def took(pace: pacing.Pace, wrist: Wrist, minute: int) -> float:
    """Return how long it takes until a minute after noon, in seconds of ours."""
    before = wrist.now
    pace.wait_for(NOON + minute * MINUTE)
    return round(wrist.now - before, 6)


def test_a_minute_takes_as_long_as_its_speed_says_and_what_was_before_nothing() -> None:
    wrist = Wrist()
    pace = a_pace(wrist)
    assert [took(pace, wrist, minute) for minute in (-2, 0, 1, 2, 4)] == [0, 0, 1, 1, 2]
    wrist.now += 1.5  # what the desk made of it took longer than the market does
    assert [took(pace, wrist, minute) for minute in (5, 6)] == [0, 0.5]


def test_while_people_are_asked_a_minute_of_the_market_is_one_of_theirs() -> None:
    wrist, asked = Wrist(), [False]
    pace = a_pace(wrist, asked=lambda: asked[0])
    pace._was_asked = True
    assert took(pace, wrist, 1) == 1
    asked[0] = True
    assert [took(pace, wrist, minute) for minute in (2, 3)] == [60, 60]
    asked[0] = False
    assert took(pace, wrist, 4) == 1


def test_whoever_decides_does_not_wait_for_the_slow_bar_to_close() -> None:
    wrist = Wrist()
    pace = a_pace(wrist, asked=lambda: wrist.now < 10.0)
    assert 10 <= took(pace, wrist, 1) <= 11.5


def test_a_market_behind_its_pace_does_not_catch_up_while_people_are_asked() -> None:
    wrist, asked = Wrist(), [False]
    pace = a_pace(wrist, asked=lambda: asked[0])
    pace._was_asked = True
    took(pace, wrist, 1)
    wrist.now += 300
    asked[0] = True
    assert took(pace, wrist, 2) == 60


def test_the_market_runs_ahead_until_somebody_is_asked_and_no_farther_than_half_a_day() -> None:
    wrist, asked = Wrist(), [False]
    pace = a_pace(wrist, asked=lambda: asked[0])
    assert [took(pace, wrist, minute) for minute in (1, 2, 3)] == [0, 0, 0]
    asked[0] = True
    assert took(pace, wrist, 4) == 60
    asked[0] = False
    assert took(pace, wrist, 5) == 1
    quiet = a_pace(wrist, asked=lambda: False)
    assert [took(quiet, wrist, minute) for minute in (719, 720, 721)] == [0, 0, 1]


@pytest.mark.parametrize("asked", [True, False])
def test_a_market_slower_than_ours_is_never_hurried(asked: bool) -> None:
    wrist = Wrist()
    pace = a_pace(wrist, speed=0.5, asked=lambda: asked)
    pace._was_asked = True
    assert took(pace, wrist, 1) == 120
