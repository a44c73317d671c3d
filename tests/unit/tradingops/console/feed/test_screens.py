"""What a screen may ask for, and what it is told when it asks for nothing that makes sense."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingops.console.feed import screens
from tradingops.console.feed.policy import StreamPolicy

POLICY = StreamPolicy(most_names=3)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(["symbols", "kinds", "epoch", "position"]), inner)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("asked", [{"kinds": ["bar"]}, {"modules": ["market"]}, {"ticks": True}])
def test_asking_for_bars_asks_for_ticks(asked: dict[str, Any]) -> None:
    assert screens.filter_of(asked, policy=POLICY).ticks


def test_without_a_word_of_ticks_there_are_none() -> None:
    wants = screens.filter_of({}, policy=POLICY)
    assert not wants.ticks
    assert "md_strands" not in wants.tables


def test_a_filter_by_module_reads_that_modules_table_alone() -> None:
    assert screens.filter_of({"modules": ["dm", "risk"]}, policy=POLICY).tables == ("dm_strands", "rm_strands")


def test_an_unknown_module_reads_nothing() -> None:
    assert screens.filter_of({"modules": ["nobody"]}, policy=POLICY).tables == ()


@pytest.mark.parametrize(
    "asked",
    [
        [],
        "all",
        {"symbols": "BTC"},
        {"kinds": [1]},
        {"modules": list("abcd")},
        {"symbols": ["A\x00"]},
        {"kinds": ["\ud800"]},
    ],
)
def test_a_filter_that_makes_no_sense_is_named(asked: Any) -> None:
    with pytest.raises(screens.Misunderstood, match="filter"):
        screens.filter_of(asked, policy=POLICY)


@pytest.mark.parametrize(
    "asked",
    [
        [],
        {},
        {"epoch": "x"},
        {"epoch": "x", "position": True, "settled": 0},
        {"epoch": "x", "position": -1, "settled": 0},
        {"epoch": "x", "position": 0, "settled": 2**63},
    ],
)
def test_a_cursor_that_makes_no_sense_is_named(asked: Any) -> None:
    with pytest.raises(screens.Misunderstood, match="cursor"):
        screens.cursor_of(asked)


@given(JSON)
def test_anything_is_understood_or_refused_by_name(asked: Any) -> None:
    with contextlib.suppress(screens.Misunderstood):
        screens.filter_of(asked, policy=POLICY)
    with contextlib.suppress(screens.Misunderstood):
        screens.cursor_of(asked)
