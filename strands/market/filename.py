"""What a recording's file name says: ``BTC-PERP_1m_2022-01.csv.gz``, ``ETH_USDT-1h.feather``."""

from __future__ import annotations

import re
from typing import NamedTuple

from strands.market.bar import Timeframe

_TIMEFRAME = re.compile(r"(?:^|[-_. ])(\d+(?:min|m|h|d))(?=$|[-_. ])", re.IGNORECASE)
_SYMBOL = re.compile(r"[A-Z0-9]{2,}(?:[-_][A-Z]+)*")
_SUFFIX = re.compile(r"(\.(csv|txt|parquet|feather|ftr|arrow|gz))+$", re.IGNORECASE)


class Named(NamedTuple):
    """Symbol and timeframe, each None where the name does not say."""

    symbol: str | None
    timeframe: Timeframe | None


def read(name: str) -> Named:
    """Return what a file's name (without its folder) says of its bars."""
    stem = _SUFFIX.sub("", name)
    for found in _TIMEFRAME.finditer(stem):
        try:
            timeframe = Timeframe.parse(found[1])
        except ValueError:
            continue
        return Named(stem[: found.start()].strip("-_. ").upper() or None, timeframe)
    symbol = _SYMBOL.match(stem)
    return Named(symbol[0] if symbol else None, None)
