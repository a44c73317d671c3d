"""A line tells a strand: what it decided, and what stopped it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from strands import gist
from strands.gist import Tone

GATES = [
    {"gate": "confidence", "passed": True, "value": 0.7, "limit": 0.5},
    {"gate": "max_exposure", "passed": False, "value": 0.52, "limit": 0.5},
    {"gate": "score", "passed": False, "value": 0.3, "limit": 0.4},
]
anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def told(kind: str, **payload: Any) -> str:
    return gist.text(gist.gist(kind, payload))


def test_a_refusal_names_the_first_gate_that_failed_with_value_and_limit() -> None:
    assert told("decision", dm_decision={"decision_type": "reject", "score": 0.31, "gates": GATES}) == (
        "reject · score 0.31 · max exposure 0.52 against 0.5"
    )


def test_the_gate_that_the_reason_names_goes_before_the_first_that_failed() -> None:
    line = told("decision", dm_decision={"decision_type": "reject", "reason": "score", "gates": GATES})
    assert line == "reject · score 0.3 against 0.4"


def test_a_soft_gate_that_failed_does_not_speak_against_an_approval() -> None:
    assert (
        told("decision", dm_decision={"decision_type": "approve", "score": 0.7, "gates": GATES})
        == "approve · score 0.70"
    )


def test_an_approval_tells_direction_and_quantity() -> None:
    decision = {"decision_type": "approve", "score": 0.8, "plan": {"direction": "short", "quantity": "0.2500"}}
    assert told("decision", dm_decision=decision) == "approve · short · score 0.80 · quantity 0.25"


def test_a_fill_tells_side_quantity_and_price() -> None:
    fill = {"side": "sell", "qty": "0.5", "px": "46320.1", "fee": "9.26", "intent": "exit"}
    line = told("fill", fills=[fill], position_data={"quantity": "0"})
    assert line == "sell · 0.5 at 46,320.10 · fee 9.26 · exit · then holding 0"


def test_a_loss_is_told_by_its_sign_as_well_as_by_its_tone() -> None:
    parts = gist.gist("position", {"tr_outcome": {"outcome": "loss", "pnl": "-12.5", "close_reason": "stop_loss"}})
    assert (parts[1].text, parts[1].tone) == ("-12.50", Tone.BAD)


def test_a_kind_that_is_not_known_tells_its_first_plain_values() -> None:
    assert told("rumour", co_proposal={"author": "scout", "size": 3, "more": {}}) == "author scout · size 3"


@pytest.mark.parametrize("word", ["long", "approve", "filled", "win"])
def test_what_is_good_is_told_so(word: str) -> None:
    assert gist.pill(word).tone is Tone.GOOD


KINDS = ("bar", "signal", "anomaly", "decision", "feedback", "order", "order_update", "fill", "execution", "position")
COLUMNS = ("md_bar", "trading_plan", "signal_pack", "dm_decision", "order_spec", "vn_update", "fills", "tr_outcome")


@given(some.sampled_from((*KINDS, "risk_update", "note")), some.dictionaries(some.sampled_from(COLUMNS), anything))
def test_a_strand_with_any_payload_has_a_gist(kind: str, payload: dict[str, Any]) -> None:
    assert all(part.text for part in gist.gist(kind, payload))
