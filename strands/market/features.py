"""Features: what a run of bars says in numbers, row by row.

Every feature is a function of a finite window of bars, so the last row of a live window and the same row of a whole
file are the same number to the last bit (``rolling`` says how). Windows count bars: where a recording has a gap, the
bars around it are neighbours and a return over it is taken as it is.

Where the classic definition has an infinite memory, its finite form is used and named:

* RSI is Cutler's (1988): simple means of gains and losses instead of Wilder's recursion.
* ATR is the simple mean of Wilder's true range (1978), in price units.
* EMA weights are cut off after ``ema_reach`` spans and scaled to add up to one.
* OBV (Granville 1963) and VPT are summed over their window instead of since the first bar.
* Bollinger bands (1983) and volatilities use the population standard deviation.

MACD (Appel 1979), bands, means, momentum and ATR are in price units; returns, volatilities and widths are fractions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from strands.market import patterns, regime, rolling
from strands.market.bar import Bar, Timeframe
from strands.market.rolling import Array

#: The longest of each family decides how many bars a window must hold; names in the payload carry these numbers.
SMA, EMA, RETURNS, VOLATILITIES, MOMENTA = (20, 50, 100), (12, 26, 50, 100), (20, 50, 100), (20, 100), (10, 20)
RSI, ATR, BANDS, VOLUME, MACD = 14, 14, 20, 20, (12, 26, 9)


class FeaturePolicy(BaseModel):
    """Every number behind the features that is not part of a feature's name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ema_reach: float = Field(
        3.0, ge=1, le=10, description="window of an exponential mean [spans]; 3 leave out 0.25 % of it"
    )
    band_width: float = Field(2.0, gt=0, le=10, description="Bollinger bands from their middle [standard deviations]")
    digits: int = Field(10, ge=6, le=15, description="significant digits kept of each feature [digits]")
    pattern: patterns.PatternPolicy = Field(default_factory=patterns.PatternPolicy, description="levels and breakouts")
    regimes: regime.RegimePolicy = Field(default_factory=regime.RegimePolicy, description="regime of the market")

    def rows_of(self, span: int) -> int:
        """Return the window of an exponential mean of this span [bars]."""
        return max(1, round(self.ema_reach * span))

    @property
    def window(self) -> int:
        """The bars that the last row depends on [bars]."""
        _, slow, signal = MACD
        return max(
            self.rows_of(max(EMA)),
            self.rows_of(slow) + self.rows_of(signal),
            max(RETURNS) + 2,
            self.pattern.level_lookback + 2 * self.pattern.pivot_wing + 2,
            self.pattern.divergence_lookback + 2 * self.pattern.pivot_wing + RSI + 2,
        )


class Prices(NamedTuple):
    """The columns of a run of bars, oldest first."""

    high: Array
    low: Array
    close: Array
    volume: Array

    @classmethod
    def of(cls, bars: Sequence[Bar]) -> Prices:
        """Return the columns of bars; their decimal text becomes the nearest doubles."""
        if not bars:
            return cls(*(np.empty(0) for _ in cls._fields))
        columns = list(zip(*bars, strict=True))
        return cls(*(np.array(list(map(float, columns[place]))) for place in _PLACES))

    def then(self, later: Prices) -> Prices:
        """Return these columns followed by later ones."""
        return Prices(*(np.concatenate(pair) for pair in zip(self, later, strict=True)))

    def last(self, rows: int) -> Prices:
        """Return the last ``rows`` of the columns, or all when there are fewer."""
        return Prices(*(column[max(0, len(column) - rows) :] for column in self))


_PLACES = [Bar._fields.index(name) for name in Prices._fields]


class Features(NamedTuple):
    """One row a bar: numbers by name (NaN where a window is not full or nothing applies), the regime, the vote."""

    numbers: dict[str, Array]
    regimes: list[str]
    votes: list[int]

    def after(self, rows: int) -> Features:
        """Return the features without the first ``rows`` bars."""
        numbers = {name: column[rows:] for name, column in self.numbers.items()}
        return Features(numbers, self.regimes[rows:], self.votes[rows:])

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each bar's payload, without its votes; what is not a number is None."""
        names = (*self.numbers, "regime")
        empty = dict.fromkeys(names)
        columns = [_listed(column) for column in self.numbers.values()]
        for values in zip(*columns, self.regimes, strict=True):
            row = empty.copy()  # a copy has its room already: filling it is faster than growing a new one
            row.update(zip(names, values, strict=True))
            yield row


def _listed(column: Array) -> list[float | None]:
    """Return a column as a list with None for what is not a number; few rows of a column are exceptions."""
    there = np.isfinite(column)
    exceptions = np.flatnonzero(~there).tolist()
    if 2 * len(exceptions) <= len(column):
        listed: list[float | None] = column.tolist()
        for row in exceptions:
            listed[row] = None
    else:
        listed = [None] * len(column)
        for row in np.flatnonzero(there).tolist():
            listed[row] = float(column[row])
    return listed


