"""A Table: the cells of a file as text, with the line each row was on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa


class Table(NamedTuple):
    """The six columns of a bar as text, in the order of ``headings.FIELDS``; a missing cell is empty.

    Numbers are plain decimal text. ``extras`` are the columns of ``headings.EXTRAS`` that there are. ``opened`` are the
    times read, in microseconds, None for what is no time; without it they are read as programs write them.
    """

    columns: list[list[str]]
    lines: Sequence[int]
    extras: Mapping[str, list[str]] = {}
    opened: Sequence[int | None] | None = None


class Typed:
    """The rows of an Arrow table as a sheet has them: its headings first, then its cells as text.

    Its numbers are the shortest text that reads back the same.
    """

    delimiter = ""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._table = pa.Table.from_batches(list(batches))
        names = [str(name) for name in self._table.column_names]
        head = self._table.slice(0, 1000)
        cells = [_texts(column) for column in head.columns]
        self.rows: list[list[str]] = [names, *map(list, zip(*cells, strict=True))] if head.num_rows else []

    def columns(self, places: Sequence[int], *, start: int) -> tuple[dict[int, list[str]], Sequence[int]]:
        """Return these columns as text and the number of each row, from 1; the headings are no row."""
        cells = {place: _texts(self._table.column(place))[start - 1 :] for place in places}
        return cells, range(start, self._table.num_rows + 1)


def _texts(column: pa.ChunkedArray) -> list[str]:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_date(column.type) or (pa.types.is_timestamp(column.type) and column.type.unit != "us"):
        column = column.cast(pa.timestamp("us", getattr(column.type, "tz", None)), safe=False)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return [_text(value) for value in column.to_pylist()]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) else str(value).strip()
