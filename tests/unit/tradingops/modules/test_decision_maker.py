"""The decision maker keeps its limits whatever the book, answers every plan twice, and forgets nothing it needs."""

from __future__ import annotations

import copy
import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands import strand
from strands.given import Given
from strands.strand import Strand
from tests import instruments
from tests.deciding import (
    ASKED,
    BTC,
    ETH,
    NOON,
    a_bar,
    a_closed_position,
    a_fill,
    a_risk_update,
    a_signal,
    an_execution,
    gate_of,
    heard,
    ready,
    ruled,
)
from tradingops.modules.decision import pending
from tradingops.modules.decision.module import DecisionMaker
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.state import Day, DecisionState
from tradingops.people import acts

SYMBOLS = (BTC, ETH, "SOL-PERP", "ADA-PERP")
#: Gates whose limits must hold for whatever the trader is told to do.
LIMITS = (
    "exposure",
    "concentration",
    "var",
    "cvar",
    "correlation",
    "volatility",
    "liquidity",
    "drawdown",
    "daily_loss",
)

prices = st.decimals("80", "120", places=2).map(str)
quantities = st.decimals("0.001", "100", places=3).map(str)
symbols = st.sampled_from(SYMBOLS)
bars = st.builds(a_bar, symbol=symbols, close=prices, volume=st.sampled_from(["0", "10", "5000", "1000000"]))
fills = st.builds(
    lambda symbol, quantity, price, side: a_fill(a_bar(symbol=symbol), quantity=quantity, price=price, side=side),
    symbols,
    quantities,
    prices,
    st.sampled_from(["buy", "sell"]),
)
risks = st.builds(
    a_risk_update,
    var_95=st.none() | st.floats(0, 0.021),
    cvar_95=st.none() | st.floats(0, 0.04),
    drawdown=st.floats(0, 0.11),
    correlation=st.dictionaries(st.sampled_from([f"{BTC}|{ETH}", f"ADA-PERP|{BTC}"]), st.floats(-1, 1)),
    volatility=st.dictionaries(symbols, st.floats(0, 10)),
)
signals = st.builds(
    a_signal,
    symbol=symbols,
    direction=st.sampled_from(["long", "short"]),
    sigma=st.floats(0, 1),
    confidence=st.floats(0.55, 1),
    position_size=st.floats(0.001, 0.15),
)
days = st.lists(bars | fills | risks | signals, max_size=12)


def decision_of(dm: DecisionMaker, signal: Strand, state: DecisionState) -> Strand:
    return heard(dm, [signal], state)[1][0]


def dm_decision(decision: Strand) -> dict[str, Any]:
    return dict(decision.payload["dm_decision"])


@given(days, signals)
def test_what_the_trader_is_told_to_do_breaks_no_limit_after_the_changes(day: list[Strand], signal: Strand):
    dm = DecisionMaker()
    decision = decision_of(dm, signal, heard(dm, day, ready(dm))[0])
    if dm_decision(decision)["decision_type"] == "reject":
        assert decision.tags == ()
        return
    policy, plan = dm.policy, dm_decision(decision)["plan"]
    impact = decision.payload["portfolio_impact"]
    assert 0 < plan["position_size"] <= policy.position_limit
    assert Decimal(plan["quantity"]) % Decimal("0.001" if signal.symbol in (BTC, ETH) else "1e-9") == 0
    assert impact["new_exposure"] <= policy.max_exposure
    assert impact["new_weight"] <= policy.max_concentration
    assert impact["new_risk"] <= policy.max_var
    assert all(gate_of(decision, code)["passed"] is not False for code in LIMITS)


@given(days, signals)
def test_a_decision_follows_from_its_gates_alone(day: list[Strand], signal: Strand):
    dm = DecisionMaker()
    decision = dm_decision(decision_of(dm, signal, heard(dm, day, ready(dm))[0]))
    failed = [each for each in decision["gates"] if each["passed"] is False]
    hard = [each["gate"] for each in failed if each["severity"] == "hard"]
    soft = [each["gate"] for each in failed if each["severity"] == "soft"]
    assert decision["decision_type"] == ("reject" if hard else "modify" if soft else "approve")
    assert decision["reason"] == next(iter([*hard, *soft]), None)
    assert bool(decision["modifications"]) >= bool(soft)


