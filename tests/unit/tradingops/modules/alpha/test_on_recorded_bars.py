"""The alpha detector on real months: it speaks a few times a day, and every plan is sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from portfolio.plans.plan import plan_from
from strands.given import Given
from strands.market.feeds import recorded
from strands.strand import Strand
from tradingops.modules.alpha.module import AlphaDetector
from tradingops.modules.market.module import MarketData

DAY = 86_400


def said_over(path: Path) -> tuple[float, list[Strand]]:
    """Return how many days a recording covers, and all that the detector says over it."""
    bars = recorded.read(path).bars
    detector = AlphaDetector()
    state, told = detector.start(bars[0].symbol), []
    for heard in MarketData().announce(bars):
        if "alpha:market_update" in heard.tags:
            state, answers = detector.handle(state, heard, Given(heard.at))
            told += answers
    return (bars[-1].opened_at - bars[0].opened_at).total_seconds() / DAY, told


@pytest.mark.parametrize(
    "name", ["BTC-PERP_1m_2022-01.csv.gz", "ADAUSDT_1m_2025-06.csv.gz", "SOLUSDT_5m_2025-04_07.csv.gz"]
)
def test_a_real_month_gives_some_signals_a_day_and_never_a_flood(bars_folder: Path, name: str):
    days, told = said_over(bars_folder / name)
    signals = [each for each in told if each.kind == "signal"]
    assert 0.3 < len(signals) / days < 10
    assert {each.payload["sig_direction"] for each in signals} == {"long", "short"}
    assert 0.1 < (len(told) - len(signals)) / days < 20
    assert [plan_from(each.payload["trading_plan"]).problems() for each in signals] == [()] * len(signals)
