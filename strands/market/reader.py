"""Reading a recording: a table's rows become bars, and what cannot is told by line and rule."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from strands.market import headings, moments
from strands.market.bar import Bar, Timeframe
from strands.market.table import Table

#: Nothing is traded at such a price or in such a quantity: the ledger counts no further.
TOO_LARGE = 1e40
SYMBOL_LENGTH = 20
#: Steps between rows that a file must have before its commonest one may contradict the timeframe that was told.
STEPS_TO_JUDGE = 10
SHOWN = 10


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
    DUPLICATE = "duplicate"
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


class Unreadable(ValueError):
    """A file cannot be read at all."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")


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
    table: Table, *, name: str, symbol: str | None, timeframe: Timeframe | None, strict: bool = False
) -> Recording:
    """Return the recording of a table; a missing timeframe is the commonest step between rows.

    A file written newest first is read from its end. Of rows out of order as few as possible are set aside, so one
    wrong moment spoils its own row only. Raises Unreadable, and Refused for bad rows when ``strict``.
    """
    if not symbol or len(symbol) > SYMBOL_LENGTH:
        raise Unreadable(name, f"symbol: {symbol!r} is not 1 to {SYMBOL_LENGTH} letters; name one with --symbol")
    rows = _Rows(table)
    timeframe = _timeframe(rows.opened, name, timeframe)
    bad = rows.judge(timeframe)
    if strict and bad:
        raise Refused(name, bad)
    bars = rows.bars(symbol, timeframe)
    if not bars:
        raise Unreadable(name, f"no row is a bar; the first of {len(bad)}: {bad[0]}")
    return Recording(name=name, symbol=symbol, timeframe=timeframe, bars=bars, bad=bad, gaps=gaps(bars))


def accept(table: Table, *, symbol: str, timeframe: Timeframe) -> tuple[list[Bar], list[BadRow]]:
    """Return the bars of a table that need not hold any, and the rows that are none."""
    rows = _Rows(table)
    bad = rows.judge(timeframe)
    return rows.bars(symbol, timeframe), bad


def _timeframe(opened: NDArray[np.int64], name: str, told: Timeframe | None) -> Timeframe:
    steps = Counter(np.abs(np.diff(opened[opened >= 0])).tolist())
    steps.pop(0, None)
    if not steps:
        if told is None:
            raise Unreadable(name, "timeframe: one row tells no step; name it with --timeframe")
        return told
    step, times = steps.most_common(1)[0]
    found = Timeframe.of_seconds(step // moments.SECOND)
    if told is None and found is None:
        raise Unreadable(
            name, f"timeframe: rows are mostly {step / moments.SECOND:g} s apart; it is one of {', '.join(Timeframe)}"
        )
    if told and found is not told and times > steps.total() / 2 and steps.total() >= STEPS_TO_JUDGE:
        raise Unreadable(
            name, f"timeframe: told {told}, but rows are mostly {step / moments.SECOND:g} s apart; correct --timeframe"
        )
    return told or found  # type: ignore[return-value]


def gaps(bars: Sequence[Bar]) -> list[Gap]:
    """Return the gaps between bars of one symbol and timeframe, which are in order."""
    found = []
    for before, after in pairwise(bars):
        missing = (after.opened_at - before.opened_at) // before.timeframe.span - 1
        if missing:
            found.append(Gap(before.closed_at, after.opened_at - before.timeframe.span, missing))
    return found


class _Rows:
    """A table's rows, oldest first, with the rule that each breaks."""

    def __init__(self, table: Table) -> None:
        parsed = [-1 if moment is None else moment for moment in moments.parse_all(table.columns[0])]
        self.opened = np.array(parsed, dtype=np.int64)
        self.columns, self.lines, self.extras = table.columns, table.lines, table.extras
        told = self.opened[self.opened >= 0]
        if len(told) > 1 and told[0] > told[-1]:
            self.opened = self.opened[::-1]
            self.columns, self.lines = [column[::-1] for column in table.columns], table.lines[::-1]
            self.extras = {field: column[::-1] for field, column in table.extras.items()}
        self.numbers = [_numbers(column) for column in self.columns[1:]]
        self.good = np.ones(len(self.lines), dtype=bool)

    def judge(self, timeframe: Timeframe) -> list[BadRow]:
        """Return the rows that break a rule, by line; ``good`` marks the others from then on."""
        bad = []
        for rule, place, broken in self._rules(timeframe):
            rows = np.flatnonzero(broken & self.good).tolist()
            field, cells = headings.FIELDS[place], self.columns[place]
            bad += [BadRow(self.lines[row], rule, field, cells[row]) for row in rows]
            self.good &= ~broken
        bad += self._unordered()
        return sorted(bad)

    def _rules(self, timeframe: Timeframe) -> list[tuple[Rule, int, NDArray[np.bool_]]]:
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
            (Rule.OFF_GRID, 0, self.opened % (timeframe.seconds * moments.SECOND) != 0),
        ]

    def _unordered(self) -> list[BadRow]:
        rows = np.flatnonzero(self.good)
        opened = self.opened[rows]
        if (np.diff(opened) > 0).all():
            return []
        kept = longest_rise(opened.tolist())
        times = {int(opened[place]) for place in kept}
        bad = []
        for place in sorted(set(range(len(rows))) - set(kept)):
            row = int(rows[place])
            rule = Rule.DUPLICATE if int(opened[place]) in times else Rule.OUT_OF_ORDER
            bad.append(BadRow(self.lines[row], rule, headings.FIELDS[0], self.columns[0][row]))
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
