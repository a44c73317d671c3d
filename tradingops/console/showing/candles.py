"""Candles of a symbol around some moments: which bars to read, and what a chart draws of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from strands import ids, json_values
from tradingops.console.showing.moments import TIMEFRAMES

#: As many candles as can be told apart on a screen, and be drawn at once.
MOST_CANDLES = 300
#: Bars shown before the first moment and after the last.
BEFORE, AFTER = 60, 25
#: As many bars as are read and merged for one chart.
MOST_BARS = 3_000

_PRICES = ("open", "high", "low", "close")
_LINES = (("entry", "entry_price"), ("stop", "stop_loss"), ("target", "take_profit"))
#: Ids begin with the moment, so the key finds the bars of a time.
_BARS = """
    SELECT md_bar::text FROM md_strands
     WHERE id >= %(low)s AND id < %(high)s AND symbol = %(symbol)s AND timeframe = %(timeframe)s AND kind = 'bar'
     ORDER BY id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Window:
    """The bars to read: those of one symbol and timeframe that close from ``start`` to ``end``."""

    symbol: str
    timeframe: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Candle:
    """One candle; ``opened`` in milliseconds since 1970."""

    opened: int
    open: float
    high: float
    low: float
    close: float


def window(symbol: str | None, timeframe: str | None, moments: Sequence[datetime]) -> Window | None:
    """Return the bars around moments, of a longer timeframe where they would be too many; None for no symbol or bar."""
    if not moments or not symbol or timeframe not in TIMEFRAMES:
        return None
    first, last = min(moments), max(moments)
    long_enough = [name for name, step in TIMEFRAMES.items() if step >= TIMEFRAMES[timeframe]]
    fitting = (name for name in long_enough if (last - first) / TIMEFRAMES[name] + BEFORE + AFTER <= MOST_BARS)
    chosen = next(fitting, long_enough[-1])
    return Window(symbol, chosen, first - BEFORE * TIMEFRAMES[chosen], last + AFTER * TIMEFRAMES[chosen])


def read(within: Window) -> list[Candle]:
    """Return the candles of a window, the earliest first."""
    asked: dict[str, str | int] = {
        "low": ids.lower_bound(max(within.start, ids.EPOCH)),
        "high": ids.lower_bound(max(within.end, ids.EPOCH)),
        "symbol": within.symbol,
        "timeframe": within.timeframe,
        "most": MOST_BARS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BARS, asked)
        found = [candle_of(json_values.loads(text)) for (text,) in cursor if text]
    return sorted(filter(None, found), key=lambda candle: candle.opened)


def candle_of(bar: Any) -> Candle | None:
    """Return the candle of a bar as it lies in ``md_bar``; None for one without its moment or a price."""
    opened = json_values.moment(json_values.dig(bar, "opened_at"))
    prices = [json_values.number(json_values.dig(bar, name)) for name in _PRICES]
    if opened is None or None in prices:
        return None
    return Candle(round(opened.timestamp() * 1_000), *[price for price in prices if price is not None])


def merged(candles: Sequence[Candle], *, most: int = MOST_CANDLES) -> list[Candle]:
    """Return at most so many candles: neighbours are merged, the first and last price and the extremes kept."""
    size = max(1, -(-len(candles) // most))
    return [_one(candles[start : start + size]) for start in range(0, len(candles), size)]


def chart(candles: Sequence[Candle], *, plan: Any, marks: Iterable[dict[str, Any]] = ()) -> dict[str, Any] | None:
    """Return what a page draws, as JSON: candles, the lines of a plan's prices, marks; None for nothing to draw."""
    if not candles:
        return None
    lines = [(name, json_values.number(plan.get(key))) for name, key in _LINES]
    return {
        "candles": [[each.opened, each.open, each.high, each.low, each.close] for each in merged(candles)],
        "lines": [{"name": name, "price": price} for name, price in lines if price is not None],
        "marks": list(marks),
    }


def _one(candles: Sequence[Candle]) -> Candle:
    first, last = candles[0], candles[-1]
    high, low = max(each.high for each in candles), min(each.low for each in candles)
    return Candle(first.opened, first.open, high, low, last.close)
