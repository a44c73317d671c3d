"""Every gate stops the plan that it is there to stop, and says so under its own code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from curators.curator import Action, Inputs, Opinion
from strands.strand import Strand
from tests import instruments
from tests.deciding import (
    BTC,
    ETH,
    NOON,
    a_bar,
    a_fill,
    a_halt,
    a_risk_update,
    a_signal,
    gate_of,
    heard,
    ready,
    ruled,
)
from tradingops.modules.decision import gates
from tradingops.modules.decision.module import DecisionMaker
from tradingops.modules.decision.policy import DecisionPolicy


class Nay:
    """A curator that stops every plan."""

    name, kappa, weight, fails_closed = "risk_curator", 0.1, 0.3, True

    def judge(self, inputs: Inputs) -> Opinion:
        return Opinion(action=Action.VETO, reason="never")


def decided(
    signal: Strand,
    *,
    before: Sequence[Strand] = (),
    rulings: Sequence[Strand] = (),
    curators: Any = (),
    **policy: Any,
) -> Strand:
    """Return the decision on a signal by a decision maker that has heard a quiet day, and then some more."""
    dm = DecisionMaker(policy=DecisionPolicy(**policy), curators=curators)
    state, _ = heard(dm, before, ready(dm))
    return heard(dm, [signal], state, rulings=ruled(*rulings))[1][0]


def reason(decision: Strand) -> str | None:
    found: str | None = decision.payload["dm_decision"]["reason"]
    return found


def kind(decision: Strand) -> str:
    return str(decision.payload["dm_decision"]["decision_type"])


def holding(symbol: str = ETH) -> list[Strand]:
    """Return what is heard when something is bought that no plan asked for."""
    return [a_fill(a_bar(symbol=symbol), quantity="10")]


HARD: dict[str, Any] = {
    "plan_valid": lambda: decided(a_signal(position_size=12)),
    "halted": lambda: decided(a_signal(), rulings=[a_halt("desk")]),
    "plan_expired": lambda: decided(
        a_signal(valid_until=NOON.isoformat(), created_at=(NOON - timedelta(minutes=1)).isoformat())
    ),
    "direction": lambda: decided(a_signal(direction="short"), allowed_directions=("long",)),
    "risk_reward": lambda: decided(a_signal(), min_risk_reward=2.5),
    "cost": lambda: decided(a_signal(stop_loss="99.7", take_profit="100.6")),
    "confidence": lambda: decided(a_signal(confidence=0.59)),
    "already_positioned": lambda: decided(a_signal(), before=holding(BTC)),
    "max_open_positions": lambda: decided(a_signal(), before=holding(), max_open_positions=1),
    "risk_data_age": lambda: decided(a_signal(at=NOON + timedelta(seconds=7201))),
    "drawdown": lambda: decided(a_signal(), before=[a_risk_update(drawdown=0.11)]),
    "daily_loss": lambda: decided(
        a_signal(),
        before=[a_fill(a_bar(symbol=ETH), quantity="100"), a_bar(symbol=ETH, close="40")],
        max_daily_loss=0.05,
        max_drawdown=0.5,
        max_volume_share=1.0,
        max_correlation=1.0,
    ),
    "exposure": lambda: decided(a_signal(), before=holding(), max_exposure=0.085),
    "concentration": lambda: decided(a_signal(), max_concentration=0.07),
    "var": lambda: decided(a_signal(), before=[a_risk_update(var_95=0.0199)]),
    "cvar": lambda: decided(a_signal(), before=[a_risk_update(cvar_95=0.0299)]),
    "correlation": lambda: decided(a_signal(), before=[*holding(), a_risk_update(correlation={f"{BTC}|{ETH}": -0.71})]),
    "volatility": lambda: decided(a_signal(), before=[a_risk_update(volatility={BTC: 10})], max_var=1, max_cvar=1),
    "liquidity": lambda: decided(a_signal(), before=[a_bar(volume="799")]),
    "quantity_positive": lambda: decided(a_signal(), before=[instruments.told(BTC, NOON, lot=100)]),
    "least_order": lambda: decided(a_signal(), before=[instruments.told(BTC, NOON, lot=1, least_notional=8001)]),
    "risk_score": lambda: decided(a_signal(), min_risk_score=1.0, size_bands=((0.1, 0.0),)),
    "allocation_score": lambda: decided(a_signal(), min_allocation_score=0.9),
    "curator_veto": lambda: decided(a_signal(), curators=(Nay(),)),
    "curated_score": lambda: decided(a_signal(), publish_at=0.71),
    "score": lambda: decided(a_signal(sigma=0.05), modify_score=0.5, kelly_edge=0.1),
}
SOFT: dict[str, Any] = {
    "position_limit": lambda: decided(a_signal(position_size=0.12)),
    "risk_budget": lambda: decided(a_signal(), base_risk_budget=0.0005),
    "approval_score": lambda: decided(a_signal(), approve_score=0.99),
}


@pytest.mark.parametrize("code", HARD)
def test_a_hard_gate_rejects_under_its_own_code(code: str):
    decision = HARD[code]()
    assert (kind(decision), reason(decision)) == ("reject", code)
    assert gate_of(decision, code)["passed"] is False
    assert decision.tags == ()


@pytest.mark.parametrize("code", SOFT)
def test_a_soft_gate_modifies_under_its_own_code(code: str):
    decision = SOFT[code]()
    assert (kind(decision), reason(decision)) == ("modify", code)
    assert decision.tags == ("trader:execute_plan",)


def test_every_gate_of_the_table_is_tried_here():
    assert {gate.code for gate in gates.GATES if gate.severity is gates.Severity.HARD} == set(HARD)
    assert {gate.code for gate in gates.GATES if gate.severity is gates.Severity.SOFT} == set(SOFT)


def test_a_sound_plan_on_a_quiet_day_is_approved_and_passes_every_gate():
    decision = decided(a_signal())
    assert (kind(decision), reason(decision)) == ("approve", None)
    assert all(each["passed"] for each in decision.payload["dm_decision"]["gates"])


def test_the_gates_behind_the_first_failure_are_read_too():
    decision = decided(a_signal(confidence=0.1), min_risk_reward=3.0)
    assert reason(decision) == "risk_reward"
    assert [gate_of(decision, code)["passed"] for code in ("risk_reward", "confidence", "score")] == [
        False,
        False,
        True,
    ]


def test_a_failed_gate_says_how_far_the_value_is_from_passing():
    found = gate_of(HARD["confidence"](), "confidence")
    assert (found["value"], found["limit"], found["comparison"]) == (0.59, 0.6, ">=")
    assert found["distance"] == pytest.approx(0.01)


def test_the_cost_gate_reads_fees_and_spread_in_units_of_what_the_stop_loses():
    # Hyperliquid takes 4.5 bps a side, and bars of a range of 0.4 have a spread of 2: 11 bps against a stop of 40.
    seen = {"market_context": {"atr": 0.4, "vol_20": 0.0008}, "venue_preferences": ["hyperliquid"]}
    decision = decided(a_signal(stop_loss="99.6", take_profit="100.8", **seen))
    found = gate_of(decision, "cost")
    assert (kind(decision), reason(decision)) == ("reject", "cost")
    assert (found["value"], found["limit"], found["comparison"], found["distance"]) == (0.275, 0.25, "<=", 0.025)


def test_the_cost_gate_asks_the_venue_that_the_plan_prefers():
    cheap, dear = (gate_of(decided(a_signal(venue_preferences=[name])), "cost") for name in ("binance", "coinbase"))
    assert (cheap["value"], dear["value"]) == (0.11, 1.21)


@pytest.mark.parametrize("places", [-8, 0, 6])
def test_the_cost_gate_reads_the_same_whatever_the_unit_of_price(places: int):
    def price(text: str) -> str:
        return format(Decimal(text).scaleb(places), "f")

    context = {"atr": float(price("0.4")), "vol_20": 0.0008}
    levels = {"entry_price": price("100"), "stop_loss": price("99"), "take_profit": price("102")}
    conditions = [{"type": "price_above", "value": price("99.9")}]
    signal = a_signal(**levels, entry_conditions=conditions, market_context=context)
    assert gate_of(decided(signal, before=[a_bar(close=price("100"))]), "cost")["value"] == 0.11


@pytest.mark.parametrize("atr", [None, "wide", float("nan"), -1.0])
def test_a_plan_that_tells_no_range_is_priced_at_the_narrowest_spread(atr: Any):
    decision = decided(a_signal(market_context={"atr": atr, "vol_20": 0.0008}))
    assert gate_of(decision, "cost")["value"] == 0.1


def test_one_side_of_the_same_cost_is_what_the_portfolio_is_expected_to_pay():
    payload = decided(a_signal()).payload
    assert payload["dm_decision"]["allocation_parameters"]["transaction_cost"] == 0.0005
    assert Decimal(payload["portfolio_impact"]["expected_cost"]) == Decimal("0.0005") * 80 * 100


def test_risk_never_heard_fails_the_age_of_its_data_without_a_distance():
    dm = DecisionMaker()
    decision = heard(dm, [a_bar(), a_signal()])[1][0]
    found = gate_of(decision, "risk_data_age")
    assert (reason(decision), found["value"], found["distance"]) == ("risk_data_age", None, None)


def test_a_plan_that_cannot_be_read_leaves_its_gates_unmeasured():
    decision = decided(a_signal(entry_price="nonsense"))
    assert "entry_price" in gate_of(decision, "plan_valid")["value"]
    assert gate_of(decision, "exposure")["passed"] is None
    assert gate_of(decision, "risk_data_age")["passed"] is True


@pytest.mark.parametrize(
    ("scope", "state", "expected"),
    [
        ("desk", "active", "approve"),
        ("desk", "reduce-only", "reject"),
        (f"symbol:{BTC}", "halted", "reject"),
        (f"symbol:{ETH}", "halted", "approve"),
        ("module:dm", "halted", "reject"),
        ("module:dm", "reduce-only", "reject"),
        ("module:alpha", "halted", "approve"),
    ],
)
def test_a_halt_stops_only_what_lies_in_its_scope(scope: str, state: str, expected: str):
    decision = decided(a_signal(), rulings=[a_halt(scope, state)])
    assert kind(decision) == expected
    if expected == "reject":
        assert (reason(decision), gate_of(decision, "halted")["value"]) == ("halted", state)


def test_the_strictest_of_the_halts_that_concern_a_plan_is_named():
    rulings = [a_halt("desk", "reduce-only"), a_halt(f"symbol:{BTC}", "halted", nth=1), a_halt("module:dm", "active")]
    assert gate_of(decided(a_signal(), rulings=rulings), "halted")["value"] == "halted"


def test_a_halt_is_lifted_by_saying_so():
    rulings = [a_halt("desk", "halted"), a_halt("desk", "active", nth=1)]
    assert kind(decided(a_signal(), rulings=rulings)) == "approve"


def test_a_halt_lets_what_is_held_be_followed():
    dm = DecisionMaker()
    state, _ = heard(dm, [*holding(BTC), a_bar(close="90")], ready(dm), rulings=ruled(a_halt("desk")))
    assert (state.book.position(BTC).quantity, state.marks[BTC]) == (10, 90)


def test_the_codes_are_unique():
    codes = [gate.code for gate in gates.GATES]
    assert len(codes) == len(set(codes))


def test_a_mean_loss_that_nobody_has_measured_counts_as_none() -> None:
    decision = decided(a_signal(), before=[a_risk_update(cvar_95=None)])
    assert 0 < gate_of(decision, "cvar")["value"] < 0.02


def test_a_plan_adds_to_the_mean_loss_what_it_adds_to_var_by_the_ratio_of_normal_tails() -> None:
    decision = decided(a_signal(), before=[a_risk_update(var_95=0.004, cvar_95=0.006)])
    added = {code: gate_of(decision, code)["value"] - before for code, before in (("var", 0.004), ("cvar", 0.006))}
    policy = DecisionPolicy()
    assert 0 < added["var"] < added["cvar"]
    assert added["cvar"] == pytest.approx(added["var"] * policy.cvar_z / policy.var_z, rel=1e-3)


def test_an_order_is_large_enough_at_once_the_least() -> None:
    told = gate_of(decided(a_signal()), "least_order")
    assert (told["comparison"], told["limit"]) == (">=", 1.0)


def test_any_quantity_above_nothing_is_one() -> None:
    told = gate_of(decided(a_signal()), "quantity_positive")
    assert (told["comparison"], told["limit"], told["passed"]) == (">", 0, True)
