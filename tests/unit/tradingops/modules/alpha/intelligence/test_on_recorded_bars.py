"""Intelligence on a real month: within bounds wherever it is asked, and never the wiser for what comes later."""

from __future__ import annotations

import json
from pathlib import Path

from strands.market.feeds import recorded
from tests.unit.tradingops.modules.alpha.intelligence.tapes import LENGTH, POLICY, UP, read, seasons_of
from tradingops.modules.alpha.intelligence.kernel import Kernel

BARS, EVERY = 6_000, 97


def rows_of(path: Path) -> list[list[float]]:
    return [
        [bar.closed_at.timestamp(), *map(float, (bar.open, bar.high, bar.low, bar.close, bar.volume))]
        for bar in recorded.read(path).bars[:BARS]
    ]


def test_a_real_market_is_read_within_bounds_once_its_seasons_are_known(bars_folder: Path):
    rows = rows_of(bars_folder / "ETHUSDT_5m_2025-04_07.csv.gz")
    seasons = seasons_of(rows[:3_000])
    for end in range(3_000, BARS, EVERY):
        found = read(rows[end - LENGTH : end], seasons=seasons, features=UP)
        assert POLICY.min_factor <= found.factor <= POLICY.max_factor
        assert {"kalman", "seasonality", "volatility"} <= set(found.residuals)
        assert isinstance(found.kernel, Kernel)
        json.dumps(found.to_json(), allow_nan=False)


def test_seasons_heard_bar_by_bar_do_not_depend_on_what_follows(bars_folder: Path):
    rows = rows_of(bars_folder / "ADAUSDT_1m_2025-06.csv.gz")
    some = seasons_of(rows[:1_000], timeframe="1m")
    again = seasons_of([*rows[:1_000]], timeframe="1m")
    longer = seasons_of(rows[:2_000], timeframe="1m")
    assert some == again != longer
