"""The MicroTape: rows of a market as overlapping windows of tokens in [0, 1], with a hash of what they say.

From trades and order books all features exist. Bars are a weaker source: some features have a stand-in, and the rest
are absent. Absent cells are NaN in arrays, missing in a token, and marked in the hash; they are never zero.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Any

import numpy as np

from curators.dsi import observed
from curators.dsi.expert import DECIMALS, Array
from curators.dsi.policy import TapePolicy

#: Stands in the hash for a cell that is absent; tokens are at most 10^6 in its unit.
_ABSENT = -1


class Source(StrEnum):
    """What a tape was made from."""

    BARS = "bars"
    TRADES = "trades"
    BOOK = "book"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One row within one window: its features in [0, 1], its moment [epoch s], and what identifies it."""

    features: Mapping[str, float]
    timestamp: float
    window_id: int
    feature_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tape:
    """Rows as columns of equal length, oldest first, and as windows of shape (windows, rows, features).

    ``price`` and ``times`` are whole; ``volume``, ``spread`` and ``imbalance`` may hold NaN where absent.
    """

    source: Source
    times: Array
    price: Array
    volume: Array
    spread: Array
    imbalance: Array
    names: tuple[str, ...]
    windows: Array
    hash: str

    @property
    def tokens(self) -> int:
        """How many tokens there are, each row once for every window that it is in."""
        return int(self.windows.shape[0] * self.windows.shape[1])

    def read(self, *, step: int) -> Iterator[Token]:
        """Yield the tokens, window by window, oldest first."""
        count, rows, _ = self.windows.shape
        coded = _coded(self.windows)
        for window in range(count):
            begins = len(self.times) - rows - (count - 1 - window) * step
            for row in range(rows):
                cells = zip(self.names, self.windows[window, row].tolist(), strict=True)
                yield Token(
                    features={name: round(value, DECIMALS) for name, value in cells if isfinite(value)},
                    timestamp=float(self.times[begins + row]),
                    window_id=window,
                    feature_hash=hashlib.sha256(coded[window, row].tobytes()).hexdigest(),
                )


def of_bars(rows: Sequence[Sequence[float]], *, policy: TapePolicy) -> Tape | None:
    """Return the tape of bars ``[closed_at, open, high, low, close, volume]``; None for fewer than a window.

    A row that is no bar ends what came before it: the tape is made of the rows after the last such one.
    """
    table = observed.bars(rows, policy=policy)
    if len(table) < policy.window:
        return None
    return _tape(Source.BARS, observed.of_bars(table, policy=policy), policy)


def of_events(events: Sequence[Mapping[str, Any]], *, policy: TapePolicy) -> Tape | None:
    """Return the tape of trades or order-book rows; None for fewer than a window.

    A row has ``ts`` [epoch s], and a trade (``px``, ``qty``, ``side``, ``order_type``) or a book (``bid``, ``ask``,
    ``bid_size``, ``ask_size``) or both. Bad rows are dealt with as those of bars.
    """
    table = observed.events(events, policy=policy)
    if len(table) < policy.window:
        return None
    read = observed.of_events(table, policy=policy)
    source = Source.BOOK if np.isfinite(read.spread).any() else Source.TRADES
    return _tape(source, read, policy)


def _tape(source: Source, read: observed.Observed, policy: TapePolicy) -> Tape:
    names, cells = tuple(read.features), np.stack(list(read.features.values()), axis=1)
    ends = range(len(cells), policy.window - 1, -policy.step)
    windows = _unit(np.stack([cells[end - policy.window : end] for end in reversed(ends)]))
    return Tape(
        source=source,
        times=read.times,
        price=read.price,
        volume=read.volume,
        spread=read.spread,
        imbalance=read.imbalance,
        names=names,
        windows=windows,
        hash=_hash(source, names, read.times, windows),
    )


def _unit(windows: Array) -> Array:
    """Return each window's features between their own least (0) and most (1); 0.5 for one that does not vary."""
    least = np.fmin.reduce(windows, axis=1, keepdims=True)
    width = np.fmax.reduce(windows, axis=1, keepdims=True) - least
    still = width == 0.0
    scaled: Array = (windows - least) / np.where(still, 1.0, width)
    return np.where(still & np.isfinite(windows), 0.5, scaled)


def _coded(windows: Array) -> Any:
    coded = np.rint(windows * 10.0**DECIMALS)
    return np.where(coded >= 0.0, coded, _ABSENT).astype("<i4")


def _hash(source: Source, names: tuple[str, ...], times: Array, windows: Array) -> str:
    digest = hashlib.sha256(f"{source}:{','.join(names)}:{windows.shape}".encode())
    digest.update(np.rint(times * 1000.0).astype("<i8").tobytes())
    digest.update(_coded(windows).tobytes())
    return digest.hexdigest()
