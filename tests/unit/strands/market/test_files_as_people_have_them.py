"""Files as people have them are read right, or refused with both readings and the option that decides."""

from __future__ import annotations

import gzip
import resource
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands.market import reader, rollup
from strands.market.bar import Timeframe
from strands.market.feeds import recorded
from strands.market.reading import told

ISO = "timestamp,open,high,low,close,volume"


def read(folder: Path, text: str | bytes, *, name: str, symbol: str | None = None, **options: object):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return recorded.read(path, symbol=symbol, told=told.parse(**options))  # type: ignore[arg-type]


def sheet(heading: str, *rows: str) -> str:
    return "\n".join([heading, *rows]) + "\n"


def opened(recording: reader.Recording) -> list[str]:
    return [f"{bar.opened_at:%Y-%m-%d %H:%M}" for bar in recording.bars]


# --- time


def test_a_time_in_two_columns_is_both_of_them(tmp_path: Path):
    text = sheet(
        "Date,Time,Open,High,Low,Close,Volume",
        "2011-05-03,10:15:00,100,102,99,101,7",
        "2011-05-03,10:20:00,101,103,100,102,8",
        "2011-05-04,10:15:00,102,104,101,103,9",
        "2011-05-04,10:20:00,103,105,102,104,6",
    )
    recording = read(tmp_path, text, name="FGBL.csv")
    assert (recording.symbol, recording.timeframe) == ("FGBL", Timeframe.M5)
    assert opened(recording) == ["2011-05-03 10:15", "2011-05-03 10:20", "2011-05-04 10:15", "2011-05-04 10:20"]


def test_a_file_most_of_whose_rows_share_their_bar_was_misread_and_is_refused_whole(tmp_path: Path):
    rows = [f"2011-05-0{3 + nth // 4},{nth},100,102,99,101,{nth}" for nth in range(8)]
    with pytest.raises(reader.Unreadable, match=r"rows are no bars of their own.*it was misread; say how its times"):
        read(tmp_path, sheet("Date,Slot,Open,High,Low,Close,Volume", *rows), name="FGBL_1d.csv")


def test_hours_of_half_a_day_are_read(tmp_path: Path):
    text = sheet(
        "Date,Symbol,Open,High,Low,Close,Volume ETH,Volume USD",
        "2018-03-09 02-PM,ETHUSD,700,710,690,705,50.5,35602.5",
        "2018-03-09 01-PM,ETHUSD,700,710,690,700,40.25,28175",
        "2018-03-09 12-PM,ETHUSD,700,710,690,700,30.75,21525",
        "2018-03-09 12-AM,ETHUSD,700,710,690,700,20.5,14350",
    )
    recording = read(tmp_path, text, name="Kraken_ETHUSD_1h.csv")
    assert recording.symbol == "ETHUSD"
    assert opened(recording) == ["2018-03-09 00:00", "2018-03-09 12:00", "2018-03-09 13:00", "2018-03-09 14:00"]
    assert [bar.volume for bar in recording.bars] == ["20.5", "30.75", "40.25", "50.5"]


