"""Bars and decisions wait while nobody works, and trader and venue work them off at their own pace, as processes do.

Either takes all that waits for it before the other takes anything, in an order that changes: the worst that separate
processes can do to each other.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from strands.market.bar import Bar
from strands.strand import Strand
from tests.acceptance import markets
from tests.trading import BTC, Trading, a_bar, a_decision
from tradingops import engine
from tradingops.modules.trader.placing import protection
from tradingops.modules.trader.state import EXIT

pytestmark = pytest.mark.in_memory

MOMENTS = 1_500


def a_day(seed: int) -> Iterator[list[Strand]]:
    """Yield what waits at once: mostly a few minutes of bars and decisions about them, now and then an hour of them."""
    dice, waiting = random.Random(seed), list[Strand]()
    most = 1
    for nth, bar in enumerate(markets.simulated(BTC, moments=MOMENTS, seed=markets.LIVELY)):
        closed_at = bar.opened_at + timedelta(minutes=1)
        waiting.append(a_bar((bar.open, bar.high, bar.low, bar.close), at=closed_at, volume=str(bar.volume)))
        if nth % 4 == 0:
            waiting.append(a_decision_at(bar, closed_at, dice, nth))
        if nth % most == 0:
            yield waiting
            waiting, most = [], dice.choice((1, 1, 1, 2, 3, 60))
    yield waiting


def a_decision_at(bar: Bar, at: datetime, dice: random.Random, nth: int) -> Strand:
    """Return an approved plan at a bar's close, its stop and its target close by."""
    direction, price = dice.choice(("long", "short")), Decimal(bar.close)
    sign = 1 if direction == "long" else -1
    return a_decision(
        at=at,
        nth=nth,
        plan_id=f"PLAN {nth}",
        direction=direction,
        entry_price=str(price),
        stop_loss=str(price * (1 - sign * Decimal("0.002"))),
        take_profit=str(price * (1 + sign * Decimal("0.003"))),
        quantity="0.1",
        order_type=dice.choice(("market", "limit", "stop")),
    )


def worked_off(seed: int, *, asleep: Sequence[str] = ()) -> Trading:
    """Return the story after every backlog was worked off; who is asleep sleeps through the first half."""
    story, dice = Trading(), random.Random(seed)
    modules: list[engine.Module] = [story.trader, story.venue]
    for nth, strands in enumerate(a_day(seed)):
        story.wire.publish(strands)
        awake = [each for each in modules if each.name not in asleep or nth > 100]
        while story.wire.due([each.name for each in awake]):
            dice.shuffle(awake)
            for each in awake:
                engine.exhaust(each, story.wire, engine.market_time)
    return story


@pytest.mark.parametrize(
    ("seed", "asleep"), [(1, ()), (2, ()), (3, ("trader",)), (4, ("venue",)), (5, ("trader", "venue"))]
)
def test_it_ends_flat_or_protected_with_no_exit_before_its_entry_and_no_storm_of_cancels(
    seed: int, asleep: Sequence[str]
) -> None:
    story = worked_off(seed, asleep=asleep)
    assert [each.fault for each in story.wire.turns if each.fault] == []
    assert len(story.outcomes) > 5
    for outcome in story.outcomes:
        assert datetime.fromisoformat(outcome["opened_at"]) <= datetime.fromisoformat(outcome["closed_at"])
    state, at_venues = story.state, story.wire.states["venue"][BTC].positions
    assert protection.covers(state.executions, state.at_venues) or EXIT in state.executions
    assert {name: held for name, held in at_venues.items() if held} == dict(state.at_venues)
    asked = Counter(each["order_spec"]["order_id"] for each in story.said("cancel"))
    assert max(asked.values(), default=0) <= story.trader.policy.most_asks


def test_fills_of_one_symbol_are_dated_in_the_order_in_which_they_were_booked() -> None:
    story = worked_off(7)
    dated = [datetime.fromisoformat(each["fills"][0]["ts"]) for each in story.said("fill")]
    assert dated == sorted(dated)
