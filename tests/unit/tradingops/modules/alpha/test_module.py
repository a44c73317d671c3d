"""The alpha detector: signals and anomalies from bars, slots freed by feedback."""

from __future__ import annotations

import copy
import json
import math
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.plans.plan import plan_from
from strands import strand
from strands.given import Given
from strands.strand import Strand
from tests.factories import BREAKING_UP, NOON, a_bar
from tradingops.modules.alpha.module import AlphaDetector
from tradingops.modules.alpha.policy import AlphaPolicy
from tradingops.modules.alpha.state import AlphaState

DETECTOR = AlphaDetector()
START = DETECTOR.start("BTCUSDT")

BREAKING_DOWN = {
    **BREAKING_UP,
    "rsi_14": 45.0,
    "macd_hist": -0.2,
    "breakout": -2.0,
    "trend": -0.7,
    "regime": "trending_down",
    "votes": {"5m": -1, "15m": -1, "1h": -1},
}


def breaking(at: datetime = NOON, *, timeframe: str = "5m", **features: Any) -> Strand:
    return a_bar(at=at, timeframe=timeframe, features={**BREAKING_UP, **features})


def signal(bar: Strand, detector: AlphaDetector = DETECTOR) -> Strand | None:
    _, answers = detector.handle(detector.start(""), bar, Given(bar.at))
    return next((each for each in answers if each.kind == "signal"), None)


def after(*strands: Strand, detector: AlphaDetector = DETECTOR) -> tuple[AlphaState, list[Strand]]:
    state, answers = detector.start("BTCUSDT"), []
    for each in strands:
        state, more = detector.handle(state, each, Given(each.at))
        answers += more
    return state, answers


def feedback_of(kind: str, payload: dict[str, Any], at: datetime = NOON) -> Strand:
    return strand.first(module="dm", kind=kind, at=at, symbol="BTCUSDT", payload=payload)


def feedback(plan_id: str, decision: str = "reject") -> Strand:
    return feedback_of("feedback", {"dm_decision": {"plan_id": plan_id, "decision_type": decision}})


def execution(plan_id: str, status: str, *, intent: str = "entry", fills: list | None = None) -> Strand:
    order = {"plan_id": plan_id, "intent": intent}
    return feedback_of("execution", {"order_spec": order, "exec_metrics": {"status": status}, "fills": fills or []})


def closed(plan_id: str) -> Strand:
    return feedback_of("position", {"tr_outcome": {"plan_id": plan_id}})


def test_a_usual_bar_is_put_on_the_tape_and_changes_and_says_nothing_else():
    state, answers = DETECTOR.handle(START, a_bar(), Given(NOON))
    assert state._replace(tapes=START.tapes, seasons=START.seasons) == START
    assert [len(row) for row in state.tapes["5m"]] == [6]
    assert list(answers) == []


def test_a_bar_that_breaks_out_gives_a_signal_with_a_sound_plan():
    bar = breaking()
    found = signal(bar)
    assert found is not None
    assert (found.module, found.kind, found.tags) == ("alpha", "signal", ("dm:evaluate_plan",))
    assert (found.parent_id, found.lifecycle_id, found.regime) == (bar.id, bar.id, "trending_up")
    assert found.payload["sig_direction"] == "long"
    assert plan_from(found.payload["trading_plan"]).problems() == ()


def test_a_signal_carries_its_pack_and_contexts():
    found = signal(breaking())
    assert found is not None
    pack = found.payload["signal_pack"]
    plan = found.payload["trading_plan"]
    assert (pack["trading_plan_id"], pack["signal_id"]) == (plan["plan_id"], plan["signal_id"])
    assert pack["pattern_detected"] == "breakout"
    assert pack["processing_metadata"]["conditions_met"] == ["macd", "breakout", "volume", "regime"]
    assert found.payload["regime_context"]["regime"] == "trending_up"
    assert found.payload["event_context"]["breakout"] == 1.0
    assert "dsi" in found.payload["module_intelligence"]["absent"]
    assert "dsi_evidence" not in found.payload
    assert found.payload["curator_feedback"]["approved"] is True


