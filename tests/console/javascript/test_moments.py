"""Moments as the console's JavaScript words them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.console.javascript.modules import Blank, call

NOON = "2026-01-05T12:00:00Z"


def at_noon(blank: Blank, body: str, given: Any = None, *, zone: str = "UTC") -> Any:
    """Return what moments.js makes of a value when it is noon."""
    return call(blank(zone=zone), "showing/moments.js", f"const noon = Date.parse('{NOON}'); {body}", given)


def test_an_age_is_told_in_its_largest_unit_and_what_is_to_come_as_it_is(blank: Blank) -> None:
    seconds = [0, -1, -59, -60, -3599, -3600, -86399, -86400, -86400 * 9, 30, 7200]
    told = at_noon(blank, "return given.map((s) => m.ago(new Date(noon + s * 1000).toISOString(), noon))", seconds)
    back = ["now", "1s ago", "59s ago", "1m ago", "59m ago", "1h ago", "23h ago", "yesterday", "9d ago"]
    assert told == [*back, "in 30s", "2026-01-05 14:00 UTC"]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_a_moment_is_shown_in_utc_wherever_whoever_looks_is(blank: Blank, zone: str) -> None:
    body = "return [m.brief(given), m.full(given), m.brief('2026-01-05T14:00:00+02:00'), m.brief(noon)]"
    assert at_noon(blank, body, NOON, zone=zone) == [
        "2026-01-05 12:00 UTC",
        "2026-01-05 12:00:00 UTC",
        "2026-01-05 12:00 UTC",
        "2026-01-05 12:00 UTC",
    ]


def test_an_old_moment_is_told_by_its_day_and_a_fresh_one_by_its_age(blank: Blank) -> None:
    body = "return [47, 49, -47, -49].map((hours) => m.worded(noon - hours * 3600e3, noon))"
    assert at_noon(blank, body) == [
        "yesterday",
        "2026-01-03 11:00 UTC",
        "2026-01-07 11:00 UTC",
        "2026-01-07 13:00 UTC",
    ]


@pytest.mark.parametrize("name", ["ago", "worded", "full", "brief"])
@pytest.mark.parametrize("text", ["", "soon", "2026-13-45T00:00:00Z"])
def test_what_is_no_moment_stays_as_it_is(blank: Blank, name: str, text: str) -> None:
    assert at_noon(blank, "return m[given[0]](given[1])", [name, text]) == text


def test_an_axis_is_marked_with_hours_within_two_days_and_with_days_beyond(blank: Blank) -> None:
    assert at_noon(blank, "return [1, 2, 3].map((days) => m.onAxis(noon, days * 86400e3))") == [
        "12:00",
        "12:00",
        "01-05",
    ]


def test_the_moments_of_a_page_are_worded_and_grow_older(blank: Blank) -> None:
    page = blank(
        f'<time data-moment datetime="{NOON}">raw</time><time datetime="{NOON}">left</time>'
        '<time data-moment datetime="odd">odd</time>'
    )
    body = (
        "m.tell(document, Date.parse(given)); return [...document.querySelectorAll('time')].map((t) => t.textContent)"
    )
    assert call(page, "showing/times.js", body, "2026-01-05T12:00:07Z") == ["7s ago", "left", "odd"]
    assert call(page, "showing/times.js", body, "2026-01-05T12:05:00Z") == ["5m ago", "left", "odd"]
    assert page.locator("time").first.get_attribute("title") == "2026-01-05 12:00:00 UTC"
