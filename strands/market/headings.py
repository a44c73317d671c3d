"""Which column is which: the names people give to time, prices and volume."""

from __future__ import annotations

import re
from collections.abc import Sequence

TIME = (
    *("timestamp", "open_time", "opentime", "datetime", "date_time", "date", "time", "ts"),
    *("unix", "unix_timestamp", "epoch", "index_level_0", "unnamed_0", "index"),
)
PRICES = {
    "open": ("open", "o", "open_price", "price_open"),
    "high": ("high", "h", "high_price", "price_high"),
    "low": ("low", "l", "low_price", "price_low"),
    "close": ("close", "c", "close_price", "price_close"),
}
VOLUME = ("volume", "v", "vol", "base_volume", "volume_base", "qty")
FIELDS = ("time", *PRICES, "volume")

#: What a file may tell beside a bar's own numbers, and must not.
EXTRAS = {
    "open_interest": ("open_interest", "oi", "sum_open_interest"),
    "open_interest_24h_ago": ("open_interest_24h_ago", "oi_24h_ago"),
    "funding_rate": ("funding_rate", "funding", "last_funding_rate"),
    "basis": ("basis", "basis_rate"),
    "bid_depth": ("bid_depth", "bids_depth"),
    "ask_depth": ("ask_depth", "asks_depth"),
}

#: The order of an exchange's klines, which often come without a heading.
KLINES = {field: place for place, field in enumerate(FIELDS)}


class UnknownColumns(ValueError):
    """A file has no column for a field."""

    def __init__(self, missing: Sequence[str], found: Sequence[str]) -> None:
        wanted = {"time": TIME, **PRICES, "volume": (*VOLUME, "volume …")}
        looked = "; ".join(f"{field}: {', '.join(wanted[field])}" for field in missing)
        super().__init__(
            f"columns: none found for {', '.join(missing)}; looked for {looked} (in any case); "
            f"the file has {', '.join(map(repr, found)) or 'no columns'}; rename a column and try again"
        )


def match(names: Sequence[str]) -> dict[str, int]:
    """Return the column of each field; raises UnknownColumns naming what was looked for and what was found."""
    known: dict[str, int] = {}
    for place, name in enumerate(names):
        known.setdefault(_plain(name), place)
    wanted = {"time": TIME, **PRICES, "volume": (*VOLUME, *(name for name in known if name.startswith("volume")))}
    chosen = {
        field: next((known[name] for name in spellings if name in known), None) for field, spellings in wanted.items()
    }
    if missing := [field for field, place in chosen.items() if place is None]:
        raise UnknownColumns(missing, names)
    return {field: place for field, place in chosen.items() if place is not None}


def extras(names: Sequence[str]) -> dict[str, int]:
    """Return the column of each extra that a file has."""
    known: dict[str, int] = {}
    for place, name in enumerate(names):
        known.setdefault(_plain(name), place)
    found = {field: next((known[name] for name in names if name in known), None) for field, names in EXTRAS.items()}
    return {field: place for field, place in found.items() if place is not None}


def _plain(name: str) -> str:
    words = re.sub(r"[^0-9a-z]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", name).lower())
    return words.strip("_")
