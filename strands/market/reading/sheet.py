"""A Sheet: delimited text as rows of cells, read line by line, with no more of it held than is asked for."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

#: In the order in which they are believed: a comma may also part decimals, and a space the words of a cell.
DELIMITERS = ("\t", ";", "|", ",", " ")
#: Rows by which a sheet is understood before the rest of it is read.
HEAD = 1000
#: Rows by which the delimiter is told.
GLANCE = 60
#: Cells that are kept to be told from their like, so that what comes again and again is held once.
KNOWN = 100_000
#: Columns that a bar needs at least.
LEAST_COLUMNS = 5


class Sheet:
    """Rows of cells; ``lines`` opens the text anew each time it is called."""

    def __init__(self, lines: Callable[[], Iterable[str]]) -> None:
        self._lines = lines
        glance = list(islice(lines(), GLANCE))
        self.delimiter = _delimiter(glance)
        self.rows: list[list[str]] = []
        self.numbers: list[int] = []
        for number, row in islice(self._all(), HEAD):
            self.rows.append(row)
            self.numbers.append(number)

    def _all(self) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(self._lines(), delimiter=self.delimiter, skipinitialspace=True)
        try:
            for row in reader:
                if any(row):
                    yield reader.line_num, row
        except csv.Error as fault:
            raise ValueError(f"line {reader.line_num}: {fault}") from fault

    def columns(self, places: Sequence[int], *, start: int) -> tuple[dict[int, list[str]], Sequence[int]]:
        """Return these columns from a row on, a missing cell empty, and the line of each row."""
        cells: dict[int, list[str]] = {place: [] for place in places}
        numbers = array("q")
        known: dict[str, str] = {}
        for number, row in islice(self._all(), start, None):
            numbers.append(number)
            width = len(row)
            if len(known) > KNOWN:
                known.clear()
            for place, column in cells.items():
                cell = row[place].strip() if place < width else ""
                column.append(known.setdefault(cell, cell))
        return cells, numbers


def _delimiter(lines: Sequence[str]) -> str:
    """Return the first delimiter that parts most lines into as many columns as a bar needs, or the best there is."""
    widths = {}
    for mark in DELIMITERS:
        widths[mark] = [len(row) for row in csv.reader(lines, delimiter=mark, skipinitialspace=True)]
    for mark, found in widths.items():
        if sum(width >= LEAST_COLUMNS for width in found) * 2 > len(found):
            return mark
    return max(DELIMITERS[:-1], key=lambda mark: max(widths[mark], default=0))
