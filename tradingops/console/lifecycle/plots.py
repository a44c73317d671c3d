"""The candles around a story, with its entries, exits, stop and target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from strands import figures, json_values
from tradingops.console.lifecycle.orders import fills_of
from tradingops.console.lifecycle.story import Story
from tradingops.console.showing import candles
from tradingops.console.showing.candles import Candle, Window


def window_of(story: Story) -> Window | None:
    """Return the bars around a story; None for one without a symbol or a bar."""
    return candles.window(story.symbol, story.timeframe, story.moments)


def chart_of(story: Story, found: Sequence[Candle]) -> dict[str, Any] | None:
    """Return what the page draws, as JSON; None where there is nothing to draw."""
    marks = [mark for fill in fills_of(story) if (mark := _mark(fill)) is not None]
    return candles.chart(found, plan=story.plan, marks=marks)


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