def compute(prices: Prices, *, timeframe: Timeframe, policy: FeaturePolicy) -> Features:
    """Return the features of every bar, each from itself and the bars before it."""
    numbers = {"close": prices.close}
    numbers |= _returns(prices.close)
    numbers |= _oscillators(prices.close, policy)
    numbers |= _volumes(prices, numbers["ret_1"])
    numbers |= _means(prices.close, policy)
    numbers |= _volatility(prices, numbers["ret_1"])
    found = patterns.find(
        prices.high, prices.low, prices.close, numbers["volume_ratio"], numbers["rsi_14"], timeframe, policy.pattern
    )
    judged = regime.judge(numbers, policy.regimes)
    numbers |= {"trend": judged.trend, "regime_confidence": judged.confidence} | found
    numbers["anomaly_z"] = _surprise(numbers["ret_1"])
    rounded = {name: rolling.significant(column, policy.digits) for name, column in numbers.items()}
    return Features(rounded, judged.names, _votes(numbers))


def _returns(close: Array) -> dict[str, Array]:
    return {f"ret_{lag}": rolling.ratio(close, rolling.lagged(close, lag)) - 1.0 for lag in (1, *RETURNS)}


def _oscillators(close: Array, policy: FeaturePolicy) -> dict[str, Array]:
    fast, slow, signal = MACD
    macd = _ema(close, fast, policy) - _ema(close, slow, policy)
    macd_signal = _ema(macd, signal, policy)
    middle, apart = rolling.mean(close, BANDS), policy.band_width * rolling.deviation(close, BANDS)
    return {
        "rsi_14": _rsi(close),
        "macd": macd,
        "macd_signal": macd_signal,
        "macd_hist": macd - macd_signal,
        "bb_upper": middle + apart,
        "bb_middle": middle,
        "bb_lower": middle - apart,
        "bb_width": rolling.ratio(2.0 * apart, middle),
    }


def _rsi(close: Array) -> Array:
    """Return Cutler's RSI, 0 to 100; 50 where the price never moved."""
    change = close - rolling.lagged(close, 1)
    gains = rolling.total(np.maximum(change, 0.0), RSI)
    losses = rolling.total(np.maximum(-change, 0.0), RSI)
    moved = gains + losses
    return np.where(moved == 0.0, 50.0, 100.0 * rolling.ratio(gains, moved))


def _volumes(prices: Prices, ret_1: Array) -> dict[str, Array]:
    average = rolling.mean(prices.volume, VOLUME)
    return {
        "volume": prices.volume,
        f"volume_sma_{VOLUME}": average,
        "volume_ratio": rolling.ratio(prices.volume, average),
        f"obv_{VOLUME}": rolling.total(np.sign(ret_1) * prices.volume, VOLUME),
        f"vpt_{VOLUME}": rolling.total(ret_1 * prices.volume, VOLUME),
    }


def _means(close: Array, policy: FeaturePolicy) -> dict[str, Array]:
    simple = {f"sma_{rows}": rolling.mean(close, rows) for rows in SMA}
    exponential = {f"ema_{span}": _ema(close, span, policy) for span in EMA}
    momenta = {f"momentum_{lag}": close - rolling.lagged(close, lag) for lag in MOMENTA}
    return simple | exponential | momenta


def _ema(values: Array, span: int, policy: FeaturePolicy) -> Array:
    return rolling.exponential(values, span=span, rows=policy.rows_of(span))


def _volatility(prices: Prices, ret_1: Array) -> dict[str, Array]:
    short, long = (rolling.deviation(ret_1, rows) for rows in VOLATILITIES)
    before = rolling.lagged(prices.close, 1)
    true_range = np.maximum(prices.high, before) - np.minimum(prices.low, before)
    names = [f"vol_{rows}" for rows in VOLATILITIES]
    return {
        names[0]: short,
        names[1]: long,
        "vol_ratio": rolling.ratio(short, long),
        f"atr_{ATR}": rolling.mean(true_range, ATR),
    }


def _surprise(ret_1: Array) -> Array:
    """Return how far a return lies from those of the 100 bars before it, in their standard deviations.

    The bar itself is left out of its own yardstick, or a lone jump could never exceed the square root of the window.
    """
    rows = max(VOLATILITIES)
    usual, spread = (rolling.lagged(each(ret_1, rows), 1) for each in (rolling.mean, rolling.deviation))
    apart = ret_1 - usual
    return np.where(apart == 0.0, 0.0, rolling.ratio(apart, spread))


def _votes(numbers: dict[str, Array]) -> list[int]:
    """Return each bar's direction: 1 above its 20-bar mean with upward momentum, -1 below with downward, else 0."""
    above = numbers["close"] - numbers[f"sma_{SMA[0]}"]
    momentum = numbers[f"momentum_{MOMENTA[0]}"]
    up, down = (above > 0) & (momentum > 0), (above < 0) & (momentum < 0)
    votes: list[int] = (up.astype(int) - down.astype(int)).tolist()
    return votes