@given(days, signals)
def test_every_signal_gets_one_decision_and_one_feedback_about_it(day: list[Strand], signal: Strand):
    dm = DecisionMaker()
    decision, feedback = heard(dm, [signal], heard(dm, day)[0])[1]
    assert (decision.kind, feedback.kind) == ("decision", "feedback")
    assert feedback.tags[0] == "alpha:decision_feedback"
    assert feedback.payload["dm_decision"]["decision_id"] == decision.id
    assert feedback.payload["dm_decision"]["decision_type"] == dm_decision(decision)["decision_type"]
    assert decision.parent_id == feedback.parent_id == decision.payload["alpha_bundle_ref"] == signal.id


@given(days)
def test_a_state_is_never_changed_in_place_and_every_answer_is_json(day: list[Strand]):
    dm = DecisionMaker()
    state = dm.start("")
    for each in day:
        before = copy.deepcopy(state)
        after, answers = dm.handle(state, each, Given(each.at))
        assert state == before
        for answer in answers:
            payload = dict(answer.payload)
            assert json.loads(json.dumps(payload, allow_nan=False)) == payload
        state = after


@given(days)
def test_two_desks_that_heard_the_same_say_the_same(day: list[Strand]):
    first, second = (heard(DecisionMaker(), day) for _ in range(2))
    assert first[0] == second[0]
    assert [(each.id, each.payload) for each in first[1]] == [(each.id, each.payload) for each in second[1]]


@given(days, signals, st.sampled_from(["A", "B"]))
def test_the_score_lies_between_0_and_1_under_either_formula(day: list[Strand], signal: Strand, formula: Any):
    dm = DecisionMaker(policy=DecisionPolicy(formula=formula))
    score = dm_decision(decision_of(dm, signal, heard(dm, day)[0]))["score"]
    assert 0 <= score <= 1


@given(signals, st.floats(0, 0.15), st.floats(0, 0.15))
def test_more_drawdown_never_gives_more_budget(signal: Strand, one: float, other: float):
    dm = DecisionMaker(policy=DecisionPolicy(base_risk_budget=0.001))
    less, more = (
        decision_of(dm, signal, ready(dm, drawdown=drawdown)).payload["dm_budget"] for drawdown in sorted((one, other))
    )
    assert more["risk_budget"] <= less["risk_budget"]
    assert more["granted_size"] <= less["granted_size"]


MALFORMED: list[Any] = [
    None,
    7,
    {},
    [],
    {"symbol": "X"},
    a_signal(direction="neutral").payload["trading_plan"],
    a_signal(stop_loss="101").payload["trading_plan"],
    a_signal(entry_price="-1").payload["trading_plan"],
    a_signal(entry_price=100).payload["trading_plan"],
    a_signal(position_size=0).payload["trading_plan"],
    a_signal(valid_until="tomorrow").payload["trading_plan"],
    a_signal(entry_conditions=[]).payload["trading_plan"],
    a_signal(symbol=ETH).payload["trading_plan"],
]


@pytest.mark.parametrize("plan", MALFORMED)
def test_a_malformed_plan_is_a_refusal_that_names_what_is_wrong(plan: Any):
    dm = DecisionMaker()
    signal = a_bar().answer(module="alpha", kind="signal", tags=("dm:evaluate_plan",), payload={"trading_plan": plan})
    state, (decision, feedback) = heard(dm, [signal], ready(dm))
    assert (dm_decision(decision)["decision_type"], dm_decision(decision)["reason"]) == ("reject", "plan_valid")
    assert ": " in gate_of(decision, "plan_valid")["value"]
    assert feedback.payload["dm_decision"]["insights"]["signal_quality"]["problems"]
    assert state.plans == {}


@given(st.recursive(st.none() | st.integers() | st.text() | st.booleans(), lambda x: st.dictionaries(st.text(), x)))
def test_no_payload_makes_a_signal_raise(plan: Any):
    dm = DecisionMaker()
    signal = a_bar().answer(module="alpha", kind="signal", tags=("dm:evaluate_plan",), payload={"trading_plan": plan})
    assert len(heard(dm, [signal], ready(dm))[1]) == 2


