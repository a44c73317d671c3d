"""A no in a sentence."""

from __future__ import annotations

import pytest

from strands.kinds import refusals


def a_gate(**found: object) -> dict[str, object]:
    return {
        "gate": "exposure",
        "value": 0.52,
        "limit": 0.5,
        "comparison": "<=",
        "passed": False,
        "distance": 0.02,
        **found,
    }


SHORT = {"gate": "risk_reward", "value": 1.05, "limit": 1.2, "comparison": ">=", "distance": 0.15}
EXPIRED = {"gate": "plan_expired", "value": -30.0, "limit": 0, "comparison": ">", "distance": 30.0}
HALTED = {"gate": "halted", "value": "halted", "limit": "active", "comparison": "==", "distance": None}
CROWDED = {"gate": "max_open_positions", "value": 6, "limit": 5, "distance": 1.0}


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({}, "exposure 0.52 above 0.50, 0.02 too much"),
        ({"value": 0.5004, "distance": 0.0004}, "exposure 0.5004 above 0.5000, 0.0004 too much"),
        ({"distance": None}, "exposure 0.52 above 0.50, 0.02 too much"),
        (SHORT, "risk reward 1.05 below 1.20, 0.15 short"),
        (EXPIRED, "plan expired -30 not above 0, 30 short"),
        (CROWDED, "max open positions 6 above 5, 1 too much"),
        (HALTED, "halted halted, wanted active"),
        (
            {"gate": "direction", "value": "short", "limit": ["long"], "comparison": "in"},
            "direction short, wanted long",
        ),
        ({"gate": "risk_data_age", "value": None}, "risk data age could not be measured"),
    ],
)
def test_a_failed_gate_says_value_limit_and_distance(found: dict[str, object], words: str) -> None:
    assert refusals.sentence(a_gate(**found)) == words


def test_the_named_reason_comes_before_the_first_failure() -> None:
    soft = a_gate(gate="position_limit")
    decision = {"reason": "exposure", "gates": [soft, a_gate()]}
    assert refusals.why(decision).startswith("exposure")


def test_without_a_named_reason_the_first_failure_counts() -> None:
    assert refusals.why({"gates": [a_gate(passed=True), a_gate(gate="var")]}).startswith("var")


@pytest.mark.parametrize("decision", [None, {}, {"gates": "none"}, {"gates": [1, None]}])
def test_a_decision_of_another_make_has_no_reason(decision: object) -> None:
    assert refusals.why(decision) == ""


@pytest.mark.parametrize("decision", [[], "no", {"reason": ["no"]}])
def test_a_decision_or_a_reason_of_another_shape_is_unreadable(decision: object) -> None:
    assert refusals.why(decision) == "unreadable"


def test_a_reason_without_gates_is_told_as_it_is() -> None:
    assert refusals.why({"reason": "curator_veto"}) == "curator veto"
