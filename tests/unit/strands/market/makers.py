"""Files as their makers write them, generated: one function a maker, over the same few bars."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.feather

NEW_YORK = ZoneInfo("America/New_York")


class Row(NamedTuple):
    """A bar as its maker knew it."""

    at: datetime
    open: str
    high: str
    low: str
    close: str
    volume: str

    @property
    def prices(self) -> tuple[str, str, str, str]:
        return self[1:5]

    @property
    def money(self) -> str:
        return str(Decimal(self.close) * Decimal(self.volume))

    @property
    def seconds(self) -> int:
        return int(self.at.timestamp())


def rows(step: timedelta, *, start: datetime = datetime(2024, 1, 11, tzinfo=UTC), count: int = 5) -> list[Row]:
    """Return bars that rise and fall, with a volume of their own each."""
    closes = ["61.25", "61.75", "60.5", "62.125", "61.5", "61.875", "60.25"]
    found, last = [], Decimal("61")
    for nth in range(count):
        close = Decimal(closes[nth % len(closes)])
        high, low = max(last, close) + Decimal("0.25"), min(last, close) - Decimal("0.5")
        found.append(Row(start + nth * step, *map(str, (last, high, low, close)), f"{1200 + 35 * nth}.5"))
        last = close
    return found


@dataclass(frozen=True)
class Maker:
    """Whose file it is, as ``docs/reference/files.md`` names it, and how such a file is written."""

    name: str
    file: str
    symbol: str
    step: timedelta
    write: Callable[[Sequence[Row]], str | bytes]
    start: datetime = datetime(2024, 1, 11, tzinfo=UTC)
    options: tuple[tuple[str, str], ...] = ()

    @property
    def rows(self) -> list[Row]:
        return rows(self.step, start=self.start)


MINUTE, FIVE, HOUR, DAY = timedelta(minutes=1), timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)


def lines(heading: str, *body: str) -> str:
    return "\n".join(filter(None, [heading, *body])) + "\n"


def _klines(bars: Sequence[Row], unit: int) -> list[str]:
    return [
        f"{each.seconds * unit},{','.join(each.prices)},{each.volume},{(each.seconds + 60) * unit - 1},"
        f"{each.money},17,5,300,0"
        for each in bars
    ]


def binance(bars: Sequence[Row]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("BTCUSDT-1m-2024-01.csv", "\n".join(_klines(bars, 1000)))
    return packed.getvalue()


def binance_futures(bars: Sequence[Row]) -> str:
    return lines(
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore",
        *_klines(bars, 1_000_000),
    )


def crypto_data_download(bars: Sequence[Row]) -> str:
    return lines(
        "https://www.CryptoDataDownload.com\nUnix,Date,Symbol,Open,High,Low,Close,Volume USDT,Volume ETH",
        *(
            f"{each.seconds * 1000},{each.at:%Y-%m-%d %H:%M:%S},ETH/USDT,{','.join(each.prices)},"
            f"{each.money},{each.volume}"
            for each in reversed(bars)
        ),
    )


def crypto_data_download_of_old(bars: Sequence[Row]) -> str:
    return lines(
        "Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USD",
        *(
            f"{each.at:%Y-%m-%d %I-%p},BTCUSD,{','.join(each.prices)},{each.volume},{each.money}"
            for each in reversed(bars)
        ),
    )


def crypto_compare(bars: Sequence[Row]) -> str:
    return lines(
        "time,close,high,low,open,volumefrom,volumeto",
        *(
            f"{each.seconds},{each.close},{each.high},{each.low},{each.open},{each.volume},{each.money}"
            for each in bars
        ),
    )


def kraken(bars: Sequence[Row]) -> str:
    return lines("", *(f"{each.seconds},{','.join(each.prices)},{each.volume},9" for each in bars))


def kaggle_bitstamp(bars: Sequence[Row]) -> str:
    return lines(
        "Timestamp,Open,High,Low,Close,Volume_(BTC),Volume_(Currency),Weighted_Price",
        *(f"{each.seconds},{','.join(each.prices)},{each.volume},{each.money},{each.close}" for each in bars),
    )


def coin_market_cap(bars: Sequence[Row]) -> str:
    return lines(
        "timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;timestamp",
        *(
            f'"{each.at:%Y-%m-%dT00:00:00.000Z}";"{each.at:%Y-%m-%dT23:59:59.999Z}";"{each.at:%Y-%m-%dT07:02:00.000Z}";'
            f'"{each.at:%Y-%m-%dT21:40:00.000Z}";"2781";{";".join(each.prices)};{each.volume};9125512.75;'
            f'"{each.at:%Y-%m-%dT23:59:59.999Z}"'
            for each in reversed(bars)
        ),
    )


def yahoo(bars: Sequence[Row]) -> str:
    return lines(
        "Date,Open,High,Low,Close,Adj Close,Volume",
        *(f"{each.at:%Y-%m-%d},{','.join(each.prices)},1.5,{each.volume}" for each in bars),
    )


def yfinance(bars: Sequence[Row]) -> str:
    return lines(
        "Price,Close,High,Low,Open,Volume\nTicker,ACME,ACME,ACME,ACME,ACME\nDate,,,,,",
        *(f"{each.at:%Y-%m-%d},{each.close},{each.high},{each.low},{each.open},{each.volume}" for each in bars),
    )


def yfinance_history(bars: Sequence[Row]) -> str:
    return lines(
        "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits",
        *(
            f"{each.at.astimezone(NEW_YORK).isoformat(' ')},{','.join(each.prices)},{each.volume},0.0,0.0"
            for each in bars
        ),
    )


def stooq(bars: Sequence[Row]) -> str:
    return lines(
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>",
        *(f"ACME.US,5,{each.at:%Y%m%d,%H%M%S},{','.join(each.prices)},{each.volume},0" for each in bars),
    )


def metatrader_5(bars: Sequence[Row]) -> bytes:
    text = lines(
        "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>",
        *(
            "\t".join((f"{each.at:%Y.%m.%d}", f"{each.at:%H:%M:%S}", *each.prices, each.volume, "0", "3"))
            for each in bars
        ),
    )
    return text.encode("utf-16")


def metatrader_4(bars: Sequence[Row]) -> str:
    return lines("", *(f"{each.at:%Y.%m.%d,%H:%M},{','.join(each.prices)},{each.volume}" for each in bars))


def histdata(bars: Sequence[Row]) -> str:
    return lines("", *(f"{each.at - 5 * HOUR:%Y%m%d %H%M%S};{';'.join(each.prices)};{each.volume}" for each in bars))


def dukascopy(bars: Sequence[Row]) -> str:
    return lines(
        "Gmt time,Open,High,Low,Close,Volume",
        *(f"{each.at:%d.%m.%Y %H:%M:%S.000},{','.join(each.prices)},{each.volume}" for each in bars),
    )


def dukascopy_local(bars: Sequence[Row]) -> str:
    return lines(
        "Local time,Open,High,Low,Close,Volume",
        *(f"{each.at + HOUR:%d.%m.%Y %H:%M:%S.000} GMT+0100,{','.join(each.prices)},{each.volume}" for each in bars),
    )


def trading_view(bars: Sequence[Row]) -> str:
    return lines(
        "time,open,high,low,close,MA,Volume",
        *(f"{each.seconds},{','.join(each.prices)},60.1,{each.volume}" for each in bars),
    )


def alpha_vantage(bars: Sequence[Row]) -> str:
    return lines(
        "timestamp,open,high,low,close,volume",
        *(
            f"{each.at.astimezone(NEW_YORK):%Y-%m-%d %H:%M:%S},{','.join(each.prices)},{each.volume}"
            for each in reversed(bars)
        ),
    )


def finam(bars: Sequence[Row]) -> str:
    return lines(
        "<TICKER>;<PER>;<DATE>;<TIME>;<OPEN>;<HIGH>;<LOW>;<CLOSE>;<VOL>",
        *(f"ACME;60;{each.at:%Y%m%d;%H%M%S};{';'.join(each.prices)};{each.volume}" for each in bars),
    )


def nasdaq(bars: Sequence[Row]) -> str:
    return lines(
        "Date,Close/Last,Volume,Open,High,Low",
        *(
            f"{each.at:%m/%d/%Y},${each.close},{each.volume},${each.open},${each.high},${each.low}"
            for each in reversed(bars)
        ),
    )


def investing(bars: Sequence[Row]) -> str:
    return "\ufeff" + lines(
        '"Date","Price","Open","High","Low","Vol.","Change %"',
        *(
            f'"{each.at:%b %d, %Y}","{each.close}","{each.open}","{each.high}","{each.low}",'
            f'"{Decimal(each.volume) / 1000}K","-0.29%"'
            for each in reversed(bars)
        ),
    )


def in_new_york(bars: Sequence[Row], form: str) -> str:
    rows = ((f"{each.at.astimezone(NEW_YORK):{form}}", *each.prices, each.volume) for each in bars)
    return lines("", *map(",".join, rows))


def first_rate(bars: Sequence[Row]) -> str:
    return in_new_york(bars, "%Y-%m-%d %H:%M:%S")


def kibot(bars: Sequence[Row]) -> str:
    return in_new_york(bars, "%m/%d/%Y,%H:%M")


def polygon(bars: Sequence[Row]) -> bytes:
    text = lines(
        "ticker,volume,open,close,high,low,window_start,transactions",
        *(
            f"ACME,{each.volume},{each.open},{each.close},{each.high},{each.low},{each.seconds}000000000,12"
            for each in bars
        ),
    )
    return gzip.compress(text.encode(), mtime=0)


def databento(bars: Sequence[Row]) -> str:
    return lines(
        "ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume,symbol",
        *(
            f"{each.at:%Y-%m-%dT%H:%M:%S}.000000000Z,33,1,42,{','.join(each.prices)},{each.volume},ACMEH4"
            for each in bars
        ),
    )


def quantmod(bars: Sequence[Row]) -> str:
    return lines(
        '"Date","ACME.Open","ACME.High","ACME.Low","ACME.Close","ACME.Volume","ACME.Adjusted"',
        *(f'"{each.at:%Y-%m-%d}",{",".join(each.prices)},{each.volume},1.5' for each in bars),
    )


def freqtrade(bars: Sequence[Row]) -> bytes:
    columns = {
        name: [float(getattr(each, name)) for each in bars] for name in ("open", "high", "low", "close", "volume")
    }
    table = pa.table({"date": pa.array([each.at for each in bars], pa.timestamp("ms", "UTC")), **columns})
    packed = io.BytesIO()
    pyarrow.feather.write_feather(table, packed)
    return packed.getvalue()


def pandas_frame(bars: Sequence[Row]) -> str:
    return lines(
        ",open,high,low,close,volume",
        *(f"{each.at:%Y-%m-%d %H:%M:%S+00:00},{','.join(each.prices)},{each.volume}" for each in bars),
    )


def bitmex(bars: Sequence[Row]) -> str:
    return lines(
        "timestamp,symbol,open,high,low,close,trades,volume,vwap,lastSize,turnover,homeNotional,foreignNotional",
        *(
            f"{each.at:%Y-%m-%dT%H:%M:%S.000Z},XBTUSD,{','.join(each.prices)},7,{each.volume},61.2,1,{each.money},2,3"
            for each in bars
        ),
    )


def poloniex(bars: Sequence[Row]) -> str:
    return lines(
        "date,high,low,open,close,volume,quoteVolume,weightedAverage",
        *(
            f"{each.seconds},{each.high},{each.low},{each.open},{each.close},{each.money},{each.volume},{each.close}"
            for each in bars
        ),
    )


def barchart(bars: Sequence[Row]) -> str:
    return lines(
        "Time,Open,High,Low,Last,Change,%Chg,Volume",
        *(f"{each.at:%m/%d/%Y},{','.join(each.prices)},0.5,+0.8%,{each.volume}" for each in reversed(bars)),
        '"Downloaded from Barchart.com as of 01-16-2024 03:12pm CST"',
    )


def german_exchange(bars: Sequence[Row]) -> str:
    def comma(text: str) -> str:
        return f"{Decimal(text):,.3f}".translate(str.maketrans(",.", ".,"))

    return lines(
        "Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen",
        *(
            f"{each.at:%Y-%m-%d};{';'.join(map(comma, each.prices))};{comma(each.volume)};{comma(each.money)}"
            for each in reversed(bars)
        ),
    )


def gemini(bars: Sequence[Row]) -> str:
    return lines(
        "Unix Timestamp,Date,Symbol,Open,High,Low,Close,Volume",
        *(
            f"{each.seconds * 1000},{each.at:%m/%d/%Y %H:%M:%S},BTCUSD,{','.join(each.prices)},{each.volume}"
            for each in reversed(bars)
        ),
    )


def ninja_trader(bars: Sequence[Row]) -> str:
    return lines("", *(f"{each.at:%Y%m%d %H%M%S};{';'.join(each.prices)};{each.volume}" for each in bars))


def okx(bars: Sequence[Row]) -> str:
    return lines(
        "instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,open_time,confirm",
        *(
            f"BTC-USDT,{','.join(each.prices)},{each.volume},{each.volume},{each.money},{each.seconds}000,1"
            for each in bars
        ),
    )


IN_NEW_YORK = (("timezone", "America/New_York"),)
MIDNIGHT_IN_NEW_YORK = datetime(2024, 1, 11, 5, tzinfo=UTC)
MAKERS = [
    Maker("Binance, spot klines (zip)", "BTCUSDT-1m-2024-01.zip", "BTCUSDT", MINUTE, binance),
    Maker("Binance, futures klines", "BTCUSDT-1m-2025-01.csv", "BTCUSDT", MINUTE, binance_futures),
    Maker("CryptoDataDownload", "Binance_ETHUSDT_1h.csv", "ETHUSDT", HOUR, crypto_data_download),
    Maker("CryptoDataDownload, of old", "Coinbase_BTCUSD_1h.csv", "BTCUSD", HOUR, crypto_data_download_of_old),
    Maker("CryptoCompare", "bitfinex-1h-ltc-usd.csv", "LTC-USD", HOUR, crypto_compare),
    Maker("Kraken, OHLCVT", "XBTUSD_60.csv", "XBTUSD", HOUR, kraken),
    Maker(
        "Bitstamp minutes (Kaggle)", "bitstampUSD_1-min_data_2012-01-01_to_2021-03-31.csv", "BTCUSD", MINUTE,
        kaggle_bitstamp, options=(("symbol", "btcusd"),),
    ),
    Maker("CoinMarketCap", "BTC_historical_data_coinmarketcap.csv", "BTC", DAY, coin_market_cap),
    Maker("Yahoo Finance", "BTC-USD.csv", "BTC-USD", DAY, yahoo),
    Maker("yfinance, download", "ACME_1d.csv", "ACME", DAY, yfinance),
    Maker("yfinance, history", "ACME_1d.csv", "ACME", DAY, yfinance_history, MIDNIGHT_IN_NEW_YORK),
    Maker("Stooq", "acme.us.txt", "ACME.US", FIVE, stooq),
    Maker("MetaTrader 5", "EURUSD_M5_202401110000_202401110020.csv", "EURUSD", FIVE, metatrader_5),
    Maker("MetaTrader 4", "EURUSD60.csv", "EURUSD", HOUR, metatrader_4),
    Maker("HistData", "DAT_ASCII_EURUSD_M1_2024.csv", "EURUSD", MINUTE, histdata, options=(("timezone", "Etc/GMT+5"),)),
    Maker("Dukascopy, GMT", "EURUSD_Candlestick_1_Hour_BID_11.01.2024-11.01.2024.csv", "EURUSD", HOUR, dukascopy),
    Maker("Dukascopy, local time", "USA500.IDXUSD_Candlestick_5_M_BID_11.01.2024-12.01.2024.csv", "USA500.IDXUSD", FIVE,
          dukascopy_local),
    Maker("TradingView", "BINANCE_BTCUSDT, 60.csv", "BTCUSDT", HOUR, trading_view),
    Maker("Alpha Vantage", "intraday_5min_ACME.csv", "ACME", FIVE, alpha_vantage, options=IN_NEW_YORK),
    Maker("Finam", "ACME_240111_240112.txt", "ACME", HOUR, finam),
    Maker("Nasdaq.com", "HistoricalData_1706000000000.csv", "ACME", DAY, nasdaq, options=(("symbol", "acme"),)),
    Maker("Investing.com", "ACME Historical Data.csv", "ACME", DAY, investing),
    Maker("FirstRate Data", "ACME_full_5min_adjsplit.txt", "ACME", FIVE, first_rate, options=IN_NEW_YORK),
    Maker("Kibot", "ACME.txt", "ACME", FIVE, kibot, datetime(2024, 1, 16, tzinfo=UTC),
          options=IN_NEW_YORK),
    Maker("Polygon, flat files", "2024-01-11.csv.gz", "ACME", MINUTE, polygon),
    Maker("Databento", "glbx-mdp3-20240111.ohlcv-1m.csv", "ACMEH4", MINUTE, databento, options=(("symbol", "ACMEH4"),)),
    Maker("quantmod (R)", "ACME.csv", "ACME", DAY, quantmod),
    Maker("freqtrade", "ETH_USDT-1h.feather", "ETH_USDT", HOUR, freqtrade),
    Maker("pandas, to_csv", "btcusdt_1h.csv", "BTCUSDT", HOUR, pandas_frame),
    Maker("BitMEX", "XBTUSD-1m.csv", "XBTUSD", MINUTE, bitmex),
    Maker("Poloniex", "USDT_BTC-5m.csv", "USDT_BTC", FIVE, poloniex),
    Maker("Barchart", "acme_price-history-01-16-2024.csv", "ACME", DAY, barchart, datetime(2024, 1, 9, tzinfo=UTC),
          options=(("symbol", "ACME"),)),
    Maker("German exchanges", "wkn_123456_historic.csv", "ACME", DAY, german_exchange, options=(("symbol", "ACME"),)),
    Maker("Gemini", "gemini_BTCUSD_2024_1min.csv", "BTCUSD", MINUTE, gemini),
    Maker("NinjaTrader", "ES 03-24.Last.txt", "ES", MINUTE, ninja_trader, options=(("symbol", "ES"),)),
    Maker("OKX", "BTC-USDT-candlesticks-2024-01-11.csv", "BTC-USDT", MINUTE, okx),
]  # fmt: skip
