"""Reading a recording: a table's rows become bars, and what cannot is told by line and rule."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from strands.market.bar import Bar, Timeframe
from strands.market.reading import grids, headings, moments, sessions
from strands.market.reading.grids import Grid
from strands.market.reading.table import Table
from strands.market.reading.told import Told

#: Nothing is traded at such a price or in such a quantity: the ledger counts no further.
TOO_LARGE = 1e40
SYMBOL_LENGTH = 20
SHOWN = 10
#: Share of rows that may be none before the file as a whole was misread.
MOST_BAD = 0.5
FOREVER = datetime.max.replace(tzinfo=UTC)


class Rule(StrEnum):
    """Why a row is no bar; a row is told by the first rule that it breaks, in this order."""

    MISSING = "missing"
    NOT_A_TIME = "not_a_time"
    NOT_A_NUMBER = "not_a_number"
    NOT_FINITE = "not_finite"
    NOT_POSITIVE = "price_not_positive"
    NEGATIVE_VOLUME = "negative_volume"
    TOO_LARGE = "too_large"
    HIGH_BELOW_LOW = "high_below_low"
    OPEN_OUTSIDE = "open_outside_high_and_low"
    CLOSE_OUTSIDE = "close_outside_high_and_low"
    OFF_GRID = "off_the_timeframe_grid"
    UNFINISHED = "not_closed_yet"
    DUPLICATE = "duplicate"
    DIFFERING = "duplicate_that_differs"
    OUT_OF_ORDER = "out_of_order"


class BadRow(NamedTuple):
    """A row that is no bar: its line, the rule it breaks, the field and what stood there."""

    line: int
    rule: Rule
    field: str
    value: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.rule}: {self.field} {self.value!r}"


class Gap(NamedTuple):
    """Bars that a recording lacks: the first, the last and how many."""

    start: datetime
    end: datetime
    bars: int

    def __str__(self) -> str:
        return f"{self.bars} missing from {self.start.isoformat()} to {self.end.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What a file holds: bars in order, the rows that are none, and the gaps between."""

    name: str
    symbol: str
    timeframe: Timeframe
    bars: list[Bar]
    bad: list[BadRow]
    gaps: list[Gap]
    grid: Grid = field(default=Grid())
    differing: int = 0
    notes: tuple[str, ...] = ()

    def summary(self) -> list[str]:
        """Return what a person must know beside bars, bad rows and gaps."""
        said = [*self.notes]
        if self.differing:
            taken = sum(row.rule is Rule.DIFFERING for row in self.bad)
            said.append(
                f"{self.differing} rows differed though they were of the same bar; the last word on each was taken, "
                f"and {taken} skipped"
            )
        if not self.grid.is_utc:
            said.append(f"bars begin on a grid that is {self.grid.said(self.timeframe)}")
        if rests := sessions.Week(self.bars).said():
            said.append(rests)
        if all(float(bar.volume) == 0 for bar in self.bars):
            said.append("all volumes are zero: nothing will trade on these bars")
        return said


