"""Something is due once for every time that lies between two looks, whatever lies between the looks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingops.company.rules import schedule
from tradingops.company.rules.schedule import Hour, Occurrence

MIDNIGHT = datetime(2026, 1, 5, tzinfo=UTC)
HALF_HOUR, MINUTE = timedelta(minutes=30), timedelta(minutes=1)
LOS_ANGELES = "America/Los_Angeles"


@pytest.mark.parametrize("beat", [1, 5, 7, 61])
@pytest.mark.parametrize("interval", [30, 120, 180, 240, 360, 480])
def test_a_day_holds_every_occurrence_of_a_rule_however_rarely_somebody_looks(beat: int, interval: int) -> None:
    last, seen = MIDNIGHT, 0
    for minutes in range(0, 24 * 60 + beat, beat):
        now = min(MIDNIGHT + MINUTE * minutes, MIDNIGHT + timedelta(days=1))
        found = schedule.every(MINUTE * interval, last=last, now=now)
        if found:
            last, seen = found.due, seen + 1 + found.missed
            assert found.due <= now
    assert seen == 24 * 60 // interval


def test_it_is_due_exactly_at_its_moment_and_not_before() -> None:
    at = MIDNIGHT + HALF_HOUR
    assert schedule.every(HALF_HOUR, last=MIDNIGHT, now=at - timedelta(microseconds=1)) is None
    assert schedule.every(HALF_HOUR, last=MIDNIGHT, now=at) == Occurrence(at)


def test_what_was_due_three_times_is_due_once_and_tells_two_missed() -> None:
    now = MIDNIGHT + timedelta(minutes=95)
    assert schedule.every(HALF_HOUR, last=MIDNIGHT, now=now) == Occurrence(MIDNIGHT + 3 * HALF_HOUR, missed=2)


def test_a_late_one_is_let_go_where_the_next_is_nearly_due() -> None:
    late = MIDNIGHT + timedelta(minutes=117)
    assert schedule.every(HALF_HOUR, last=MIDNIGHT, now=late) == Occurrence(
        MIDNIGHT + 3 * HALF_HOUR, missed=2, skipped=True
    )
    punctual = schedule.every(HALF_HOUR, last=MIDNIGHT, now=MIDNIGHT + timedelta(minutes=58))
    assert punctual == Occurrence(MIDNIGHT + HALF_HOUR), "one that nothing was missed before is never let go"


def test_a_shorter_interval_is_due_from_the_last_one_on_and_at_the_earliest_now() -> None:
    soon, later = MIDNIGHT + timedelta(minutes=10), MIDNIGHT + timedelta(minutes=70)
    assert schedule.changed(HALF_HOUR, last=MIDNIGHT, now=soon) == MIDNIGHT
    assert schedule.changed(HALF_HOUR, last=MIDNIGHT, now=later) + HALF_HOUR == later


@pytest.mark.parametrize(
    ("day", "at", "utc"),
    [
        ("2026-03-08", "06:30", "13:30"),
        ("2026-11-01", "06:30", "14:30"),
        ("2026-03-08", "02:30", "10:00"),
        ("2026-11-01", "01:30", "08:30"),
        ("2026-02-28", "00:00", "08:00"),
        ("2028-02-29", "00:07", "08:07"),
    ],
)
def test_hours_of_a_zone_happen_once_a_day_also_when_its_clock_is_set(day: str, at: str, utc: str) -> None:
    hour = Hour(time.fromisoformat(at), LOS_ANGELES)
    moment = datetime.fromisoformat(f"{day}T{utc}:00+00:00")
    assert hour.on(date.fromisoformat(day)) == moment
    day_before, day_after = moment - timedelta(hours=20), moment + timedelta(hours=20)
    assert hour.due(last=day_before, now=day_after) == Occurrence(moment)


@pytest.mark.parametrize("at", ["00:00", "00:07", "12:00", "23:59"])
@pytest.mark.parametrize("beat", [1, 5, 7, 61])
def test_an_hour_is_met_on_every_day_of_a_year(at: str, beat: int) -> None:
    hour = Hour(time.fromisoformat(at), LOS_ANGELES)
    last, now, seen = MIDNIGHT, MIDNIGHT, 0
    while now < MIDNIGHT + timedelta(days=365):
        now += MINUTE * beat * 60
        found = hour.due(last=last, now=now)
        if found:
            last, seen = found.due, seen + 1 + found.missed
    assert seen in (365, 366, 367)


def test_it_happens_on_its_days_alone() -> None:
    sundays = Hour(time(18), LOS_ANGELES, frozenset({6}))
    found = list(sundays.since(MIDNIGHT, MIDNIGHT + timedelta(days=28)))
    assert len(found) == 4
    assert {(each - timedelta(hours=8)).weekday() for each in found} == {6}


@given(
    looks=st.lists(st.integers(1, 5_000), min_size=1, max_size=50),
    interval=st.integers(1, 600),
)
def test_no_occurrence_is_lost_and_none_is_told_twice(looks: list[int], interval: int) -> None:
    last, now, seen = MIDNIGHT, MIDNIGHT, 0
    for minutes in looks:
        now += MINUTE * minutes
        found = schedule.every(MINUTE * interval, last=last, now=now)
        if found:
            assert last < found.due <= now
            seen, last = seen + 1 + found.missed, found.due
    assert seen == (now - MIDNIGHT) // (MINUTE * interval)
