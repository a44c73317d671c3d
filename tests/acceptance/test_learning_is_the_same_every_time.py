"""The same bars teach the same lessons, under the same ids, and nothing is learned before it happened."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strands.market.feeds import recorded
from strands.strand import Strand
from tests import states
from tests.acceptance import learning
from tests.acceptance.test_nothing_is_known_before_it_happened import scaled, up_to
from tradingops import environments

pytestmark = pytest.mark.in_memory

BARS = learning.BARS
MOMENTS = sorted({bar.closed_at for bar in BARS})
RECORDED_BARS = 12_000


@cache
def known() -> dict[str, Strand]:
    """Return what a desk says over the bars."""
    return learning.replayed(BARS)


def kinds(strands: dict[str, Strand]) -> set[str]:
    return {each.kind for each in strands.values()}


def test_the_story_holds_what_it_is_to_prove():
    assert kinds(known()) >= {"braid", "curator_scores", "counterfactual"}
    assert {each.module for each in known().values() if each.kind == "curator_scores"} == {"alpha", "dm", "trader"}
    assert any(each.payload["lesson_metadata"]["weights"] for each in known().values() if each.kind == "curator_scores")


def test_two_replays_learn_the_same_lessons_under_the_same_ids():
    again = learning.learned(learning.replayed(BARS))
    assert list(again) == list(learning.learned(known()))
    assert again == learning.learned(known())


def test_a_lesson_is_said_under_its_own_id():
    lessons = [each for each in known().values() if each.kind in ("braid", "meta_braid", "meta2_braid")]
    assert lessons
    assert [each.id for each in lessons if each.payload["lesson_metadata"]["lesson_id"] != each.id] == []


def test_each_source_teaches_a_level_once():
    told = [each for each in known().values() if each.kind in ("braid", "meta_braid", "meta2_braid")]
    used = [
        (
            each.module,
            each.symbol if each.module != "dm" else "",
            each.payload["lesson_metadata"]["braid_level"],
            source["id"],
        )
        for each in told
        for source in each.payload["lesson_metadata"]["source_strands"]
    ]
    assert len(used) == len(set(used))


def test_what_a_desk_remembers_is_the_same_and_plain():
    first, second = (environments.replay(learning.EAGER) for _ in range(2))
    for desk in (first, second):
        desk.run([[BARS]])
    assert first.wire.states == second.wire.states
    kept, modules = states.kept(first.wire.states), environments.modules(learning.EAGER)
    text = json.dumps(kept, allow_nan=False)
    assert {
        name: {partition: modules[name].load(each) for partition, each in of.items()}
        for name, of in json.loads(text).items()
    } == first.wire.states


def test_recorded_bars_teach_the_same_twice(bars_folder: Path):
    bars = list(recorded.read(bars_folder / "ETHUSDT_5m_2025-04_07.csv.gz").bars[:RECORDED_BARS])
    first, second = (learning.replayed(bars) for _ in range(2))
    assert learning.learned(first) == learning.learned(second)
    assert "braid" in kinds(first)


def test_desks_that_may_not_learn_say_nothing_of_it():
    silent = learning.replayed(BARS, {"lessons": "off"})
    assert kinds(silent) & {"braid", "meta_braid", "meta2_braid"} == set()
    applied = (each.payload.get("lesson_metadata") or {} for each in silent.values() if each.kind == "decision")
    assert {tuple(each.get("lessons_applied", ())) for each in applied} == {()}


# --- no look-ahead


@settings(max_examples=5, deadline=None)
@given(place=st.integers(600, 1_900), percent=st.integers(60, 140))
def test_other_bars_after_a_moment_leave_everything_learned_up_to_it(place: int, percent: int):
    at = MOMENTS[place]
    factor = Decimal(percent) / 100
    bars = [bar if bar.closed_at <= at else scaled(bar, factor) for bar in BARS]
    assert up_to(learning.replayed(bars), at) == up_to(known(), at)


@pytest.mark.parametrize("cut", [700, 1_500, 1_999])
def test_a_market_that_ends_early_has_taught_the_same_until_then(cut: int):
    at = MOMENTS[cut]
    assert up_to(learning.replayed([bar for bar in BARS if bar.closed_at <= at]), at) == up_to(known(), at)


def test_no_outcome_is_scored_before_it_is_known():
    scored = [each for each in known().values() if each.kind in ("curator_scores", "counterfactual")]
    outcomes = [(each, each.payload["lesson_metadata"]["outcome"]) for each in scored]
    told = [(each, datetime.fromisoformat(outcome["closed_at"])) for each, outcome in outcomes if outcome]
    assert told
    assert [each.id for each, closed_at in told if closed_at > each.at] == []


def test_a_lesson_touches_no_judgement_before_it_was_learned():
    learned_at = {each.id: each.at for each in known().values() if each.kind in ("braid", "meta_braid", "meta2_braid")}
    touched = [
        (each, lesson)
        for each in known().values()
        if each.kind in ("signal", "withheld", "decision")
        for lesson in (each.payload.get("lesson_metadata") or {}).get("lessons_applied", ())
    ]
    assert touched
    assert [each.id for each, lesson in touched if learned_at[lesson] > each.at] == []
