"""Tapes whose truth is known: walks, trends, quiet markets, planted structure."""

from __future__ import annotations

from typing import Any

import numpy as np

from strands.market.feeds.chance import Chance

Row = list[float]


def bars(closes: Any, volumes: Any, *, spreads: Any = 0.1, start: float = 1_700_000_000.0) -> list[Row]:
    """Return bars that close there, each opening where the last one closed, ``spreads`` wide beyond its body."""
    closes, volumes = np.asarray(closes, dtype=float), np.broadcast_to(volumes, len(closes))
    opens = np.concatenate((closes[:1], closes[:-1]))
    half = np.broadcast_to(spreads, len(closes)) / 2.0
    high, low = np.maximum(opens, closes) + half, np.minimum(opens, closes) - half
    times = start + 60.0 * np.arange(len(closes))
    return np.stack((times, opens, high, low, closes, volumes), axis=1).tolist()


def walk(rows: int = 128, *, seed: int = 1, lean: float = 0.0) -> list[Row]:
    """Return a random walk; ``lean`` is what a step repeats of the one before."""
    chance = Chance(seed)
    surprises, volumes = chance.normals(rows), 50.0 + 100.0 * chance.uniforms(rows)
    steps = np.zeros(rows)
    for place in range(1, rows):
        steps[place] = lean * steps[place - 1] + surprises[place]
    return bars(100.0 * np.cumprod(1.0 + 0.001 * steps), volumes, spreads=0.05)


def shuffled(rows: list[Row], *, seed: int = 1) -> list[Row]:
    """Return bars with the same steps and volumes in another order."""
    table = np.array(rows)
    order = np.argsort(Chance(seed).uniforms(len(table) - 1), kind="stable")
    steps = (table[1:, 4] / table[:-1, 4])[order]
    closes = table[0, 4] * np.concatenate(([1.0], np.cumprod(steps)))
    return bars(closes, np.concatenate((table[:1, 5], table[1:, 5][order])), spreads=0.05)


def trades(count: int = 96, *, book: bool = False) -> list[dict[str, Any]]:
    """Return trades, with the book of their moment if asked for."""
    chance = Chance(3)
    prices, sizes = 100.0 + 0.1 * np.cumsum(chance.normals(count)), 1.0 + chance.uniforms(count)
    rows = []
    for place, (price, size) in enumerate(zip(prices.tolist(), sizes.tolist(), strict=True)):
        row = {"ts": 1_700_000_000.0 + place, "px": price, "qty": size, "side": "buy" if place % 3 else "sell"}
        row["order_type"] = "market" if place % 2 else "limit"
        quote = {"bid": price - 0.01, "ask": price + 0.02, "bid_size": 5.0 + size, "ask_size": 4.0}
        rows.append({**row, **quote} if book else row)
    return rows
