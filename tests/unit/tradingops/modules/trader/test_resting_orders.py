"""Stop and target rest at the venue from the first fill: what a bar does between its open and its close counts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strands import tags
from strands.given import Given
from tests import instruments
from tests.trading import BTC, MINUTE, QUIET, Prices, Trading, a_bar
from tradingops.modules.trader.placing import protection

VENUE = {"name": "hyperliquid", "maker_bps": 0, "taker_bps": 0, "latency_ms": 5}
#: Nothing is paid but the price.
BARE = {"spread_floor_bps": 0, "spread_range_share": 0, "impact_linear": 0, "impact_square": 0}


def a_desk(trader: dict[str, Any] | None = None, **venue: Any) -> Trading:
    """Return a desk with one venue, where trading costs nothing."""
    venues = [{**VENUE, **venue}]
    return Trading(paper={**BARE, "venues": venues}, trader={"venues": venues, **(trader or {})})


def ended(story: Trading) -> tuple[str, Decimal, float]:
    """Return why the one position was left, at which price, and what it came to [R]."""
    [outcome] = story.outcomes
    assert story.quantity == 0
    assert story.resting() == []
    return outcome["close_reason"], Decimal(outcome["exit_price"]), outcome["r_multiple"]


@pytest.mark.parametrize(
    ("bar", "reason", "price", "result"),
    [
        ((100, 110, 90, 104), "stop_loss", 98, -1),
        ((100, "100.2", 50, 100), "stop_loss", 98, -1),
        ((95, 96, 94, 95), "stop_loss", 95, -2.5),
        ((106, 107, 105, 106), "take_profit", 106, 3),
        ((100, "104.5", "99.9", 104), "take_profit", 104, 2),
    ],
    ids=["both in one bar", "a spike to 50", "a gap beyond the stop", "a gap beyond the target", "the target"],
)
def test_a_long_from_100_with_its_stop_at_98_and_its_target_at_104_is_left_within_the_bar(
    bar: Prices, reason: str, price: int, result: float
) -> None:
    story = a_desk().decides().minutes((100, "100.2", "99.8", 100), bar)
    assert ended(story) == (reason, price, result)
    assert story.outcomes[0]["unprotected_seconds"] == 0


def test_a_short_is_left_at_its_stop_above_as_a_long_below() -> None:
    story = a_desk().decides(direction="short").minutes(QUIET, (100, 110, 90, 96))
    assert ended(story) == ("stop_loss", 102, -1)


@pytest.mark.parametrize(
    ("bar", "reason", "price"),
    [((100, 110, 90, 104), "stop_loss", 98), ((100, 105, 99, 103), "take_profit", 104)],
    ids=["stop and target", "target"],
)
def test_in_the_bar_of_an_entry_at_the_open_stop_and_target_work_already(bar: Prices, reason: str, price: int) -> None:
    assert ended(a_desk().decides().minutes(bar))[:2] == (reason, price)


def test_of_an_entry_inside_a_bar_only_what_surely_came_after_it_helps() -> None:
    limit = {"order_type": "limit", "told": {"execution_instructions": {"urgency": "low"}}}
    before = a_desk().decides(**limit).minutes((102, 106, "98.5", 103))
    assert before.quantity == 10, "the high may have come before the entry"
    after = a_desk().decides(**limit).minutes((102, 106, "98.5", "104.5"))
    assert ended(after)[:2] == ("take_profit", 104), "the close came after it"
    worse = a_desk().decides(**limit).minutes((102, 106, 97, "104.5"))
    assert ended(worse)[:2] == ("stop_loss", 98)


@pytest.mark.parametrize(
    ("opens", "why"), [(110, "beyond the plan's target 104"), (95, "beyond the plan's stop 98"), (101, "100.5")]
)
def test_a_plan_whose_price_is_gone_at_the_fill_is_not_entered_and_says_why(opens: int, why: str) -> None:
    story = a_desk().decides().minutes((opens, opens + 1, opens - 1, opens))
    assert story.quantity == 0
    [(intent, status, reason)] = story.reports()
    assert (intent, status) == ("entry", "cancelled")
    assert why in str(reason)
    assert story.resting() == []


def test_what_rests_grows_with_the_entry_and_shrinks_with_what_is_left() -> None:
    story = a_desk().decides().minutes(QUIET, volume="40")
    assert story.resting() == [("stop", 98, 4), ("limit", 104, 4)]
    story.minutes(QUIET, volume="1000")
    assert story.resting() == [("stop", 98, 10), ("limit", 104, 10)]
    story.minutes((100, "104.5", "99.9", 104), volume="50")
    assert story.resting() == [("stop", 98, 5), ("limit", 104, 5)]
    story.minutes((104, 104, 97, 98))
    assert story.resting() == []
    assert story.quantity == 0


def test_a_second_plans_stop_and_target_rule_for_all_that_is_held() -> None:
    story = a_desk().decides().minutes(QUIET)
    story.decides(plan_id="OTHER", stop_loss="99", take_profit="105", nth=2).minutes(QUIET)
    assert {(kind, price) for kind, price, _ in story.resting()} == {("stop", 99), ("limit", 105)}
    assert sum(quantity for kind, _, quantity in story.resting() if kind == "stop") == 20
    story.minutes((100, 100, "98.9", 99))
    assert ended(story)[:2] == ("stop_loss", 99)


def test_an_exit_is_sent_in_orders_that_the_venue_takes() -> None:
    story = a_desk(max_notional=1010).decides().minutes(QUIET)
    resting = story.resting()
    assert sum(quantity for kind, _, quantity in resting if kind == "stop") == 10
    assert max(price * quantity for _, price, quantity in resting) <= 1010
    story.minutes((105, 105.2, 104.8, 105))
    assert ended(story)[:2] == ("take_profit", 105)


def test_an_expiry_above_a_venues_limit_goes_out_in_parts_within_one_bar() -> None:
    story = a_desk({"holding_horizons": 1}, max_notional=1010).decides(take_profit="120", stop_loss="80")
    story.minutes(QUIET, *[(103, 103, 103, 103)] * 4, (103, 103, 103, 103), (103, 103, 103, 103))
    assert story.orders() == ["entry", "exit", "exit"]
    assert ended(story)[:2] == ("expiry", 103)


def test_no_part_of_an_exit_is_less_than_the_venue_takes() -> None:
    story = a_desk({"holding_horizons": 1}, max_notional=1010).decides(take_profit="120", stop_loss="80")
    story.hears(instruments.told(BTC, story.now, least_quantity="1"))
    story.minutes(QUIET, *[(103, 103, 103, 103)] * 4, (103, 103, 103, 103), (103, 103, 103, 103))
    parts = [Decimal(each["order_spec"]["quantity"]) for each in story.asked()[1:]]
    assert (len(parts), sum(parts)) == (2, 10)
    assert min(parts) >= 1
    assert ended(story)[:2] == ("expiry", 103)


def test_a_refused_exit_is_never_sent_again_unchanged() -> None:
    story = a_desk({"holding_horizons": 1})
    story.decides(take_profit="120", stop_loss="80").minutes(QUIET)
    story.venue = story.venue.__class__(
        venue=story.venue.venue.under(story.venue.venue.policy.model_copy(update={"venues": (small(story),)}))
    )
    story.minutes(*[QUIET] * 7)
    sizes = [Decimal(each["order_spec"]["quantity"]) for each in story.asked()[1:]]
    assert sizes[:3] == [10, 5, 5]
    assert max(sizes[3:]) < 5
    assert story.quantity == 0


def small(story: Trading) -> Any:
    """Return the venue as it takes no more than 300 of notional from now on."""
    return story.venue.venue.policy.venues[0].model_copy(update={"max_notional": Decimal(300)})


def test_where_a_venue_attaches_nothing_the_pair_follows_the_fill_and_the_gap_is_measured() -> None:
    story = a_desk(protection="after_fill").decides()
    assert story.resting() == []
    assert story.asked()[0]["order_spec"]["protection"] == "after_fill"
    story.minutes(QUIET)
    assert story.resting() == [("stop", 98, 10), ("limit", 104, 10)]
    story.minutes((100, 100, 97, 98))
    assert ended(story)[0] == "stop_loss"
    assert story.outcomes[0]["unprotected_seconds"] == pytest.approx(60, abs=0.1)


def test_a_halt_leaves_what_protects_resting() -> None:
    story = a_desk().decides().minutes(QUIET).halts("desk", "halted")
    assert story.resting() == [("stop", 98, 10), ("limit", 104, 10)]
    assert ended(story.minutes((100, 100, 97, 98)))[0] == "stop_loss"


def test_a_bar_older_than_what_a_venue_said_makes_the_trader_do_nothing() -> None:
    story = Trading(protection="trader").decides().minutes(QUIET, QUIET)
    story.decides(plan_id="OTHER", nth=1).minutes(QUIET)
    given = story.wire.turns[-1].given
    fallen = (100, 100, 90, 91)
    late, next_one = (a_bar(fallen, at=story.now + MINUTE * minutes) for minutes in (-1, 1))
    state, answers = story.trader.handle(story.state, late, given._replace(now=late.at))
    assert (state, list(answers)) == (story.state, [])
    _, answers = story.trader.handle(story.state, next_one, given._replace(now=next_one.at))
    assert [each.payload["order_spec"]["exit_reason"] for each in answers] == ["stop_loss"]


def test_a_silent_venue_is_asked_once_then_after_growing_waits_and_then_a_person_is_told() -> None:
    trader = {"exit_seconds": 60, "overdue_seconds": 60, "most_asks": 4, "holding_horizons": 1}
    story = Trading(trader=trader, protection="trader").decides(stop_loss="80", take_profit="120")
    story.minutes(*[QUIET] * 6)
    [exit_id] = story.state.executions["exit"].orders
    story.venue.handle = lambda state, strand, given: (state, ())  # type: ignore[method-assign]
    story.minutes(*[QUIET] * 60)
    asked = [int((each.at - story.strands("order")[-1].at) / MINUTE) for each in story.strands("cancel")]
    assert asked == [3, 4, 6, 10]
    told = [each["monitoring_state"] for each in story.said("monitoring")]
    assert [each["state"] for each in told] == ["silent"]
    assert exit_id in told[0]["reason"]
    [notice] = story.strands("monitoring")
    assert notice.tags == (tags.RISK_EXECUTION_FEEDBACK,)
    assert told[0]["venue"] == story.strands("order")[-1].payload["route_hint"]


def test_an_outcome_that_its_venue_does_not_know_is_told_to_risk_and_the_order_goes_on() -> None:
    story = Trading(protection="trader").decides(stop_loss="80", take_profit="120")
    sent = story.strands("order")[-1]
    update = {"order_id": sent.id, "status": "unknown", "reason": "timeout: no answer", "fill": None}
    unknown = sent.answer(module="venue", kind="order_update", payload={"vn_update": update})
    state, [notice] = story.trader.handle(story.state, unknown, Given(story.now))
    told = notice.payload["monitoring_state"]
    assert (told["state"], told["venue"]) == ("venue_fault", sent.payload["route_hint"])
    assert notice.tags == (tags.RISK_EXECUTION_FEEDBACK,)
    assert state.executions == story.state.executions


prices = st.integers(min_value=9_300, max_value=10_700).map(lambda number: Decimal(number) / 100)


@st.composite
def bars(draw: st.DrawFn) -> tuple[Prices, str]:
    first, last, one, other = (draw(prices) for _ in range(4))
    told = (first, max(first, last, one, other), min(first, last, one, other), last)
    return tuple(map(str, told)), draw(st.sampled_from(("3", "40", "1000")))


@settings(max_examples=80)
@given(
    direction=st.sampled_from(("long", "short")),
    second=st.none() | st.sampled_from(("long", "short")),
    order_type=st.sampled_from(("market", "limit", "stop")),
    day=st.lists(bars(), min_size=2, max_size=12),
)
def test_whatever_bars_come_no_position_stands_unprotected_and_no_exit_is_dated_before_its_entry(
    direction: str, second: str | None, order_type: str, day: list[tuple[Prices, str]]
) -> None:
    story = a_desk().decides(direction=direction, order_type=order_type, slippage_tolerance=0.05)
    for nth, (bar, volume) in enumerate(day):
        if second is not None and nth == 2:
            story.decides(direction=second, plan_id="OTHER", nth=1, slippage_tolerance=0.05)
        story.minutes(bar, volume=volume)
        held = story.state.at_venues
        assert sum(held.values(), Decimal(0)) == story.quantity
        assert protection.covers(story.state.executions, held) or story.state.holding is None
        at_venue = (story.wire.states["venue"][BTC]).positions
        assert sum(at_venue.values(), Decimal(0)) == story.quantity
    for outcome in story.outcomes:
        assert outcome["opened_at"] <= outcome["closed_at"]
        gained = Decimal(outcome["gross_pnl"]) > 0
        assert outcome["close_reason"] not in {"take_profit"} or gained
