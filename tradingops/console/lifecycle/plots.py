"""The candles around a story, with its entries, exits, stop and target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from strands import figures, json_values
from tradingops.console.lifecycle.orders import fills_of
from tradingops.console.lifecycle.story import Story
from tradingops.console.showing.moments import TIMEFRAMES

#: As many candles as can be told apart on a screen, and be drawn at once.
MOST_CANDLES = 300
#: Bars shown before the first strand of a story and after its last.
BEFORE, AFTER = 60, 25
#: As many bars as are read and merged for one chart.
MOST_BARS = 3_000

_PRICES = ("open", "high", "low", "close")
_LINES = (("entry", "entry_price"), ("stop", "stop_loss"), ("target", "take_profit"))


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


def window_of(story: Story) -> Window | None:
    """Return the bars around a story, of a longer timeframe where they would be too many; None for no symbol or bar."""
    moments = story.moments
    if not moments or not story.symbol or story.timeframe not in TIMEFRAMES:
        return None
    first, last = min(moments), max(moments)
    long_enough = [name for name, step in TIMEFRAMES.items() if step >= TIMEFRAMES[story.timeframe]]
    fitting = (name for name in long_enough if (last - first) / TIMEFRAMES[name] + BEFORE + AFTER <= MOST_BARS)
    timeframe = next(fitting, long_enough[-1])
    return Window(story.symbol, timeframe, first - BEFORE * TIMEFRAMES[timeframe], last + AFTER * TIMEFRAMES[timeframe])


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


def chart_of(story: Story, candles: Sequence[Candle]) -> dict[str, Any] | None:
    """Return what the page draws, as JSON; None where there is nothing to draw."""
    if not candles:
        return None
    plan = story.plan
    lines = [(name, json_values.number(plan.get(key))) for name, key in _LINES]
    return {
        "candles": [[each.opened, each.open, each.high, each.low, each.close] for each in merged(candles)],
        "lines": [{"name": name, "price": price} for name, price in lines if price is not None],
        "marks": [mark for fill in fills_of(story) if (mark := _mark(fill)) is not None],
    }


def _mark(fill: Mapping[str, Any]) -> dict[str, Any] | None:
    ts, price = json_values.moment(fill.get("ts")), json_values.number(fill.get("px"))
    if ts is None or price is None:
        return None
    what = f"{figures.word(fill.get('intent'))} {figures.word(fill.get('side'))}".strip()
    said = f"{what} {figures.quantity(fill.get('qty'))} at {figures.price(price)}"
    is_exit = fill.get("intent") == "exit"
    return {
        "at": round(ts.timestamp() * 1_000),
        "price": price,
        "side": figures.word(fill.get("side")),
        "exit": is_exit,
        "text": said,
    }


def _one(candles: Sequence[Candle]) -> Candle:
    first, last = candles[0], candles[-1]
    high, low = max(each.high for each in candles), min(each.low for each in candles)
    return Candle(first.opened, first.open, high, low, last.close)