def test_a_divergence_is_among_the_patterns_of_the_pack():
    found = signal(breaking(divergence=-0.1))
    assert found is not None
    assert found.payload["signal_pack"]["patterns"]["divergence"] == {"strength": -0.1}


def test_a_timeframe_that_no_plan_is_made_for_gives_no_signal():
    assert signal(breaking(timeframe="3m")) is None


def test_a_signal_is_plain_json_without_nan():
    found = signal(breaking(divergence=math.nan))
    assert found is not None
    assert json.loads(json.dumps(dict(found.payload), allow_nan=False)) == found.payload


def test_the_mirrored_market_gives_the_mirrored_signal():
    up, down = signal(breaking()), signal(a_bar(features=BREAKING_DOWN))
    assert up is not None
    assert down is not None
    assert down.payload["sig_direction"] == "short"
    for name in ("sig_sigma", "sig_confidence"):
        assert up.payload[name] == down.payload[name]
    long, short = plan_from(up.payload["trading_plan"]), plan_from(down.payload["trading_plan"])
    assert long.entry_price - long.stop_loss == short.stop_loss - short.entry_price
    assert long.position_size == short.position_size


@pytest.mark.parametrize(
    "features",
    [
        {"votes": {"5m": 1, "15m": -1, "1h": -1}},
        {"votes": {}},
        {"macd_hist": -0.2},
        {"volume_ratio": 1.6, "regime": "ranging"},
        {"rsi_14": 90.0, "volume_ratio": 2.0, "regime": "trending_down"},
        {"regime": None, "breakout": 0.0},
    ],
)
def test_a_bar_that_fails_one_filter_gives_no_signal(features):
    assert signal(breaking(**features)) is None


@pytest.mark.parametrize("change", [{"min_volume_ratio": 3.0}, {"min_quality": 1.5}, {"publish_threshold": 0.9}])
def test_stricter_settings_refuse_what_the_defaults_let_pass(change):
    assert signal(breaking(), AlphaDetector(AlphaPolicy(**change))) is None


@pytest.mark.parametrize("name", sorted(set(BREAKING_UP) - {"regime"}))
@pytest.mark.parametrize("hole", [None, math.nan])
def test_a_feature_that_is_missing_never_raises(name, hole):
    bar = breaking(**{name: hole})
    _, answers = DETECTOR.handle(START, bar, Given(NOON))
    for each in answers:
        json.dumps(dict(each.payload), allow_nan=False)


@pytest.mark.parametrize("name", ["close", "rsi_14", "macd_hist", "volume_ratio", "atr_14", "vol_20", "breakout"])
@pytest.mark.parametrize("hole", [None, math.nan])
def test_a_hole_in_what_detection_needs_never_signals(name, hole):
    assert signal(breaking(**{name: hole})) is None


@pytest.mark.parametrize("payload", [{}, {"md_features": None}, {"md_features": {}}])
def test_a_bar_without_features_says_nothing(payload):
    bar = strand.first(module="market", kind="bar", at=NOON, symbol="BTCUSDT", timeframe="5m", payload=payload)
    assert DETECTOR.handle(START, bar, Given(NOON)) == (START, ())


def test_an_unusual_bar_is_told_as_an_anomaly_to_nobody():
    _, answers = after(a_bar(features={"anomaly_z": -9.0, "volume_ratio": 12.0}))
    assert [each.payload["signal_pack"]["anomaly_type"] for each in answers] == ["price_move", "volume_spike"]
    assert {each.kind for each in answers} == {"anomaly"}
    assert {each.tags for each in answers} == {()}
    assert len({each.id for each in answers}) == 2


def test_a_symbol_rests_after_a_signal():
    soon = breaking(NOON + timedelta(minutes=29))
    later = breaking(NOON + timedelta(minutes=30))
    _, answers = after(breaking(), soon, later)
    assert [each.at for each in answers] == [NOON, later.at]


def held(count: int, *, timeframe: str = "5m") -> tuple[list[Strand], list[str]]:
    """Return the bars and approvals of signals that stay open, one an hour, and their plans' ids."""
    strands: list[Strand] = []
    plan_ids = []
    for nth in range(count):
        bar = breaking(NOON + timedelta(hours=nth), timeframe=timeframe)
        found = signal(bar)
        assert found is not None
        plan_ids.append(found.payload["trading_plan"]["plan_id"])
        strands += [bar, feedback(plan_ids[-1], "approve")]
    return strands, plan_ids


