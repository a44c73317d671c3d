"""What trading would have cost a plan that was not entered is what the symbol's own executions cost."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.execution.counterfactual import CounterfactualPolicy
from strands import strand
from tests.trading import BTC, NOON
from tradingops.modules.alpha import following

POLICY = CounterfactualPolicy(cost=0, cost_keep=0)


def cost_after(*fills: dict[str, str], slip: float | None) -> float | None:
    payload: dict[str, Any] = {"exec_metrics": {"slip_real_bps": slip}, "fills": list(fills)}
    told = strand.first(module="trader", kind="execution", at=NOON, symbol=BTC, payload=payload)
    return following.executed(following.Following(), told, POLICY).side_cost


def a_fill(fee: str, *, quantity: str = "2", price: str = "50") -> dict[str, str]:
    return {"px": price, "qty": quantity, "fee": fee, "venue": "binance"}


def test_a_side_costs_its_slippage_and_its_fees() -> None:
    assert cost_after(a_fill("0.05"), slip=3) == pytest.approx(0.0003 + 0.0005)
    assert cost_after(a_fill("0.05"), a_fill("0.15"), slip=0) == pytest.approx(0.001)


def test_without_fills_only_what_is_told_counts() -> None:
    assert cost_after(slip=3) == pytest.approx(0.0003)
    assert cost_after(a_fill("0.05"), slip=None) is None