def test_two_plans_of_one_moment_cannot_use_the_same_headroom():
    dm = DecisionMaker(policy=DecisionPolicy(max_exposure=0.15, max_correlation=1.0, min_allocation_score=0))
    first, second = (a_signal(symbol=symbol) for symbol in (BTC, ETH))
    answers = heard(dm, [first, second], ready(dm))[1]
    assert [dm_decision(each)["reason"] for each in answers if each.kind == "decision"] == [None, "exposure"]


def test_a_reserve_becomes_a_holding_as_it_is_filled():
    dm = DecisionMaker()
    state, (decision, _) = heard(dm, [a_signal()], ready(dm))
    half, _ = heard(dm, [a_fill(decision, quantity="30")], state)
    (plan,) = half.plans.values()
    assert (plan.waiting, half.book.position(BTC).quantity) == (50, 30)
    exposure = decision_of(dm, a_signal(symbol=ETH), half).payload["portfolio_impact"]["current_exposure"]
    assert exposure == pytest.approx(0.08, abs=1e-5)


def test_a_partly_filled_entry_that_is_finished_keeps_nothing_back():
    dm = DecisionMaker()
    state, (decision, _) = heard(dm, [a_signal()], ready(dm))
    state, _ = heard(dm, [a_fill(decision, quantity="30"), an_execution(decision, fills=[{"qty": "30"}])], state)
    (plan,) = state.plans.values()
    assert (plan.status, plan.waiting) == (pending.Status.OPEN, 0)


def test_an_entry_that_failed_frees_its_headroom_and_its_symbol():
    dm = DecisionMaker()
    state, (decision, _) = heard(dm, [a_signal()], ready(dm))
    state, _ = heard(dm, [an_execution(decision)], state)
    assert state.plans == {}
    assert dm_decision(decision_of(dm, a_signal(), state))["decision_type"] == "approve"


def test_a_closed_position_frees_its_symbol():
    dm = DecisionMaker()
    state, (decision, _) = heard(dm, [a_signal()], ready(dm))
    later = [
        a_fill(decision, quantity="80"),
        an_execution(decision, fills=[{"qty": "80"}]),
        a_fill(decision.answer(module="trader", kind="order"), quantity="80", side="sell", intent="exit"),
        an_execution(decision, fills=[{"qty": "80"}], intent="exit"),
    ]
    open_still, _ = heard(dm, later[:2], state)
    assert dm_decision(decision_of(dm, a_signal(), open_still))["reason"] == "already_positioned"
    closed, _ = heard(dm, [*later, a_closed_position(decision)], state)
    assert closed.plans == {}
    assert closed.book.cash == 99998


def test_a_plan_of_which_nothing_is_ever_heard_again_is_forgotten_in_the_end():
    dm = DecisionMaker()
    state, _ = heard(dm, [a_signal()], ready(dm))
    late = NOON + timedelta(hours=3)
    state, answers = heard(dm, [a_risk_update(at=late), a_signal(at=late)], state)
    assert dm_decision(answers[0])["decision_type"] == "approve"
    assert len(state.plans) == 1


def test_a_modified_plan_with_a_low_allocation_score_waits_for_its_own_price():
    dm = DecisionMaker(policy=DecisionPolicy(approve_score=1.0, wait_below_allocation=0.99))
    decision = decision_of(dm, a_signal(order_type="market"), ready(dm))
    plan = dm_decision(decision)["plan"]
    assert plan["order_type"] == "limit"
    assert plan["entry_conditions"][-1] == {"type": "price_below", "value": "100"}
    assert dm_decision(decision)["execution_instructions"]["entry_timing"] == "at_planned_price"


def test_a_modified_short_waits_for_its_price_from_below():
    dm = DecisionMaker(policy=DecisionPolicy(approve_score=1.0, wait_below_allocation=0.99))
    plan = dm_decision(decision_of(dm, a_signal(direction="short"), ready(dm)))["plan"]
    assert plan["entry_conditions"][-1] == {"type": "price_above", "value": "100"}