class Unreadable(ValueError):
    """A file cannot be read at all."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")


class Misread(ValueError):
    """Most rows of a file are no bars of their own: its columns were taken for what they are not."""

    def __init__(self, spoilt: int, count: int, first: BadRow) -> None:
        way = "see how with import_bars --dry-run of a part, and say better with --columns, --time-format or --grid"
        if first.rule in (Rule.DUPLICATE, Rule.DIFFERING):
            way = "say how its times read with --columns time=NAME+NAME or --time-format, or give a file a symbol"
        super().__init__(f"{spoilt} of {count} rows are no bars of their own, as on {first}: it was misread; {way}")


class Refused(ValueError):
    """A file has bad rows and was to be read strictly."""

    def __init__(self, name: str, bad: Sequence[BadRow]) -> None:
        self.name, self.bad = name, bad
        shown = "".join(f"\n  {row}" for row in bad[:SHOWN])
        more = f"\n  … and {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
        super().__init__(
            f"{name}: refused whole, {len(bad)} bad rows:{shown}{more}\nMend them, or leave out --strict to skip them"
        )


def read(
    table: Table,
    *,
    name: str,
    symbol: str | None,
    timeframe: Timeframe | None,
    strict: bool = False,
    told: Told | None = None,
    now: datetime = FOREVER,
    notes: Sequence[str] = (),
) -> Recording:
    """Return the recording of a table; a missing timeframe is the commonest step between rows.

    A file written newest first is read from its end. Of rows of one bar the last is taken. Of rows out of order as few
    as possible are set aside, so one wrong moment spoils its own row only. A bar that has not closed ``now`` is none.
    Raises Unreadable, also for a file most of whose rows are no bars, and Refused for bad rows when ``strict``.
    """
    symbol = _symbol(name, symbol)
    rows = _Rows(table)
    try:
        timeframe = grids.timeframe_of(rows.opened, timeframe)
        grid = grids.grid_of(rows.opened, timeframe, told or Told())
        bad = rows.judge(timeframe, grid=grid, now=now, most=MOST_BAD)
    except ValueError as fault:
        raise Unreadable(name, str(fault)) from fault
    if strict and bad:
        raise Refused(name, bad)
    bars = rows.bars(symbol, timeframe)
    if not bars:
        raise Unreadable(name, f"no row is a bar; the first of {len(bad)}: {bad[0]}")
    return Recording(name=name, symbol=symbol, timeframe=timeframe, bars=bars, bad=bad, gaps=gaps(bars), grid=grid,
                     differing=rows.differing, notes=tuple(notes))  # fmt: skip


def accept(table: Table, *, symbol: str, timeframe: Timeframe) -> tuple[list[Bar], list[BadRow]]:
    """Return the bars of a table that need not hold any, and the rows that are none."""
    rows = _Rows(table)
    bad = rows.judge(timeframe, grid=Grid(), now=FOREVER, most=1.0)
    return rows.bars(symbol, timeframe), bad


def _symbol(name: str, symbol: str | None) -> str:
    """Return a symbol in capitals: however its letters are written, it is one."""
    symbol = (symbol or "").strip().upper()
    if not symbol:
        raise Unreadable(name, "symbol: neither the file's name nor its rows tell one; name one with --symbol")
    if len(symbol) > SYMBOL_LENGTH or not symbol.isprintable() or " " in symbol:
        raise Unreadable(name, f"symbol: {symbol!r} is not 1 to {SYMBOL_LENGTH} letters; name one with --symbol")
    return symbol


def gaps(bars: Sequence[Bar]) -> list[Gap]:
    """Return the gaps between bars of one symbol and timeframe, which are in order; times of rest are none."""
    found = []
    week = sessions.Week(bars) if bars else None
    for before, after in pairwise(bars):
        # Days of a zone are an hour longer or shorter when its clocks change.
        missing = round((after.opened_at - before.opened_at) / before.timeframe.span) - 1
        if missing > 0 and week and (expected := week.expected(before, missing)):
            found.append(Gap(before.closed_at, after.opened_at - before.timeframe.span, expected))
    return found


class _Rows:
    """A table's rows, oldest first, with the rule that each breaks."""

    def __init__(self, table: Table) -> None:
        opened = table.opened if table.opened is not None else moments.parse_all(table.columns[0])
        self.opened = np.array([-1 if moment is None else moment for moment in opened], dtype=np.int64)
        self.differing = 0
        self.columns, self.extras = table.columns, table.extras
        self.lines: Sequence[int] = table.lines
        told = self.opened[self.opened >= 0]
        if len(told) > 1 and told[0] > told[-1]:
            self.opened = self.opened[::-1]
            self.columns, self.lines = [column[::-1] for column in table.columns], table.lines[::-1]
            self.extras = {field: column[::-1] for field, column in table.extras.items()}
        self.numbers = [_numbers(column) for column in self.columns[1:]]
        self.good = np.ones(len(self.lines), dtype=bool)

    def judge(self, timeframe: Timeframe, *, grid: Grid, now: datetime, most: float) -> list[BadRow]:
        """Return the rows that break a rule, by line; ``good`` marks the others from then on.

        Raises Misread when more than this share of rows is bad.
        """
        bad: list[BadRow] = []
        for rule, place, broken in self._rules(timeframe, grid, now):
            rows = np.flatnonzero(broken & self.good).tolist()
            if len(bad) + len(rows) > most * len(self.lines):
                raise Misread(len(bad) + len(rows), len(self.lines), (bad or [self._bad(rows[0], rule, place)])[0])
            bad += [self._bad(row, rule, place) for row in rows]
            self.good &= ~broken
        bad += self._doubled(most)
        bad += self._unordered()
        return sorted(bad)

    def _bad(self, row: int, rule: Rule, place: int = 0) -> BadRow:
        return BadRow(self.lines[row], rule, headings.FIELDS[place], self.columns[place][row])

    def _rules(self, timeframe: Timeframe, grid: Grid, now: datetime) -> list[tuple[Rule, int, NDArray[np.bool_]]]:
        """Return (rule, column, rows that break it) in the order of the rules."""
        empty = [np.array([not cell for cell in column], dtype=bool) for column in self.columns]
        open_, high, low, close, volume = self.numbers
        unread = [_unread(cells, numbers) for cells, numbers in zip(self.columns[1:], self.numbers, strict=True)]
        prices = (1, 2, 3, 4)
        return [
            *((Rule.MISSING, place, mask) for place, mask in enumerate(empty)),
            (Rule.NOT_A_TIME, 0, self.opened < 0),
            *((Rule.NOT_A_NUMBER, place, mask) for place, mask in enumerate(unread, 1)),
            *((Rule.NOT_FINITE, place, ~np.isfinite(numbers)) for place, numbers in enumerate(self.numbers, 1)),
            *((Rule.NOT_POSITIVE, place, self.numbers[place - 1] <= 0) for place in prices),
            (Rule.NEGATIVE_VOLUME, 5, volume < 0),
            *((Rule.TOO_LARGE, place, numbers >= TOO_LARGE) for place, numbers in enumerate(self.numbers, 1)),
            (Rule.HIGH_BELOW_LOW, 2, high < low),
            (Rule.OPEN_OUTSIDE, 1, (open_ > high) | (open_ < low)),
            (Rule.CLOSE_OUTSIDE, 4, (close > high) | (close < low)),
            (Rule.OFF_GRID, 0, grid.off(self.opened, timeframe)),
            (Rule.UNFINISHED, 0, self.opened > moments.of(now) - timeframe.seconds * moments.SECOND),
        ]

    def _doubled(self, most: float) -> list[BadRow]:
        """Set aside all rows of a bar but the last, and count those that differ from another of their bar."""
        rows = np.flatnonzero(self.good)
        times, where, counts = np.unique(self.opened[rows], return_inverse=True, return_counts=True)
        if len(times) == len(rows):
            return []
        if len(rows) - len(times) > most * len(self.lines):
            second = int(rows[np.flatnonzero(counts[where] > 1)[1]])
            raise Misread(len(rows) - len(times), len(self.lines), self._bad(second, Rule.DUPLICATE))
        bad = []
        several: dict[int, list[int]] = {}
        for row, group in zip(rows.tolist(), where.tolist(), strict=True):
            if counts[group] > 1:
                several.setdefault(group, []).append(row)
        for *earlier, last in several.values():
            told = [[column[row] for column in self.columns[1:]] for row in (*earlier, last)]
            differ = any(numbers != told[-1] for numbers in told)
            self.differing += (1 + len(earlier)) * differ
            rule = Rule.DIFFERING if differ else Rule.DUPLICATE
            bad += [self._bad(row, rule) for row in earlier]
            self.good[earlier] = False
        if self.differing > most * len(self.lines):
            raise Misread(self.differing, len(self.lines), next(row for row in bad if row.rule is Rule.DIFFERING))
        return bad

    def _unordered(self) -> list[BadRow]:
        rows = np.flatnonzero(self.good)
        opened = self.opened[rows]
        if (np.diff(opened) > 0).all():
            return []
        bad = []
        for place in sorted(set(range(len(rows))) - set(longest_rise(opened.tolist()))):
            row = int(rows[place])
            bad.append(self._bad(row, Rule.OUT_OF_ORDER))
            self.good[row] = False
        return bad

    def bars(self, symbol: str, timeframe: Timeframe) -> list[Bar]:
        """Return the bars of the good rows."""
        rows = np.flatnonzero(self.good).tolist()
        opened = map(moments.moment, self.opened[self.good].tolist())
        columns = [[column[row] for row in rows] for column in self.columns[1:]]
        bars = [Bar(symbol, timeframe, at, *cells) for at, *cells in zip(opened, *columns, strict=True)]
        if not self.extras:
            return bars
        return [bar._replace(extras=self._told(row)) for bar, row in zip(bars, rows, strict=True)]

    def _told(self, row: int) -> tuple[tuple[str, str], ...]:
        """Return what a row tells beside its bar; a cell that holds no finite number tells and spoils nothing."""
        told = ((field, column[row]) for field, column in self.extras.items())
        return tuple((field, cell) for field, cell in told if cell and math.isfinite(_number(cell)))


def _numbers(column: list[str]) -> NDArray[np.float64]:
    """Return a column's numbers, NaN for what is none."""
    try:
        return np.array(list(map(float, column)))
    except ValueError:
        return np.array([_number(cell) for cell in column])


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def _unread(cells: list[str], numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which cells are no numbers at all: ``nan`` and ``inf`` are numbers, if not finite ones.

    Python also reads ``1_000`` and digits of other scripts; a database does not.
    """
    strange = [cell.lower().lstrip("+-") != "nan" if number != number else "_" in cell or not cell.isascii()
               for cell, number in zip(cells, numbers.tolist(), strict=True)]  # fmt: skip
    return np.array(strange, dtype=bool)


def longest_rise(values: Sequence[int]) -> list[int]:
    """Return the places of a longest strictly rising run through the values; of equal values the first is kept."""
    tails: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, value in enumerate(values):
        rank = bisect_left(tails, value)
        before.append(places[rank - 1] if rank else -1)
        if rank == len(tails):
            tails.append(value)
            places.append(place)
        elif value < tails[rank]:
            tails[rank], places[rank] = value, place
    run: list[int] = []
    place = places[-1] if places else -1
    while place >= 0:
        run.append(place)
        place = before[place]
    return run[::-1]
