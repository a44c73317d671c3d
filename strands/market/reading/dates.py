"""How a column of times reads: which number is the day, which zone holds, what an epoch counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from functools import lru_cache, partial
from typing import NamedTuple

from strands.market.reading import moments, written
from strands.market.reading.told import Told

#: An epoch below this lies before 1973: a row's number, a time of day or a day that a spreadsheet counted.
LEAST_EPOCH = 10**8
#: Share of cells that must read for a column to be one of times.
MOST = 0.5
#: How a person may say what an epoch counts, in microseconds.
UNITS = {"s": moments.SECOND, "ms": 1000, "us": 1, "ns": 0.001}
SPREADSHEET = "excel"
_FIRST_OF_SPREADSHEETS = datetime(1899, 12, 30, tzinfo=UTC)

#: A zone where no file comes from: what reads the same here as in UTC has a zone of its own.
_FAR = timezone(timedelta(hours=13, minutes=7))
_SOLID_DAY = 8
#: Share of days that may be impossible without making the order of their numbers doubtful.
_FEW = 0.02

ORDERS = {"day first": (2, 1, 0), "month first": (2, 0, 1), "year first": (0, 1, 2)}


class Kind(StrEnum):
    """What a column of times holds."""

    MOMENT = "moments"
    DAY = "days"
    CLOCK = "times of day"


class Times(NamedTuple):
    """When each row opened, in microseconds, None for what is no time; and how that was read."""

    opened: list[int | None]
    said: str


class Ambiguous(ValueError):
    """A column reads in two ways; the words name both and the option that decides."""


def kind(texts: Sequence[str], told: Told) -> Kind | None:
    """Return what most cells of a column are; None if no time."""
    cells = [text for text in texts if text]
    if not cells:
        return None
    if told.time_format:
        return Kind.MOMENT if _most(cells, partial(_by_format, told)) else None
    if _most(cells, _is_day):
        return Kind.DAY
    if _most(cells, _is_moment):
        return Kind.MOMENT
    return Kind.CLOCK if _most(cells, written.clock_of) else None


def _most(cells: Sequence[str], read: Callable[[str], object]) -> bool:
    return sum(read(cell) not in (None, False) for cell in cells) > MOST * len(cells)


def _is_day(text: str) -> bool:
    parts = written.take_apart(text)
    return parts is not None and parts.clock is None


def _is_moment(text: str) -> bool:
    if moments.NUMERIC.fullmatch(text):
        return (moments.parse(text) or 0) >= LEAST_EPOCH * moments.SECOND
    return moments.parse(text) is not None or written.take_apart(text) is not None


def is_certain(texts: Sequence[str]) -> bool:
    """Say whether most cells read in one way only: as an epoch, or with the year first."""
    return _most([text for text in texts if text], lambda text: moments.parse(text) is not None)


def read(texts: Sequence[str], *, clocks: Sequence[str] = (), told: Told, named: bool | None = None) -> Times:
    """Return the times of a column, and of one that holds the time of day beside it.

    ``named`` is what the file's name says of whether the day comes first. Raises Ambiguous.
    """
    if told.time_format:
        cells = [f"{day} {clock}" for day, clock in zip(texts, clocks, strict=True)] if clocks else texts
        return Times([_by_format(told, cell) for cell in cells], f"written as {told.time_format}")
    plain = partial(moments.parse, zone=told.timezone or UTC)
    first = next((text for text in texts if text), "")
    if not clocks and plain(first) is not None:
        return _as_programs_do(texts, plain, told)
    return _as_people_do(texts, clocks, told, named)


def _as_programs_do(texts: Sequence[str], plain: Callable[[str], int | None], told: Told) -> Times:
    opened = [plain(text) for text in texts]
    if None in opened:
        opened = [_one(text) if at is None else at for at, text in zip(opened, texts, strict=True)]
    first = next(text for text in texts if text)
    if moments.NUMERIC.fullmatch(first) and len(first) != _SOLID_DAY:
        return Times(opened, "epoch")
    zoned = moments.parse(first) == moments.parse(first, _FAR)
    return Times(unfold(opened, told.timezone), "ISO, with a zone" if zoned else f"ISO, {_zone_said(told)}")


def _one(text: str) -> int | None:
    """Read a cell that only names its zone otherwise than the others."""
    parts = written.take_apart(text)
    return None if parts is None or parts.mark or parts.offset is None else _moment(parts, parts.numbers, UTC)


def _as_people_do(texts: Sequence[str], clocks: Sequence[str], told: Told, named: bool | None) -> Times:
    parts = [written.take_apart(text) for text in texts]
    if clocks:
        parts = [_joined(part, clock) for part, clock in zip(parts, clocks, strict=True)]
    order = _order(parts, told, named)
    zone = _zone(parts, told)
    opened = [None if part is None else _moment(part, _arranged(part, order), zone) for part in parts]
    zoned = any(part and part.offset is not None for part in parts[:1])
    said = ", ".join(filter(None, [order, "with a zone" if zoned else _zone_said(told)]))
    return Times(unfold(opened, told.timezone), said)


def _zone_said(told: Told) -> str:
    return f"in {told.timezone.key}" if told.timezone else "in UTC, as no zone is told"


def _joined(part: written.Written | None, clock: str) -> written.Written | None:
    at = written.clock_of(clock)
    return None if part is None or at is None else part._replace(clock=at)


def _arranged(part: written.Written, order: str) -> tuple[int, int, int]:
    """Return year, month and day."""
    if not part.mark:
        return part.numbers
    year, month, day = (part.numbers[place] for place in ORDERS[order])
    return (written.century(year) if part.short_year else year), month, day


def _moment(part: written.Written, day: tuple[int, int, int], zone: tzinfo) -> int | None:
    try:
        start = datetime(*day, tzinfo=zone if part.offset is None else UTC)
    except ValueError:
        return None
    wall = start + timedelta(microseconds=part.clock or 0)
    return moments.of(wall) - (part.offset or 0)


def _order(parts: Iterable[written.Written | None], told: Told, named: bool | None) -> str:
    """Return in which order the numbers of a day stand; empty where the year comes first; raises Ambiguous."""
    marked = [part for part in parts if part and part.mark]
    if not marked:
        return ""
    short = any(part.short_year for part in marked)
    wrong = {order: sum(not _fits(part, order) for part in marked) for order in list(ORDERS)[: 3 if short else 2]}
    fewest = min(wrong.values())
    left = [order for order, count in wrong.items() if count == fewest]
    if fewest > len(marked) * _FEW:
        raise Ambiguous(
            f"time: some days, as in {_shown(marked[0])!r}, read only with the day first and some only with the month "
            "first; say which with --time-format"
        )
    return left[0] if len(left) == 1 else _chosen(left, marked[0], told, named)


def _chosen(left: Sequence[str], part: written.Written, told: Told, named: bool | None) -> str:
    dayfirst = told.dayfirst if told.dayfirst is not None else named
    if dayfirst is None and part.mark == "." and not part.short_year:
        dayfirst = True
    if dayfirst is not None:
        return "day first" if dayfirst else "month first"
    readings = " or ".join(f"{datetime(*_arranged(part, order)):%Y-%m-%d} ({order})" for order in left)  # noqa: DTZ001
    raise Ambiguous(
        f"time: {_shown(part)!r} is {readings}, and no row decides; say --dayfirst or --no-dayfirst, or --time-format"
    )


def _fits(part: written.Written, order: str) -> bool:
    try:
        datetime(*_arranged(part, order))  # noqa: DTZ001
    except ValueError:
        return False
    return True


def _shown(part: written.Written) -> str:
    one, two, three = part.numbers
    return f"{one:02}{part.mark}{two:02}{part.mark}{three:02}"


def _zone(parts: Iterable[written.Written | None], told: Told) -> tzinfo:
    if told.timezone:
        return told.timezone
    if name := next((part.zone for part in parts if part and part.zone), None):
        raise Ambiguous(f"time: zone {name!r} is not the same all over the world; say --timezone, as America/New_York")
    return UTC


def unfold(opened: list[int | None], zone: tzinfo | None) -> list[int | None]:
    """Return moments of a zone's wall clock, those of the hour that comes twice in autumn told apart by their order."""
    told = [at for at in opened if at is not None]
    if zone is None or not told:
        return opened
    backwards = told[0] > told[-1]
    unfolded: list[int | None] = []
    last: int | None = None
    for at in reversed(opened) if backwards else opened:
        if at is not None and last is not None and at <= last:
            again = moments.of(moments.moment(at).astimezone(zone).replace(fold=1))
            at = again if again > last else at
        unfolded.append(at)
        last = last if at is None else at
    return unfolded[::-1] if backwards else unfolded


@lru_cache(maxsize=65536)
def _by_format(told: Told, text: str) -> int | None:
    format_ = told.time_format or ""
    try:
        if format_ in UNITS:
            return round(float(text) * UNITS[format_])
        if format_ == SPREADSHEET:
            return moments.of(_FIRST_OF_SPREADSHEETS + timedelta(days=float(text)))
        at = datetime.strptime(text.strip(), format_)  # noqa: DTZ007
    except (ValueError, OverflowError):
        return None
    return moments.of(at if at.tzinfo else at.replace(tzinfo=told.timezone or UTC))
