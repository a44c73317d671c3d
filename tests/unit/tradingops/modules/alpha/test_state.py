"""AlphaState: kept as it is between turns, and the same again after it was written down."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands import strand
from strands.given import Given
from strands.strand import Strand
from strands.wire import NewerState
from tests import instruments
from tests.factories import BREAKING_UP, NOON, QUIET, a_bar
from tradingops.modules.alpha import state as states
from tradingops.modules.alpha.module import AlphaDetector
from tradingops.modules.alpha.policy import AlphaPolicy
from tradingops.modules.alpha.state import AlphaState

DETECTOR = AlphaDetector()
#: Withholds nearly all that it detects.
STRICT = AlphaDetector(AlphaPolicy(publish_threshold=0.99))


def again(state: AlphaState, detector: AlphaDetector = DETECTOR) -> AlphaState:
    """Return a state after it was written down as JSON and read."""
    return detector.load(json.loads(json.dumps(detector.dump(state), allow_nan=False)))


def plan_of(answers: list[Strand]) -> str | None:
    plans = [each.payload["trading_plan"]["plan_id"] for each in answers if each.kind == "signal"]
    return plans[-1] if plans else None


def news(what: str, plan_id: str | None, nth: int) -> Strand:
    """Return the next thing that alpha may be told, of its last plan where it is of a plan."""
    at = NOON + timedelta(minutes=35 * nth)
    bar = {"open": "100.00", "high": "101.20", "low": "99.90", "close": "101.00", "volume": "5000"}
    if what == "interest":
        return a_bar(at=at, bar={**bar, "open_interest": "1000.5"}, features=QUIET)
    if what == "instrument":
        return instruments.told("BTCUSDT", at, tick="0.01", lot="0.001")
    if what in ("break", "quiet"):
        return a_bar(at=at, features=BREAKING_UP if what == "break" else QUIET)
    payload: dict[str, Any] = {"dm_decision": {"plan_id": plan_id, "decision_type": what}}
    kind = "feedback"
    if what == "filled":
        order, measured = {"plan_id": plan_id, "intent": "entry"}, {"status": "filled", "slip_real_bps": 3.0}
        kind, payload = (
            "execution",
            {
                "order_spec": order,
                "exec_metrics": measured,
                "fills": [{"px": "1", "qty": "2", "fee": "0.001", "venue": "hyperliquid"}],
            },
        )
    if what == "closed":
        outcome = {"plan_id": plan_id, "pnl_percent": 0.01, "r_multiple": 1.5, "close_reason": "take_profit"}
        times = {"opened_at": at.isoformat(), "closed_at": at.isoformat(), "direction": "long"}
        kind, payload = "position", {"tr_outcome": {**outcome, **times}}
    return strand.first(module="dm", kind=kind, at=at, symbol="BTCUSDT", payload=payload)


STORIES = st.lists(
    st.sampled_from(["instrument", "break", "quiet", "interest", "approve", "reject", "filled", "closed"]),
    min_size=1,
    max_size=14,
)


@given(story=STORIES, detector=st.sampled_from([DETECTOR, STRICT]))
def test_a_state_written_down_after_every_turn_is_the_same_and_goes_on_alike(story: list[str], detector: AlphaDetector):
    kept_as_is = written = detector.start("BTCUSDT")
    plan_id = None
    for nth, what in enumerate(story):
        turn = news(what, plan_id, nth)
        kept_as_is, answers = detector.handle(kept_as_is, turn, Given(turn.at))
        written, repeated = detector.handle(again(written, detector), turn, Given(turn.at))
        assert written == kept_as_is == again(kept_as_is, detector)
        assert list(answers) == list(repeated)
        plan_id = plan_of(list(answers)) or plan_id


def test_a_story_reaches_every_part_of_a_state():
    state, plan_id = DETECTOR.start("BTCUSDT"), None
    story = ("instrument", "interest", "break", "approve", "filled", "closed", "break", "reject", "break")
    for nth, what in enumerate(story):
        turn = news(what, plan_id, nth)
        state, answers = DETECTOR.handle(state, turn, Given(turn.at))
        plan_id = plan_of(list(answers)) or plan_id
    fresh = DETECTOR.start("BTCUSDT")
    assert [name for name in AlphaState._fields if getattr(state, name) == getattr(fresh, name)] == ["experts"]
    assert again(state) == state


def test_what_is_kept_names_its_version_and_a_newer_one_is_refused():
    kept = DETECTOR.dump(DETECTOR.start("BTCUSDT"))
    assert kept["version"] == states.VERSION
    with pytest.raises(NewerState, match="state of alpha: version 3 is newer than 2"):
        DETECTOR.load({**kept, "version": 3})


#: As the version before left it: flat, without a version, with what is now given to a turn.
VERSION_0: dict[str, Any] = {
    "slots": [{"plan_id": "a", "timeframe": "5m", "stage": "approved", "until": "2022-01-10T12:00:00+00:00"}],
    "last_signal_at": "2022-01-03T12:00:00+00:00",
    "last_withheld_at": None,
    "followed": {
        "b": {
            "plan_id": "b",
            "direction": "short",
            "sign": -1,
            "order_type": "limit",
            "price": 100.0,
            "stop": 101.0,
            "target": 98.0,
            "since": 1641211200.0,
            "until": 1641212100.0,
            "horizon": 900.0,
            "stage": "waiting",
            "entered": None,
            "opened_at": None,
            "reason": None,
            "timeframe": "5m",
        }
    },
    "side_cost": 0.0004,
    "judged": {},
    "curators": {},
    "learned": {"clusters": {}, "lessons": {}},
    "tape": {"5m": [[1641211200.0, 100.0, 101.0, 99.0, 100.5, 10.0, None]]},
    "seasons": {"5m": {"hour": 455892, "hours": [[2, 1.5, 0.25]] + [[0, 0.0, 0.0]] * 23, "days": [[0, 0.0, 0.0]] * 7}},
    "record": [["2022-01-03T11:00:00+00:00", 1, 1.5, 0.7]],
    "open_interest": [[1641211200.0, 1000.5]],
    "policy": {"min_strength": 0.5},
    "halts": {},
    "refused_policies": [],
}


def test_a_state_of_the_version_before_is_read_in_full():
    experts = DETECTOR.dump(DETECTOR.start(""))["experts"]
    state = DETECTOR.load({**VERSION_0, "experts": experts})
    assert (state.slots.taken[0].plan_id, state.slots.taken[0].stage, state.slots.last_signal_at) == (
        "a",
        "approved",
        NOON,
    )
    watched = state.following.plans["b"]
    assert (watched.timeframe, watched.followed.sign, watched.followed.stage) == ("5m", -1, "waiting")
    assert state.following.side_cost == 0.0004
    assert state.tapes["5m"] == [(1641211200.0, 100.0, 101.0, 99.0, 100.5, 10.0, None)]
    assert (state.seasons["5m"].hour, state.seasons["5m"].hours[0].mean) == (455892, 1.5)
    assert state.record[0].confidence == 0.7
    assert state.open_interest == ((1641211200.0, 1000.5),)
    assert state.learning.lessons == VERSION_0["learned"]
    assert again(state) == state


def test_a_state_that_knows_nothing_of_learning_goes_on_with_its_slots():
    slots = {name: VERSION_0[name] for name in ("slots", "last_signal_at")}
    state = DETECTOR.load(slots)
    assert state == DETECTOR.start("BTCUSDT")._replace(slots=state.slots)
    state, answers = DETECTOR.handle(state, a_bar(at=NOON + timedelta(hours=1), features=BREAKING_UP), Given(NOON))
    assert answers == []
    bar = a_bar(at=NOON + timedelta(hours=1), features=BREAKING_UP)
    _, answers = DETECTOR.handle(state, bar, Given(bar.at))
    assert [each.kind for each in answers] == ["signal"]
