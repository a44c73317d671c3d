"""What lines say: the facts that a person looks for first, a refusal with its reason, a loss by its sign."""

from __future__ import annotations

from typing import Any

import pytest

from strands import kinds, telling
from strands.kinds import refusals
from strands.telling import Tone

GATES = [
    {"gate": "confidence", "passed": True, "value": 0.7, "limit": 0.5, "comparison": ">="},
    {"gate": "max_exposure", "passed": False, "value": 0.52, "limit": 0.5, "comparison": "<="},
    {"gate": "score", "passed": False, "value": 0.3, "limit": 0.4, "comparison": ">="},
]


def line(role: str, kind: str, **payload: Any) -> tuple[str, Tone]:
    parts = kinds.parts(role, kind, payload)
    return telling.text(parts), telling.tone(parts)


def decision(**facts: Any) -> tuple[str, Tone]:
    return line("dm", "decision", dm_decision=facts)


def test_a_refusal_names_the_first_gate_that_failed_with_value_limit_and_distance() -> None:
    assert decision(decision_type="reject", score=0.31, gates=GATES) == (
        "reject · score 0.31 · max exposure 0.52 above 0.50, 0.02 too much",
        Tone.BAD,
    )


def test_the_gate_that_the_reason_names_goes_before_the_first_that_failed() -> None:
    text, _ = decision(decision_type="reject", reason="score", gates=GATES)
    assert text == "reject · score 0.30 below 0.40, 0.10 short"


def test_a_soft_gate_that_failed_does_not_speak_against_an_approval() -> None:
    assert decision(decision_type="approve", score=0.7, gates=GATES) == ("approve · score 0.70", Tone.GOOD)


def test_a_modified_plan_says_what_was_changed() -> None:
    change = {"field": "position_size", "from": 0.135746, "to": 0.1, "because": "position_limit"}
    plan = {"direction": "short", "quantity": "0.2500"}
    assert decision(decision_type="modify", score=0.8, modifications=[change], plan=plan) == (
        "modify · short · score 0.80 · position size 0.1357 to 0.1, position limit · quantity 0.25",
        Tone.WARNING,
    )


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        (
            {"gate": "open_positions", "value": 3, "limit": 2, "comparison": "<="},
            "open positions 3 above 2, 1 too much",
        ),
        ({"gate": "spread", "value": None, "limit": 2, "comparison": "<="}, "spread could not be measured"),
        (
            {"gate": "halted", "value": "halted", "limit": ["active", "reduce-only"]},
            "halted halted, wanted active or reduce-only",
        ),
    ],
)
def test_a_failed_gate_is_told_as_a_person_would(gate: dict[str, Any], words: str) -> None:
    assert refusals.sentence(gate) == words


@pytest.mark.parametrize(
    ("role", "kind", "payload", "told"),
    [
        (
            "market",
            "bar",
            {"md_bar": {"open": "100", "close": "101.5", "high": "102", "low": "99", "volume": "12.5"}},
            ("close 101.50 · +1.50 % · high 102.00 · low 99.00 · volume 12.5", Tone.GOOD),
        ),
        (
            "trader",
            "fill",
            {
                "fills": [{"side": "sell", "qty": "0.5", "px": "46320.1", "fee": "9.26", "intent": "exit"}],
                "position_data": {"quantity": "0"},
            },
            ("sell · 0.5 at 46,320.10 · fee 9.26 · exit · then holding 0", Tone.BAD),
        ),
        (
            "trader",
            "position",
            {"tr_outcome": {"outcome": "loss", "pnl": "-12.5", "close_reason": "stop_loss", "hold_seconds": 61}},
            ("loss · -12.50 · stop loss · after 1 min 1 s", Tone.BAD),
        ),
        ("trader", "cancel", {"order_spec": {"order_id": "01A"}}, ("take back · order 01A", Tone.MUTED)),
        (
            "trader",
            "monitoring",
            {"monitoring_state": {"state": "waiting", "fails": ["price_above"], "until": "2026-03-02T16:18:00+00:00"}},
            ("waiting · for price above · until 16:18 UTC", Tone.INFO),
        ),
        (
            "alpha",
            "counterfactual",
            {"lesson_metadata": {"outcome": None, "reason": "never_touched"}},
            ("would not have been entered · never touched", Tone.MUTED),
        ),
        (
            "alpha",
            "curator_scores",
            {"lesson_metadata": {"scores": [{"correct": True}, {"correct": False}], "weights": [{}]}},
            ("1 of 2 curators were right · 1 weight moved", Tone.PLAIN),
        ),
        (
            "dm",
            "lesson",
            {"lesson_metadata": {"before": "active", "standing": "retired", "note": "it cost", "cause": "effect"}},
            ("retired · was active · it cost · because of effect", Tone.MUTED),
        ),
        (
            "risk",
            "risk_update",
            {"rm_risk_assessment": {"level": "breach", "breaches": ["position", "exposure"], "warnings": []}},
            ("breach · position, exposure", Tone.BAD),
        ),
        (
            "op",
            "halt",
            {"op_halt": {"scope": "symbol:BTC-USD", "state": "halted", "by": "chief"}},
            ("halted · symbol:BTC-USD · by chief", Tone.BAD),
        ),
        (
            "op",
            "policy_changed",
            {"op_policy": {"min_confidence": 0.6, "curators": {"max_nudge": None}}},
            ("changed · min confidence 0.6 · curators, max nudge as by default", Tone.WARNING),
        ),
        (
            "op",
            "note",
            {
                "op_note": {
                    "action": "requeue",
                    "user": "chief",
                    "listener": "dm",
                    "reason": "mended",
                    "strand_ids": ["A"],
                }
            },
            ("requeue · 1 strand of dm · by chief · mended", Tone.INFO),
        ),
    ],
)
def test_a_line_says_the_facts_that_matter(role: str, kind: str, payload: Any, told: tuple[str, Tone]) -> None:
    assert line(role, kind, **payload) == told