def test_a_column_that_reads_as_no_time_gives_way_to_one_that_does(tmp_path: Path):
    text = sheet(
        "date,open,high,low,close,volume,unix",
        "3rd bar of spring,1,2,0.5,1.5,10,1709640000",
        "4th bar of spring,1,2,0.5,1.5,11,1709643600",
    )
    recording = read(tmp_path, text, name="BTC_1h.csv")
    assert opened(recording) == ["2024-03-05 12:00", "2024-03-05 13:00"]
    assert recording.notes == ("column 'date' reads as no time",)


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("25/03/2024 14:05", "2024-03-25 14:05"),
        ("03/25/2024 2:05 PM", "2024-03-25 14:05"),
        ("25.03.2024 14:05:00.000", "2024-03-25 14:05"),
        ("25-Mar-2024 14:05", "2024-03-25 14:05"),
        ("Mar 25, 2024 02:05 pm", "2024-03-25 14:05"),
        ("Monday, March 25 2024 14:05", "2024-03-25 14:05"),
        ("25 March 2024 14:05:00 GMT+0200", "2024-03-25 12:05"),
        ("Mon Mar 25 2024 14:05:00 GMT+0000 (Coordinated Universal Time)", "2024-03-25 14:05"),
        ("2024.03.25 14:05", "2024-03-25 14:05"),
        ("20240325 140500", "2024-03-25 14:05"),
        ("202403251405", "2024-03-25 14:05"),
        ("20240325140500", "2024-03-25 14:05"),
        ("2024-03-25 14:05:00 UTC", "2024-03-25 14:05"),
        ("2024-03-25T14:05:00.000000000Z", "2024-03-25 14:05"),
        ("1711375500", "2024-03-25 14:05"),
        ("1711375500000", "2024-03-25 14:05"),
        ("1711375500000000", "2024-03-25 14:05"),
        ("1711375500000000000", "2024-03-25 14:05"),
        ("1.7113755e9", "2024-03-25 14:05"),
    ],
)
def test_a_moment_is_read_in_the_forms_that_people_write(tmp_path: Path, written: str, at: str):
    text = sheet("time;open;high;low;close;volume", f"{written};1.5;2;0.5;1.5;3")
    path = tmp_path / "BTC_1m.csv"
    path.write_text(text)
    assert opened(recorded.read(path, timeframe=Timeframe.M1)) == [at]


def test_days_before_months_are_decided_by_the_whole_column(tmp_path: Path):
    rows = [f"{day:02}/02/2024,1,2,0.5,1.5,3" for day in range(9, 16)]
    assert opened(read(tmp_path, sheet("Date,Open,High,Low,Close,Volume", *rows), name="ACME_1d.csv"))[0][:10] == (
        "2024-02-09"
    )
    rows = [f"02/{day:02}/2024,1,2,0.5,1.5,3" for day in range(9, 16)]
    assert opened(read(tmp_path, sheet("Date,Open,High,Low,Close,Volume", *rows), name="ACME_1d.csv"))[0][:10] == (
        "2024-02-09"
    )


SLASHED = sheet("Date,Open,High,Low,Close,Volume", *(f"0{day}/05/2024,1,2,0.5,1.5,3" for day in (1, 2, 3)))


def test_days_that_no_row_decides_are_refused_with_both_readings(tmp_path: Path):
    with pytest.raises(
        reader.Unreadable,
        match=r"'01/05/2024' is 2024-05-01 \(day first\) or 2024-01-05 \(month first\).*say --dayfirst or --no-",
    ):
        read(tmp_path, SLASHED, name="ACME_1d.csv")


def test_a_person_says_whether_the_day_comes_first(tmp_path: Path):
    assert opened(read(tmp_path, SLASHED, name="ACME_1d.csv", dayfirst=True))[1] == "2024-05-02 00:00"
    with pytest.raises(reader.Unreadable, match=r"rows are mostly 2.* s apart"):
        read(tmp_path, SLASHED, name="ACME.csv", dayfirst=False)


def test_a_day_in_the_files_name_says_what_comes_first(tmp_path: Path):
    text = sheet(
        "Gmt time,Open,High,Low,Close,Volume",
        *(f"05.02.2024 00:0{minute}:00.000,1.25,1.5,1.125,1.25,4{minute}.125" for minute in range(3)),
    )
    recording = read(tmp_path, text, name="GBPJPY_Candlestick_1_M_ASK_05.02.2024-29.02.2024.csv")
    assert (recording.symbol, recording.timeframe) == ("GBPJPY", Timeframe.M1)
    assert opened(recording) == ["2024-02-05 00:00", "2024-02-05 00:01", "2024-02-05 00:02"]


