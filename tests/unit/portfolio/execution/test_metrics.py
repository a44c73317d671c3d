"""Execution metrics and predictions: signs, edges and the documented weights."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.execution import metrics, prediction, slippage
from portfolio.execution.order import Side

POLICY = metrics.ScorePolicy()
shares = st.floats(0, 1)


@pytest.mark.parametrize(
    ("side", "actual", "bps"), [("buy", "101", 100), ("buy", "99", -100), ("sell", "99", 100), ("sell", "101", -100)]
)
def test_slippage_is_positive_where_the_price_was_worse(side: str, actual: str, bps: float) -> None:
    assert metrics.slippage_bps(side=Side(side), expected=Decimal(100), actual=Decimal(actual)) == bps


@pytest.mark.parametrize(("bps", "penalty"), [(-50, 0), (0, 0), (50, 0.5), (100, 1), (1000, 1)])
def test_slippage_is_penalised_up_to_the_greatest_accepted(bps: float, penalty: float) -> None:
    assert metrics.slippage_penalty(slip_bps=bps, max_slippage=0.01) == penalty


@pytest.mark.parametrize(("ms", "penalty"), [(0, 0), (1000, 0), (1500, 0.5), (2000, 1), (9000, 1)])
def test_latency_costs_nothing_up_to_its_limit(ms: float, penalty: float) -> None:
    assert metrics.latency_penalty(latency_ms=ms, max_latency_ms=1000) == penalty


@pytest.mark.parametrize(("asked", "done", "share"), [("4", "4", 1), ("4", "1", 0.25), ("4", "0", 0), ("0", "0", 0)])
def test_adherence_is_the_share_of_the_size_that_was_done(asked: str, done: str, share: float) -> None:
    assert metrics.adherence(asked=Decimal(asked), done=Decimal(done)) == share


def test_the_score_adds_the_documented_weights() -> None:
    scored = metrics.score(slip_penalty=0.5, lat_penalty=0, adherence=0.5, venue_score=0.25, policy=POLICY)
    assert scored == pytest.approx(0.15 + 0.2 + 0.15 + 0.05)


@given(slip=shares, latency=shares, adherence=shares, venue=shares)
def test_a_score_lies_between_zero_and_one(slip: float, latency: float, adherence: float, venue: float) -> None:
    scored = metrics.score(
        slip_penalty=slip, lat_penalty=latency, adherence=adherence, venue_score=venue, policy=POLICY
    )
    assert 0 <= scored <= 1


@given(score=shares, slip=shares, latency=st.floats(0, 5), pnl=st.decimals(-10_000, 10_000, places=2), venue=shares)
def test_feedback_lies_between_zero_and_one_and_rises_with_what_was_earned(
    score: float, slip: float, latency: float, pnl: Decimal, venue: float
) -> None:
    told = {"execution_score": score, "slip_penalty": slip, "latency_share": latency, "venue_score": venue}
    less, more = (metrics.feedback(pnl=earned, policy=POLICY, **told) for earned in (pnl, pnl + 100))
    assert 0 <= less <= more <= 1


def test_feedback_adds_the_documented_weights() -> None:
    told = {"execution_score": 0.5, "slip_penalty": 0.5, "latency_share": 0.5, "venue_score": 0.5}
    assert metrics.feedback(pnl=Decimal(0), policy=POLICY, **told) == pytest.approx(0.5)


def test_totals_weigh_fills_by_their_quantity() -> None:
    told = [
        {"px": "100", "qty": "1", "fee": "0.1", "latency_ms": 10, "venue": "binance"},
        {"px": "104", "qty": "3", "fee": "0.2", "latency_ms": 30, "venue": "coinbase"},
    ]
    totals = metrics.Totals(told)
    assert (totals.average_price, totals.fees, totals.latency_ms) == (103, Decimal("0.3"), 25)
    assert totals.venue == "coinbase"


def test_totals_of_nothing_know_nothing() -> None:
    totals = metrics.Totals([])
    assert (totals.average_price, totals.latency_ms, totals.venue) == (None, None, None)


def test_a_marketable_order_is_sure_to_fill_at_half_the_spread_and_its_impact() -> None:
    told = prediction.taking(
        quantity=Decimal(5),
        depth=Decimal(10),
        spread_bps=Decimal(4),
        latency_ms=5,
        policy=slippage.SlippagePolicy(),
    )
    assert told.to_json() == {"fill_prob": 1.0, "slip_bps": 7.0, "latency_ms": 5}


@pytest.mark.parametrize(("depth", "wait", "chance"), [(10, 0, 1), (2, 0, 0.5), (10, 300, 0.3679), (0, 0, 0)])
def test_a_resting_order_fills_by_the_depth_and_less_the_longer_it_waits(
    depth: int, wait: float, chance: float
) -> None:
    told = prediction.resting(
        side=Side.BUY,
        price=Decimal("99.9"),
        expected=Decimal(100),
        quantity=Decimal(4),
        depth=Decimal(depth),
        wait_seconds=wait,
        decay_seconds=300,
        latency_ms=5,
    )
    assert told.fill_prob == chance
    assert told.slip_bps == -10
