"""The states of trader and venue are kept as they are, read again, and those of the version before go on alike."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio import ledger
from portfolio.execution import order, prediction
from portfolio.execution.venues.paper import PaperPolicy, PaperVenue
from portfolio.plans import plan as plans
from strands.given import Given
from strands.wire import NewerState
from tests.trading import BTC, VENUES, a_bar, a_trading_plan, an_order, flat, round_trip
from tradingops.modules import learning
from tradingops.modules.trader.module import Trader
from tradingops.modules.trader.policy import TraderPolicy
from tradingops.modules.trader.state import (
    Attempt,
    CloseReason,
    EntryPlan,
    Execution,
    Holding,
    Record,
    Terms,
    TraderState,
    Working,
)
from tradingops.modules.venue.module import VenueModule
from tradingops.modules.venue.state import VenueState

DATA = Path(__file__).parents[4] / "data" / "trader_states_of_version_0.json"
BEFORE: list[dict[str, Any]] = json.loads(DATA.read_text())

names = st.text(max_size=12)
money = st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**9), max_value=10**9)
numbers = st.floats(allow_nan=False, allow_infinity=False)
moments = st.datetimes(timezones=st.just(UTC))
json_values = st.dictionaries(
    names, st.none() | st.booleans() | numbers | names | st.lists(names, max_size=2), max_size=3
)
predictions = st.builds(prediction.Prediction, numbers, numbers, numbers)
terms = st.builds(Terms, st.sampled_from(order.OrderType), st.none() | money, st.none() | money)
orders = st.builds(
    Working,
    venue=names,
    quantity=money,
    terms=terms,
    expected_price=money,
    predict=predictions,
    tried=st.lists(names, max_size=2).map(tuple),
)
attempts = st.builds(
    Attempt, order_id=names, venue=names, status=st.sampled_from(order.Status), reason=st.none() | names
)
executions = st.builds(
    Execution,
    intent=st.sampled_from(order.Intent),
    side=st.sampled_from(order.Side),
    plan_id=names,
    decision_id=names,
    lifecycle_id=names,
    spec=json_values,
    quantity=money,
    unsent=money,
    slices_left=st.integers(0, 9),
    ranked=st.lists(st.tuples(names, numbers), max_size=3).map(tuple),
    started_at=moments,
    valid_until=moments,
    expected_price=money,
    predict=st.none() | predictions,
    orders=st.dictionaries(names, orders, max_size=2),
    fills=st.lists(json_values, max_size=2).map(tuple),
    earned=money,
    attempts=st.lists(attempts, max_size=2).map(tuple),
    verdict=json_values,
    lessons=json_values,
    halted=names,
)
holdings = st.builds(
    Holding,
    plan_id=names,
    plan_ids=st.lists(names, max_size=3).map(tuple),
    signal_id=names,
    decision_id=names,
    lifecycle_id=names,
    direction=st.sampled_from(plans.Direction),
    stop_loss=money,
    take_profit=money,
    first_stop=money,
    opened_at=moments,
    expires_at=moments,
    time_horizon=st.sampled_from(list(plans.HORIZONS)),
    bar_seconds=numbers,
    venue_preferences=st.lists(names, max_size=2).map(tuple),
    gross=money,
    exit_reason=st.none() | st.sampled_from(CloseReason),
    exits=st.integers(0, 9),
)
waiting = st.builds(
    EntryPlan,
    plan_id=names,
    decision_id=names,
    lifecycle_id=names,
    plan=st.builds(lambda **changed: plans.plan_from(a_trading_plan(**changed)), signal_metadata=json_values),
    quantity=money,
    valid_until=moments,
    route_hint=st.none() | names,
    max_slippage=numbers,
    max_latency_ms=numbers,
    failing=st.lists(names, max_size=2).map(tuple),
)
states = st.builds(
    TraderState,
    level=names,
    plans=st.lists(names, max_size=3).map(tuple),
    waiting=st.lists(waiting, max_size=2).map(tuple),
    executions=st.dictionaries(names, executions, max_size=2),
    holding=st.none() | holdings,
    position=st.builds(ledger.Position, symbol=st.just(""), quantity=money, cost=money, realized_pnl=money, fees=money),
    venues=st.dictionaries(names, st.builds(Record, executions=st.integers(0), successes=st.integers(0)), max_size=2),
)


@given(state=states)
def test_a_state_of_the_trader_is_read_as_it_was_kept(state: TraderState) -> None:
    trader = Trader()
    assert trader.load(round_trip(trader.dump(state))) == state


@given(open_orders=st.lists(st.builds(an_order, id=names, quantity=st.integers(1, 99).map(str)), max_size=3))
def test_a_state_of_the_venue_is_read_as_it_was_kept(open_orders: list) -> None:
    module, state = VenueModule(venue=PaperVenue()), VenueState(tuple(open_orders))
    assert module.load(round_trip(module.dump(state))) == state


@pytest.mark.parametrize("before", BEFORE, ids=lambda each: each["name"])
def test_states_of_the_version_before_go_on_as_they_would_have(before: dict[str, Any]) -> None:
    bar = a_bar(before["bar"], at=datetime.fromisoformat(before["at"]))
    trader, venue = (
        Trader(policy=TraderPolicy(exit_seconds=60, venues=VENUES)),
        VenueModule(venue=PaperVenue(policy=PaperPolicy(venues=VENUES))),
    )
    for module, name in ((trader, "trader"), (venue, "venue")):
        state = module.load(before[name])
        assert module.load(round_trip(module.dump(state))) == state
        _, answers = module.handle(state, bar, Given(bar.at))
        said = dict(flat(answers))
        assert {each: of_the_names_in(was, said.get(each)) for each, was in before[f"{name}_answers"]} == dict(
            before[f"{name}_answers"]
        )


def of_the_names_in(was: Any, now: Any) -> Any:
    """Return of a JSON value what an earlier one had names for."""
    if isinstance(was, dict) and isinstance(now, dict):
        return {name: of_the_names_in(each, now.get(name)) for name, each in was.items()}
    return now


def test_a_state_from_before_anything_was_learned_is_read() -> None:
    before = {
        name: value for name, value in BEFORE[1]["trader"].items() if name not in ("judged", "curators", "learned")
    }
    executions = {
        plan_id: {name: value for name, value in each.items() if name not in ("heard", "lessons")}
        for plan_id, each in before["executions"].items()
    }
    state = Trader().load({**before, "executions": executions})
    assert state.learning == learning.start()
    assert [each.verdict for each in state.executions.values()] == [{}]
    assert state.position.quantity == Decimal(before["position"]["quantity"])


@pytest.mark.parametrize("module", [Trader(), VenueModule(venue=PaperVenue())], ids=lambda each: each.name)
def test_a_state_of_a_later_version_is_refused(module: Any) -> None:
    with pytest.raises(NewerState, match=module.name):
        module.load({**module.dump(module.start(BTC)), "version": 99})
