"""What is observed: rows of bars, trades or books as columns of features, before any scaling.

Every number is made with + - x / and square roots. What a row cannot say is NaN; rows that are not believed end what
came before them, because a correlation or a rate across a broken row would be an invention.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curators.dsi.expert import Array
from curators.dsi.policy import TapePolicy

_BAR_FIELDS = 6
_EVENT_FIELDS = ("ts", "px", "qty", "side", "bid", "ask", "bid_size", "ask_size", "order_type")
_TS, _PX, _QTY, _SIDE, _BID, _ASK, _BID_SIZE, _ASK_SIZE, _TYPE = range(len(_EVENT_FIELDS))
_WORDS = {"side": {"buy": 1.0, "sell": -1.0}, "order_type": {"market": 1.0, "limit": 0.0, "stop": 1.0}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The columns that experts read, and ``features``: the columns that become tokens, by name."""

    times: Array
    price: Array
    volume: Array
    spread: Array
    imbalance: Array
    features: dict[str, Array]


def bars(rows: Sequence[Sequence[float]], *, policy: TapePolicy) -> Array:
    """Return the believable rows at the end of these, of shape (rows, 6)."""
    table = _numbers(rows)
    with np.errstate(all="ignore"):
        times, prices, volume = table[:, 0], table[:, 1:5], table[:, 5]
        bad = ~((prices >= policy.least_price) & (prices <= policy.most_price)).all(axis=1)
        bad |= ~((volume >= 0.0) & (volume <= policy.most_volume)) | ~np.isfinite(times)
        bad |= (table[:, 2] < prices.max(axis=1)) | (table[:, 3] > prices.min(axis=1))
        bad |= table[:, 2] > table[:, 3] * policy.most_step
        return _unbroken(table, bad, times, table[:, 4], policy)


def events(rows: Sequence[Mapping[str, Any]], *, policy: TapePolicy) -> Array:
    """Return the believable rows at the end of these, of shape (rows, 9); NaN where a row says nothing."""
    if not rows:
        return np.empty((0, len(_EVENT_FIELDS)))
    table = np.array([[_number(row, name) for name in _EVENT_FIELDS] for row in rows])
    with np.errstate(all="ignore"):
        price, trades = _event_price(table), np.isfinite(table[:, _PX])
        bad = ~((price >= policy.least_price) & (price <= policy.most_price)) | ~np.isfinite(table[:, _TS])
        bad |= trades & ~((table[:, _QTY] >= 0.0) & (table[:, _QTY] <= policy.most_volume))
        bad |= (table[:, _ASK] < table[:, _BID]) | (table[:, _BID] < policy.least_price)
        bad |= table[:, _ASK] > policy.most_price
        for size in (_BID_SIZE, _ASK_SIZE):
            bad |= (table[:, size] < 0.0) | (table[:, size] > policy.most_volume)
        return _unbroken(table, bad, table[:, _TS], price, policy)


def of_bars(table: Array, *, policy: TapePolicy) -> Observed:
    """Return what bars can say: their range stands for the spread, the close's place in it for the imbalance."""
    times, opened, high, low, close, volume = table.T
    spread, mid = high - low, (high + low) / 2.0
    imbalance = _ratio(2.0 * close - high - low, spread)
    features = {
        "bid_ask_spread": spread,
        "mid_price": mid,
        "volume_imbalance": imbalance,
        "price_impact": spread / mid,
        "trade_price": close,
        "trade_direction": np.sign(close - opened),
        **_flow(times, close, volume, spread, policy),
    }
    return Observed(times=times, price=close, volume=volume, spread=spread, imbalance=imbalance, features=features)


def of_events(table: Array, *, policy: TapePolicy) -> Observed:
    """Return what trades and books say, with every feature that the rows hold; a feature no row holds is left out."""
    bid, ask, bid_size, ask_size = (table[:, each] for each in (_BID, _ASK, _BID_SIZE, _ASK_SIZE))
    times, price, traded = table[:, _TS], _event_price(table), np.isfinite(table[:, _PX])
    # A book row among trades traded nothing, and that is known; a tape without any trade knows nothing of volume.
    volume = np.where(traded, table[:, _QTY], 0.0) if traded.any() else np.full(len(table), np.nan)
    spread, mid = ask - bid, (bid + ask) / 2.0
    imbalance = _ratio(bid_size - ask_size, bid_size + ask_size)
    intensity = _trailing_mean(traded.astype(np.float64), policy.lookback)
    features = {
        "bid_ask_spread": spread,
        "mid_price": mid,
        "volume_imbalance": imbalance,
        "price_impact": spread / mid,
        "depth_ratio": bid_size / (ask_size + policy.depth_epsilon),
        "trade_size": table[:, _QTY],
        "trade_price": table[:, _PX],
        "trade_direction": table[:, _SIDE],
        "trade_intensity": intensity,
        "trade_aggression": _trailing_mean(table[:, _TYPE], policy.lookback),
        **_flow(times, price, volume, spread, policy),
        "imbalance_intensity": np.abs(imbalance) * intensity,
    }
    said = {name: column for name, column in features.items() if np.isfinite(column).any()}
    return Observed(times=times, price=price, volume=volume, spread=spread, imbalance=imbalance, features=said)