def test_a_modified_plan_with_a_low_risk_score_is_cut_to_seven_tenths():
    dm = DecisionMaker(policy=DecisionPolicy(approve_score=1.0, cut_below_risk=1.0))
    decision = decision_of(dm, a_signal(position_size=0.09), ready(dm))
    assert dm_decision(decision)["plan"]["position_size"] == pytest.approx(0.063)
    assert dm_decision(decision)["modifications"][0] == {
        "field": "position_size",
        "from": 0.09,
        "to": pytest.approx(0.063),
        "because": "risk_score",
    }


def test_a_plan_beyond_the_position_limit_is_cut_to_it_and_says_so():
    decision = decision_of(dm := DecisionMaker(), a_signal(position_size=0.15), ready(dm))
    assert dm_decision(decision)["plan"]["position_size"] == 0.1
    assert [each["because"] for each in dm_decision(decision)["modifications"]] == ["position_limit"]
    assert dm_decision(decision)["plan"]["quantity"] == decision.payload["dm_budget"]["quantity"] == "100"


def quantity_under(**values: Any) -> str:
    """Return how much is bought of an instrument, where 80 units at 100 were asked for."""
    dm = DecisionMaker()
    state, _ = heard(dm, [instruments.told(BTC, NOON, **values)], ready(dm))
    return str(dm_decision(decision_of(dm, a_signal(), state))["plan"]["quantity"])


def test_quantities_are_rounded_down_to_the_lot_of_their_instrument():
    assert quantity_under(lot=3) == "78"
    assert quantity_under(lot="0.07") == "79.94"


def test_one_order_holds_at_most_what_the_instrument_takes():
    assert quantity_under(lot=3, greatest_quantity=20) == "18"
    assert quantity_under(lot="0.001", greatest_notional="1010") == "10.1"


def test_a_quantity_whose_lot_nobody_told_has_eight_figures_at_any_price():
    assert quantity_under(tick=1) == "80"
    dm = DecisionMaker()
    prices = {"entry_price": "0.0000000003", "stop_loss": "0.000000000294", "take_profit": "0.000000000312"}
    unheard = heard(dm, [a_bar(), a_risk_update()])[0]
    budget = decision_of(dm, a_signal(**prices), unheard).payload["dm_budget"]
    assert budget["quantity"] == "26666666000000"


def test_what_is_known_of_instruments_comes_back_from_a_kept_state():
    dm = DecisionMaker()
    state = ready(dm)
    assert dm.load(dm.dump(state)) == state
    assert state.instruments[BTC].tick == Decimal("0.01")
    before = {name: value for name, value in dm.dump(state).items() if name != "instruments"}
    assert dm.load({**before, "version": 1}).instruments == {}


def test_an_asymmetry_that_is_fed_scales_the_budget_and_none_is_stated_absent():
    dm, state = DecisionMaker(), ready(DecisionMaker())
    without = decision_of(dm, a_signal(), state).payload
    context = {"vol_20": 0.0008, "asymmetries": {"funding": -2.0, "basis": 1.0}}
    fed = decision_of(dm, a_signal(market_context=context), state).payload
    assert (without["asymmetries"]["scaling"], without["dm_budget"]["risk_budget"]) == (1.0, 0.01)
    assert without["asymmetries"]["absent"] == ["open_interest", "funding", "basis", "depth"]
    assert (fed["asymmetries"]["scaling"], fed["dm_budget"]["risk_budget"]) == (1.75, 0.0175)
    assert fed["asymmetries"]["absent"] == ["open_interest", "depth"]


def test_a_change_of_policy_is_in_force_from_the_next_signal_on_and_a_broken_one_never():
    dm = DecisionMaker()
    broken, sound = (acts.policy("dm", {"min_confidence": least}, asked=ASKED) for least in (7, 0.9))
    _, (decision, _) = heard(dm, [a_signal()], ready(dm), rulings=ruled(broken))
    assert dm_decision(decision)["decision_type"] == "approve"
    for symbol in (BTC, ETH):
        _, (decision, _) = heard(dm, [a_signal(symbol=symbol)], ready(dm), rulings=ruled(broken, sound))
        assert (dm_decision(decision)["reason"], gate_of(decision, "confidence")["limit"]) == ("confidence", 0.9)


