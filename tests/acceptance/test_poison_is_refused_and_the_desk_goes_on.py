"""Poisoned input: whatever is wrong with what a desk hears, it says so, stays bounded and trades on."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from strands import strand
from strands.strand import Strand
from tests import states
from tests.acceptance import learning
from tradingops import engine, environments

pytestmark = pytest.mark.in_memory

MODULES = ("alpha", "dm", "trader")
LONGEST, MOST = 2_000, 1.5


def moments() -> list[list[Strand]]:
    return [list(strands) for _, strands in environments.market_data(learning.EAGER).moments([[learning.BARS]])]


def heard(desk: environments.Replay, strands: list[Strand]) -> None:
    desk.wire.publish(strands)
    desk.wire.drain(desk.desk, engine.market_time)


@cache
def market() -> tuple[list[list[Strand]], list[list[Strand]]]:
    """Return a market until every module has a lesson to be lied to about, and what comes after."""
    known = learning.replayed(learning.BARS).values()
    lessons = {each.module: each.at for each in reversed(list(known)) if each.kind == "braid"}
    every = moments()
    place = 1 + next(nth for nth, strands in enumerate(every) if strands[0].at >= max(lessons.values()))
    assert lessons.keys() == set(MODULES)
    return every[:place], every[place:]


@cache
def played() -> environments.Replay:
    """Return a desk that has played the first half of its market, and is left alone."""
    made = environments.replay(learning.EAGER)
    for strands in market()[0]:
        heard(made, strands)
    return made


@pytest.fixture
def desk() -> environments.Replay:
    """A desk in the middle of its market: it knows what was said until then, and remembers what its modules did."""
    made, before = environments.replay(learning.EAGER), played().wire
    made.wire.strands |= before.strands
    made.wire._told |= before._told
    made.wire.states |= {module: dict(states) for module, states in before.states.items()}
    return made


def goes_on(desk: environments.Replay, *, without: int = 0) -> None:
    """Let a desk play the rest; fail where its states are no plain finite JSON, or it says no more decisions."""
    before = sum(each.kind == "decision" for each in desk.wire.strands.values())
    for strands in market()[1][without:]:
        heard(desk, strands)
    assert sum(each.kind == "decision" for each in desk.wire.strands.values()) > before
    json.dumps(states.kept(desk.wire.states), allow_nan=False)
    json.dumps([dict(each.payload) for each in desk.wire.strands.values()], allow_nan=False)


def lessons_of(desk: environments.Replay, module: str) -> list[Strand]:
    braids = ("braid", "meta_braid", "meta2_braid")
    return [each for each in desk.wire.strands.values() if each.module == module and each.kind in braids]


def words(lesson: Strand, told: Any) -> Strand:
    """What a writer from outside says of a lesson."""
    note = {"lesson_id": lesson.id, "writer": "endpoint", "lesson": told}
    return lesson.answer(module="op", kind="lesson_words", tags=[f"{lesson.module}:lesson"], payload={"op_note": note})


def a_lesson(**changed: Any) -> dict[str, Any]:
    sound = {
        "title": "Quiet markets",
        "description": "Breakouts fail in quiet markets.",
        "conditions": {"regime": "ranging_quiet"},
        "recommendations": [],
        "confidence": 0.5,
    }
    return {**sound, **changed}


def a_weight(adjustment: Any, *, curator: str = "risk_curator") -> dict[str, Any]:
    return {"type": "curator_weight_adjustment", "curator_type": curator, "adjustment": adjustment}


ABSURD = {
    "no object": "buy everything",
    "a list": [1, 2, 3],
    "nothing": None,
    "no fields": {},
    "a weight of 10⁹": a_lesson(recommendations=[a_weight(1e9)]),
    "a weight below nothing": a_lesson(recommendations=[a_weight(-1e9)]),
    "a weight that is a word": a_lesson(recommendations=[a_weight("all of it")]),
    "a type nobody knows": a_lesson(recommendations=[{"type": "sell_the_house", "value": 1}]),
    "a boost of 10⁹": a_lesson(
        recommendations=[{"type": "confidence_boost", "condition": "always", "boost_factor": 1e9}]
    ),
    "a risk of 10⁹": a_lesson(recommendations=[{"type": "risk_adjustment", "risk_type": "size", "risk_value": 1e9}]),
    "a threshold beyond 1": a_lesson(
        recommendations=[{"type": "threshold_adjustment", "threshold_type": "score", "threshold_value": -5}]
    ),
    "confidence beyond 1": a_lesson(confidence=7),
    "a million letters": a_lesson(description="x" * 1_000_000),
    "a long title": a_lesson(title="y" * 10_000),
    "a thousand recommendations": a_lesson(recommendations=[a_weight(1.1)] * 1_000),
    "deep": a_lesson(conditions={"regime": {"a": {"b": {"c": 1}}}}),
}


@pytest.mark.parametrize("absurd", ABSURD.values(), ids=ABSURD)
def test_absurd_words_for_a_lesson_are_refused_or_bounded_with_a_reason(desk: environments.Replay, absurd: Any):
    for module in MODULES:
        lesson = lessons_of(desk, module)[-1]
        heard(desk, [words(lesson, absurd)])
        changes = [
            each.payload["lesson_metadata"]
            for each in desk.wire.strands.values()
            if each.kind == "lesson" and each.payload["lesson_metadata"]["lesson_id"] == lesson.id
        ]
        assert changes[-1]["note"], f"{module} gave no reason"
        assert changes[-1]["cause"] in ("words", "words_refused")
        assert all(len(text) <= LONGEST for text in texts_in(changes[-1]))
        assert all(0 <= each <= MOST for each in factors(desk, module))
    goes_on(desk)


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts_in(each)


def factors(desk: environments.Replay, module: str) -> set[float]:
    """Return every number that the lessons a module remembers recommend."""
    return {
        each[name]
        for state in desk.wire.states[module].values()
        for lesson in state.learning.lessons["lessons"].values()
        for each in lesson["recommendations"]
        for name in ("adjustment", "boost_factor", "risk_value", "threshold_value")
        if name in each
    }


def test_numbers_that_are_none_cannot_be_said(desk: environments.Replay):
    lesson = lessons_of(desk, "dm")[-1]
    with pytest.raises(ValueError, match="JSON compliant"):
        json.dumps(dict(words(lesson, a_lesson(confidence=math.nan)).payload), allow_nan=False)
    heard(desk, [words(lesson, a_lesson(confidence=math.nan))])
    (change,) = [
        each.payload["lesson_metadata"]
        for each in desk.wire.strands.values()
        if each.kind == "lesson" and each.payload["lesson_metadata"]["cause"] == "words_refused"
    ]
    assert "finite" in change["note"]


def test_words_for_a_lesson_that_nobody_knows_change_nothing(desk: environments.Replay):
    before = states.kept(desk.wire.states)
    for module in MODULES:
        lesson = lessons_of(desk, module)[-1]
        heard(desk, [words(replace(lesson, id="0" * 26), a_lesson())])
    assert states.kept(desk.wire.states) == before
    goes_on(desk)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_features_that_are_no_numbers_make_no_signal(desk: environments.Replay, number: float):
    poisoned = [replace(each, payload=_poisoned(each.payload, number)) for each in market()[1][0]]
    before = set(desk.wire.strands)
    heard(desk, poisoned)
    said = [each for identity, each in desk.wire.strands.items() if identity not in before]
    assert [each for each in said if each.kind in ("signal", "order")] == []
    goes_on(desk, without=1)


def _poisoned(payload: Any, number: float) -> dict[str, Any]:
    features = payload.get("md_features") or {}
    return {
        **payload,
        "md_features": {name: number if isinstance(value, float) else value for name, value in features.items()},
    }


def test_a_plan_with_a_million_letters_is_refused_with_a_reason(desk: environments.Replay):
    signal = next(each for each in desk.wire.strands.values() if each.kind == "signal")
    plan = {**signal.payload["trading_plan"], "symbol": "B" * 1_000_000, "plan_id": "p" * 1_000_000}
    poisoned = strand.first(
        module="alpha",
        kind="signal",
        at=market()[1][0][0].at,
        symbol=signal.symbol,
        timeframe=signal.timeframe,
        tags=signal.tags,
        payload={**signal.payload, "trading_plan": plan},
        cause=("poison",),
    )
    before = set(desk.wire.strands)
    heard(desk, [poisoned])
    decisions = [
        each for identity, each in desk.wire.strands.items() if identity not in before and each.kind == "decision"
    ]
    assert [each.payload["dm_decision"]["decision_type"] for each in decisions] == ["reject"]
    assert decisions[0].payload["dm_decision"]["reason"]
    goes_on(desk)