def _flow(times: Array, price: Array, volume: Array, spread: Array, policy: TapePolicy) -> dict[str, Array]:
    """Return the features of volume over time, which bars and trades have in common."""
    apart = np.full(len(times), np.nan)
    apart[1:] = times[1:] - times[:-1]
    rows, recent = policy.lookback, policy.recent
    volumes, prices = (np.lib.stride_tricks.sliding_window_view(each, rows) for each in (volume, price))
    whole = volumes.sum(axis=1)
    mean, now = whole / rows, volumes[:, -recent:].sum(axis=1)
    rest = (whole - now) / (rows - recent)
    around, moves = volumes - mean[:, None], prices - prices.mean(axis=1)[:, None]
    power, price_power = (around * around).sum(axis=1), (moves * moves).sum(axis=1)
    deviation = np.sqrt(power / rows)
    together = _ratio((around * moves).sum(axis=1), np.sqrt(power) * np.sqrt(price_power))
    return {
        "volume": volume,
        "volume_rate": _ratio(volume, apart),
        "volume_volatility": _led(_ratio(deviation, mean), rows),
        "volume_momentum": _led(_ratio(now / recent - rest, rest), rows),
        "spread_volume_ratio": _ratio(spread, volume),
        "price_volume_correlation": _led(together, rows),
    }


def _ratio(above: Array, below: Array) -> Array:
    """Return the quotient, NaN where there is nothing to divide by."""
    quotient: Array = above / np.where(below > 0.0, below, np.nan)
    return np.where(np.isfinite(quotient), quotient, np.nan)


def _led(values: Array, rows: int) -> Array:
    """Return the values after the rows in which their window was not yet full."""
    out = np.full(len(values) + rows - 1, np.nan)
    out[rows - 1 :] = values
    return out


def _trailing_mean(values: Array, rows: int) -> Array:
    return _led(np.lib.stride_tricks.sliding_window_view(values, rows).mean(axis=1), rows)


def _event_price(table: Array) -> Array:
    middle: Array = (table[:, _BID] + table[:, _ASK]) / 2.0
    return np.where(np.isfinite(table[:, _PX]), table[:, _PX], middle)


def _unbroken(table: Array, bad: Any, times: Array, price: Array, policy: TapePolicy) -> Array:
    """Return the rows after the last bad one, and from the last break in time's order or in price on."""
    ratio = price[1:] / price[:-1]
    broken = ~(times[1:] >= times[:-1]) | ~((ratio <= policy.most_step) & (ratio * policy.most_step >= 1.0))
    begins = np.flatnonzero(bad)[-1] + 1 if bad.any() else 0
    if broken[begins:].any():
        begins += np.flatnonzero(broken[begins:])[-1] + 1
    return table[begins:]


def _numbers(rows: Sequence[Sequence[float]]) -> Array:
    """Return rows as a table; a row of another shape or with what is no number becomes a row of NaN."""
    try:
        table = np.array(rows, dtype=np.float64)
    except (TypeError, ValueError):
        table = np.array([_row(row) for row in rows], dtype=np.float64)
    return table if table.ndim == 2 and table.shape[1] == _BAR_FIELDS else np.empty((0, _BAR_FIELDS))


def _row(row: Sequence[float]) -> list[float]:
    try:
        cells = [float(cell) for cell in row]
    except (TypeError, ValueError):
        cells = []
    return cells if len(cells) == _BAR_FIELDS else [math.nan] * _BAR_FIELDS


def _number(row: Mapping[str, Any], name: str) -> float:
    value = row.get(name)
    if value is None:
        return math.nan
    if name in _WORDS:
        return _WORDS[name].get(str(value).lower(), math.nan)
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
