"""What a file tells beside prices and volume travels with its bars, as far as the decision maker."""

import pytest

from strands.market import reader
from strands.market.bar import Timeframe
from strands.market.reading import filename, headings, understanding
from strands.market.reading.sheet import Sheet
from strands.market.reading.told import Told
from strands.market.rollup import merge
from tradingops.modules.market.module import MarketData

HEADING = "time,open,high,low,close,volume,Open Interest,fundingRate,basis,bid_depth,ask_depth"
ROWS = [
    "2025-06-01T00:00:00Z,1,2,0.5,1.5,10,1000,0.0001,0.002,50,70",
    "2025-06-01T00:05:00Z,1.5,2,1,1.2,11,nan,,x,,60",
]


def bars(*rows, heading=HEADING):
    sheet = Sheet(lambda: [heading, *rows])
    table, _ = understanding.understand(sheet, told=Told(), named=filename.Named(None, None), symbol=None)
    return reader.read(table, name="a file", symbol="BTCUSDT", timeframe=Timeframe.M5).bars


def test_columns_beside_the_bar_are_read_as_text():
    assert dict(bars(*ROWS)[0].extras) == {
        "open_interest": "1000",
        "funding_rate": "0.0001",
        "basis": "0.002",
        "bid_depth": "50",
        "ask_depth": "70",
    }


def test_a_cell_that_is_no_finite_number_is_absent_and_spoils_no_bar():
    second = bars(*ROWS)[1]
    assert dict(second.extras) == {"ask_depth": "60"}
    assert second.close == "1.2"


def test_a_file_written_newest_first_keeps_each_bars_own():
    assert [bar.extras for bar in bars(*reversed(ROWS))] == [bar.extras for bar in bars(*ROWS)]


def test_a_file_without_them_tells_nothing():
    plain = [row.rsplit(",", 5)[0] for row in ROWS]
    assert [bar.extras for bar in bars(*plain, heading="time,open,high,low,close,volume")] == [(), ()]


def test_a_rolled_up_bar_tells_what_its_last_one_told():
    assert merge(bars(*ROWS), timeframe=Timeframe.M15).extras == (("ask_depth", "60"),)


def test_they_are_on_the_bars_strand_beside_its_prices():
    first = next(each for each in MarketData().announce(bars(*ROWS)) if each.kind == "bar")
    assert first.payload["md_bar"]["funding_rate"] == "0.0001"
    assert first.payload["md_bar"]["close"] == "1.5"


@pytest.mark.parametrize("field", headings.EXTRAS)
def test_every_extra_is_found_under_its_own_name(field):
    assert headings.extras(["time", field]) == {field: 1}
