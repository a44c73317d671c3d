"""A Table: the cells of a file as text, with the line each row was on."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa

from strands.market import headings, moments

DELIMITERS = (",", ";", "\t", "|")
#: Lines above the heading that may hold something else, such as where the file came from.
PREAMBLE_LINES = 5


class Table(NamedTuple):
    """The six columns of a bar as text, in the order of ``headings.FIELDS``; a missing cell is empty.

    ``extras`` are the columns of ``headings.EXTRAS`` that there are.
    """

    columns: list[list[str]]
    lines: list[int]
    extras: Mapping[str, list[str]] = {}


def of_csv(text: str) -> Table:
    """Return the table of a CSV text; raises ``headings.UnknownColumns`` and, for a text without rows, ValueError."""
    rows, lines = _rows(text)
    if not rows:
        raise ValueError("the file is empty")
    places, start = _heading(rows)
    body = rows[start:]
    if not body:
        raise ValueError("the file has a heading and no rows")
    columns = [_cells(body, places[field]) for field in headings.FIELDS]
    told = headings.extras(rows[start - 1]) if start else {}
    return Table(columns, lines[start:], {field: _cells(body, place) for field, place in told.items()})


def _rows(text: str) -> tuple[list[list[str]], list[int]]:
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    rows, lines = [], []
    for row in reader:
        if row:
            rows.append(row)
            lines.append(reader.line_num)
    if delimiter == ";":
        rows = [[_point(cell) for cell in row] for row in rows]
    return rows, lines


def _delimiter(text: str) -> str:
    """Return the delimiter that the first lines have most of."""
    head = "\n".join(text.split("\n", PREAMBLE_LINES)[:PREAMBLE_LINES])
    return max(DELIMITERS, key=lambda each: head.count(each))


def _point(cell: str) -> str:
    """Return a number written with a decimal comma, as files with semicolons have it, with a point."""
    whole, comma, rest = cell.partition(",")
    return f"{whole}.{rest}" if comma and rest.isdigit() and whole.lstrip("-").isdigit() else cell


def _heading(rows: Sequence[Sequence[str]]) -> tuple[dict[str, int], int]:
    """Return the place of each field, and the row at which the bars start."""
    for start, row in enumerate(rows[:PREAMBLE_LINES]):
        try:
            return headings.match(row), start + 1
        except headings.UnknownColumns:
            continue
    if _is_kline(rows[0]):
        return headings.KLINES, 0
    return headings.match(rows[0]), 1


def _is_kline(row: Sequence[str]) -> bool:
    if len(row) < len(headings.FIELDS) or moments.parse(row[0].strip()) is None:
        return False
    try:
        return all(Decimal(cell.strip()).is_finite() for cell in row[1 : len(headings.FIELDS)])
    except ArithmeticError:
        return False


def _cells(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    return [row[place].strip() if place < len(row) else "" for row in rows]


def of_arrow(table: pa.Table) -> Table:
    """Return the table of an Arrow table, its numbers as the shortest text that reads back the same."""
    if table.num_rows == 0:
        raise ValueError("the file is empty")
    places = headings.match(table.column_names)
    columns = [_texts(table.column(places[field])) for field in headings.FIELDS]
    told = headings.extras(table.column_names)
    extras = {field: _texts(table.column(place)) for field, place in told.items()}
    return Table(columns, list(range(1, table.num_rows + 1)), extras)


def _texts(column: pa.ChunkedArray) -> list[str]:
    if pa.types.is_date(column.type) or (pa.types.is_timestamp(column.type) and column.type.unit != "us"):
        column = column.cast(pa.timestamp("us", getattr(column.type, "tz", None)), safe=False)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return [_text(value) for value in column.to_pylist()]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) else str(value).strip()
