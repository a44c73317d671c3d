"""Rows as a CSV file that is written while it is read: for spreadsheets, which take some texts for formulas."""

from __future__ import annotations

import csv
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

#: Rows that travel together: enough to spare the server, few enough that a reader sees them come.
TOGETHER = 500
#: What a spreadsheet takes for the beginning of a formula, in both widths, also behind spaces.
FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


class Streamed(StreamingHttpResponse):
    """An answer whose rows are read one after the other, by either kind of server."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        # Django would collect the whole of a plain iterator before it sends the first byte.
        parts = iter(self)
        while part := await sync_to_async(lambda: next(parts, b""))():
            yield part


def answer(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """Answer with a CSV file of rows under a header, sent as they are read: UTF-8, lines end with CR LF, times in UTC.

    ``name`` is the file's, without its ending. A text that a spreadsheet would take for a formula begins with an
    apostrophe; a number stays a number, below zero too. None is an empty cell.
    """
    return Streamed(
        _parts(chain([header], rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, f"{name}.csv")},
    )


class _Line:
    """Where a CSV writer writes to: it hands back what it was given."""

    def write(self, text: str) -> str:
        return text


def _parts(rows: Iterator[Sequence[object]]) -> Iterator[bytes]:
    written: Any = csv.writer(_Line())
    while together := list(islice(rows, TOGETHER)):
        yield "".join(written.writerow([cell(value) for value in row]) for row in together).encode()


def cell(value: object) -> str:
    """Return a value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return format(value, "f")
    text = str(value)
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text