def test_the_opening_is_taken_where_the_last_column_is_the_close(tmp_path: Path):
    text = sheet(
        "timestamp;timeClose;open;high;low;close;volume;timeOpen",
        "2024-06-01T23:59:59.999Z;2024-06-01T23:59:59.999Z;1;2;0.5;1.5;10;2024-06-01T00:00:00.000Z",
        "2024-06-02T23:59:59.999Z;2024-06-02T23:59:59.999Z;1;2;0.5;1.5;11;2024-06-02T00:00:00.000Z",
    )
    assert opened(read(tmp_path, text, name="SOL_1d.csv")) == ["2024-06-01 00:00", "2024-06-02 00:00"]


def test_a_time_of_closing_is_never_taken_for_one_of_opening(tmp_path: Path):
    rows = [f"2024-06-0{day}T23:59:59.999Z,1,2,0.5,1.5,10" for day in (1, 2, 3)]
    with pytest.raises(reader.Unreadable, match="'close_time' says when a bar closed"):
        read(tmp_path, sheet("close_time,open,high,low,close,volume", *rows), name="SOL_1d.csv")
    with pytest.raises(reader.Unreadable, match="as the times of closing do"):
        read(tmp_path, sheet("time,open,high,low,close,volume", *rows), name="SOL_1d.csv")


def test_the_number_of_a_row_is_no_time(tmp_path: Path):
    rows = [f"{nth},2024-06-01 0{nth}:00:00,1,2,0.5,1.5,10" for nth in range(4)]
    assert len(read(tmp_path, sheet(",date,open,high,low,close,volume", *rows), name="SOL_1h.csv").bars) == 4


def test_days_that_a_spreadsheet_counted_are_read_when_told_and_only_then(tmp_path: Path):
    text = sheet("Date,Open,High,Low,Close,Volume", *(f"{45293 + nth},1,2,0.5,1.5,3" for nth in range(3)))
    with pytest.raises(reader.Unreadable):
        read(tmp_path, text, name="ACME_1d.csv")
    assert opened(read(tmp_path, text, name="ACME_1d.csv", time_format="excel"))[0] == "2024-01-02 00:00"


def test_a_zone_that_is_told_holds_for_times_that_have_none_and_for_the_hour_that_comes_twice(tmp_path: Path):
    start = datetime(2024, 11, 3, 4, tzinfo=UTC)
    hours = [(start + timedelta(hours=nth)).astimezone(ZoneInfo("America/New_York")) for nth in range(5)]
    text = sheet(ISO, *(f"{at:%Y-%m-%d %H:%M},1,2,0.5,1.5,3" for at in hours))
    recording = read(tmp_path, text, name="ACME_1h.csv", timezone="America/New_York")
    assert [bar.opened_at.timestamp() for bar in recording.bars] == [at.timestamp() for at in hours]
    assert recording.bad == []


def test_a_zone_of_letters_is_asked_for(tmp_path: Path):
    text = sheet(ISO, "2024-01-02 09:30:00 EST,1,2,0.5,1.5,3", "2024-01-02 09:31:00 EST,1,2,0.5,1.5,3")
    with pytest.raises(reader.Unreadable, match=r"zone 'EST' is not the same.*say --timezone"):
        read(tmp_path, text, name="ACME_1m.csv")
    assert opened(read(tmp_path, text, name="ACME_1m.csv", timezone="America/New_York"))[0] == "2024-01-02 14:30"


# --- columns


def test_columns_of_several_rows_of_headings_go_by_their_names_and_not_by_their_place(tmp_path: Path):
    text = sheet(
        "Price,Close,High,Low,Open,Volume",
        "Ticker,MSFT,MSFT,MSFT,MSFT,MSFT",
        "Date,,,,,",
        "2024-02-05,20.5,21,19,20,900",
        "2024-02-06,20.75,22,20,20.5,950",
    )
    recording = read(tmp_path, text, name="MSFT_1d.csv")
    assert [bar[3:8] for bar in recording.bars] == [
        ("20", "21", "19", "20.5", "900"),
        ("20.5", "22", "20", "20.75", "950"),
    ]


