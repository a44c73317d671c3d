"""Moments as programs write them, ISO and epochs, into whole microseconds since 1970."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
DAY = 86_400 * SECOND

#: Microseconds in each unit of an epoch, by the bound below which an epoch is in it: seconds until the year 5138,
#: milliseconds from 1973, microseconds from 1973, and nanoseconds beyond.
_UNITS = ((10**11, SECOND), (10**14, 1000), (10**17, 1))
_NANOSECONDS = 1000
_LAST_NANOSECOND = 10**20
NUMERIC = re.compile(r"\d+(\.\d*)?([eE]\+?\d+)?", re.ASCII)
#: Digits of a day, and of a moment, written as one number: ``20220131``, ``20220131093000``.
_COMPACT = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?")
_DAY = 8
#: No moment that anybody writes is longer.
LONGEST = 80


def parse_all(texts: Sequence[str]) -> list[int | None]:
    """Return each moment in microseconds, None for what is none."""
    return [parse(text) for text in texts]


def parse(text: str, zone: tzinfo = UTC) -> int | None:
    """Return a moment in microseconds, None if the text is none.

    Reads ISO 8601 with or without a zone (none means ``zone``; ``UTC`` or ``Z`` mean what they say), with ``/`` for
    ``-``; and epochs in seconds, milli-, micro- or nanoseconds, whole or not, told apart by their size.
    """
    if len(text) > LONGEST:
        return None
    if len(text) != _DAY and NUMERIC.fullmatch(text):
        return _compact(text, zone) if _COMPACT.fullmatch(text) else epoch(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        tidied = text.replace("/", "-").strip()
        if tidied.endswith("UTC"):
            return parse(tidied.removesuffix("UTC").strip(), UTC)
        return None if tidied == text else parse(tidied, zone)
    return of(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def of(moment: datetime) -> int:
    """Return an aware datetime in microseconds."""
    return (moment - EPOCH) // MICROSECOND


def _compact(text: str, zone: tzinfo) -> int | None:
    try:
        return of(datetime.strptime(text.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=zone))
    except ValueError:
        return None


def epoch(text: str) -> int | None:
    """Return an epoch in microseconds, its unit told by its size."""
    if len(text) > LONGEST:
        return None
    number: int | float = int(text) if text.isdigit() else float(text)
    for bound, microseconds in _UNITS:
        if number < bound:
            return round(number * microseconds)
    return round(number) // _NANOSECONDS if number < _LAST_NANOSECOND else None


def moment(microseconds: int) -> datetime:
    """Return an aware datetime in UTC."""
    return EPOCH + timedelta(microseconds=microseconds)
