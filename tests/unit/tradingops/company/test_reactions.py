"""Agents react to events by a matrix: each row once happens, and once is kept from happening."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tradingops.company.first_data import policies
from tradingops.company.rules import reactions
from tradingops.company.rules.reactions import Heard, Key

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
MATRIX = reactions.read(policies.REACTIONS)
SURE = reactions.read([{**each, "probability": 1.0} for each in policies.REACTIONS])


def event(agent: str, *tags: str, at: datetime = NOW, nth: int = 0, depth: int = 0) -> Heard:
    return Heard(f"event-{nth}", agent, frozenset(tags), at, depth)


@pytest.mark.parametrize("row", policies.REACTIONS, ids=lambda row: row["type"])
def test_each_row_calls_for_its_reaction_and_only_where_all_its_tags_are_there(row: dict[str, Any]) -> None:
    agent = "observer" if row["source"] == reactions.ANYBODY else row["source"]
    found = reactions.rolled(SURE, event(agent, *row["tags"], "more"), queued={})
    assert Key(agent, row["target"], row["type"]) in [each.key for each in found if not each.dropped]
    assert not reactions.rolled(SURE, event(agent, row["tags"][0]), queued={})


def test_a_cooldown_holds_until_its_end_and_no_longer() -> None:
    key = Key("sage", "atlas", "review")
    heard = event("sage", "risk", "warning")
    almost = {key: NOW - timedelta(minutes=15) + timedelta(seconds=1)}
    assert reactions.rolled(SURE, heard, queued=almost)[0].dropped.startswith("cooldown")
    assert not reactions.rolled(SURE, heard, queued={key: NOW - timedelta(minutes=15)})[0].dropped


def test_chance_is_as_often_as_the_matrix_says_and_the_same_for_the_same_event() -> None:
    heard = [event("scout", "trade", "executed", nth=nth) for nth in range(2_000)]
    happened = [not reactions.rolled(MATRIX, each, queued={})[0].dropped for each in heard]
    assert 0.26 < sum(happened) / len(happened) < 0.34
    assert happened == [not reactions.rolled(MATRIX, each, queued={})[0].dropped for each in heard]


def test_what_lies_too_deep_in_a_chain_of_causes_calls_for_nothing() -> None:
    deep = event("sage", "risk", "warning", depth=reactions.MOST_DEPTH)
    assert reactions.rolled(SURE, deep, queued={})[0].dropped.startswith("depth")


@pytest.mark.parametrize(
    "change", [{"probability": 1.1}, {"probability": "x"}, {"cooldown_minutes": -1}, {"tags": []}, {"target": None}]
)
def test_a_matrix_that_is_none_is_refused_with_its_row(change: dict[str, Any]) -> None:
    row = {**policies.REACTIONS[1], **change}
    if row["target"] is None:
        del row["target"]
    with pytest.raises(ValueError, match=r"reaction_matrix\[0\]"):
        reactions.read([row])
