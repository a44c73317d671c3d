"""Windows: the last returns of each symbol, on the grid of its bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isnan
from typing import Any, NamedTuple

import numpy as np

from portfolio.metrics import Array
from strands.market.bar import Timeframe
from strands.strand import Strand

_SECONDS = {each.value: each.seconds for each in Timeframe}

#: Decimals kept of a return.
_DECIMALS = 10


class Window(NamedTuple):
    """Returns up to the bar closed at ``until``, one a bar, oldest first, None where bars were missing.

    Two windows can so be laid side by side by their ends alone. ``close`` is that of the last bar.
    """

    timeframe: str
    until: datetime
    close: float
    returns: tuple[float | None, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the window as JSON; ``window_from`` undoes it."""
        return {
            "timeframe": self.timeframe,
            "until": self.until.isoformat(),
            "close": self.close,
            "returns": list(self.returns),
        }


def window_from(json: Mapping[str, Any]) -> Window:
    """Return the window that ``Window.to_json`` wrote."""
    return Window(
        timeframe=json["timeframe"],
        until=datetime.fromisoformat(json["until"]),
        close=json["close"],
        returns=tuple(json["returns"]),
    )


def extended(window: Window | None, bar: Strand, *, keep: int) -> Window:
    """Return a window with one more bar, the oldest beyond ``keep`` forgotten.

    The return over a gap is no one-bar return and is left out, as are the bars that were missing. A bar that is not
    later than the last changes nothing; one of another timeframe begins a new window.
    """
    close = float(bar.payload["md_bar"]["close"])
    if window is None or window.timeframe != bar.timeframe:
        return Window(bar.timeframe or "", bar.at, close)
    missed = _bars_between(window.until, bar.at, seconds_of(bar.timeframe)) - 1
    if missed < 0:
        return window
    # Adding zero takes the sign from a negative zero, which a database would not keep.
    latest: tuple[float | None, ...] = (round(close / window.close - 1.0, _DECIMALS) + 0.0,)
    if missed:
        latest = (None,) * min(missed + 1, keep)
    earlier = window.returns
    return Window(window.timeframe, bar.at, close, earlier[max(0, len(earlier) + len(latest) - keep) :] + latest)


def seconds_of(timeframe: str | None) -> int:
    """Return the length of a bar; raises ValueError for a timeframe that is not known."""
    known = _SECONDS.get(timeframe or "")
    return Timeframe.parse(timeframe or "").seconds if known is None else known


@dataclass(frozen=True, slots=True)
class Panel:
    """The returns of symbols side by side: one column a symbol, all ending at one moment; NaN where there is none.

    Symbols whose bars differ in length have no moments in common, and so no rows together.
    """

    columns: Mapping[str, Array]
    seconds: Mapping[str, int]

    def known(self, symbol: str) -> Array:
        """Return one symbol's returns, the missing ones left out."""
        column = self.columns[symbol]
        return column[~np.isnan(column)] if _has_gaps(column) else column

    @property
    def is_full(self) -> bool:
        """Whether every moment is known of every symbol."""
        columns = list(self.columns.values())
        alike = len({*map(len, columns)}) <= 1 and len({*self.seconds.values()}) <= 1
        return alike and not any(map(_has_gaps, columns))

    def together(self, symbols: Sequence[str]) -> list[Array]:
        """Return a column a symbol, with the moments known of all of them; nothing where one has no window."""
        if not all(symbol in self.columns for symbol in symbols):
            return []
        if len({self.seconds[symbol] for symbol in symbols}) > 1:
            return []
        rows = min((len(self.columns[symbol]) for symbol in symbols), default=0)
        if not rows:
            return []
        chosen = [self.columns[symbol][-rows:] for symbol in symbols]
        if not any(_has_gaps(column) for column in chosen):
            return chosen
        known = ~np.isnan(sum(chosen))
        return [column[known] for column in chosen]


def _has_gaps(column: Array) -> bool:
    """Return whether a column holds a NaN; its sum tells, in one pass."""
    return isnan(column.sum())


def panel_of(windows: Mapping[str, Window]) -> Panel:
    """Return windows side by side, symbols in order, each column ending with the latest bar of its timeframe."""
    seconds = {symbol: seconds_of(windows[symbol].timeframe) for symbol in sorted(windows)}
    ends = {
        each: max(windows[symbol].until for symbol in seconds if seconds[symbol] == each) for each in seconds.values()
    }
    columns = {symbol: _column(windows[symbol], end=ends[each], seconds=each) for symbol, each in seconds.items()}
    return Panel(columns, seconds)


def _column(window: Window, *, end: datetime, seconds: int) -> Array:
    """Return a window's returns up to a moment at or after its own end."""
    column = np.array(window.returns, dtype=float)
    late = _bars_between(window.until, end, seconds)
    return np.concatenate([column, np.full(late, np.nan)]) if late else column


def _bars_between(earlier: datetime, later: datetime, seconds: int) -> int:
    return round((later - earlier).total_seconds() / seconds)
