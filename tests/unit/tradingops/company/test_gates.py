"""Gates let through what lies within every limit, and close on whatever they cannot read."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingops.company.first_data import policies
from tradingops.company.proposals import gates, steps
from tradingops.company.proposals.gates import Desk, Holding
from tradingops.company.proposals.steps import BadProposal, Step

POLICIES = {key: value for key, (value, _) in policies.SEVEN.items()}
LEVELS = {"entry_price": 100.0, "stop_loss": 97.0}
TRADE = Step(steps.EXECUTE_TRADE, {"token": "BTC", "size": 0.5, "confidence": 0.7})
HELD = {"BTC": Holding(notional=20.0, pnl_percent=0.01)}
DESK = Desk(
    trades_today=0,
    analyses_today=0,
    roundtables_today=0,
    holdings={"ETH": Holding(notional=20.0, pnl_percent=0.0)},
    portfolio_value=1_000.0,
    risk_at_stops=0.01,
)


def judged(*asked: Step, desk: Desk = DESK, held: Any = None, levels: Any = None, **changes: Any) -> Any:
    """Judge steps; changes are policies' fields as ``key__field``."""
    rules = copy.deepcopy(POLICIES)
    for name, value in changes.items():
        key, _, field = name.partition("__")
        rules[key][field] = value
    desk = desk if held is None else desk._replace(holdings=held)
    return gates.judge(asked, desk=desk, policies=rules, levels=LEVELS if levels is None else levels)


def failed(*asked: Step, **given: Any) -> list[str]:
    return [each.gate for each in judged(*asked, **given) if not each.passed]


def changed(**payload: Any) -> Step:
    return Step(TRADE.kind, {**TRADE.payload, **payload})


def test_a_trade_within_every_limit_passes_every_gate() -> None:
    found = judged(TRADE)
    assert gates.first_failed(found) is None
    assert [each.gate for each in found] == [
        *("open_positions", "daily_trades", "position_size", "exposure", "min_confidence"),
        *("stop_loss_required", "position_risk", "portfolio_risk"),
    ]
    assert all(each.distance == 0 for each in found)


@pytest.mark.parametrize(
    ("gate", "given"),
    [
        ("open_positions", {"held": {name: Holding(1.0, 0.0) for name in "ABC"}}),
        ("daily_trades", {"desk": DESK._replace(trades_today=8)}),
        ("position_size", {"trade_limits__max_position_size_usd": 49, "levels": {**LEVELS, "entry_price": 100.0}}),
        ("exposure", {"held": {"A": Holding(71.0, 0.0)}}),
        ("min_confidence", {"trade_limits__min_confidence": 0.71}),
        ("stop_loss_required", {"levels": {"entry_price": 100.0}}),
        ("position_risk", {"risk_controls__max_single_position_risk": 0.001}),
        ("portfolio_risk", {"desk": DESK._replace(risk_at_stops=0.05)}),
    ],
)
def test_each_gate_of_a_trade_closes_by_itself(gate: str, given: dict[str, Any]) -> None:
    assert gate in failed(TRADE, **given)
    finding = next(each for each in judged(TRADE, **given) if each.gate == gate)
    assert finding.distance is None or finding.distance > 0
    assert gate in gates.in_words(finding)


@pytest.mark.parametrize(
    ("payload", "passes"),
    [({"size": 0.6}, True), ({"size": 0.6001}, False)],
)
def test_a_limit_itself_passes_and_what_lies_beyond_it_does_not(payload: dict[str, Any], passes: bool) -> None:
    assert ("position_size" not in failed(changed(**payload))) is passes


@pytest.mark.parametrize("field", ["max_daily_trades", "max_open_positions", "max_position_size_usd"])
def test_zero_lets_none_pass_and_no_limit_is_a_word_of_its_own(field: str) -> None:
    assert failed(TRADE, held={}, **{f"trade_limits__{field}": 0})
    assert not failed(TRADE, held={}, **{f"trade_limits__{field}": gates.UNLIMITED})


def test_what_a_proposal_needs_is_counted_whole() -> None:
    desk = DESK._replace(analyses_today=15)
    found = judged(*[Step(steps.ANALYZE)] * 6, desk=desk)
    assert [each.passed for each in found] == [True] * 5 + [False]
    assert gates.in_words(found[-1]) == "daily_analyses: needs 6, 5 left"


def test_closing_needs_a_position_that_nobody_is_closing() -> None:
    close = Step(steps.CLOSE, {"token": "BTC"})
    assert not failed(close, held=HELD)
    assert failed(close) == ["is_held", "is_not_closing"]
    assert failed(close, held={"BTC": Holding(20.0, 0.0, closing=True)}) == ["is_not_closing"]


