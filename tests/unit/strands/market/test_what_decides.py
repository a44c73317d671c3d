"""What is decided by the whole of a file: orders of days, marks, grids, weeks, and what it cannot be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from strands.market import reader
from strands.market.feeds import recorded
from strands.market.reading import numerals, told

HEADING = "time,open,high,low,close,volume"


def read(folder: Path, *rows: str, name: str = "X_1m.csv", heading: str = HEADING, **options: object):
    path = folder / name
    path.write_text("\n".join([heading, *rows]) + "\n")
    return recorded.read(path, told=told.parse(**options))  # type: ignore[arg-type]


def test_one_cell_that_is_written_otherwise_is_read_where_it_is_certain(tmp_path: Path):
    recording = read(tmp_path, "2024-01-02 09:00,1,1,1,1,1", '"Jan 2, 2024 09:01 UTC",1,1,1,1,1')
    assert [bar.opened_at.minute for bar in recording.bars] == [0, 1]


def test_days_that_read_only_in_different_orders_are_refused(tmp_path: Path):
    with pytest.raises(reader.Unreadable, match="read only with the day first and some only with the month first"):
        read(tmp_path, *(f"{day},1,1,1,1,1" for day in ("13/01/2024", "01/14/2024", "15/01/2024", "01/16/2024")))


def test_a_zone_west_of_greenwich_is_behind(tmp_path: Path):
    rows = (f"25 March 2024 14:0{minute}:00 GMT-0300,1,1,1,1,1" for minute in (5, 6))
    assert read(tmp_path, *rows).bars[0].opened_at == datetime(2024, 3, 25, 17, 5, tzinfo=UTC)


def test_a_cell_that_is_no_number_proves_no_mark():
    assert numerals.decide([["1.234,567,890", "1.5"]], told=None, certain=False).decimal == "."


def test_a_multiple_keeps_every_digit():
    point = numerals.Numerals(".", "")
    assert numerals.plain(["1.23456789012345678901234567890123456K"], point) == [
        "1234.56789012345678901234567890123456"
    ]


def test_money_that_is_itself_traded_is_what_the_symbol_begins_with(tmp_path: Path):
    rows = (f"2024-01-02 09:0{minute},33,33,33,33,4{minute},{33 * (40 + minute)}" for minute in (0, 1))
    heading = "time,open,high,low,close,Volume USDT,Volume TRY"
    recording = read(tmp_path, *rows, name="USDTTRY_1m.csv", heading=heading)
    assert [bar.volume for bar in recording.bars] == ["40", "41"]


def test_bars_that_begin_between_the_minutes_are_on_no_sessions_grid(tmp_path: Path):
    with pytest.raises(reader.Unreadable, match="off_the_timeframe_grid"):
        read(tmp_path, *(f"2024-01-02 09:{5 * nth:02}:30,1,1,1,1,1" for nth in range(4)), name="X_5m.csv")


def test_a_grid_on_a_zones_clock_holds_in_summer_and_winter(tmp_path: Path):
    zone = ZoneInfo("America/New_York")
    opened = [datetime(2024, 3, day, hour, 30, tzinfo=zone) for day in (7, 8, 11, 12) for hour in (9, 13)]
    rows = (f"{at.isoformat()},1,1,1,1,1" for at in opened)
    recording = read(tmp_path, *rows, name="X_4h.csv", grid="09:30", timezone="America/New_York")
    assert [bar.opened_at for bar in recording.bars] == opened
    assert "01:30 after multiples of 4h on the clock of America/New_York" in " ".join(recording.summary())


def test_a_gap_over_the_turn_of_the_counted_week_is_counted_whole(tmp_path: Path):
    days = [datetime(2024, 5, 6, tzinfo=UTC) + timedelta(days=nth) for nth in range(28)]
    traded = [day for day in days if day.weekday() < 5 and day.day not in (15, 16)]
    recording = read(tmp_path, *(f"{day.isoformat()},1,1,1,1,1" for day in traded), name="X_1d.csv")
    assert [(gap.start.day, gap.bars) for gap in recording.gaps] == [(15, 2)]


def test_headings_that_only_programs_write_stand_over_decimal_points(tmp_path: Path):
    heading = "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>"
    rows = (f"2024.01.02\t09:0{minute}:00\t148.123\t148.130\t148.120\t148.125\t10" for minute in (0, 1))
    assert read(tmp_path, *rows, name="USDJPY_M1.csv", heading=heading).bars[0].open == "148.123"


def test_a_file_of_the_same_rows_again_and_again_is_refused(tmp_path: Path):
    rows = [f"2024-01-02 09:0{minute},1,1,1,1,1" for minute in range(3)]
    assert len(read(tmp_path, *rows, *rows).bars) == 3
    with pytest.raises(reader.Unreadable, match="6 of 9 rows are no bars of their own, as on line"):
        read(tmp_path, *rows, *rows, *rows)


def test_a_byte_that_is_no_letter_is_told_by_its_place_in_the_whole_file(tmp_path: Path):
    row = b"2024-01-02 09:00,1,1,1,1,1\n"
    good = row * 20_000
    (tmp_path / "X_1m.csv").write_bytes(HEADING.encode() + b"\n" + good + b"\xff\n")
    with pytest.raises(reader.Unreadable, match=f"not UTF-8 at byte {len(HEADING) + 1 + len(good)};"):
        recorded.read(tmp_path / "X_1m.csv")
