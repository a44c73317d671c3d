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


def closed(desk: environments.Replay) -> int:
    """Return how many positions were closed."""
    return sum(each.kind == "position" for each in desk.wire.strands.values())


@pytest.mark.parametrize(
    ("scope", "state"),
    [("desk", HaltState.HALTED), ("desk", HaltState.REDUCE_ONLY), ("module:trader", HaltState.HALTED)],
)
def test_after_a_halt_no_entry_is_sent_again_and_every_position_is_left(scope: str, state: HaltState) -> None:
    story = played((scope, state))
    desk, since = next(story)
    entered, left = len(orders(desk, "entry")), closed(desk)
    desk, until = next(story)
    assert since < until
    assert len(orders(desk, "entry")) == entered > 0
    assert closed(desk) > left
    states = desk.wire.states["trader"].values()
    assert {(each.is_busy, each.position.side) for each in states} == {(False, "flat")}


def test_a_venue_module_that_is_halted_is_sent_no_entry_and_fills_every_exit() -> None:
    story = played(("module:venue", HaltState.REDUCE_ONLY))
    desk, _ = next(story)
    before = {each.id for each in orders(desk, "entry")}
    desk, _ = next(story)
    assert {each.id for each in orders(desk, "entry")} == before != set()
    assert {each.position.side for each in desk.wire.states["trader"].values()} == {"flat"}


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
