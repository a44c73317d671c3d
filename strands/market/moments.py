"""Moments as people write them, into whole microseconds since 1970."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000

#: Microseconds in each unit of an epoch, by the bound below which an epoch is in it: seconds until the year 5138,
#: milliseconds from 1973, microseconds from 1973, and nanoseconds beyond.
_UNITS = ((10**11, SECOND), (10**14, 1000), (10**17, 1))
_NANOSECONDS = 1000
_LAST_NANOSECOND = 10**20
_NUMERIC = re.compile(r"\d+(\.\d*)?([eE]\+?\d+)?", re.ASCII)
#: Digits of a day written as one number, ``20220131``; as an epoch in seconds it would lie in 1970.
_DAY = 8


def parse_all(texts: Sequence[str]) -> list[int | None]:
    """Return each moment in microseconds, None for what is none."""
    return [parse(text) for text in texts]


def parse(text: str) -> int | None:
    """Return a moment in microseconds, None if the text is none.

    Reads ISO 8601 with or without a zone (none means UTC, as ``UTC`` or ``Z`` do), with ``/`` for ``-``; and epochs in
    seconds, milli-, micro- or nanoseconds, whole or not, told apart by their size.
    """
    if len(text) != _DAY and _NUMERIC.fullmatch(text):
        return _epoch(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        tidied = text.replace("/", "-").removesuffix("UTC").strip()
        return None if tidied == text else parse(tidied)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // MICROSECOND


def _epoch(text: str) -> int | None:
    number: int | float = int(text) if text.isdigit() else float(text)
    for bound, microseconds in _UNITS:
        if number < bound:
            return round(number * microseconds)
    return round(number) // _NANOSECONDS if number < _LAST_NANOSECOND else None


def moment(microseconds: int) -> datetime:
    """Return an aware datetime in UTC."""
    return EPOCH + timedelta(microseconds=microseconds)