def test_what_nobody_has_told_scores_halfway_and_is_named():
    dm = DecisionMaker()
    signal = a_signal(symbol="SOL-PERP", market_context={})
    metrics = decision_of(dm, signal, ready(dm)).payload["risk_metrics"]
    assert metrics["absent"] == ["var", "liquidity", "volatility"]
    assert metrics["volatility"] == 0.5


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"modify_score": 0.9}, "modify_score"),
        ({"weight_size": 0.9}, "weight_size"),
        ({"var_bands": ((0.1, 0.3), (0.2, 0.0))}, "var_bands"),
        ({"max_exposure": -1}, "max_exposure"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused_by_name(changed: dict[str, Any], named: str):
    with pytest.raises(ValueError, match=named):
        DecisionPolicy(**changed)


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ({"sig_sigma": "high"}, "sig_sigma: 'high' is no score"),
        ({"sig_sigma": 1.5}, "sig_sigma: 1.5 is no score"),
        ({"sig_confidence": True}, "sig_confidence: True is no score"),
        ({"sig_direction": "short"}, "direction: 'long' is not the signal's own 'short'"),
    ],
)
def test_a_signal_that_contradicts_its_plan_or_itself_is_refused_by_the_column(columns: dict[str, Any], named: str):
    dm, sound = DecisionMaker(), a_signal()
    signal = a_bar().answer(
        module="alpha", kind="signal", tags=("dm:evaluate_plan",), payload={**sound.payload, **columns}
    )
    decision = decision_of(dm, signal, ready(dm))
    assert dm_decision(decision)["reason"] == "plan_valid"
    assert named in gate_of(decision, "plan_valid")["value"]


def test_a_signal_without_its_own_scores_is_judged_by_those_of_its_plan():
    dm, plan = DecisionMaker(curators=()), a_signal(strength_score=0.65).payload["trading_plan"]
    signal = a_bar().answer(module="alpha", kind="signal", tags=("dm:evaluate_plan",), payload={"trading_plan": plan})
    assert dm_decision(decision_of(dm, signal, ready(dm)))["score_parts"]["curated"] == 0.65


def test_formula_b_weighs_an_asymmetry_only_where_one_is_known():
    dm = DecisionMaker(policy=DecisionPolicy(formula="B"))
    context = {"vol_20": 0.0008, "asymmetries": {"depth": 0.4}}
    without, fed = (
        dm_decision(decision_of(dm, a_signal(**changed), ready(dm)))["score_parts"]
        for changed in ({}, {"market_context": context})
    )
    assert set(fed) - set(without) == {"asymmetry"}
    assert fed["asymmetry"] == pytest.approx(0.2 * 0.4)


def test_an_execution_of_a_plan_that_is_long_forgotten_changes_nothing():
    dm = DecisionMaker()
    _, (decision, _) = heard(dm, [a_signal()], ready(dm))
    state = ready(dm)
    assert heard(dm, [an_execution(decision)], state)[0] == state


def test_what_concerns_somebody_else_changes_nothing():
    dm = DecisionMaker()
    state = ready(dm)
    note = strand.first(module="op", kind="note", at=NOON, payload={"op_note": {"text": "good morning"}})
    assert heard(dm, [note], state) == (state, [])


def test_the_day_and_the_peak_are_known_from_the_bars():
    dm = DecisionMaker()
    bought = a_fill(a_bar(), quantity="10")
    day = [bought, a_bar(close="130"), a_bar(close="110"), a_bar(at=NOON + timedelta(days=1), close="110")]
    state, _ = heard(dm, day, ready(dm))
    assert (state.peak, state.day) == (100299, Day(date(2022, 1, 4), Decimal(100099)))


@pytest.mark.parametrize("name", DecisionPolicy.model_fields)
def test_every_setting_says_what_it_is_and_keeps_its_default(name: str):
    assert DecisionPolicy.model_fields[name].description
    assert getattr(DecisionPolicy.model_validate(DecisionPolicy().model_dump()), name) == getattr(
        DecisionPolicy(), name
    )