def test_scaling_needs_a_position_that_is_small_enough_and_not_far_down() -> None:
    scale = steps.read("more", [{"kind": "scale_position", "payload": {**TRADE.payload, "size": 0.3}}])[0]
    assert not failed(scale, held=HELD)
    assert "size_after" in failed(scale, held={"BTC": Holding(31.0, 0.0)})
    assert "not_far_down" in failed(scale, held={"BTC": Holding(20.0, -0.21)})
    assert "not_far_down" not in failed(scale, held={"BTC": Holding(20.0, -0.20)})
    assert "is_held" in failed(scale, held={})


def test_roundtables_need_to_be_on_and_one_to_be_left() -> None:
    talk = Step(steps.ROUNDTABLE)
    assert not failed(talk)
    assert failed(talk, roundtable_policy__enabled=False) == ["roundtables_enabled"]
    assert failed(talk, desk=DESK._replace(roundtables_today=8)) == ["daily_roundtables"]


def test_no_step_passes_nothing() -> None:
    assert not gates.first_failed(()).passed


BAD = [None, float("nan"), math.inf, "", "much", [], {}, True, -1]
NEEDS = {
    "trade_limits": ("max_daily_trades", "max_open_positions", "max_position_size_usd", "min_confidence"),
    "risk_controls": ("max_portfolio_risk", "max_single_position_risk"),
}


@pytest.mark.parametrize("bad", BAD, ids=repr)
@pytest.mark.parametrize(("key", "field"), [(key, field) for key, fields in NEEDS.items() for field in fields])
def test_a_limit_that_is_missing_or_no_number_closes_its_gate_and_is_named(key: str, field: str, bad: Any) -> None:
    found = judged(TRADE, **{f"{key}__{field}": bad})
    told = [each.reason for each in found if not each.passed]
    assert any(reason.endswith(f"{field} missing") for reason in told)


@pytest.mark.parametrize("key", ["trade_limits", "risk_controls"])
def test_a_policy_that_is_not_there_closes_its_gates(key: str) -> None:
    found = gates.judge([TRADE], desk=DESK, policies={**POLICIES, key: None}, levels=LEVELS)
    assert any(each.reason.endswith(f"{key} missing") for each in found)
    assert gates.first_failed(found)


@pytest.mark.parametrize("bad", BAD, ids=repr)
@pytest.mark.parametrize("field", ["size", "confidence"])
def test_what_a_trade_does_not_say_closes_the_gates_that_need_it(field: str, bad: Any) -> None:
    assert any(each.reason.endswith(f"{field} missing") for each in judged(changed(**{field: bad})))


@pytest.mark.parametrize(
    "field", [name for name in Desk._fields if name not in ("analyses_today", "roundtables_today")]
)
def test_what_is_not_known_of_the_desk_closes_the_gates_that_need_it(field: str) -> None:
    assert failed(TRADE, desk=DESK._replace(**{field: None}))


ANYTHING = (
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3) | st.lists(st.none(), max_size=1)
)


@given(
    payload=st.dictionaries(
        st.sampled_from(["token", "size", "confidence", "entry_price", "stop_loss", "mode"]), ANYTHING
    ),
    limits=st.dictionaries(st.sampled_from([*NEEDS["trade_limits"]]), ANYTHING),
    kind=st.sampled_from(steps.KINDS),
)
def test_whatever_is_said_a_gate_that_passes_had_a_number_within_a_limit(
    payload: dict[str, Any], limits: dict[str, Any], kind: str
) -> None:
    found = gates.judge([Step(kind, payload)], desk=DESK, policies={**POLICIES, "trade_limits": limits}, levels={})
    assert found
    for each in found:
        if each.passed and isinstance(each.value, int | float) and not isinstance(each.value, bool):
            assert math.isfinite(each.value)


@pytest.mark.parametrize(
    ("title", "asked", "told"),
    [
        ("", ["analyze"], "title"),
        ("t" * 256, ["analyze"], "title"),
        (None, ["analyze"], "title"),
        ("t", [], "1 to 20"),
        ("t", ["analyze"] * 21, "1 to 20"),
        ("t", "analyze", "1 to 20"),
        ("t", [{}], "proposed_steps[0]"),
        ("t", [{"kind": "launch"}], "is no kind of step"),
        ("t", [{"kind": "analyze", "payload": []}], "proposed_steps[0].payload"),
    ],
)
def test_what_is_no_proposal_is_refused_at_the_door(title: Any, asked: Any, told: str) -> None:
    with pytest.raises(BadProposal) as refused:
        steps.read(title, asked)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("asked", "mission"),
    [
        (["analyze"], "analysis"),
        (["monitor_position"], "monitor"),
        (["execute_trade", "analyze"], "entry"),
        (["scale_position"], "scale"),
        (["close_position"], "exit"),
        (["roundtable_conversation"], "analysis"),
        ([{"kind": "execute_trade", "payload": {"mode": "hedge"}}], "hedge"),
    ],
)
def test_a_mission_is_what_its_steps_make_it(asked: list[Any], mission: str) -> None:
    assert steps.mission_type(steps.read("t", asked)) == mission
