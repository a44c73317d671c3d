"""Bar strand: a bar with its features as it goes onto the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from strands import ids, strand
from strands.market.bar import Bar, Timeframe
from strands.strand import Strand

MODULE, KIND = "market", "bar"


class Heading(NamedTuple):
    """What all bar strands of one symbol and timeframe have in common; ``cause`` is that part of their cause."""

    timeframe: str
    tags: tuple[str, ...]
    rolled: bool
    cause: str


def heading(symbol: str, timeframe: Timeframe, *, tags: tuple[str, ...], rolled: bool) -> Heading:
    """Return the heading of a symbol's bars; ``rolled`` ones say how many bars each holds."""
    return Heading(timeframe.value, tags, rolled, ids.joined("", MODULE, KIND, symbol, timeframe.value))


def identity_of(at: datetime, opened: str, cause: str) -> str:
    """Return the id of the bar that closed at a moment and opened at another, as text."""
    return ids.strand_id(at, 0, cause, opened)


def strand_of(bar: Bar, at: datetime, features: dict[str, Any], under: Heading) -> Strand:
    """Return what ``strand.first`` would make of a bar, without asking it for what every bar has in common."""
    symbol, _, opened_at, open_, high, low, close, volume, parts, extras = bar
    timeframe, tags, rolled, cause = under
    opened = opened_at.isoformat()
    identity = identity_of(at, opened, cause)
    prices: dict[str, Any] = {
        "opened_at": opened,
        "open": open_,
        "high": high,
        "low": low,
        "close": close,
        "volume": volume,
    }
    if extras:
        prices.update(extras)
    if rolled:
        prices["bars"] = parts
    return Strand(
        id=identity,
        module=MODULE,
        kind=KIND,
        at=at,
        symbol=symbol,
        timeframe=timeframe,
        tags=tags,
        lifecycle_id=identity,
        session_bucket=strand.session_bucket(at),
        regime=features["regime"],
        payload={"md_bar": prices, "md_features": features},
    )