def test_money_is_never_taken_for_what_was_traded(tmp_path: Path):
    with pytest.raises(reader.Unreadable, match="'Volume USDT' is money, not what was traded"):
        read(tmp_path, sheet("time,open,high,low,close,Volume USDT", "1709640000,1,2,0.5,1.5,9"), name="BTCUSDT_1h.csv")


def test_volumes_whose_names_mislead_are_told_apart_by_the_price(tmp_path: Path):
    rows = [f"{1709640000 + nth * 300},100,101,99,100,{4000 + nth}.5,{40 + nth}.25" for nth in range(3)]
    recording = read(tmp_path, sheet("date,open,high,low,close,volume,quoteVolume", *rows), name="USDT_LTC-5m.csv")
    assert [bar.volume for bar in recording.bars] == ["40.25", "41.25", "42.25"]


def test_of_symbols_side_by_side_one_is_asked_for(tmp_path: Path):
    text = sheet(
        "Price,Close,Close,High,High,Low,Low,Open,Open,Volume,Volume",
        "Ticker,AAA,BBB,AAA,BBB,AAA,BBB,AAA,BBB,AAA,BBB",
        "Date,,,,,,,,,,",
        "2024-02-05,1.5,2.5,2,3,0.5,1,1,2,10,20",
        "2024-02-06,1.75,2.75,2,3,0.5,1,1,2,11,21",
    )
    with pytest.raises(reader.Unreadable, match="holds several, AAA, BBB; name one of them with --symbol"):
        read(tmp_path, text, name="two_1d.csv")
    bars = read(tmp_path, text, name="two_1d.csv", symbol="bbb").bars
    assert [bar[3:8] for bar in bars] == [("2", "3", "1", "2.5", "20"), ("2", "3", "1", "2.75", "21")]


def test_a_file_without_volume_is_read_once_it_is_said_that_nobody_counted(tmp_path: Path):
    text = sheet("time,open,high,low,close", "2024-02-05 09:00,1,2,0.5,1.5", "2024-02-05 09:01,1,2,0.5,1.5")
    with pytest.raises(reader.Unreadable, match=r"none found for volume \(--columns volume=none, if nobody counted\)"):
        read(tmp_path, text, name="EURUSD_1m.csv")
    recording = read(tmp_path, text, name="EURUSD_1m.csv", columns="volume=none")
    assert [bar.volume for bar in recording.bars] == ["0", "0"]
    assert "all volumes are zero" in recording.summary()[0]


def test_a_person_names_the_columns(tmp_path: Path):
    text = sheet("when,at,a,b,c,d,e", "2024-06-01,09:00,1,2,0.5,1.5,10", "2024-06-01,09:05,1.5,2,1,1.75,11")
    for columns in (
        "time=when+at,open=a,high=b,low=c,close=d,volume=e",
        "time=1+2,open=3,high=4,low=5,close=6,volume=7",
    ):
        recording = read(tmp_path, text, name="SOL_5m.csv", columns=columns)
        assert [bar[3:8] for bar in recording.bars] == [("1", "2", "0.5", "1.5", "10"), ("1.5", "2", "1", "1.75", "11")]


def test_a_column_that_is_not_there_is_told_with_those_that_are(tmp_path: Path):
    with pytest.raises(reader.Unreadable, match="--columns: no column 'Last'; the file has 'timestamp', 'open'"):
        read(tmp_path, sheet(ISO, "2024-06-01,1,2,0.5,1.5,10"), name="SOL_1d.csv", columns="close=Last")


# --- numbers


AMBIGUOUS = [
    ("46,000;46,165;45,998;46,119;49,772", "46,000", ","),
    ("3.456;3.500;3.400;3.420;1.200", "3.456", "."),
]


