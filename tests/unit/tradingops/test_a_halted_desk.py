"""A whole desk under a halt: from then on no entry is sent, positions are left, and the market goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from strands.given import HaltState
from strands.strand import Strand
from tests.acceptance import markets
from tradingops import engine, environments
from tradingops.people import acts

MOMENTS = 1_500


def ruling(at: Any, scope: str, state: HaltState) -> Strand:
    return acts.halt(scope, state, asked=acts.Asked(by="ada", reason="a test", at=at, asked_at=at))


def orders(desk: environments.Replay, intent: str) -> list[Strand]:
    found = [each for each in desk.wire.strands.values() if each.kind == "order"]
    return [each for each in found if each.payload["order_spec"]["intent"] == intent]


def holds(desk: environments.Replay) -> bool:
    """Say whether a position is held that nothing was done to leave yet."""
    states = desk.wire.states.get("trader", {}).values()
    return any(each.holding and not each.holding.exit_reason for each in states)


def played(*rulings: tuple[str, HaltState]) -> Iterator[tuple[environments.Replay, int]]:
    """Yield a desk that holds a position, just before it is told the next ruling, and once more at the end."""
    desk, left = environments.replay(), list(rulings)
    bars = markets.simulated("BTC", "ETH", "SOL", moments=MOMENTS, seed=markets.LIVELY)
    since = 0
    for nth, (at, strands) in enumerate(desk.market.moments([[bars]])):
        if left and nth >= since and (holds(desk) or len(left) < len(rulings)):
            yield desk, nth
            desk.wire.publish([ruling(at, *left.pop(0))])
            since = nth + MOMENTS // 3
        desk.wire.publish(strands)
        desk.wire.drain(desk.desk, engine.market_time)
    assert not left
    yield desk, MOMENTS


@pytest.mark.parametrize("state", [HaltState.REDUCE_ONLY, HaltState.HALTED])
@pytest.mark.parametrize("scope", ["desk", "module:trader", "module:venue"])
def test_after_a_halt_no_entry_is_filled_again_and_every_position_is_left(scope: str, state: HaltState) -> None:
    story = played((scope, state))
    desk, since = next(story)
    entries, exits, bars = (len(orders(desk, intent)) for intent in ("entry", "exit")), 0, since
    entered, left = entries
    desk, _ = next(story)
    assert bars < MOMENTS
    assert exits < left + 1 <= len(orders(desk, "exit"))
    if scope != "module:venue":
        assert len(orders(desk, "entry")) == entered
    assert all(not each.is_busy for each in desk.wire.states["trader"].values())
    assert all(each.position.side == "flat" for each in desk.wire.states["trader"].values())


def test_a_trader_that_may_trade_again_does() -> None:
    story = played(("module:trader", HaltState.HALTED), ("module:trader", HaltState.ACTIVE))
    next(story)
    desk, _ = next(story)
    entered = len(orders(desk, "entry"))
    refused = [
        each.payload["exec_metrics"]["reason"] for each in desk.wire.strands.values() if each.kind == "execution"
    ]
    assert "halted: module:trader is halted" in refused
    desk, _ = next(story)
    assert len(orders(desk, "entry")) > entered
