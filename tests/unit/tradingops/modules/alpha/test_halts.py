"""Halts and alpha: one of its own module withholds every plan, one of anything else leaves it speaking."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from strands.kinds import alpha
from strands.rulings.fold import Rulings
from strands.strand import Strand
from tests.factories import BREAKING_UP, NOON, a_bar
from tests.unit.tradingops.modules.alpha.rulings import a_halt
from tradingops.modules.alpha.module import AlphaDetector
from tradingops.modules.alpha.state import AlphaState

DETECTOR = AlphaDetector()
STATES = ("halted", "reduce-only")


def played(*bars: Strand, rulings: Rulings) -> tuple[AlphaState, list[Strand]]:
    """Return the state after bars of a symbol, and the plans among the answers."""
    state, answers = DETECTOR.start("BTCUSDT"), []
    for bar in bars:
        state, more = DETECTOR.handle(state, bar, rulings.given(bar.at, "alpha", "BTCUSDT"))
        answers += more
    return state, [each for each in answers if "trading_plan" in each.payload]


def breaking(hours: float = 0.0) -> Strand:
    return a_bar(at=NOON + timedelta(hours=hours), features=BREAKING_UP)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("scope", ["desk", "symbol:BTCUSDT", "venue:paper", "module:dm", "module:trader"])
def test_a_halt_of_anything_else_leaves_alpha_speaking(scope: str, state: str):
    assert played(breaking(), rulings=Rulings([a_halt(scope, state)])) == played(breaking(), rulings=Rulings())


@pytest.mark.parametrize("state", STATES)
def test_a_halt_of_alpha_withholds_its_plan_and_tells_why(state: str):
    _, (published,) = played(breaking(), rulings=Rulings())
    _, (withheld,) = played(breaking(), rulings=Rulings([a_halt("module:alpha", state)]))
    assert (published.kind, withheld.kind, withheld.tags) == ("signal", "withheld", ())
    halt = withheld.payload["curator_feedback"]["halt"]
    assert halt == {"scope": "module:alpha", "state": state, "reason": f"halted: module:alpha is {state}"}
    assert withheld.payload["trading_plan"] == published.payload["trading_plan"]
    assert "halt" not in published.payload["curator_feedback"]


def test_a_line_for_people_names_the_halt_that_withheld_a_plan():
    _, (withheld,) = played(breaking(), rulings=Rulings([a_halt("module:alpha")]))
    words = [part.text for part in alpha.WITHHELD.parts(withheld.payload)]
    assert "module:alpha halted" in words


def test_a_plan_withheld_by_a_halt_is_followed_and_takes_no_slot():
    state, (withheld,) = played(breaking(), rulings=Rulings([a_halt("module:alpha")]))
    plan_id = withheld.payload["trading_plan"]["plan_id"]
    assert set(state.following.plans) == set(state.learning.judged) == {plan_id}
    assert (state.slots.taken, state.slots.last_withheld_at) == ((), NOON)


def test_what_a_plan_withheld_by_a_halt_would_have_come_to_is_told_under_it():
    rulings = Rulings([a_halt("module:alpha")])
    quiet = {**BREAKING_UP, "breakout": 0.0}
    bars = [breaking(), *(a_bar(at=NOON + timedelta(minutes=5 * nth), features=quiet) for nth in range(1, 60))]
    state, answers = DETECTOR.start("BTCUSDT"), []
    for bar in bars:
        state, more = DETECTOR.handle(state, bar, rulings.given(bar.at, "alpha", "BTCUSDT"))
        answers += more
    withheld, counterfactual = (
        next(each for each in answers if each.kind == kind) for kind in ("withheld", "counterfactual")
    )
    assert counterfactual.parent_id == withheld.id
    assert state.following.plans == {}


def test_withheld_plans_follow_one_another_no_sooner_than_the_cooldown():
    rulings = Rulings([a_halt("module:alpha")])
    _, plans = played(breaking(), breaking(0.25), breaking(0.5), rulings=rulings)
    assert [each.at for each in plans] == [NOON, NOON + timedelta(minutes=30)]


def test_a_lifted_halt_lets_the_next_plan_go_at_once():
    rulings = Rulings([a_halt("module:alpha")])
    state, _ = played(breaking(), rulings=rulings)
    rulings.add(a_halt("module:alpha", "active", at=NOON + timedelta(minutes=1)))
    later = breaking(0.1)
    _, answers = DETECTOR.handle(state, later, rulings.given(later.at, "alpha", "BTCUSDT"))
    assert [each.kind for each in answers] == ["signal"]


def test_a_plan_that_is_withheld_by_a_halt_is_plain_json():
    _, (withheld,) = played(breaking(), rulings=Rulings([a_halt("module:alpha")]))
    assert json.loads(json.dumps(dict(withheld.payload), allow_nan=False)) == withheld.payload