@pytest.mark.parametrize(("cells", "shown", "mark"), AMBIGUOUS)
def test_a_mark_that_may_be_of_decimals_or_of_thousands_is_asked_for(tmp_path: Path, cells: str, shown: str, mark: str):
    text = sheet("date;open;high;low;close;volume", *(f"2024-01-0{day};{cells}" for day in (2, 3, 4)))
    whole, part = shown.split(mark)
    with pytest.raises(reader.Unreadable, match=rf"'{shown}' is {whole} \(decimal .*\) or {whole}{part} \(thousands\)"):
        read(tmp_path, text, name="BTCUSD_1d.csv")
    assert read(tmp_path, text, name="BTCUSD_1d.csv", decimal=mark).bars[0].open == f"{whole}.{part}"
    other = {",": "point", ".": "comma"}[mark]
    assert read(tmp_path, text, name="BTCUSD_1d.csv", decimal=other).bars[0].open == whole + part


@pytest.mark.parametrize(
    ("cells", "bar"),
    [
        ("46,000;46,165;45,998;46,119.5;49,772", ("46000", "46165", "45998", "46119.5", "49772")),
        ("46,000;46,165;45,998;46,11;49.772", ("46.000", "46.165", "45.998", "46.11", "49772")),
        ("1.046,5;1.146,25;946;1.046;2.149.772", ("1046.5", "1146.25", "946", "1046", "2149772")),
        ("1'046.50;1'146.25;946;1'046;2'149'772", ("1046.50", "1146.25", "946", "1046", "2149772")),
        ("0,125;0,150;0,100;0,125;12.000", ("0.125", "0.150", "0.100", "0.125", "12000")),
        ("$1.50;$2;$1;$1.25;1.5K", ("1.50", "2", "1", "1.25", "1500")),
        ("1.5e-7;2E-7;1e-7;1.25e-7;1.25M", ("0.00000015", "0.0000002", "0.0000001", "0.000000125", "1250000")),
    ],
)
def test_one_cell_that_decides_decides_for_all(tmp_path: Path, cells: str, bar: tuple[str, ...]):
    text = sheet("date;open;high;low;close;volume", f"2024-01-02;{cells}", f"2024-01-03;{cells}")
    assert read(tmp_path, text, name="X_1d.csv").bars[0][3:8] == bar


def test_marks_that_contradict_each_other_are_refused_with_both_cells(tmp_path: Path):
    text = sheet(
        "date;open;high;low;close;volume", "2024-01-02;1,5;2,5;1,5;2,5;10.25", "2024-01-03;1,5;2,5;1,5;2,5;10.25"
    )
    with pytest.raises(
        reader.Unreadable, match=r"'10.25' has a decimal point and '1,5' a decimal comma; say .* --decimal"
    ):
        read(tmp_path, text, name="X_1d.csv")


@given(digits=st.integers(1, 10**15), exponent=st.integers(-12, 0))
def test_every_digit_is_kept_from_a_trillionth_to_a_quadrillion(
    tmp_path_factory: pytest.TempPathFactory, digits: int, exponent: int
):
    value = format(Decimal(digits).scaleb(exponent), "f")
    text = sheet(ISO, *(f"2024-01-01T00:0{nth}:00Z,{value},{value},{value},{value},{value}" for nth in range(5)))
    bars = read(tmp_path_factory.mktemp("bars"), text, name="X_1m.csv").bars
    assert bars[0][3:8] == (value,) * 5
    assert Decimal(rollup.merge(bars, timeframe=Timeframe.M5).volume) == 5 * Decimal(value)


def test_volumes_of_many_trillions_are_bars(tmp_path: Path):
    volumes = ("52000000000000", "47000000000000", "800000000000")
    text = sheet(
        ISO,
        *(f"2023-04-1{nth}T00:00:00Z,0.000065,0.000088,0.000058,0.000071,{each}" for nth, each in enumerate(volumes)),
    )
    recording = read(tmp_path, text, name="FLOKIUSDT_1d.csv")
    assert (recording.bad, tuple(bar.volume for bar in recording.bars)) == ([], volumes)


