"""A moment as a person wrote it, taken apart: three numbers of a day in some order, a time of day, a zone."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from strands.market.reading import moments

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_DAY = re.compile(
    _WEEKDAY
    + r"(?:(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})"
    + r"|(?P<solid>(?:19|20)\d{6})"
    + r"|(?P<a>\d{1,2})(?P<mark>[-/. ])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{4}|\d{2})"
    + r"|(?P<d>\d{1,2})[-/. ]*(?P<name>[a-z]{3,9})[-/., ]*(?P<y>\d{4}|\d{2})"
    + r"|(?P<name2>[a-z]{3,9})[-. ]*(?P<d2>\d{1,2})(?:st|nd|rd|th)?[-, ]+(?P<y2>\d{4}))(?=$|[^\d])",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?)?"
    r"(?:[-\s]*(?P<half>[ap])\.?m\.?(?![a-z]))?",
    re.IGNORECASE,
)
_SOLID_CLOCK = re.compile(r"(\d{2})(\d{2})(\d{2})?(?=$|\D)")
_ZONE = re.compile(r"(?:utc|gmt|ut|z)?\s*(?:(?P<sign>[-+])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?)?", re.IGNORECASE)
_NAMED_ZONE = re.compile(r"[a-z]{2,5}|[a-z]+/[a-z_/]+", re.IGNORECASE)
_UTC = {"utc", "gmt", "ut", "z"}
#: Digits of a time of day in one number: hours and minutes, or seconds with them.
_MINUTES, _SECONDS = 4, 6


class Written(NamedTuple):
    """A cell taken apart.

    ``numbers`` are year, month, day, or, where ``mark`` is not empty, three numbers in the order they were written.
    ``clock`` is the time of day in microseconds, None where there is none; ``offset`` that of a zone, None without.
    ``zone`` is a zone that was only named.
    """

    numbers: tuple[int, int, int]
    mark: str
    short_year: bool
    clock: int | None
    offset: int | None
    zone: str


def take_apart(text: str) -> Written | None:
    """Return the parts of a moment, None if the text is none."""
    if len(text) > moments.LONGEST or not (found := _DAY.match(text.strip())):
        return None
    day = _day(found)
    rest = re.sub(r"^(?:[T_]|[\s,;-]+|\s*at\s+)", "", text.strip()[found.end() :], count=1, flags=re.IGNORECASE)
    taken = _clock(rest) if rest else (None, "")
    if day is None or taken is None:
        return None
    zone = _zone(taken[1])
    return None if zone is None else Written(*day, taken[0], *zone)


def _day(found: re.Match[str]) -> tuple[tuple[int, int, int], str, bool] | None:
    part = found.groupdict()
    if part["year"]:
        return (int(part["year"]), int(part["month"]), int(part["day"])), "", False
    if solid := part["solid"]:
        return (int(solid[:4]), int(solid[4:6]), int(solid[6:])), "", False
    if part["a"]:
        return (int(part["a"]), int(part["b"]), int(part["c"])), part["mark"], len(part["c"]) == 2
    name, day, year = part["name"] or part["name2"], part["d"] or part["d2"], part["y"] or part["y2"]
    month = next((place for place, each in enumerate(_MONTHS, 1) if name.lower().startswith(each)), None)
    return None if month is None else ((_century(int(year)), month, int(day)), "", False)


def _century(year: int) -> int:
    """Return the year that two digits mean: 1970 to 2069."""
    return year + (0 if year > 99 else 1900 if year >= 70 else 2000)


def century(year: int) -> int:
    """Return a year of four digits for one of two."""
    return _century(year)


def _clock(text: str) -> tuple[int, str] | None:
    """Return the time of day in microseconds, and what follows it."""
    if solid := _SOLID_CLOCK.match(text):
        at = _microseconds(solid[1], solid[2], solid[3], None, None)
        return None if at is None else (at, text[solid.end() :].strip())
    found = _CLOCK.match(text)
    if not found or not (found["minute"] or found["half"]):
        return None
    at = _microseconds(found["hour"], found["minute"], found["second"], found["part"], found["half"])
    return None if at is None else (at, text[found.end() :].strip())


def _microseconds(hour: str, minute: str | None, second: str | None, part: str | None, half: str | None) -> int | None:
    hours, minutes, seconds = int(hour), int(minute or 0), int(second or 0)
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half.lower() == "p" else 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    return ((hours * 60 + minutes) * 60 + seconds) * moments.SECOND + int((part or "0").ljust(6, "0")[:6])


def _zone(text: str) -> tuple[int | None, str] | None:
    """Return a zone's offset in microseconds and its name; both empty for none, None for what is no zone."""
    text = re.sub(r"\s*[\[(].*[\])]$", "", text).strip()
    if not text:
        return None, ""
    found = _ZONE.fullmatch(text)
    if found and (found["sign"] or text.lower() in _UTC):
        size = int(found["hours"] or 0) * 3600 + int(found["minutes"] or 0) * 60
        return (-size if found["sign"] == "-" else size) * moments.SECOND, ""
    return (None, text) if _NAMED_ZONE.fullmatch(text) else None


@lru_cache(maxsize=4096)
def clock_of(text: str) -> int | None:
    """Return the time of day that a cell of its own holds, in microseconds; ``905`` is 09:05, ``90500`` too."""
    text = text.strip()
    if text.isdecimal() and len(text) <= _SECONDS:
        text = text.zfill(_MINUTES if len(text) <= _MINUTES else _SECONDS)
    taken = _clock(text) if text else None
    return taken[0] if taken and not taken[1] else None
