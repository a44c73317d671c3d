"""A CSV file is sent while it is read, is UTF-8, and holds nothing that a spreadsheet would run."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from tradingops.console.showing import csv as answers


def read(*rows: tuple[object, ...]) -> list[list[str]]:
    body = answers.answer("file", ["name"], rows).getvalue().decode("utf-8")
    return list(csv.reader(io.StringIO(body, newline="")))[1:]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+SUM(A1)", "-cmd|' /C calc'!A0", "@SUM(A1)", "\tx", "\r=x", "\n=x", " =1+1", "＝1", "-1+2", "-", "--1"],
)
def test_a_text_that_a_spreadsheet_would_run_begins_with_an_apostrophe(text: str) -> None:
    assert read((text,)) == [[f"'{text}"]]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (-1.5, "-1.5"),
        (Decimal("-0.00000001"), "-0.00000001"),
        (Decimal("1E+3"), "1000"),
        ("-12.50", "-12.50"),
        ("-1e-7", "-1e-7"),
        (-3, "-3"),
        (None, ""),
        (True, "yes"),
        ("größer — “ok”, 株", "größer — “ok”, 株"),
        ('two\nlines, "said"', 'two\nlines, "said"'),
    ],
)
def test_every_other_value_comes_back_as_it_is(value: object, told: str) -> None:
    assert read((value,)) == [[told]]


def test_a_moment_is_told_in_utc_whatever_zone_it_came_in() -> None:
    kathmandu = timezone(timedelta(hours=5, minutes=45))
    told = [[datetime(2031, 5, 4, 3, 2, 1, tzinfo=UTC)], [datetime(2031, 5, 4, 8, 47, 1, 250, tzinfo=kathmandu)]]
    assert read(*map(tuple, told)) == [["2031-05-04T03:02:01Z"], ["2031-05-04T03:02:01.000250Z"]]


def test_a_header_is_guarded_like_any_cell_and_the_file_has_its_name() -> None:
    answer = answers.answer("größe", ["=when", "size"], [])
    assert answer.getvalue() == b"'=when,size\r\n"
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''gr%C3%B6%C3%9Fe.csv"


def counted(read: list[int]) -> Iterator[tuple[int]]:
    for number in range(10 * answers.TOGETHER):
        read.append(number)
        yield (number,)


def test_the_first_rows_are_sent_before_the_last_are_read() -> None:
    taken: list[int] = []
    next(iter(answers.answer("file", ["number"], counted(taken))))
    assert 0 < len(taken) <= answers.TOGETHER


def test_a_server_of_many_at_once_gets_the_same_bytes_one_part_after_the_other() -> None:
    taken: list[int] = []

    async def first() -> tuple[bytes, int, bytes]:
        parts: Any = aiter(answers.answer("file", ["number"], counted(taken)))
        begun = await anext(parts)
        so_far = len(taken)
        return begun, so_far, b"".join([begun, *[part async for part in parts]])

    _, so_far, whole = asyncio.run(first())
    assert 0 < so_far <= answers.TOGETHER
    assert whole == answers.answer("file", ["number"], counted([])).getvalue()
