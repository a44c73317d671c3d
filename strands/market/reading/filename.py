"""What a recording's file name says: ``BTC-PERP_1m_2022-01.csv.gz``, ``bitfinex-1h-btc-usd.csv``."""

from __future__ import annotations

import re
from typing import NamedTuple

from strands.market.bar import Timeframe
from strands.market.reading import headings

_SUFFIX = re.compile(r"(\.(csv|txt|tsv|parquet|feather|ftr|arrow|gz|zip))+$", re.IGNORECASE)
#: A unit after its number or, where the maker parts them, before or behind it: ``1m``, ``1_M``, ``m15``, ``1D``.
_TIMEFRAME = re.compile(
    r"(?:^|(?<=[-_., ]))(?:(?P<count>\d+)[_ ]?(?P<unit>minutes?|mins?|m|hours?|h|days?|d)|"
    r"(?P<before>m|h|d)(?P<after>\d+)|(?P<word>daily|hourly|minutely))(?=$|[-_., ])",
    re.IGNORECASE,
)
#: A pair of currencies with the minutes of its bars behind it: ``EURUSD60``.
_PAIR = re.compile(r"([A-Z]{6})(1|5|15|60|240|1440)")
_WORDS = {"daily": "1d", "hourly": "1h", "minutely": "1m"}
_DAY = re.compile(r"(\d{1,2})([.-])(\d{1,2})\2((?:19|20)\d\d)")
#: Who a file is from says nothing of what was traded.
_VENUES = {
    *("binance", "binanceus", "bitfinex", "bitflyer", "bitget", "bithumb", "bitmex", "bitstamp", "bittrex", "bybit"),
    *("cex", "coinbase", "coinbasepro", "cryptocom", "deribit", "exmo", "ftx", "gate", "gateio", "gdax", "gemini"),
    *(
        "hitbtc",
        "huobi",
        "htx",
        "hyperliquid",
        "itbit",
        "kraken",
        "kucoin",
        "mexc",
        "okex",
        "okx",
        "phemex",
        "poloniex",
    ),
    *(
        "upbit",
        "whitebit",
        "dukascopy",
        "histdata",
        "oanda",
        "fxcm",
        "metatrader",
        "mt4",
        "mt5",
        "tradingview",
        "yahoo",
    ),
    *("stooq", "alphavantage", "alpaca", "polygon", "databento", "finam", "kibot", "firstrate", "firstratedata"),
    *("nasdaq", "nyse", "amex", "cboe", "cme", "xetra", "lse", "moex", "investing", "coinmarketcap", "coingecko"),
    *("barchart", "cryptodatadownload", "kaggle", "dat", "ascii", "quandl", "eodhd", "tiingo"),
}
_NOISE = {
    *("candlestick", "candlesticks", "candle", "candles", "bid", "ask", "mid", "bar", "bars", "ohlc", "ohlcv", "kline"),
    *("klines", "data", "price", "prices", "historical", "history", "historicaldata", "quotes", "quote", "chart"),
    *("export", "download", "sample", "test", "full", "spot", "futures", "um", "cm", "intraday", "adjusted", "raw"),
    *(
        "unadjusted",
        "utc",
        "gmt",
        "est",
        "adjsplit",
        "adjsplitdiv",
        "unadj",
        "new",
        "old",
        "final",
        "copy",
        "part",
        "table",
        "file",
    ),
    *("m", "h", "d", "w", "from", "to", "market", "feed", "trades", "hist", "backup", "min", "my", "all", "merged"),
}
_NOISE_NUMBER = re.compile(r"[\d.:]+|\d+[a-z]{1,3}|q[1-4]|v\d+")
_PARTS = re.compile(r"[^-_, ()\[\]]+")
_SYMBOL = re.compile(r"[A-Z0-9^=.&$]*[A-Z][A-Z0-9^=.&$]*")
LONGEST_SYMBOL = 20


class Named(NamedTuple):
    """Symbol, timeframe, and whether the day comes first in dates; each None where the name does not say."""

    symbol: str | None
    timeframe: Timeframe | None
    dayfirst: bool | None = None


def read(name: str) -> Named:
    """Return what a file's name (without its folder) says of its bars."""
    stem = _SUFFIX.sub("", name)
    if (pair := _PAIR.fullmatch(stem)) and pair[1].endswith(headings.QUOTES):
        return Named(pair[1], Timeframe.of_seconds(int(pair[2]) * 60))
    timeframe, place = _timeframe(stem)
    before, after = (stem, "") if place is None else (stem[: place[0]], stem[place[1] :])
    runs = _runs(before) or _runs(after)
    symbol = _certified(runs[0], certain=timeframe is not None) if len(runs) == 1 else None
    return Named(symbol, timeframe, _dayfirst(stem))


def _timeframe(stem: str) -> tuple[Timeframe | None, tuple[int, int] | None]:
    for found in _TIMEFRAME.finditer(stem):
        if found["word"]:
            text = _WORDS[found["word"].lower()]
        else:
            text = (found["count"] or found["after"]) + (found["unit"] or found["before"])[0].lower()
        try:
            return Timeframe.parse(text), found.span()
        except ValueError:
            continue
    return None, None


def _dayfirst(stem: str) -> bool | None:
    """Say whether a day in the name has its day first; None where none is told or none is certain."""
    firsts = [(int(found[1]), int(found[3])) for found in _DAY.finditer(stem)]
    if any(first > 12 for first, _ in firsts):
        return True
    return False if any(second > 12 for _, second in firsts) else None


def _runs(text: str) -> list[str]:
    """Return the runs of words that are neither a venue's, a date nor words for bars, which may be symbols.

    What stands behind the timeframe is a remark where something stands before it.
    """
    runs: list[tuple[int, int]] = []
    last = -2
    for place, found in enumerate(_PARTS.finditer(text)):
        word = found[0].lower()
        if _is_venue(word) or word in _NOISE or _NOISE_NUMBER.fullmatch(word):
            continue
        start = runs.pop()[0] if place == last + 1 else found.start()
        runs.append((start, found.end()))
        last = place
    return [text[start:end] for start, end in runs]


def _is_venue(word: str) -> bool:
    """Say whether a word names a venue, perhaps with the money it takes: ``bitstampUSD``."""
    return word in _VENUES or any(word == venue + quote.lower() for venue in _VENUES for quote in headings.QUOTES[:6])


def _certified(text: str, *, certain: bool) -> str | None:
    """Return a symbol in capitals; a word in small letters must end like one, unless a timeframe stands beside it."""
    symbol = text.upper().replace(" ", "-")
    words = re.split(r"[-_]", symbol)
    if len(symbol) > LONGEST_SYMBOL or not all(_SYMBOL.fullmatch(word) or word.isdigit() for word in words):
        return None
    quoted = any(symbol.endswith(quote) and symbol != quote for quote in headings.QUOTES)
    return symbol if certain or quoted or text != text.lower() else None
