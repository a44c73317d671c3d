"""Data age: which symbols the desk no longer hears of, by market time and in their own sessions.

A moment is judged when a later one is told of, for the bars of its other symbols may be on their way until then; a
timer is judged at once, as whoever tells it has waited.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from strands.market import session_grid
from strands.market.bar import Timeframe
from strands.strand import Strand
from tradingops.modules.risk import windows
from tradingops.modules.risk.policy import RiskPolicy


class Heard(NamedTuple):
    """When a symbol's last sound bar closed, how long its bars are [s], and whether nothing unsound came since."""

    at: datetime
    seconds: int
    is_sound: bool = True


class DataAge(NamedTuple):
    """What was heard of each symbol up to ``present``, the grids of those that close, and who is stale: how old [s]."""

    heard: Mapping[str, Heard] = {}
    grids: Mapping[str, str] = {}
    present: datetime | None = None
    stale: Mapping[str, float] = {}

    @property
    def are_all_stale(self) -> bool:
        """Whether nothing that is heard of is fresh; a single symbol is the desk's whole market."""
        return bool(self.stale) and len(self.stale) == len(self.heard)

    def to_json(self) -> dict[str, Any]:
        """Return the ages as JSON; ``ages_from`` undoes it."""
        return {
            "heard": {
                symbol: [each.at.isoformat(), each.seconds, each.is_sound] for symbol, each in self.heard.items()
            },
            "grids": dict(self.grids),
            "present": None if self.present is None else self.present.isoformat(),
            "stale": dict(self.stale),
        }


#: A bar that lies farther back is the present: one of a year to come must not be it for ever.
_BACK = timedelta(days=session_grid.MOST_DAYS)


def ages_from(json: Mapping[str, Any]) -> DataAge:
    """Return what ``DataAge.to_json`` wrote."""
    present = json["present"]
    return DataAge(
        heard={
            symbol: Heard(datetime.fromisoformat(at), seconds, is_sound)
            for symbol, (at, seconds, is_sound) in json["heard"].items()
        },
        grids=json["grids"],
        present=None if present is None else datetime.fromisoformat(present),
        stale=json["stale"],
    )


def price_of(bar: Strand, *, now: datetime) -> Decimal | None:
    """Return a bar's close; None for one that is no price, and for a bar that closes later than it is.

    Two clocks may differ by as much as a bar is long.
    """
    told = bar.payload.get("md_bar")
    try:
        close = Decimal(str(told.get("close"))) if isinstance(told, dict) else None
    except InvalidOperation:
        return None
    if close is None or not close.is_finite() or close <= 0:
        return None
    return None if bar.at > now + timedelta(seconds=windows.seconds_of(bar.timeframe)) else close


def with_grid(ages: DataAge, instrument: Strand) -> DataAge:
    """Return the ages with the sessions that a symbol's instrument tells of."""
    told = instrument.payload.get("md_instrument")
    grid = told.get("session_grid") if isinstance(told, dict) else None
    grids = {symbol: each for symbol, each in ages.grids.items() if symbol != instrument.symbol}
    if isinstance(grid, str) and session_grid.hours_of(grid) is not None:
        grids[instrument.symbol or ""] = grid
    return ages._replace(grids=grids)


def with_bar(ages: DataAge, bar: Strand, *, is_sound: bool, held: Container[str], policy: RiskPolicy) -> DataAge:
    """Return the ages after a bar: the moment before it is judged where it is the first of a later one."""
    symbol, seconds = bar.symbol or "", windows.seconds_of(bar.timeframe)
    if not is_sound:
        known = ages.heard.get(symbol, Heard(bar.at, seconds))
        heard = {**ages.heard, symbol: known._replace(is_sound=False)}
        return ages._replace(heard=heard, stale={symbol: 0.0, **ages.stale})
    present = ages.present
    if present is not None and bar.at > present:
        ages = judged(ages, present, held=held, policy=policy)
    stale = {each: age for each, age in ages.stale.items() if each != symbol} if symbol in ages.stale else ages.stale
    if present is None or bar.at > present or bar.at < present - _BACK:
        present = bar.at
    return DataAge({**ages.heard, symbol: Heard(bar.at, seconds)}, ages.grids, present, stale)


def with_timer(ages: DataAge, timer: Strand, *, held: Container[str], policy: RiskPolicy) -> DataAge:
    """Return the ages after somebody told that time has passed, and which bar of each of its symbols was the last."""
    told = timer.payload.get("md_timer")
    newest = told.get("newest") if isinstance(told, dict) else None
    heard = dict(ages.heard)
    for symbol, (at, timeframe) in (newest or {}).items():
        known, each = heard.get(symbol), Heard(datetime.fromisoformat(at), Timeframe.parse(timeframe).seconds)
        heard[symbol] = each if known is None else each._replace(at=max(known.at, each.at), is_sound=known.is_sound)
    present = timer.at if ages.present is None else max(timer.at, ages.present)
    return judged(ages._replace(heard=heard, present=present), present, held=held, policy=policy)


def judged(ages: DataAge, at: datetime, *, held: Container[str], policy: RiskPolicy) -> DataAge:
    """Return the ages with who is stale at a moment.

    What is not held and has long been silent was left, and is forgotten; whoever is stale stays so until heard again.
    """
    heard, stale = dict(ages.heard), {}
    for symbol, each in ages.heard.items():
        age = session_grid.open_seconds(ages.grids.get(symbol), each.at, at)
        is_ahead = each.at > at + timedelta(seconds=each.seconds)
        if symbol not in held and symbol not in ages.stale and (age > policy.watched_hours * 3600 or is_ahead):
            del heard[symbol]
            continue
        if age > policy.stale_after_bars * each.seconds or is_ahead or not each.is_sound:
            stale[symbol] = age
    return ages._replace(heard=heard, stale=stale)
