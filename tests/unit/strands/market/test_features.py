"""Features are right, look at nothing later, and are the same numbers live as over a whole file."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import fmean, pstdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strands.market import features, reader, regime
from strands.market.bar import Bar, Timeframe
from strands.market.window import Window
from tests.unit.strands.market import walks

POLICY = features.FeaturePolicy()
NAMES = [
    "close",
    "ret_1",
    "ret_20",
    "ret_50",
    "ret_100",
    "rsi_14",
    "macd",
    "macd_signal",
    "macd_hist",
    "bb_upper",
    "bb_middle",
    "bb_lower",
    "bb_width",
    "volume",
    "volume_sma_20",
    "volume_ratio",
    "obv_20",
    "vpt_20",
    "sma_20",
    "sma_50",
    "sma_100",
    "ema_12",
    "ema_26",
    "ema_50",
    "ema_100",
    "momentum_10",
    "momentum_20",
    "vol_20",
    "vol_100",
    "vol_ratio",
    "atr_14",
    "trend",
    "regime_confidence",
    "breakout",
    "breakout_level",
    "divergence",
    "anomaly_z",
    "regime",
]


def rows_of(bars: list[Bar]) -> list[dict[str, object]]:
    return list(compute(bars).rows())


def compute(bars: list[Bar]) -> features.Features:
    return features.compute(features.Prices.of(bars), timeframe=bars[0].timeframe, policy=POLICY)


def live(bars: list[Bar], places: list[int]) -> list[dict[str, object]]:
    window = Window(bars[0].timeframe, POLICY)
    return [row for piece in walks.pieces(bars, places) for row in window.extend(piece).rows()]


def test_every_feature_that_was_promised_is_there() -> None:
    assert set(rows_of(walks.walk(rows=3))[0]) == set(NAMES)


@given(seed=st.integers(0, 10_000), places=walks.cuts(700))
@settings(max_examples=25)
def test_a_live_window_gives_the_very_numbers_of_the_whole_file(seed: int, places: list[int]) -> None:
    bars = walks.walk(rows=700, seed=seed)
    assert live(bars, places) == rows_of(bars)


def test_bars_that_come_one_by_one_get_the_very_numbers_of_the_whole_file() -> None:
    bars = walks.walk(rows=420, seed=3)
    assert live(bars, list(range(1, 420))) == rows_of(bars)


def test_real_bars_from_anywhere_in_a_file_get_the_very_numbers_of_the_whole_file(
    real_recordings: list[reader.Recording],
) -> None:
    for recording in real_recordings:
        bars = recording.bars[:6000]
        whole = rows_of(bars)
        for end in (1, 299, 300, 301, 2000, 5999):
            start = max(0, end - POLICY.window)
            assert rows_of(bars[start:end])[-1] == whole[end - 1], (recording.name, end)


@given(seed=st.integers(0, 10_000), place=st.integers(1, 599))
@settings(max_examples=25)
def test_what_comes_later_changes_nothing_before_it(seed: int, place: int) -> None:
    bars, other = walks.walk(rows=600, seed=seed), walks.walk(rows=600, seed=seed + 1)
    assert rows_of(bars[:place] + other[place:])[:place] == rows_of(bars)[:place]


def test_numbers_are_those_of_the_textbook() -> None:
    bars = walks.walk(rows=330, seed=5)
    close = [float(bar.close) for bar in bars]
    row = rows_of(bars)[-1]
    returns = [after / before - 1 for before, after in pairwise(close)]
    changes = [after - before for before, after in pairwise(close)][-14:]
    gains, losses = sum(max(each, 0) for each in changes), sum(max(-each, 0) for each in changes)
    ranges = [
        max(float(bar.high), before) - min(float(bar.low), before) for bar, before in zip(bars[1:], close, strict=False)
    ]
    expected = {
        "sma_50": fmean(close[-50:]),
        "ret_20": close[-1] / close[-21] - 1,
        "momentum_10": close[-1] - close[-11],
        "vol_20": pstdev(returns[-20:]),
        "bb_upper": fmean(close[-20:]) + 2 * pstdev(close[-20:]),
        "bb_width": 4 * pstdev(close[-20:]) / fmean(close[-20:]),
        "rsi_14": 100 - 100 / (1 + gains / losses),
        "atr_14": fmean(ranges[-14:]),
        "volume_ratio": float(bars[-1].volume) / fmean(float(bar.volume) for bar in bars[-20:]),
        "obv_20": sum(
            math.copysign(float(bar.volume), move) for bar, move in zip(bars[-20:], returns[-20:], strict=True) if move
        ),
        "vpt_20": sum(float(bar.volume) * move for bar, move in zip(bars[-20:], returns[-20:], strict=True)),
        "anomaly_z": (returns[-1] - fmean(returns[-101:-1])) / pstdev(returns[-101:-1]),
    }
    assert {name: row[name] for name in expected} == pytest.approx(expected, rel=1e-8)


def test_an_exponential_mean_with_a_finite_window_is_close_to_the_endless_one() -> None:
    bars = walks.walk(rows=600, seed=6)
    endless = float(bars[0].close)
    for bar in bars[1:]:
        endless += (float(bar.close) - endless) * 2 / 101
    assert rows_of(bars)[-1]["ema_100"] == pytest.approx(endless, rel=1e-3)


def test_a_feature_is_none_until_its_window_is_full() -> None:
    rows = rows_of(walks.walk(rows=310, seed=7))
    expected = {"ret_1": 1, "rsi_14": 14, "sma_100": 99, "vol_100": 100, "ema_100": 299}
    first = {name: next(place for place, row in enumerate(rows) if row[name] is not None) for name in expected}
    assert first == expected


def test_a_market_that_stands_still_has_features_without_faults() -> None:
    bars = [bar._replace(open="100", high="100", low="100", close="100", volume="0") for bar in walks.walk(rows=320)]
    row = rows_of(bars)[-1]
    assert (row["rsi_14"], row["ret_1"], row["trend"], row["regime"], row["volume_ratio"]) == (
        50,
        0,
        0,
        "ranging",
        None,
    )


def test_no_feature_is_ever_infinite_or_not_a_number() -> None:
    bars = walks.walk(rows=400, seed=8)
    bars[200:240] = [bar._replace(volume="0") for bar in bars[200:240]]
    values = [value for row in rows_of(bars) for value in row.values() if isinstance(value, float)]
    assert np.isfinite(values).all()


def test_features_are_kept_to_ten_significant_digits() -> None:
    row = rows_of(walks.walk(rows=320, seed=9))[-1]
    assert (
        max(len(f"{value:e}".replace(".", "").split("e")[0]) for value in row.values() if isinstance(value, float))
        <= 12
    )
    assert all(float(f"{value:.11g}") == value for value in row.values() if isinstance(value, float))


def with_trend(push: float, *, volume: float = 50.0) -> list[Bar]:
    """Return 320 calm bars of which the last hundred are pushed one way."""
    dice, price, bars = np.random.default_rng(4), 100.0, []
    for place in range(320):
        before = price
        price *= 1 + dice.normal(0, 0.001) + (push if place >= 220 else 0)
        high, low = max(before, price), min(before, price)
        cells = [f"{each:.6f}" for each in (before, high, low, price)]
        bars.append(Bar("BTC", Timeframe.M1, walks.START + walks.minutes(place), *cells, str(volume)))
    return bars


@pytest.mark.parametrize(("push", "expected"), [(0.001, "trending_up"), (-0.001, "trending_down"), (0.0, "ranging")])
def test_the_regime_is_told_by_the_trend(push: float, expected: str) -> None:
    assert rows_of(with_trend(push))[-1]["regime"] == expected


def test_the_regime_of_a_restless_market_on_volume_is_volatile() -> None:
    bars = with_trend(0.0)
    for place in range(300, 320):
        swing = 1.01 if place % 2 else 1 / 1.01
        price = f"{float(bars[299].close) * swing:.6f}"
        bars[place] = bars[place]._replace(open=price, high=price, low=price, close=price)
    bars[-1] = bars[-1]._replace(volume="500")
    assert rows_of(bars)[-1]["regime"] == "ranging_volatile"


def test_confidence_grows_with_the_trend_and_stays_a_share() -> None:
    rows = [row for row in rows_of(walks.walk(rows=900, seed=10)) if row["trend"] is not None]
    policy = regime.RegimePolicy()
    for row in rows:
        least = policy.floor + min(policy.trend_share * abs(row["trend"]), policy.trend_cap)
        assert least - 1e-9 <= row["regime_confidence"] <= 1.0


def test_all_regimes_occur_on_real_markets(real_recordings: list[reader.Recording]) -> None:
    for recording in real_recordings:
        assert set(compute(recording.bars).regimes) == set(regime.Regime), recording.name


def test_votes_follow_the_direction() -> None:
    assert compute(with_trend(0.002)).votes[-1] == 1
    assert compute(with_trend(-0.002)).votes[-1] == -1
    assert compute(walks.walk(rows=5)).votes == [0] * 5