def test_what_is_derived_from_large_volumes_is_not_limited_either(tmp_path: Path):
    volumes = ("700000000000", "710000000000", "750000000000")
    text = sheet(ISO, *(f"2023-04-10T00:{5 * nth:02}:00Z,1,1,1,1,{each}" for nth, each in enumerate(volumes)))
    bars = read(tmp_path, text, name="BONKUSDT_5m.csv").bars
    (rolled,) = rollup.Rollup(Timeframe.M15).extend(bars)
    assert rolled.bar.volume == "2160000000000"


def test_headings_that_nobody_knows_are_not_read_by_their_place(tmp_path: Path):
    text = sheet("when,a,b,c,d,e", "2024-06-01 09:00,1,2,0.5,1.5,10", "2024-06-01 09:05,1.5,2,1,1.75,11")
    with pytest.raises(
        reader.Unreadable, match=r"none found for time, open.*the file has 'when', 'a'.*--columns time=NAME"
    ):
        read(tmp_path, text, name="SOL_5m.csv")


# --- names, sessions, rows


def test_a_symbol_is_one_however_its_letters_are_written(tmp_path: Path):
    text = sheet(ISO, "2024-01-01T00:00:00Z,1,1,1,1,1", "2024-01-01T00:01:00Z,1,1,1,1,1")
    symbols = {
        read(tmp_path, text, name="ETHUSDT_1m.csv").symbol,
        read(tmp_path, text, name="ethusdt_1m.csv").symbol,
        read(tmp_path, text, name="x.csv", symbol="ethusdt").symbol,
    }
    assert symbols == {"ETHUSDT"}


@pytest.mark.parametrize("symbol", ["BTC\nUSD", "BTC USD", "A" * 21])
def test_a_symbol_that_no_list_could_show_is_refused(tmp_path: Path, symbol: str):
    with pytest.raises(reader.Unreadable, match="is not 1 to 20 letters"):
        read(tmp_path, TWO, name="x_1m.csv", symbol=symbol)


def test_a_name_and_rows_that_disagree_about_the_symbol_are_refused(tmp_path: Path):
    text = sheet(f"{ISO},symbol", "2024-01-01T00:00:00Z,1,1,1,1,1,ETHUSD", "2024-01-01T00:01:00Z,1,1,1,1,1,ETHUSD")
    with pytest.raises(reader.Unreadable, match="name says BTC-USD, its rows ETHUSD; say which with --symbol"):
        read(tmp_path, text, name="BTC-USD_1m.csv")
    assert read(tmp_path, text, name="ETH-USD_1m.csv").symbol == "ETH-USD"


def test_of_a_file_of_several_symbols_one_is_asked_for(tmp_path: Path):
    rows = [f"2024-01-01T00:0{nth // 2}:00Z,1,1,1,1,{nth},{'AAA' if nth % 2 else 'BBB'}" for nth in range(6)]
    text = sheet(f"{ISO},ticker", *rows)
    with pytest.raises(reader.Unreadable, match="holds several, BBB, AAA; name one of them with --symbol"):
        read(tmp_path, text, name="bars_1m.csv")
    assert [bar.volume for bar in read(tmp_path, text, name="bars_1m.csv", symbol="aaa").bars] == ["1", "3", "5"]


NEW_YORK = ZoneInfo("America/New_York")


def test_a_day_that_begins_at_an_exchanges_midnight_is_that_days_bar(tmp_path: Path):
    days = [datetime(2024, 3, day, tzinfo=NEW_YORK) for day in (7, 8, 11, 12)]
    text = sheet("Date,Open,High,Low,Close,Volume", *(f"{day.isoformat(' ')},1,2,0.5,1.5,9" for day in days))
    recording = read(tmp_path, text, name="QQQ_1d.csv")
    assert [bar.opened_at for bar in recording.bars] == days
    assert recording.bad == []
    assert "a session's: 04:00 or 05:00 after multiples of 1d in UTC" in " ".join(recording.summary())
    assert [gap.bars for gap in recording.gaps] == [2]


