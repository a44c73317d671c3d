"""Tapes for the tests of alpha's intelligence, and the same markets upside down."""

from __future__ import annotations

from typing import Any

import numpy as np

from tradingops.modules.alpha.intelligence import factor, seasons
from tradingops.modules.alpha.intelligence.factor import Intelligence
from tradingops.modules.alpha.intelligence.policy import IntelligencePolicy

POLICY = IntelligencePolicy()
#: A Monday at midnight (UTC).
MONDAY = 1_641_168_000
LENGTH = 128

UP = {"regime": "trending_up", "regime_confidence": 0.8, "trend": 0.7}
DOWN = {"regime": "trending_down", "regime_confidence": 0.8, "trend": -0.7}
EVENTS = {"event_resonance_boost": 0.7, "failed": []}


def a_tape(
    returns: Any = None, *, seed: int = 1, bars: int = LENGTH, seconds: int = 300, peers: Any = None
) -> list[list[float]]:
    """Return rows whose closes follow the returns (a random walk's without any), with peers' returns where given."""
    dice = np.random.default_rng(seed)
    if returns is None:
        returns = dice.standard_t(4, bars - 1) * 0.001
    close = 100.0 * np.exp(np.concatenate([[0.0], np.cumsum(returns)]))
    opened = np.concatenate([close[:1], close[:-1]])
    high = np.maximum(opened, close) * np.exp(np.abs(dice.normal(0, 0.0005, len(close))))
    low = np.minimum(opened, close) * np.exp(-np.abs(dice.normal(0, 0.0005, len(close))))
    volume = np.exp(dice.normal(5, 1, len(close)))
    at = MONDAY + seconds * np.arange(1, len(close) + 1)
    columns = [at, opened, high, low, close, volume] + ([] if peers is None else [np.asarray(peers)])
    return [list(map(float, row)) for row in zip(*columns, strict=True)]


def mirrored(rows: list[list[float]]) -> list[list[float]]:
    """Return the market in which every rise is a fall."""
    return [
        [at, 1e4 / o, 1e4 / low, 1e4 / high, 1e4 / c, v, *(-p for p in more)] for at, o, high, low, c, v, *more in rows
    ]


def seasons_of(rows: list[list[float]], *, timeframe: str = "5m", policy: IntelligencePolicy = POLICY) -> Any:
    """Return what seasons make of rows heard one by one, each with a tape of the usual length."""
    kept: Any = {}
    for place in range(len(rows)):
        kept = seasons.extended(kept, rows[max(0, place + 1 - LENGTH) : place + 1], timeframe, policy)
    return kept


def read(rows: Any, **changes: Any) -> Intelligence:
    """Return the intelligence of a tape for a long in a rising regime, unless told otherwise."""
    usual: dict[str, Any] = {
        "rows": rows,
        "features": UP,
        "direction": "long",
        "seasons": {},
        "event_context": EVENTS,
        "evidence": 0.5,
        "policy": POLICY,
    }
    return factor.read(**{**usual, **changes})
