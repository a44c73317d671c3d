"""A state that an earlier version left goes on being a state."""

from typing import Any

import pytest

from strands.given import Given
from tests import deciding, factories
from tradingops.modules import learning
from tradingops.modules.decision_maker import DecisionMaker
from tradingops.modules.trader import Trader

NEW = {*learning.start(), "tape", "seasons", "experts", "record", "open_interest", "followed", "side_cost", "alphas"}


def earlier(state: dict[str, Any]) -> dict[str, Any]:
    """Return a state as it was before modules learned."""
    return {name: value for name, value in state.items() if name not in NEW}


@pytest.mark.parametrize("module", [DecisionMaker(), Trader()], ids=lambda each: each.name)
def test_a_module_goes_on_from_a_state_that_knows_nothing_of_learning(module):
    strand = factories.a_bar()
    state, _ = module.handle(earlier(module.start("")), strand, Given(strand.at))
    assert set(module.start("")) <= set(state)


def test_a_plan_that_was_open_before_is_judged_beside_without_a_known_risk():
    desk = DecisionMaker()
    state = deciding.ready(desk)
    state, (decision, _) = deciding.heard(desk, [deciding.a_signal(symbol=deciding.ETH)], state)
    plans = {each: {k: v for k, v in plan.items() if k != "at_risk"} for each, plan in state["plans"].items()}
    assert plans, decision.payload["dm_decision"]["reason"]
    _, (second, _) = deciding.heard(desk, [deciding.a_signal()], earlier({**state, "plans": plans}))
    assert second.payload["dm_decision"]["decision_type"] in {"approve", "modify", "reject"}
