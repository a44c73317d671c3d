"""Each expert on tapes where the truth is known, and at its limits."""

from __future__ import annotations

import numpy as np
import pytest

from curators.dsi import expert, tape
from curators.dsi.expert import Side
from curators.dsi.experts import anomaly, classifier, divergence, forest, grammar
from curators.dsi.policy import AnomalyPolicy, ClassifierPolicy, DivergencePolicy, GrammarPolicy, TapePolicy
from strands.market.feeds.chance import Chance
from tests.unit.curators.dsi import tapes

#: Small steps to and fro, around 100.
SAW = 100.0 + 0.1 * (np.arange(128) % 2)


def read(closes, volumes, spreads=0.1):
    return tape.of_bars(tapes.bars(closes, volumes, spreads=spreads), policy=TapePolicy())


def said(of, side=Side.LONG):
    return grammar.judge(of, side=side, confidence=0.5, window=64, recent=5, policy=GrammarPolicy())


def surge(by=0.1, volume=300.0, spread=0.01):
    closes, volumes, spreads = SAW.copy(), np.full(128, 100.0), np.full(128, 1.0)
    closes[-5:] = closes[-6] + by * np.arange(1, 6)
    volumes[-5:], spreads[-5:] = volume, spread
    return read(closes, volumes, spreads)


def test_a_rise_on_volume_with_a_tighter_spread_is_a_trend_for_a_long_plan_only():
    long, short = said(surge()), said(surge(), Side.SHORT)
    assert long.details["patterns"]["trend_continuation"] == 1.0
    assert "trend_continuation" in long.details["matched"]
    assert short.details["patterns"]["trend_continuation"] < 1.0
    assert long.evidence > short.evidence


def test_a_rise_without_volume_is_no_matched_trend():
    weak = said(surge(volume=90.0, spread=1.0))
    assert "trend_continuation" not in weak.details["matched"]


def test_more_volume_never_lowers_the_evidence_for_a_trend():
    found = [said(surge(volume=volume)).evidence for volume in (50.0, 100.0, 200.0, 400.0, 2000.0)]
    assert found == sorted(found)
    assert found[-1] == 1.0


def test_volume_against_price_after_a_fall_is_a_reversal_for_a_long_plan_only():
    closes = 110.0 - 0.1 * np.arange(128)
    volumes = np.full(128, 100.0)
    volumes[-10:] = 100.0 * np.arange(1, 11)
    of = read(closes, volumes)
    assert said(of).details["state"] == "reversal"
    assert said(of, Side.SHORT).details["patterns"]["reversal"] == 0.0


def test_a_market_that_goes_nowhere_ever_less_is_a_consolidation():
    closes, volumes = SAW.copy(), np.full(128, 100.0)
    closes[-5:] = 100.0 + 0.02 * (np.arange(5) % 2)
    volumes[-5:] = 30.0
    assert said(read(closes, volumes)).details["state"] == "consolidation"


def test_a_quiet_market_that_leaves_its_range_on_volume_is_a_breakout():
    closes, volumes = SAW.copy(), np.full(128, 100.0)
    closes[-15:-5] = 100.05
    closes[-5:] = [100.05, 100.05, 100.06, 100.2, 100.4]
    volumes[-2:] = 500.0
    of = read(closes, volumes)
    assert said(of).details["patterns"]["breakout"] == 1.0
    assert said(of, Side.SHORT).details["patterns"]["breakout"] < 1.0


def test_a_price_that_never_moved_has_no_grammar():
    assert said(read([100.0] * 64, 5.0)) is None


def test_price_against_its_volume_diverges_by_their_correlation():
    closes, volumes = 100.0 + 0.1 * np.arange(64), np.full(64, 100.0)
    volumes[-10:] = 100.0 - 5.0 * np.arange(10)
    found = divergence.judge(read(closes, volumes), policy=DivergencePolicy())
    assert found.details["divergences"]["price_volume"] == 1.0
    assert "price_rsi" in found.details["absent"]


def test_price_and_volume_together_do_not_diverge():
    closes = 100.0 + 0.1 * np.arange(64)
    found = divergence.judge(read(closes, closes), policy=DivergencePolicy())
    assert (found.details["divergences"]["price_volume"], found.confidence <= 2 / 3) == (0.0, True)


def test_an_index_that_needs_more_rows_than_there_are_is_absent():
    found = divergence.judge(read(*_wavy()), policy=DivergencePolicy(rsi_rows=200))
    assert found.details["absent"] == ["price_rsi"]


