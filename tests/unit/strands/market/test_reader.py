"""Files as people have them become bars; what is no bar is told by line and rule."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands.market import reader
from strands.market.bar import Timeframe
from strands.market.feeds import recorded
from strands.market.reading import filename, headings, moments
from tests.unit.strands.market import walks

GOOD = [
    ("2022-01-01T00:00:00Z", "10", "12", "9", "11", "5"),
    ("2022-01-01T00:01:00Z", "11", "13", "10", "12.50", "6.125"),
]
HEADING = "timestamp,open,high,low,close,volume"


def read(folder: Path, text: str | bytes, *, name: str = "BTC_1m.csv", **options: object) -> reader.Recording:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return recorded.read(path, **options)  # type: ignore[arg-type]


def csv(rows: list[tuple[str, ...]], *, heading: str = HEADING, mark: str = ",") -> str:
    lines = [heading.replace(",", mark), *(mark.join(row) for row in rows)]
    return "\n".join(lines) + "\n"


def told(recording: reader.Recording) -> list[tuple[int, str, str, str]]:
    return [(row.line, row.rule.value, row.field, row.value) for row in recording.bad]


def test_prices_keep_the_text_they_were_written_in(tmp_path: Path) -> None:
    bars = read(tmp_path, csv(GOOD)).bars
    assert bars[1][3:8] == ("11", "13", "10", "12.50", "6.125")
    assert (bars[0].symbol, bars[0].timeframe, bars[0].opened_at) == (
        "BTC",
        Timeframe.M1,
        datetime(2022, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "heading",
    [
        "Date,Open,High,Low,Close,Volume",
        "Open Time,Open,High,Low,Close,Volume BTC",
        "OpenTime,o,h,l,c,v",
        "ts,OPEN,HIGH,LOW,CLOSE,Vol",
        '"time","open","high","low","close","Volume BTC"',
        "datetime,open_price,high_price,low_price,close_price,base_volume",
    ],
)
def test_columns_go_by_the_names_that_people_give_them(tmp_path: Path, heading: str) -> None:
    assert len(read(tmp_path, csv(GOOD, heading=heading)).bars) == 2


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_columns_are_parted_by_comma_semicolon_or_tab(tmp_path: Path, mark: str) -> None:
    assert len(read(tmp_path, csv(GOOD, mark=mark)).bars) == 2


def test_decimal_commas_of_files_with_semicolons_are_read(tmp_path: Path) -> None:
    rows = [(time, "10,5", "12,25", "9", "11", "5") for time, *_ in GOOD]
    assert read(tmp_path, csv(rows, mark=";")).bars[0].open == "10.5"


def test_byte_order_marks_quotes_and_strange_columns_do_no_harm(tmp_path: Path) -> None:
    heading = '\ufeff"Symbol","Volume USD","unix","open","high","low","close","volume"\n'
    text = heading + '"BTC","9","1640995200","1","2","0.5","1","3"\n'
    bars = read(tmp_path, text, timeframe=Timeframe.M1).bars
    assert bars[0].volume == "3"


def test_a_line_above_the_heading_is_passed_over(tmp_path: Path) -> None:
    assert len(read(tmp_path, "https://www.example.com\n" + csv(GOOD)).bars) == 2


def test_klines_without_a_heading_are_read_by_place(tmp_path: Path) -> None:
    lines = [
        f"{1_640_995_200_000 + 60_000 * row},1,2,0.5,1.5,3,{1_640_995_259_999 + 60_000 * row},4,5,6,7,0"
        for row in range(3)
    ]
    bars = read(tmp_path, "\n".join(lines)).bars
    assert [bar.opened_at.minute for bar in bars] == [0, 1, 2]


def test_a_file_written_newest_first_is_read_from_its_end(tmp_path: Path) -> None:
    recording = read(tmp_path, csv(GOOD[::-1]))
    assert [bar.close for bar in recording.bars] == ["11", "12.50"]
    assert recording.bad == []


MOMENT = datetime(2022, 1, 1, 12, 34, 56, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2022-01-01T12:34:56Z", "2022-01-01 12:34:56", "2022-01-01T14:34:56+02:00", "2022/01/01 12:34:56",
        "2022-01-01 12:34:56 UTC", "1641040496", "1641040496.0", "1641040496000", "1641040496000000",
        "1641040496000000000", "1.641040496e9",
    ],
)  # fmt: skip
def test_a_moment_is_read_however_it_is_written(text: str) -> None:
    parsed = moments.parse(text)
    assert parsed is not None
    assert moments.moment(parsed) == MOMENT


@given(st.integers(631_152_000, 3_786_912_000))
def test_epochs_are_told_apart_by_their_size(seconds: int) -> None:
    for unit in (1, 1000, 1_000_000, 1_000_000_000):
        assert moments.parse(str(seconds * unit)) == seconds * 1_000_000


@pytest.mark.parametrize("text", ["", "soon", "2022-13-01", "nan", "-5", "1e400"])
def test_what_is_no_moment_is_none(text: str) -> None:
    assert moments.parse(text) is None


def test_a_day_written_as_one_number_is_a_day() -> None:
    assert moments.parse("20220131") == moments.parse("2022-01-31")


BAD = {
    ("2022-01-01T00:02:00Z", "", "13", "10", "12", "6"): ("missing", "open", ""),
    ("noon", "11", "13", "10", "12", "6"): ("not_a_time", "time", "noon"),
    ("2022-01-01T00:02:00Z", "11", "much", "10", "12", "6"): ("not_a_number", "high", "much"),
    ("2022-01-01T00:02:00Z", "11", "1_3", "10", "12", "6"): ("not_a_number", "high", "1_3"),
    ("2022-01-01T00:02:00Z", "11", "13", "nan", "12", "6"): ("not_finite", "low", "nan"),
    ("2022-01-01T00:02:00Z", "11", "inf", "10", "12", "6"): ("not_finite", "high", "inf"),
    ("2022-01-01T00:02:00Z", "11", "13", "0", "12", "6"): ("price_not_positive", "low", "0"),
    ("2022-01-01T00:02:00Z", "-11", "13", "10", "12", "6"): ("price_not_positive", "open", "-11"),
    ("2022-01-01T00:02:00Z", "11", "13", "10", "12", "-6"): ("negative_volume", "volume", "-6"),
    ("2022-01-01T00:02:00Z", "11", "13", "10", "12", f"1{40 * '0'}"): ("too_large", "volume", f"1{40 * '0'}"),
    ("2022-01-01T00:02:00Z", "11", "10", "13", "12", "6"): ("high_below_low", "high", "10"),
    ("2022-01-01T00:02:00Z", "14", "13", "10", "12", "6"): ("open_outside_high_and_low", "open", "14"),
    ("2022-01-01T00:02:00Z", "11", "13", "10", "9", "6"): ("close_outside_high_and_low", "close", "9"),
    ("2022-01-01T00:02:30Z", "11", "13", "10", "12", "6"): ("off_the_timeframe_grid", "time", "2022-01-01T00:02:30Z"),
    ("9022-01-01T00:02:00Z", "11", "13", "10", "12", "6"): ("not_closed_yet", "time", "9022-01-01T00:02:00Z"),
}


@pytest.mark.parametrize(("row", "expected"), BAD.items(), ids=[rule for rule, *_ in BAD.values()])
def test_a_bad_row_is_told_by_line_rule_and_value_and_skipped(
    tmp_path: Path, row: tuple[str, ...], expected: tuple[str, str, str]
) -> None:
    recording = read(tmp_path, csv([*GOOD, row, ("2022-01-01T00:03:00Z", "11", "13", "10", "12", "6")]))
    assert told(recording) == [(4, *expected)]
    assert [bar.opened_at.minute for bar in recording.bars] == [0, 1, 3]


def test_a_row_that_is_too_short_misses_its_last_columns(tmp_path: Path) -> None:
    assert told(read(tmp_path, csv([*GOOD, ("2022-01-01T00:02:00Z", "1", "1")]))) == [(4, "missing", "low", "")]


def test_one_moment_in_the_far_future_spoils_its_own_row_only(tmp_path: Path) -> None:
    rows = [(f"2022-01-01T00:0{minute}:00Z", "10", "12", "9", "11", "5") for minute in range(6)]
    rows[2] = ("2024-01-01T00:02:00Z", *rows[2][1:])
    assert told(read(tmp_path, csv(rows))) == [(4, "out_of_order", "time", "2024-01-01T00:02:00Z")]


@given(st.lists(st.integers(0, 30), max_size=12))
def test_as_few_rows_as_possible_are_out_of_order(values: list[int]) -> None:
    kept = [values[place] for place in reader.longest_rise(values)]
    assert kept == sorted(set(kept))
    best = [1] * len(values)
    for place, value in enumerate(values):
        best[place] = 1 + max((best[other] for other in range(place) if values[other] < value), default=0)
    assert len(kept) == max(best, default=0)


def test_a_strict_reading_refuses_the_whole_file_and_shows_the_first_lines(tmp_path: Path) -> None:
    with pytest.raises(reader.Refused, match=r"1 bad rows:\n  line 3: high_below_low: high '1'"):
        read(tmp_path, csv([GOOD[0], ("2022-01-01T00:01:00Z", "2", "1", "2", "2", "0")]), strict=True)


def test_a_gap_is_told_from_its_first_bar_to_its_last(tmp_path: Path) -> None:
    row = ("2022-01-01T00:05:00Z", "11", "13", "10", "12", "6")
    (gap,) = read(tmp_path, csv([*GOOD, row])).gaps
    assert (gap.start.minute, gap.end.minute, gap.bars) == (2, 4, 3)


def test_the_commonest_step_tells_the_timeframe(tmp_path: Path) -> None:
    rows = [(f"2022-01-01T{hour:02}:00:00Z", "10", "12", "9", "11", "5") for hour in (0, 1, 2, 5, 6)]
    assert read(tmp_path, csv(rows), name="BTC.csv").timeframe is Timeframe.H1


def test_a_timeframe_that_the_rows_contradict_is_refused(tmp_path: Path) -> None:
    rows = [(f"2022-01-01T{hour:02}:00:00Z", "10", "12", "9", "11", "5") for hour in range(20)]
    with pytest.raises(reader.Unreadable, match="told 1m, but rows are mostly 3600 s apart"):
        read(tmp_path, csv(rows), name="BTC_1m.csv")


@pytest.mark.parametrize(
    ("name", "symbol", "timeframe"),
    [
        ("BTC-PERP_1m_2022-01.csv.gz", "BTC-PERP", Timeframe.M1),
        ("BTCUSDT-5m-2024-01.csv", "BTCUSDT", Timeframe.M5),
        ("ETH_USDT-1h.feather", "ETH_USDT", Timeframe.H1),
        ("1000SHIBUSDT_15m.parquet", "1000SHIBUSDT", Timeframe.M15),
        ("BTCUSDT-2024-01.csv", "BTCUSDT", None),
        ("prices.csv", None, None),
        ("kraken_1d.csv", None, Timeframe.D1),
        ("okx-sol-eur-4h.csv", "SOL-EUR", Timeframe.H4),
        ("btcusdt_1h.csv", "BTCUSDT", Timeframe.H1),
        ("GBPJPY_Candlestick_1_M_ASK_05.02.2024-09.02.2024.csv", "GBPJPY", Timeframe.M1),
        ("XAUUSD1440.csv", "XAUUSD", Timeframe.D1),
        ("AAPL-history-MSFT.csv", None, None),
        ("LTCUSDT_1m_odd_rows.csv", "LTCUSDT", Timeframe.M1),
        ("NASDAQ_ACME, 1D.csv", "ACME", Timeframe.D1),
    ],
)
def test_a_file_name_tells_symbol_and_timeframe(name: str, symbol: str | None, timeframe: Timeframe | None) -> None:
    assert filename.read(name)[:2] == (symbol, timeframe)


def test_missing_columns_are_told_with_the_names_looked_for_and_found(tmp_path: Path) -> None:
    with pytest.raises(
        reader.Unreadable, match=r"none found for low, volume; looked for low: low, l.*the file has 'date', 'open'"
    ):
        read(tmp_path, "date,open,high,close\n2022-01-01,1,1,1\n")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("BTC_1m.csv", b"", "the file is empty"),
        ("BTC_1m.csv", b"timestamp,open,high,low,close,volume\n", "a heading and no rows"),
        ("BTC_1m.csv", "timestamp,öpen".encode("latin-1"), "not UTF-8 at byte 10"),
        ("BTC_1m.xlsx", b"PK", "its ending is not one of .csv"),
        ("BTC_1m.parquet", b"timestamp,open", "not what its ending says"),
        ("BTC_1m.feather", b"timestamp,open", "not what its ending says"),
        ("BTC_1m.csv.gz", gzip.compress(csv(GOOD).encode() * 50, mtime=0)[:60], "broken or cut short"),
        ("BTC_1m.csv.gz", b"timestamp", "broken or cut short"),
        ("prices.csv", csv(GOOD).encode(), "name one with --symbol"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(reader.Unreadable, match=message):
        read(tmp_path, content, name=name)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(reader.Unreadable, match="there is no such file"):
        recorded.read(tmp_path / "BTC_1m.csv")


TIMES = [datetime(2022, 1, 1, tzinfo=UTC) + timedelta(minutes=row) for row in range(3)]
ARROW_TIMES = {
    "UTC": pa.array(TIMES, pa.timestamp("ms", "UTC")),
    "a zone": pa.array(TIMES, pa.timestamp("ns", "Europe/Berlin")),
    "no zone": pa.array([at.replace(tzinfo=None) for at in TIMES], pa.timestamp("us")),
    "text": pa.array([at.astimezone(timezone(timedelta(hours=2))).isoformat() for at in TIMES]),
    "epoch": pa.array([int(at.timestamp() * 1000) for at in TIMES], pa.int64()),
    "float epoch": pa.array([at.timestamp() for at in TIMES], pa.float64()),
}


@pytest.mark.parametrize("ending", ["parquet", "feather"])
@pytest.mark.parametrize("times", ARROW_TIMES.values(), ids=ARROW_TIMES)
def test_parquet_and_feather_are_read_with_any_kind_of_time(tmp_path: Path, ending: str, times: pa.Array) -> None:
    table = pa.table(
        {"date": times, **{name: [1.5, 0.1, 2.0] for name in ("open", "high", "low", "close")}, "volume": [1, 2, 3]}
    )
    path = tmp_path / f"BTC-1m.{ending}"
    (pyarrow.parquet.write_table if ending == "parquet" else pyarrow.feather.write_feather)(table, str(path))
    bars = recorded.read(path).bars
    assert [bar.opened_at for bar in bars] == TIMES
    assert [(bar.close, bar.volume) for bar in bars] == [("1.5", "1"), ("0.1", "2"), ("2.0", "3")]


def test_decimals_of_parquet_stay_what_they_are(tmp_path: Path) -> None:
    prices = pa.array([Decimal("0.00000012")] * 3, pa.decimal128(20, 8))
    table = pa.table({"date": ARROW_TIMES["UTC"], **dict.fromkeys(("open", "high", "low", "close", "volume"), prices)})
    pyarrow.parquet.write_table(table, str(tmp_path / "PEPE-1m.parquet"))
    assert recorded.read(tmp_path / "PEPE-1m.parquet").bars[0].close == "0.00000012"


@given(seed=st.integers(0, 100))
def test_reading_undoes_writing(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    bars = walks.walk(rows=30, seed=seed)
    text = csv([(bar.opened_at.isoformat(), *bar[3:8]) for bar in bars])
    assert read(tmp_path_factory.mktemp("bars"), text).bars == bars


def test_the_headings_that_are_looked_for_name_each_column_once() -> None:
    spellings = [
        *(*headings.OPENING, *headings.TIME, *headings.CLOSING, *headings.VOLUME, *headings.TICKS),
        *headings.QUOTE_VOLUME,
        *(name for names in headings.PRICES.values() for name in names),
    ]
    assert len(spellings) == len(set(spellings))