def test_hours_that_begin_at_half_past_are_a_sessions_and_said_to_be(tmp_path: Path):
    hours = [datetime(2024, 3, day, 9 + nth, 30) for day in (7, 8) for nth in range(7)]  # noqa: DTZ001
    text = sheet(ISO, *(f"{at:%Y-%m-%d %H:%M},1,2,0.5,1.5,9" for at in hours))
    recording = read(tmp_path, text, name="QQQ_1h.csv", timezone="America/New_York")
    assert (len(recording.bars), recording.bars[0].opened_at) == (14, datetime(2024, 3, 7, 14, 30, tzinfo=UTC))
    assert "bars begin on a grid that is a session's: 00:30 after multiples of 1h in UTC" in recording.summary()


def test_a_grid_that_is_told_holds(tmp_path: Path):
    text = sheet(
        ISO, *(f"2024-03-07T{hour:02}:30:00Z,1,2,0.5,1.5,9" for hour in range(4)), "2024-03-07T04:00:00Z,1,2,0.5,1.5,9"
    )
    recording = read(tmp_path, text, name="QQQ_1h.csv", grid="09:30")
    assert (len(recording.bars), [row.rule for row in recording.bad]) == (4, [reader.Rule.OFF_GRID])
    with pytest.raises(reader.Unreadable, match="4 of 5 rows are no bars"):
        read(tmp_path, text, name="QQQ_1h.csv", grid="utc")


def test_times_of_rest_are_no_gaps_and_said_and_holidays_are(tmp_path: Path):
    days = [datetime(2024, 5, 6, tzinfo=UTC) + timedelta(days=nth) for nth in range(28)]
    traded = [day for day in days if day.weekday() < 5 and day.day != 15]
    recording = read(tmp_path, sheet(ISO, *(f"{day.isoformat()},1,1,1,1,1" for day in traded)), name="ACME_1d.csv")
    assert [(gap.start.day, gap.bars) for gap in recording.gaps] == [(15, 1)]
    assert "bars come at 5 of 7 times of the week; the rest is no gap" in recording.summary()


def test_a_week_of_currencies_begins_on_sunday_evening_and_rests_on_saturday(tmp_path: Path):
    hours = [datetime(2024, 5, 5, 21, tzinfo=UTC) + timedelta(hours=nth) for nth in range(24 * 21)]
    traded = [at for at in hours if (at + timedelta(hours=3)).weekday() < 5 and not (at.day == 14 and at.hour < 3)]
    recording = read(tmp_path, sheet(ISO, *(f"{at.isoformat()},1,1,1,1,1" for at in traded)), name="EURUSD_1h.csv")
    assert [(gap.start.day, gap.bars) for gap in recording.gaps] == [(14, 3)]
    assert "bars come at 120 of 168 times of the week; the rest is no gap" in recording.summary()


def test_what_is_missing_over_weeks_is_counted_without_the_times_of_rest(tmp_path: Path):
    days = [datetime(2024, 5, 6, tzinfo=UTC) + timedelta(days=nth) for nth in range(60)]
    traded = [day for day in days if day.weekday() < 5 and not 10 <= (day - days[0]).days < 35]
    recording = read(tmp_path, sheet(ISO, *(f"{day.isoformat()},1,1,1,1,1" for day in traded)), name="ACME_1d.csv")
    assert [gap.bars for gap in recording.gaps] == [17]


def test_bars_of_a_sessions_grid_add_up_to_nothing_longer(tmp_path: Path):
    text = sheet(ISO, *(f"2024-03-07T{hour:02}:30:00Z,1,2,0.5,1.5,9" for hour in range(12)))
    bars = read(tmp_path, text, name="QQQ_1h.csv").bars
    assert list(rollup.Rollup(Timeframe.H4).extend(bars)) == []


