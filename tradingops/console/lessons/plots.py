"""The results of a lesson's members as bars, and the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from strands import figures

#: The drawing's size, and the most bars that can be told apart in it.
WIDTH, HEIGHT, MOST = 600.0, 120.0, 120
#: The part of its place that a bar fills, and its widest.
FILLED, WIDEST = 0.72, 26.0
#: The least height of a bar, so that a result of nearly nothing is seen.
LEAST = 1.5


@dataclass(frozen=True, slots=True)
class Bar:
    """One member's result."""

    x: float
    y: float
    width: float
    height: float
    won: bool
    told: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Results side by side around a line of nothing won."""

    bars: tuple[Bar, ...]
    zero: float
    highest: float
    lowest: float
    told: str

    width, height = WIDTH, HEIGHT


def bars(results: Sequence[float]) -> Bars | None:
    """Return the bars of results [fractions], None without any."""
    shown = list(results)[:MOST]
    if not shown:
        return None
    high, low = max(0.0, *shown), min(0.0, *shown)
    span = high - low or 1.0
    zero = round(HEIGHT * high / span, 2)
    place = WIDTH / len(shown)
    width = min(place * FILLED, WIDEST)
    drawn = tuple(
        _bar(result, x=(nth + 0.5) * place - width / 2, width=width, zero=zero, span=span)
        for nth, result in enumerate(shown)
    )
    return Bars(drawn, zero, high, low, _told(shown))


def _bar(result: float, *, x: float, width: float, zero: float, span: float) -> Bar:
    height = max(abs(result) / span * HEIGHT, LEAST)
    top = zero - height if result > 0 else zero
    return Bar(round(x, 2), round(top, 2), round(width, 2), round(height, 2), result > 0, _share(result))


def _told(results: Sequence[float]) -> str:
    won = sum(result > 0 for result in results)
    mean = sum(results) / len(results)
    return (
        f"Results of {len(results)} members: {won} won, {len(results) - won} did not; "
        f"mean {_share(mean)}, best {_share(max(results))}, worst {_share(min(results))}."
    )


def _share(result: float) -> str:
    return figures.percent(result, signed=True)