def test_two_signals_of_a_timeframe_may_be_open_and_no_third():
    strands, _ = held(2)
    _, answers = after(*strands, breaking(NOON + timedelta(hours=3)))
    assert len(answers) == 2


def test_another_timeframe_takes_the_third_slot_and_no_fourth():
    strands, _ = held(2)
    others = [breaking(NOON + timedelta(hours=3 + nth / 2), timeframe=frame) for nth, frame in enumerate(("15m", "1h"))]
    _, answers = after(*strands, *others)
    assert [each.timeframe for each in answers] == ["5m", "5m", "15m"]


@pytest.mark.parametrize(
    "news",
    [
        feedback,
        closed,
        lambda plan_id: execution(plan_id, "failed"),
        lambda plan_id: execution(plan_id, "cancelled"),
        lambda plan_id: execution(plan_id, "rejected"),
        lambda plan_id: execution(plan_id, "expired"),
    ],
)
def test_what_ends_a_signal_frees_its_slot(news):
    strands, plan_ids = held(2)
    _, answers = after(*strands, news(plan_ids[0]), breaking(NOON + timedelta(hours=3)))
    assert sum(each.kind == "signal" for each in answers) == 3


@pytest.mark.parametrize(
    "news",
    [
        lambda plan_id: feedback(plan_id, "modify"),
        lambda plan_id: execution(plan_id, "filled", fills=[{"px": "1"}]),
        lambda plan_id: execution(plan_id, "cancelled", fills=[{"px": "1"}]),
        lambda plan_id: execution(plan_id, "failed", intent="exit"),
        lambda plan_id: feedback("another plan"),
    ],
)
def test_what_keeps_a_signal_going_keeps_its_slot(news):
    strands, plan_ids = held(2)
    _, answers = after(*strands, news(plan_ids[0]), breaking(NOON + timedelta(hours=3)))
    assert len(answers) == 2


def test_a_signal_that_nobody_answers_expires_with_its_plan():
    bars = [breaking(NOON + timedelta(hours=nth)) for nth in range(5)]
    state, answers = after(*bars)
    assert len(answers) == 5
    assert len(state.slots.taken) == 1


def test_an_open_signal_without_news_is_let_go_in_the_end():
    strands, _ = held(2)
    week_later = breaking(NOON + timedelta(hours=168 + 1))
    _, answers = after(*strands, week_later)
    assert len(answers) == 3


@pytest.mark.parametrize("kind", ["lesson", "halt", "something_new"])
def test_kinds_it_does_not_know_leave_the_state_alone(kind):
    assert DETECTOR.handle(START, feedback_of(kind, {}), Given(NOON)) == (START, ())


FEATURES = st.fixed_dictionaries(
    {
        name: st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))
        for name in BREAKING_UP
        if name not in ("regime", "votes")
    }
    | {
        "regime": st.sampled_from(["trending_up", "ranging", "unknown", None]),
        "votes": st.dictionaries(st.sampled_from(["5m", "15m", "1h"]), st.sampled_from([-1, 0, 1, None])),
    }
)


@given(st.lists(st.one_of(FEATURES, st.sampled_from([BREAKING_UP, BREAKING_DOWN])), max_size=6))
def test_it_is_pure_and_its_state_survives_json(markets):
    state = DETECTOR.start("BTCUSDT")
    for nth, features in enumerate(markets):
        bar = a_bar(at=NOON + timedelta(hours=nth), features=features)
        before = copy.deepcopy(state)
        once, answers = DETECTOR.handle(state, bar, Given(bar.at))
        kept = json.loads(json.dumps(DETECTOR.dump(state), allow_nan=False))
        again, repeated = DETECTOR.handle(DETECTOR.load(kept), bar, Given(bar.at))
        assert state == before
        assert once == again == DETECTOR.load(json.loads(json.dumps(DETECTOR.dump(once), allow_nan=False)))
        assert [(each.id, each.payload) for each in answers] == [(each.id, each.payload) for each in repeated]
        for each in answers:
            json.dumps(dict(each.payload), allow_nan=False)
        state = once
