"""Which column is called what: the names people give to time, prices and volume."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

#: When a bar opened, by names that say so.
OPENING = (
    *("open_time", "opentime", "time_open", "timeopen", "kline_open_time", "window_start", "bar_start"),
    *("start", "start_time", "begin", "begins_at"),
)
#: When something was, which is when the bar opened unless another column says it better.
TIME = (
    *("timestamp", "datetime", "date_time", "gmt_time", "local_time", "utc_time", "time_utc", "date_utc", "utc"),
    *("time_gmt", "date_gmt", "date", "time", "ts", "ts_event", "mts", "unix", "unix_timestamp", "unix_time", "epoch"),
    *("timestamp_ms", "datum", "fecha", "data", "dtyyyymmdd", "day", "index_level_0", "unnamed_0", "index"),
)
#: The time of day, where the day has a column of its own.
CLOCK = ("time", "uhrzeit", "zeit", "hour", "heure", "hora", "time_of_day")
#: When a bar closed: never taken for when it opened.
CLOSING = ("close_time", "closetime", "time_close", "timeclose", "kline_close_time", "end", "end_time", "bar_end")
PRICES = {
    "open": ("open", "o", "open_price", "price_open", "erster", "eroffnung", "eroffnungskurs", "ouverture", "apertura"),
    "high": ("high", "h", "high_price", "price_high", "max", "hoch", "hochst", "plus_haut", "maximo"),
    "low": ("low", "l", "low_price", "price_low", "min", "tief", "tiefst", "plus_bas", "minimo"),
    "close": (
        *(
            "close",
            "c",
            "close_price",
            "price_close",
            "close_last",
            "last",
            "last_price",
            "schluss",
            "schlusskurs",
            "letzter",
        ),
        *("cloture", "dernier", "cierre", "ultimo", "price"),
    ),
}
VOLUME = (
    *("volume", "v", "vol", "base_volume", "volume_base", "qty", "volume_from", "volumefrom", "stuecke", "stucke"),
    *("total_volume", "real_volume", "volumen"),
)
#: Counts of changes of price: taken where nobody counted what was traded.
TICKS = ("tick_volume", "tickvol", "tick_vol", "ticks")
#: What was paid, in money: never taken for what was traded.
QUOTE_VOLUME = (
    *("quote_volume", "volume_quote", "quote_asset_volume", "quotevolume", "quote_av", "volume_to", "volumeto"),
    *("turnover", "volume_currency", "dollar_volume", "value", "foreign_notional"),
)
SYMBOL = ("symbol", "ticker", "pair", "market", "instrument", "tic")
FIELDS = ("time", *PRICES, "volume")
#: Currencies in which prices are quoted; a symbol ends with one.
QUOTES = (
    *("USDT", "USDC", "BUSD", "FDUSD", "TUSD", "USD", "EUR", "GBP", "JPY", "TRY", "BRL", "AUD", "CAD", "CHF", "KRW"),
    *("CURRENCY", "BTC", "ETH", "BNB"),
)

#: What a file may tell beside a bar's own numbers, and must not.
EXTRAS = {
    "open_interest": ("open_interest", "oi", "sum_open_interest"),
    "open_interest_24h_ago": ("open_interest_24h_ago", "oi_24h_ago"),
    "funding_rate": ("funding_rate", "funding", "last_funding_rate"),
    "basis": ("basis", "basis_rate"),
    "bid_depth": ("bid_depth", "bids_depth"),
    "ask_depth": ("ask_depth", "asks_depth"),
}


class UnknownColumns(ValueError):
    """A file has no column for a field."""

    def __init__(self, missing: Sequence[str], found: Sequence[str], *, hint: str = "") -> None:
        wanted = {"time": (*OPENING, *TIME), **PRICES, "volume": (*VOLUME, "volume …")}
        looked = "; ".join(f"{field}: {', '.join(wanted[field])}" for field in missing)
        if missing == ["volume"]:
            hint += " (--columns volume=none, if nobody counted)"
        super().__init__(
            f"columns: none found for {', '.join(missing)}{hint}; looked for {looked} (in any case); "
            f"the file has {', '.join(map(repr, found)) or 'no columns'}; say which with --columns, as in "
            f"--columns {missing[0]}=NAME"
        )


def places(names: Sequence[Iterable[str]], spellings: Iterable[str]) -> list[int]:
    """Return the columns that go by these spellings, in the order of the spellings; a column may have many names."""
    known: dict[str, list[int]] = {}
    for place, several in enumerate(names):
        for name in several:
            known.setdefault(name, []).append(place)
    return list(dict.fromkeys(place for spelling in spellings for place in known.get(spelling, ())))


def recognised(cells: Sequence[str]) -> int:
    """Return for how many fields a row of headings has a column."""
    names = stripped([[plain(cell)] for cell in cells])
    spellings = {**PRICES, "time": (*OPENING, *TIME), "volume": (*VOLUME, *TICKS, *QUOTE_VOLUME)}
    return sum(bool(places(names, words)) for words in spellings.values())


def stripped(names: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the names without a word that every price has beside its own, as in ``AAPL.Open`` or ``close_nvda``."""
    words = {name for several in names for name in several}
    for price in ("open", "high", "low", "close"):
        if price in words:
            return [list(several) for several in names]
    for affix in _affixes(words):
        if all({f"{affix}_{price}", f"{price}_{affix}"} & words for price in ("open", "high", "low", "close")):
            return [[name.removeprefix(f"{affix}_").removesuffix(f"_{affix}") for name in several] for several in names]
    return [list(several) for several in names]


def _affixes(words: Iterable[str]) -> list[str]:
    found = [re.fullmatch(r"(?:(.+)_open|open_(.+))", word) for word in sorted(words)]
    return [each[1] or each[2] for each in found if each]


def extras(names: Sequence[str]) -> dict[str, int]:
    """Return the column of each extra that a file has."""
    several = [[plain(name)] for name in names]
    found: Mapping[str, list[int]] = {field: places(several, spellings) for field, spellings in EXTRAS.items()}
    return {field: columns[0] for field, columns in found.items() if columns}


def plain(name: str) -> str:
    """Return a heading in small letters, without accents, marks and a number before it."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^0-9a-z]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", bare).lower()).strip("_")
    return re.sub(r"^\d+_(?=[a-z])", "", words)
