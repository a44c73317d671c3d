"""An approved plan is made of what passed, and of nothing else; its JSON is the decision's, to the byte."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio import ledger
from portfolio.plans import approved
from portfolio.plans.approved import Approval, ApprovedPlan
from tests import deciding
from tests.factories import NOON, a_plan
from tradingops.modules.decision.module import DecisionMaker

PASSED = {"gate": "exposure", "severity": "hard", "value": 0.1, "limit": 0.8, "comparison": "<=", "passed": True}
STOPPED = {**PASSED, "value": 0.9, "passed": False}
CHANGE = {"field": "position_size", "from": 0.08, "to": 0.05, "reason": "budget"}


def an_approval(**changes: Any) -> ApprovedPlan:
    plan = {**a_plan().to_json(), "quantity": "12.5"}
    sound: dict[str, Any] = {
        "decision_type": Approval.APPROVE,
        "reason": None,
        "gates": (PASSED,),
        "plan_id": plan["plan_id"],
        "plan": plan,
        "valid_until": NOON + timedelta(hours=1),
    }
    return ApprovedPlan(**{**sound, **changes})


def decided() -> dict[str, Any]:
    """Return what the decision maker writes of a sound plan."""
    dm = DecisionMaker()
    _, answers = deciding.heard(dm, [deciding.a_signal()], deciding.ready(dm))
    written: dict[str, Any] = json.loads(json.dumps(answers[0].payload["dm_decision"]))
    return written


def test_it_writes_a_decision_of_the_decision_maker_byte_for_byte():
    written = decided()
    assert json.dumps(approved.from_json(written).to_json()) == json.dumps(written)


def test_a_plan_that_a_hard_gate_stops_cannot_be_made():
    with pytest.raises(approved.NotApproved, match=r"gates: exposure stops the plan at 0\.9 of 0\.8; mend the plan"):
        an_approval(gates=(PASSED, STOPPED))


@pytest.mark.parametrize("found", [{**STOPPED, "severity": "soft"}, {**PASSED, "value": None, "passed": None}])
def test_a_soft_gate_and_one_with_nothing_to_measure_stop_no_plan(found: dict[str, Any]):
    assert an_approval(gates=(PASSED, found)).gates[1] == found


PLAN = {**a_plan().to_json(), "quantity": "12.5"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"gates": ()}, "gates: [] shows nothing that the plan passed; give what every gate found"),
        ({"gates": ({"gate": "exposure"},)}, "names no severity, passed; give each gate's reading whole"),
        ({"decision_type": "reject"}, "decision_type: reject is none of approve, modify; trade what passed"),
        ({"decision_type": Approval.MODIFY}, "decision_type: modify does not go with 0 modifications"),
        ({"modifications": (CHANGE,)}, "decision_type: approve does not go with 1 modifications"),
        ({"plan_id": "another"}, f"plan_id: another is not the plan's own, {PLAN['plan_id']!r}; name the plan"),
        ({"plan": {**PLAN, "direction": "up"}}, "plan: direction: 'up' must be long or short; give the plan"),
        ({"plan": {**PLAN, "quantity": "0"}}, "plan.quantity: 0 is not above zero; approve a size"),
        ({"plan": {**PLAN, "quantity": "much"}}, "plan.quantity: much is no decimal string; give the units"),
        ({"plan": a_plan().to_json()}, "plan.quantity: None is no decimal string; give the units"),
        (
            {"execution_instructions": approved.Instructions(quantity=Decimal(12))},
            "execution_instructions.quantity: 12 is not the 12.5 of the plan; give one quantity twice",
        ),
    ],
)
def test_what_did_not_pass_whole_is_refused_with_field_value_rule_and_way_out(changes: dict[str, Any], error: str):
    with pytest.raises(approved.NotApproved, match=re.escape(error)):
        an_approval(**changes)


@pytest.mark.parametrize(
    ("path", "value", "error"),
    [
        (("decision_type",), "reject", "decision.decision_type: reject cannot be read; it must be approve or modify"),
        (("valid_until",), "2022-01-03", "decision.valid_until: 2022-01-03 cannot be read; it must be an ISO moment"),
        (("gates",), None, "decision.gates: None cannot be read; it must be a list of objects"),
        (("plan",), None, "decision.plan: None cannot be read; it must be an object"),
        (("risk_parameters",), 7, "risk_parameters: 7 is no object; give max_slippage, max_latency_ms"),
        (
            ("risk_parameters", "max_slippage"),
            "1",
            "risk_parameters.max_slippage: 1 cannot be read; it must be a finite",
        ),
        (("risk_parameters", "stop_loss"), 98, "risk_parameters.stop_loss: 98 cannot be read; it must be a decimal"),
        (("monitoring_requirements",), {}, "monitoring_requirements.watch: nothing is given; it must be a list"),
        (("crypto_parameters", "absent"), "all", "crypto_parameters.absent: all cannot be read; it must be a list"),
    ],
)
def test_json_that_is_no_approval_is_refused_by_its_field(path: tuple[str, ...], value: Any, error: str):
    broken: dict[str, Any] = decided()
    within = broken
    for name in path[:-1]:
        within = within[name]
    within[path[-1]] = value
    with pytest.raises(approved.NotApproved, match=re.escape(error)):
        approved.from_json(broken)


@pytest.mark.parametrize("value", [None, [], "approve", 1])
def test_json_that_is_no_object_is_refused(value: Any):
    with pytest.raises(approved.NotApproved, match=r"decision: .* is no object; give decision_type"):
        approved.from_json(value)


def test_a_decision_without_instructions_leaves_them_to_the_trader():
    bare = an_approval().to_json()
    assert "execution_instructions" not in bare
    assert approved.from_json(bare) == an_approval()


def test_it_expires_with_the_plan_or_with_the_decision_whichever_is_first():
    assert an_approval().expires_at == a_plan().valid_until
    assert an_approval(valid_until=NOON).expires_at == NOON


def test_keys_that_are_no_field_are_left_out():
    assert approved.from_json({**an_approval().to_json(), "mood": "good"}) == an_approval()


_numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**6), 10**6)
_units = st.decimals(min_value="0.00000001", max_value="100000000", places=8).filter(bool)
_texts = st.text(min_size=1, max_size=20)
_moments = st.datetimes(timezones=st.just(NOON.tzinfo))
_scalars = st.none() | st.booleans() | _numbers | st.text(max_size=10)
_objects = st.dictionaries(_texts, _scalars, max_size=4)


@st.composite
def approvals(draw: st.DrawFn) -> ApprovedPlan:
    """Any approval, its plan with keys of alpha's own."""
    quantity = draw(_units)
    plan = {**draw(_objects), **a_plan().to_json(), "quantity": ledger.text(quantity)}
    changes = tuple(draw(st.lists(_objects, max_size=2)))
    instructions = st.builds(
        approved.Instructions,
        quantity=st.just(quantity),
        venue_preferences=st.none() | st.lists(_texts, max_size=2).map(tuple),
        **dict.fromkeys(("entry_timing", "time_horizon", "urgency", "route_hint"), st.none() | _texts),
    )
    risk = st.builds(
        approved.RiskParameters,
        **dict.fromkeys(("max_slippage", "max_latency_ms", "position_limit"), st.none() | _numbers),
        **dict.fromkeys(("stop_loss", "take_profit", "loss_at_stop"), st.none() | _units),
    )
    crypto = st.builds(
        approved.CryptoParameters,
        volatility=st.none() | _numbers,
        liquidity=st.none() | _numbers,
        asymmetry_scaling=_numbers,
        absent=st.lists(_texts, max_size=3).map(tuple),
    )
    watched = st.builds(approved.Monitoring, watch=st.lists(_texts, max_size=3).map(tuple), valid_until=_moments)
    return an_approval(
        decision_type=Approval.MODIFY if changes else Approval.APPROVE,
        score=draw(st.none() | _numbers),
        score_parts=draw(st.none() | _objects),
        reason=draw(st.none() | _texts),
        gates=(PASSED, *({**each, **PASSED} for each in draw(st.lists(_objects, max_size=2)))),
        plan=plan,
        modifications=changes,
        valid_until=draw(_moments),
        execution_instructions=draw(st.none() | instructions),
        risk_parameters=draw(st.none() | risk),
        crypto_parameters=draw(st.none() | crypto),
        monitoring_requirements=draw(st.none() | watched),
    )


@given(approvals())
def test_what_is_written_reads_back_the_same(one: ApprovedPlan):
    written = json.dumps(one.to_json(), allow_nan=False)
    assert approved.from_json(json.loads(written)) == one
    assert json.dumps(approved.from_json(json.loads(written)).to_json()) == written


@given(approvals(), st.sampled_from([None, 7, "no", [], {}]), st.data())
def test_whatever_a_field_holds_it_is_an_approval_or_refused(one: ApprovedPlan, poison: Any, data: st.DataObject):
    written = one.to_json()
    name = data.draw(st.sampled_from(sorted(written)))
    with suppress(approved.NotApproved):
        read = approved.from_json({**written, name: poison})
        assert approved.from_json(read.to_json()) == read


def test_nobody_can_loosen_one_that_was_made():
    with pytest.raises(approved.NotApproved, match="stops the plan"):
        replace(an_approval(), gates=(STOPPED,))
