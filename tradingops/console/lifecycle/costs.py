"""What trading cost in a story, predicted and real in one unit: basis points of the notional, the money beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from strands import figures, json_values
from tradingops.console.lifecycle.story import Story, Told

BPS = 10_000


def told(paid: float | None, notional: float | None) -> str:
    """Return money and what it is of a notional: ``18.89 (20 bps)``."""
    if paid is None:
        return figures.ABSENT
    money = figures.brief(paid)
    return f"{money} ({figures.rounded(paid / notional * BPS, digits=1)} bps)" if notional else money


def predicted(story: Story) -> float | None:
    """Return what the decision expects one side to cost [fraction of notional]."""
    decision = story.last("dm", "decision")
    paid, notional = (_expected(decision), planned(decision)) if decision else (None, None)
    return paid / notional if paid is not None and notional else None


def planned(decision: Told) -> float | None:
    """Return the notional of the plan that a decision is about."""
    plan = json_values.mapping(decision.get("dm_decision", "plan"))
    quantity, price = (json_values.number(plan.get(name)) for name in ("quantity", "entry_price"))
    return quantity * price if quantity and price else None


def real(fills: Iterable[Mapping[str, Any]], *, expected_price: Any, side: Any) -> tuple[float, float] | None:
    """Return what fills cost beyond the expected price, fees and slippage, and their notional; None without any."""
    expected = json_values.number(expected_price)
    numbers = [
        (price, abs(size), json_values.number(fill.get("fee")) or 0.0)
        for fill in fills
        if (price := json_values.number(fill.get("px"))) and (size := json_values.number(fill.get("qty")))
    ]
    if not numbers or not expected:
        return None
    worse = 1 if side == "buy" else -1
    cost = sum(fee + worse * (price - expected) * size for price, size, fee in numbers)
    return cost, sum(price * size for price, size, _ in numbers)


def traded(fills: Iterable[Mapping[str, Any]]) -> float:
    """Return the notional of fills."""
    pairs = ((json_values.number(fill.get("px")), json_values.number(fill.get("qty"))) for fill in fills)
    return sum(price * abs(size) for price, size in pairs if price and size)


def _expected(decision: Told) -> float | None:
    return json_values.number(decision.get("portfolio_impact", "expected_cost"))
