"""Every word on the wire has one spelling, one listener, and a meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands import tags

CANONICAL = st.sampled_from(sorted(tags.TAGS))
ALIASES = st.sampled_from(sorted(tags.ALIASES))
OPEN = st.sampled_from(["priority:low", "timeout:5", "learning:x", "error:x", "expired:y", "original_strand:Z"])
WORDS = st.lists(st.one_of(CANONICAL, ALIASES, OPEN), max_size=8)

#: The documents' own words: what alpha, decision maker, trader, risk and market say to each other.
DOCUMENTED = {
    "dm:evaluate": "dm:evaluate_plan",
    "dm:evaluate_plan": "dm:evaluate_plan",
    "trader:execute": "trader:execute_plan",
    "tr:execute": "trader:execute_plan",
    "trader:execute_plan": "trader:execute_plan",
    "alpha:feedback": "alpha:decision_feedback",
    "alpha:decision_feedback": "alpha:decision_feedback",
    "alpha:execution_feedback": "alpha:execution_feedback",
    "dm:execution_report": "dm:execution_feedback",
    "dm:execution_feedback": "dm:execution_feedback",
    "dm:risk_update": "dm:risk_update",
    "dm:risk_alert": "dm:risk_update",
    "tr:risk_update": "trader:risk_update",
    "dm:market_update": "dm:market_update",
    "tr:market_update": "trader:market_update",
}


@pytest.mark.parametrize(("said", "canonical"), sorted(DOCUMENTED.items()))
def test_the_documents_words_are_known(said: str, canonical: str) -> None:
    assert tags.canonical(said) == canonical


@given(WORDS)
def test_normalising_again_changes_nothing(words: list[str]) -> None:
    once = tags.normalise(words)
    assert tags.normalise(once) == once


@given(WORDS)
def test_normalising_keeps_the_order_and_says_each_once(words: list[str]) -> None:
    once = tags.normalise(words)
    places = [[tags.canonical(word) for word in words].index(tag) for tag in once]
    assert places == sorted(set(places))


@given(WORDS)
def test_every_listener_that_a_tag_names_has_one_address(words: list[str]) -> None:
    addressed = tags.addresses(tags.normalise(words))
    named = {tags.TAGS[tag].listener for tag in tags.normalise(words) if tag in tags.TAGS}
    assert sorted(each.listener for each in addressed) == sorted(named)


def test_every_tag_s_listener_is_known() -> None:
    assert {tag.listener for tag in tags.TAGS.values()} <= tags.LISTENERS.keys()


def test_no_alias_is_a_tag_of_its_own() -> None:
    assert not tags.ALIASES.keys() & tags.TAGS.keys()


@pytest.mark.parametrize("word", ["dm:think", "dm", "", ":", "learning:", "tags:x", "DM:EVALUATE", " dm:evaluate"])
def test_an_unknown_tag_is_refused_with_all_that_are_known(word: str) -> None:
    with pytest.raises(tags.UnknownTag) as refused:
        tags.normalise(["learning:x", word])
    assert all(known in str(refused.value) for known in (*tags.TAGS, *tags.ALIASES, *tags.OPEN_FAMILIES))


@pytest.mark.parametrize(
    "word", ["priority:odd", "priority:", "timeout:soon", "timeout:0", "timeout:-5", "timeout:٣", "timeout:31536001"]
)
def test_a_family_with_a_meaning_refuses_words_without_one(word: str) -> None:
    with pytest.raises(ValueError, match="tags: "):
        tags.canonical(word)


def test_the_first_tag_that_names_a_listener_counts() -> None:
    [address] = tags.addresses(("dm:risk_update", "dm:evaluate_plan"))
    assert (address.tag, address.ttl_seconds) == ("dm:risk_update", 1800)


@pytest.mark.parametrize(("word", "number"), [("high", 1), ("medium", 2), ("low", 3)])
def test_a_priority_among_the_tags_goes_before_the_tag_s_own(word: str, number: int) -> None:
    assert [each.priority for each in tags.addresses((f"priority:{word}", "dm:evaluate_plan"))] == [number]


def test_a_timeout_among_the_tags_goes_before_the_tag_s_own() -> None:
    assert [each.ttl_seconds for each in tags.addresses(("dm:evaluate_plan", "timeout:17"))] == [17]


@pytest.mark.parametrize(
    ("listener", "partition"),
    [("trader", "BTC-USD"), ("venue", "BTC-USD"), ("alpha", "BTC-USD"), ("dm", ""), ("risk", "")],
)
def test_a_listener_keeps_its_state_by_symbol_or_whole(listener: str, partition: str) -> None:
    assert tags.LISTENERS[listener].partition_of("BTC-USD") == partition
    assert tags.LISTENERS[listener].partition_of(None) == ""


def test_a_tag_s_observer_channel_is_document_002_s() -> None:
    assert tags.TAGS["dm:evaluate_plan"].channel == "dm_evaluate_plan"
