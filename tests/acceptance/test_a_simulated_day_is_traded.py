"""The market that a newcomer starts with is traded: plans pass, positions open and close, and a no has its reason."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from strands.market.bar import Bar
from strands.strand import Strand
from tests.acceptance import markets, story
from tradingops.management import processes

pytestmark = pytest.mark.in_memory

DAY = 1_440
#: What ``up`` plays without a word: its symbols, and the first seed.
SEED = 1


@pytest.fixture(scope="module")
def day() -> list[Bar]:
    return markets.simulated(*processes.DEFAULT_SYMBOLS, moments=DAY, seed=SEED)


@pytest.fixture(scope="module")
def said(day: list[Bar]) -> list[Strand]:
    return list(story.replayed([day]).values())


def of(said: Sequence[Strand], kind: str) -> list[Strand]:
    return [each for each in said if each.kind == kind]


def entered(said: Sequence[Strand]) -> list[Strand]:
    return [
        each
        for each in of(said, "execution")
        if each.payload["order_spec"].get("intent") != "exit" and each.payload["fills"]
    ]


def test_a_first_day_of_three_symbols_has_five_trades_or_more(said: list[Strand]) -> None:
    assert len(entered(said)) >= 5
    assert len(of(said, "position")) >= 3


def test_every_plan_that_passed_bears_its_cost_by_the_gates_own_reading(said: list[Strand]) -> None:
    passed = [each.payload["dm_decision"] for each in of(said, "decision")]
    passed = [each for each in passed if each["decision_type"] != "reject"]
    assert passed
    for decision in passed:
        cost = next(each for each in decision["gates"] if each["gate"] == "cost")
        assert 0 < cost["value"] <= 0.25
        assert decision["plan"]["market_context"]["cost_of_risk"] == pytest.approx(cost["value"], abs=1e-6)


def test_most_plans_are_wider_than_their_own_minute(said: list[Strand]) -> None:
    chosen = [each.payload["trading_plan"]["market_context"]["atr_timeframe"] for each in of(said, "signal")]
    assert sum(each != "1m" for each in chosen) > len(chosen) / 2


def test_at_a_venue_too_dear_for_any_plan_the_gate_says_so_and_nothing_is_traded(day: list[Bar]) -> None:
    dear = [{"name": "hyperliquid", "maker_bps": 100, "taker_bps": 200, "latency_ms": 5}]
    settings = {"alpha.cost.venues": dear, "dm.cost.venues": dear}
    said = list(story.replayed([day], settings=settings).values())
    decisions = [each.payload["dm_decision"] for each in of(said, "decision")]
    assert decisions
    assert {each["reason"] for each in decisions} == {"cost"}
    for each in decisions:
        found = next(gate for gate in each["gates"] if gate["gate"] == "cost")
        assert found["distance"] == pytest.approx(found["value"] - 0.25)
    assert not of(said, "order")
