"""Whatever bars and decisions come, the trader keeps its book to the last digit and its word to each plan."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from portfolio import ledger
from portfolio.execution import fill as fills
from tests.trading import BTC, NOON, Trading, flat, round_trip

cents = st.integers(min_value=9_000, max_value=11_000).map(lambda number: Decimal(number) / 100)


@st.composite
def bars(draw: st.DrawFn) -> dict[str, Any]:
    """Any bar around 100, often with little volume."""
    prices = [draw(cents) for _ in range(4)]
    told = (prices[0], max(prices), min(prices), prices[1])
    volume = draw(st.sampled_from(("0", "7", "50", "1000")))
    return {"prices": tuple(map(str, told)), "volume": volume}


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    """Any sound plan around 100, of a few plan ids so that some come twice."""
    direction = draw(st.sampled_from(("long", "short")))
    sign = 1 if direction == "long" else -1
    band = [{"type": "price_below", "value": draw(st.sampled_from(("101", "99")))}]
    return {
        "plan_id": draw(st.sampled_from("ABCDEF")),
        "direction": direction,
        "quantity": str(draw(st.integers(1, 2500)) / Decimal(10)),
        "order_type": draw(st.sampled_from(("market", "limit", "stop"))),
        "entry_conditions": draw(st.sampled_from((band, [{"type": "confidence_threshold", "value": 0.5}]))),
        "stop_loss": str(100 - sign * draw(st.integers(1, 9))),
        "take_profit": str(100 + sign * draw(st.integers(1, 9))),
        "told": {"execution_instructions": {"use_vwap": draw(st.booleans())}},
    }


steps = st.lists(st.tuples(st.none() | plans(), bars()), min_size=1, max_size=14)
VENUES = [
    {"name": "hyperliquid", "maker_bps": "0.5", "taker_bps": "0.5", "latency_ms": 5},
    {"name": "binance", "maker_bps": "0.1", "taker_bps": "0.1", "latency_ms": 15, "max_notional": "12000"},
    {"name": "coinbase", "maker_bps": "0.25", "taker_bps": "0.25", "latency_ms": 20_000},
]


def told(steps: list[tuple[dict[str, Any] | None, dict[str, Any]]]) -> Trading:
    """Return a desk that heard all steps: perhaps a decision, then a bar."""
    story = Trading(trader={"holding_horizons": 1, "exit_seconds": 120}, paper={"venues": VENUES})
    for nth, (plan, bar) in enumerate(steps):
        if plan is not None:
            story.decides(nth=nth, **plan)
        story.minutes(bar["prices"], volume=bar["volume"])
        keeps_its_shape(story)
    return story


def keeps_its_shape(story: Trading) -> None:
    """A holding while there is a position, one exit at most, and states that are kept as they are."""
    state, orders = story.state, story.wire.states["venue"].get(BTC) or story.venue.start(BTC)
    assert story.trader.load(round_trip(story.trader.dump(state))) == state
    assert story.venue.load(round_trip(story.venue.dump(orders))) == orders
    assert (state.holding is not None) == bool(story.quantity)
    if state.holding is not None:
        assert state.holding.direction == state.position.side
        assert state.is_busy


@settings(max_examples=120)
@given(steps=steps)
def test_outcomes_and_what_is_held_add_up_to_the_book(steps: list) -> None:
    story = told(steps)
    book = ledger.opening(Decimal(0))
    for payload in story.said("fill"):
        book = book.apply(fills.to_ledger(BTC, payload["fills"][0]))
        assert Decimal(payload["position_data"]["quantity"]) == book.position(BTC).quantity
    closed = sum((Decimal(each["pnl"]) for each in story.outcomes), Decimal(0))
    held = story.state.holding
    running = held.gross - held.fees if held else Decimal(0)
    assert closed + running == book.realized_pnl - book.fees
    if not held:
        assert closed == book.cash


@given(steps=steps)
def test_each_plan_is_entered_at_most_once_and_reported_once(steps: list) -> None:
    story = told(steps)
    entries = [each for each in story.said("execution") if each["order_spec"]["intent"] == "entry"]
    reported = Counter(each["order_spec"]["plan_id"] for each in entries)
    assert set(reported.values()) <= {1}
    filled: Counter[str] = Counter()
    for payload in story.said("fill"):
        [fill] = payload["fills"]
        if fill["intent"] == "entry":
            filled[fill["plan_id"]] += Decimal(fill["qty"])
    for plan, _ in steps:
        if plan is not None:
            asked = max(Decimal(each["quantity"]) for each, _ in steps if each and each["plan_id"] == plan["plan_id"])
            assert filled[plan["plan_id"]] <= asked


def a_plan(plan_id: str, direction: str, quantity: str) -> dict:
    stop, target = ("99", "101") if direction == "long" else ("101", "99")
    waits = [{"type": "price_below", "value": "101"}]
    return {
        "plan_id": plan_id,
        "direction": direction,
        "quantity": quantity,
        "order_type": "market",
        "entry_conditions": waits,
        "stop_loss": stop,
        "take_profit": target,
    }


def without_volume(close: str) -> dict:
    return {"prices": ("90", close, "90", close), "volume": "0"}


#: Two plans of opposite directions enter in one bar, the first at another venue than it was sent to first.
BOTH_WAYS = [
    (a_plan("A", "long", "120"), without_volume("101.01")),
    *[(None, without_volume("101.01"))] * 2,
    (a_plan("B", "short", "0.1"), without_volume("100.01")),
]


@given(steps=steps)
@example(steps=BOTH_WAYS)
def test_after_quiet_bars_nothing_is_left_under_way(steps: list) -> None:
    story = told(steps)
    for _ in range(20):
        story.minutes(("100", "100", "100", "100"), volume="1000000")
    assert (story.state.holding, story.state.waiting, story.state.executions) == (None, (), {})
    assert not story.state.is_busy
    decided = {each.payload["dm_decision"]["plan_id"] for each in story.strands("decision")}
    reported = {each["order_spec"]["plan_id"] for each in story.said("execution")}
    assert decided <= reported


@given(steps=steps)
def test_the_same_story_is_told_the_same_way_twice(steps: list) -> None:
    one, two = told(steps), told(steps)
    assert flat(one.wire.strands.values()) == flat(two.wire.strands.values())
    assert one.now > NOON