def test_the_last_row_of_a_bar_wins_and_the_report_counts_the_rows_that_differed(tmp_path: Path):
    text = sheet(
        ISO,
        "2024-02-02T10:00:00Z,10,11,9,10.5,5",
        "2024-02-02T10:01:00Z,10.5,10.6,10.4,10.5,0.1",
        "2024-02-02T10:01:00Z,10.5,12,10,11.5,8",
        "2024-02-02T10:02:00Z,11.5,12,11,11.75,6",
        "2024-02-02T10:02:00Z,11.5,12,11,11.75,6",
    )
    recording = read(tmp_path, text, name="LTCUSDT_1m.csv")
    assert [(bar.close, bar.volume) for bar in recording.bars] == [("10.5", "5"), ("11.5", "8"), ("11.75", "6")]
    assert recording.differing == 2
    assert [(row.line, row.rule.value) for row in recording.bad] == [(3, "duplicate_that_differs"), (5, "duplicate")]
    assert "2 rows differed" in recording.summary()[0]


def test_a_bar_that_has_not_closed_is_none(tmp_path: Path):
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    rows = [now - timedelta(minutes=3 - nth) for nth in range(4)]
    recording = read(tmp_path, sheet(ISO, *(f"{at.isoformat()},1,1,1,1,1" for at in rows)), name="BTC_1m.csv")
    assert [bar.opened_at for bar in recording.bars][:3] == rows[:3]
    assert all(bar.closed_at <= datetime.now(UTC) for bar in recording.bars)


def test_volumes_that_are_all_zero_are_said_to_be(tmp_path: Path):
    text = sheet(ISO, *(f"2024-02-02T10:0{nth}:00Z,1,1,1,1,0" for nth in range(3)))
    assert read(tmp_path, text, name="EURUSD_1m.csv").summary() == [
        "all volumes are zero: nothing will trade on these bars"
    ]


# --- what holds a file


def zipped(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return path


TWO = sheet(ISO, "2024-02-02T10:00:00Z,1,1,1,1,1", "2024-02-02T10:01:00Z,1,1,1,1,1")


def test_a_zip_of_one_file_is_that_file(tmp_path: Path):
    assert len(recorded.read(zipped(tmp_path / "BTC_1m.zip", bars__csv=TWO)).bars) == 2


def test_a_zip_of_several_files_is_refused_with_their_names(tmp_path: Path):
    with pytest.raises(reader.Unreadable, match=r"the zip holds 2 files of text and must hold one \(a.csv, b.csv\)"):
        recorded.read(zipped(tmp_path / "BTC_1m.zip", a__csv=TWO, b__csv=TWO))


def test_a_field_without_end_is_one_sentence(tmp_path: Path):
    text = sheet(ISO, "2024-02-02T10:00:00Z,1,1,1,1,1", f"2024-02-02T10:01:00Z,1,1,1,1,{'7' * 200_000}")
    with pytest.raises(reader.Unreadable, match="a line is longer than 65536 characters"):
        read(tmp_path, text, name="BTC_1m.csv")


def test_a_quoted_field_without_end_is_one_sentence(tmp_path: Path):
    text = sheet(ISO, "2024-02-02T10:00:00Z,1,1,1,1,1", '"' + "7\n" * 100_000 + '",1,1,1,1,1')
    with pytest.raises(reader.Unreadable, match="field larger than field limit"):
        read(tmp_path, text, name="BTC_1m.csv")


@pytest.mark.parametrize("piece", [b"\0" * 2**20, b"2024-02-02T10:00:00Z,1,1,1,1,1\n" * 2**15], ids=["a line", "rows"])
def test_a_small_gzip_that_unpacks_to_gigabytes_is_one_sentence_and_little_memory(tmp_path: Path, piece: bytes):
    path = tmp_path / "BTC_1m.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as packed:
        packed.write(f"{ISO}\n".encode())
        for _ in range(600):
            packed.write(piece)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(reader.Unreadable, match=r"a line is longer|more than 512 MiB"):
        recorded.read(path)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < 64 * 2**20
