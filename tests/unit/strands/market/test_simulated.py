"""The simulated market is the same for a seed, and like a market: fat tails, clusters, jumps, a daily rhythm."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain, islice

import numpy as np
import pytest

from strands.market.bar import Bar, Timeframe
from strands.market.feeds import chance, simulated

START = datetime(2026, 1, 1, tzinfo=UTC)
SYMBOLS = ("BTC-PERP", "ETH-PERP", "SOL-PERP")
DAYS = 12


def told(
    symbols: tuple[str, ...] = SYMBOLS, *, bars: int, seed: int = 1, timeframe: Timeframe = Timeframe.M1
) -> list[Bar]:
    feed = simulated.Simulated(symbols, start=START, seed=seed, timeframe=timeframe)
    return list(islice(chain.from_iterable(feed), bars))


@pytest.fixture(scope="module")
def days() -> dict[str, list[Bar]]:
    bars = told(bars=DAYS * 1440 * len(SYMBOLS))
    return {symbol: [bar for bar in bars if bar.symbol == symbol] for symbol in SYMBOLS}


def returns(bars: list[Bar]) -> np.ndarray:
    close = np.array([float(bar.close) for bar in bars])
    return close[1:] / close[:-1] - 1


def echo(values: np.ndarray, lag: int) -> float:
    return float(np.corrcoef(values[:-lag], values[lag:])[0, 1])


def test_a_seed_tells_the_same_story_on_every_machine() -> None:
    first, *_, last = told(bars=30_000, seed=7)
    assert first[3:8] == ("64000.0", "64027.0", "63992.5", "64019.5", "13.363")
    assert last[3:8] == ("114.82", "114.84", "114.81", "114.83", "3614.318")


def test_another_seed_tells_another_story() -> None:
    assert told(bars=30) == told(bars=30)
    assert told(bars=30) != told(bars=30, seed=2)


def test_bars_open_where_the_last_closed_and_lie_on_the_ticks(days: dict[str, list[Bar]]) -> None:
    tick = simulated.LISTINGS["BTC"].tick
    bars = days["BTC-PERP"]
    assert [bar.open for bar in bars[1:]] == [bar.close for bar in bars[:-1]]
    assert all(Decimal(price) % tick == 0 for bar in bars for price in bar[3:7])
    assert all(Decimal(bar.low) <= min(Decimal(bar.open), Decimal(bar.close)) for bar in bars)
    assert all(Decimal(bar.high) >= max(Decimal(bar.open), Decimal(bar.close)) for bar in bars)


def test_returns_have_fat_tails(days: dict[str, list[Bar]]) -> None:
    for bars in days.values():
        moves = returns(bars)
        assert ((moves - moves.mean()) ** 4).mean() / moves.var() ** 2 > 5


def test_restless_bars_follow_restless_bars_while_directions_do_not_repeat(days: dict[str, list[Bar]]) -> None:
    for bars in days.values():
        moves = returns(bars)
        assert min(echo(np.abs(moves), lag) for lag in (1, 5, 20)) > 0.08
        assert max(abs(echo(moves, lag)) for lag in (1, 2, 5)) < 0.05


def test_symbols_move_together(days: dict[str, list[Bar]]) -> None:
    together = np.corrcoef([returns(bars) for bars in days.values()])
    assert (together[np.triu_indices(3, 1)] > 0.35).all()


def test_a_day_moves_as_much_as_its_listing_says(days: dict[str, list[Bar]]) -> None:
    for symbol, bars in days.items():
        daily = returns(bars).std() * np.sqrt(1440)
        assert 0.7 < daily / simulated.SimulationPolicy().listing(symbol).daily_volatility < 1.5


def test_volume_follows_the_hours_of_the_day(days: dict[str, list[Bar]]) -> None:
    bars = days["BTC-PERP"]
    by_hour = [np.mean([float(bar.volume) for bar in bars if bar.opened_at.hour == hour]) for hour in range(24)]
    assert np.corrcoef(by_hour, simulated.SimulationPolicy().rhythm)[0, 1] > 0.8


def test_longer_bars_move_more_by_the_root_of_their_length() -> None:
    short, long = (
        returns(told(("BTC-PERP",), bars=4000, timeframe=each)).std() for each in (Timeframe.M1, Timeframe.H1)
    )
    assert long / short == pytest.approx(np.sqrt(60), rel=0.35)


def test_normals_are_normal_enough() -> None:
    drawn = chance.Chance(3).normals(200_000)
    assert abs(drawn.mean()) < 0.01
    assert drawn.std() == pytest.approx(1.0, abs=0.01)
    assert np.mean(np.abs(drawn) < 1.96) == pytest.approx(0.95, abs=0.005)


def test_growth_is_close_to_the_exponential() -> None:
    assert chance.growth(0.0) == 1.0
    assert chance.growth(0.5) == pytest.approx(np.exp(0.5), rel=0.01)
    assert chance.growth(-99.0) == 0.0
