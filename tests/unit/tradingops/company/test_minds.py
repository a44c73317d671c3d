"""Agents take turns, drift and remember by stated formulas, the same for the same dice."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingops.company.first_data.affinities import AFFINITIES
from tradingops.company.first_data.agents import AGENTS
from tradingops.company.minds import drift, pairs, remembering, turns
from tradingops.company.minds.drift import Utterance
from tradingops.company.minds.remembering import Memory

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


# -- turns


def test_nobody_speaks_twice_in_a_row_and_everybody_speaks() -> None:
    spoken: list[str] = []
    dice = Random(7)
    for _ in range(60):
        spoken.append(turns.next_speaker(spoken, AGENTS, affinities=AFFINITIES, dice=dice))
    assert all(one != other for one, other in itertools.pairwise(spoken))
    assert set(spoken) == set(AGENTS)


def test_the_same_dice_choose_the_same_speakers() -> None:
    def conversation() -> list[str]:
        spoken: list[str] = []
        dice = Random("a topic")
        for _ in range(12):
            spoken.append(turns.next_speaker(spoken, AGENTS, affinities=AFFINITIES, dice=dice))
        return spoken

    assert conversation() == conversation()


def test_silence_and_affinity_weigh_as_stated() -> None:
    assert turns.recency("atlas", []) == 1.0
    assert turns.recency("atlas", ["atlas"]) == turns.LEAST
    assert turns.recency("atlas", ["atlas", "sage", "scout"]) == pytest.approx(1 - math.exp(-1.0))
    weight = turns.weight("atlas", ["sage"], ["atlas", "sage"], affinities=AFFINITIES, chance=0.5)
    assert weight == pytest.approx(0.6 * 0.80 + 0.2 * 1.0 + 0.2 * 0.2 * 0.5)


def test_who_stands_well_with_the_others_speaks_more() -> None:
    two = {("atlas", "sage"): Decimal("0.95"), ("intel", "sage"): Decimal("0.10"), ("atlas", "intel"): Decimal("0.10")}
    dice = Random(1)
    first = Counter(turns.next_speaker([], ["atlas", "sage", "intel"], affinities=two, dice=dice) for _ in range(2_000))
    assert first["sage"] > first["intel"]


# -- drift


def said(*told: tuple[str, str]) -> list[Utterance]:
    return [Utterance(*each) for each in told]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I agree with that", "agree"),
        ("I do not agree", "disagree"),
        ("I cannot agree with SAGE", "disagree"),
        ("what about the drawdown?", "challenge"),
        ("building on that: add to it", "support"),
        ("the spread is 3 bps", None),
        ("disagreeable weather", None),
    ],
)
def test_an_exchange_is_heard_in_what_is_said_and_its_denial_first(text: str, kind: str | None) -> None:
    assert drift.exchange(text) == kind


def test_agreeing_moves_a_pair_by_the_stated_step() -> None:
    [moved] = drift.drifts(said(("atlas", "size is 0.5"), ("sage", "I agree")), AFFINITIES)
    assert moved.pair == ("atlas", "sage")
    assert moved.after - moved.before == Decimal("0.02") * Decimal("0.8") * Decimal("1.5")


def test_disagreeing_moves_it_apart_and_nothing_direct_moves_it_by_the_mood() -> None:
    talk = said(("atlas", "add now"), ("sage", "I disagree"), ("scout", "the spread is 2 bps"))
    moved = {each.pair: each.after - each.before for each in drift.drifts(talk, AFFINITIES)}
    assert moved["atlas", "sage"] == Decimal("-0.01") * Decimal("0.7") * Decimal("0.5")
    assert moved["atlas", "scout"] == Decimal("-0.01")


def test_a_sentence_is_said_to_whom_it_names() -> None:
    talk = said(("atlas", "x"), ("scout", "y"), ("sage", "I disagree with ATLAS"))
    assert set(drift.exchanges(talk)) == {("atlas", "sage")}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(AGENTS), st.sampled_from(["I agree", "I disagree", "well said", "what about it?", "x"])
        ),
        max_size=30,
    )
)
def test_no_conversation_moves_a_pair_further_than_it_may_nor_out_of_its_bounds(told: list[tuple[str, str]]) -> None:
    for moved in drift.drifts(said(*told), AFFINITIES):
        assert drift.LEAST < abs(moved.after - moved.before) <= Decimal("0.03")
        assert Decimal("0.10") <= moved.after <= Decimal("0.95")


def test_a_pair_at_its_bound_stays_there_and_small_drifts_add_up() -> None:
    known = {("atlas", "sage"): Decimal("0.95")}
    [moved] = drift.drifts(said(("atlas", "x"), ("sage", "I agree")), known)
    assert moved.after == Decimal("0.95")
    exact = Decimal("0.50")
    for _ in range(10):
        [moved] = drift.drifts(said(("atlas", "x"), ("sage", "I disagree")), {("atlas", "sage"): exact})
        exact = moved.after
    assert exact == Decimal("0.50") - 10 * Decimal("0.0035")


def test_the_log_keeps_the_newest_twenty() -> None:
    log: list[Any] = []
    for nth in range(25):
        log = drift.logged(log, {"nth": nth})
    assert [each["nth"] for each in log] == list(range(5, 25))


def test_a_pair_is_one_in_either_order_and_never_of_one() -> None:
    assert pairs.pair("sage", "atlas") == ("atlas", "sage")
    with pytest.raises(ValueError, match="one agent"):
        pairs.pair("sage", "sage")


# -- memories


def a_memory(**changes: Any) -> Memory:
    told: dict[str, Any] = {
        "agent": "sage",
        "type": "lesson",
        "content": "shorts on ETH in high volatility lose at the stop",
        "confidence": 0.85,
        "at": NOW,
        "tags": ("ETH", "short"),
    }
    return Memory(**{**told, **changes})


def test_the_same_source_or_nearly_the_same_text_is_one_memory_seen_again() -> None:
    known = remembering.remembered((), a_memory(source="a"))
    known = remembering.remembered(known, a_memory(source="a", content="quite another text about something"))
    known = remembering.remembered(known, a_memory(content="Shorts on ETH in high volatility lose at the stop!"))
    assert [each.seen for each in known] == [3]
    assert len(remembering.remembered(known, a_memory(content="longs on BTC at night win against all odds"))) == 2


def test_what_is_not_sure_enough_is_not_kept_and_of_too_many_the_least_sure_goes() -> None:
    assert remembering.remembered((), a_memory(confidence=0.54)) == ()
    known: tuple[Memory, ...] = ()
    for nth in range(remembering.MOST_OF_AN_AGENT + 1):
        text = " ".join(f"word{nth}x{place}" for place in range(5))
        known = remembering.remembered(known, a_memory(content=text, confidence=0.6 + (nth != 50) * 0.1))
    assert len(known) == remembering.MOST_OF_AN_AGENT
    assert not any("word50x0" in each.content for each in known)


def test_only_outcomes_make_it_surer_and_each_counts_once() -> None:
    once = remembering.borne_out(a_memory(), "trade-1", right=True)
    assert once.confidence == pytest.approx(0.90)
    assert remembering.borne_out(once, "trade-1", right=True) == once
    assert remembering.borne_out(once, "trade-2", right=False).confidence == pytest.approx(0.85)


def test_it_is_promoted_by_what_bears_it_out_and_falls_when_that_is_gone() -> None:
    ready = a_memory(confidence=0.95, upvotes=3, type="strategy")
    assert remembering.ripe([ready, a_memory(confidence=0.79, upvotes=3)], now=NOW) == (ready,)
    assert not remembering.ripe([a_memory(confidence=1.0)], now=NOW), "nothing but talk bears it out"
    assert remembering.fallen([a_memory(promoted=True, upvotes=1, downvotes=1)])
    many = [a_memory(confidence=0.99, upvotes=3, content=f"c{nth}") for nth in range(9)]
    assert len(remembering.ripe(many, now=NOW)) == remembering.MOST_PROMOTED


def test_the_score_is_the_stated_one() -> None:
    memory = a_memory(confidence=0.9, upvotes=1, downvotes=1, at=NOW - timedelta(days=40), type="pattern")
    assert remembering.score(memory, now=NOW) == pytest.approx(0.2 + 0.1 + 0.08 + 0.10 - 0.1)


def test_influence_takes_the_most_relevant_promoted_ones_as_often_as_policy_says() -> None:
    known = [a_memory(promoted=True), a_memory(promoted=True, content="unlike", tags=()), a_memory()]
    given = {"about": "a short on ETH", "tags": ["ETH"], "now": NOW, "least": 0.6, "types": ["lesson"]}
    found = remembering.influence(known, dice=Random(1), probability=1.0, **given)
    assert found == (known[0],)
    assert remembering.influence(known, dice=Random(1), probability=0.0, **given) == ()
    rolls = [remembering.influence(known, dice=Random(nth), probability=0.3, **given) for nth in range(1_000)]
    assert 250 < sum(map(bool, rolls)) < 350


def test_an_old_memory_matters_less_and_colours_no_voice() -> None:
    old = a_memory(at=NOW - timedelta(days=31))
    asked: dict[str, Any] = {"about": "ETH", "tags": (), "now": NOW}
    assert remembering.relevance(old, **asked) == pytest.approx(0.7 * remembering.relevance(a_memory(), **asked))
    assert remembering.voice([old], now=NOW) == ()
    assert remembering.voice([a_memory(type="insight", confidence=0.8)], now=NOW) == (("optimism", 0.8),)