def test_without_movement_there_is_nothing_to_diverge():
    assert divergence.judge(read([100.0] * 64, 5.0), policy=DivergencePolicy()) is None


def test_opposition_that_is_weak_counts_for_nothing():
    strict = DivergencePolicy(strong_above=0.999)
    assert divergence.judge(read(*_wavy()), policy=strict).evidence == 0.0


def _wavy():
    table = np.array(tapes.walk(seed=7))
    return table[:, 4], table[:, 5]


def test_an_outlier_is_anomalous_by_all_three_and_an_ordinary_row_is_not():
    ordinary = tapes.walk(128, seed=2)
    ordinary[-1] = [ordinary[-1][0], *[ordinary[-2][4]] * 4, 100.0]
    ordinary[-1][2], ordinary[-1][3] = ordinary[-1][2] + 0.06, ordinary[-1][3] - 0.06
    close = ordinary[-2][4]
    wild = [*ordinary[:-1], [ordinary[-1][0], close, close * 1.05, close, close * 1.05, 5000.0]]
    calm, odd = (anomaly.judge(tape.of_bars(rows, policy=TapePolicy()), policy=AnomalyPolicy())
                 for rows in (ordinary, wild))  # fmt: skip
    assert odd.details["scores"]["gaussian"] == odd.details["scores"]["mahalanobis"] == 1.0
    assert odd.details["scores"]["isolation"] > calm.details["scores"]["isolation"]
    assert (odd.details["anomalous"], calm.details["anomalous"]) == (True, False)


def test_columns_that_depend_on_each_other_still_have_a_distance():
    rows = np.repeat(Chance(1).normals(100)[:, None], 3, axis=1)
    assert 0.0 <= anomaly.mahalanobis(rows, policy=AnomalyPolicy()) <= 1.0


def test_a_market_that_stands_still_has_no_anomalies():
    still = [[60.0 * n, 100.0, 100.0, 100.0, 100.0, 5.0] for n in range(64)]
    assert anomaly.judge(tape.of_bars(still, policy=TapePolicy()), policy=AnomalyPolicy()) is None


def test_the_forest_finds_the_far_rows_soon_and_a_usual_one_scores_about_a_half():
    rows = Chance(5).normals(400).reshape(200, 2)
    near, farther, farthest = forest.scores(rows, np.array([[0, 0], [3, 3], [9, 9.0]]), trees=100, sample=64)
    # Beyond all rows there is no farther: no split lies out there.
    assert near < farther <= farthest
    assert 0.35 < near < 0.5 < farthest < 1.0


def test_about_the_contamination_of_rows_lies_beyond_the_border():
    rows = Chance(6).normals(1200).reshape(300, 4)
    policy = AnomalyPolicy()
    beyond = sum(anomaly.isolation(np.vstack((rows, row)), policy=policy) > 0.5 for row in rows)
    assert 0.03 < beyond / len(rows) < 0.25


def test_rows_that_are_all_alike_are_told_apart_by_no_tree():
    scores = forest.scores(np.ones((50, 3)), np.ones((2, 3)), trees=10, sample=16)
    assert scores == pytest.approx(0.5)


def test_a_short_plan_sees_a_falling_market_as_a_long_plan_sees_the_rising_one():
    price, volume = np.array([100.0 * 1.001**n for n in range(32)]), np.full(32, 5.0)
    up = classifier.mirror(classifier.measured(price[None], volume[None]), Side.LONG)
    down = classifier.mirror(classifier.measured(100.0**2 / price[None], volume[None]), Side.SHORT)
    assert down[:, :7] == pytest.approx(up[:, :7], rel=0.05)


@pytest.mark.parametrize("volume", [0.0, 5.0])
def test_the_classifier_is_silent_without_movement_or_volume(volume):
    closes = SAW if volume == 0.0 else [100.0] * 64
    assert classifier.judge(read(closes, volume), side=Side.LONG, confidence=0.5, policy=ClassifierPolicy()) is None


def test_a_correlation_is_absent_when_a_series_stands_still_or_lacks_a_row():
    moving = np.arange(10.0)
    assert expert.correlation(moving, np.full(10, 0.1)) is None
    assert expert.correlation(moving, np.where(moving == 3, np.nan, moving)) is None
    assert expert.correlation(moving, -2.0 * moving) == pytest.approx(-1.0)
