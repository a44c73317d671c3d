"""Told: what a person says about a file, where the file leaves it open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from strands.market.reading import headings

#: The decimal marks there are, and the words for them.
MARKS = {".": ".", ",": ",", "point": ".", "comma": ","}
UTC_GRID = "utc"
NOBODY = "none"


class BadOption(ValueError):
    """An option says what no file can be read by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of a file beforehand; None where the file is to tell.

    ``columns`` names, for each field, its column by heading or by number from 1, and for the time perhaps two.
    ``none`` for the volume says that nobody counted it. ``grid`` is ``utc`` or the minute of the local day at which
    bars begin.
    """

    columns: tuple[tuple[str, tuple[str, ...]], ...] = ()
    time_format: str | None = None
    dayfirst: bool | None = None
    decimal: str | None = None
    timezone: ZoneInfo | None = None
    grid: int | str | None = None

    @property
    def counts_nothing(self) -> bool:
        """Say whether nobody counted what was traded: ``--columns volume=none``."""
        return dict(self.columns).get("volume") == (NOBODY,)


def parse(
    *,
    columns: str | None = None,
    time_format: str | None = None,
    dayfirst: bool | None = None,
    decimal: str | None = None,
    timezone: str | None = None,
    grid: str | None = None,
) -> Told:
    """Return what the options of a command say; raises BadOption naming the option and its rule."""
    told = Told(time_format=time_format, dayfirst=dayfirst)
    if columns:
        told = replace(told, columns=_columns(columns))
    if decimal:
        if decimal not in MARKS:
            raise BadOption(f"--decimal: {decimal!r} is not one of {' '.join(MARKS)}")
        told = replace(told, decimal=MARKS[decimal])
    if timezone:
        told = replace(told, timezone=_zone(timezone))
    if grid:
        told = replace(told, grid=_grid(grid))
    return told


def _columns(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Read ``time=Date+Time,open=O`` or, by place, ``time,open,high,low,close,-,volume``."""
    pairs = []
    for place, part in enumerate(text.split(","), 1):
        field, equals, names = part.strip().partition("=")
        if field == "-" and not equals:
            continue
        if field not in headings.FIELDS:
            raise BadOption(
                f"--columns: {field!r} is not one of {', '.join(headings.FIELDS)}; "
                "write time=Date+Time,open=O,… or, by place, time,open,high,low,close,volume with - for others"
            )
        pairs.append((field, tuple(names.split("+")) if equals else (str(place),)))
    return tuple(pairs)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as fault:
        raise BadOption(f"--timezone: {name!r} is no zone that is known here, such as America/New_York") from fault


def _grid(text: str) -> int | str:
    if text.lower() == UTC_GRID:
        return UTC_GRID
    hours, colon, minutes = text.partition(":")
    if colon and hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60:
        return int(hours) * 60 + int(minutes)
    raise BadOption(f"--grid: {text!r} is neither {UTC_GRID} nor a time of day such as 09:30, at which bars begin")
