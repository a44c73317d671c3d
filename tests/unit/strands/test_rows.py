"""A strand becomes a row and a row a strand, and neither says more or less than the other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands import tables
from strands.kinds import declared
from strands.strand import Strand, first
from strands.wires import rows
from tests.toys import T0, a_plan

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_decoding_undoes_encoding(value: Any) -> None:
    assert rows.decode(rows.encode(value)) == value


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        rows.encode({"deep": [number]})


@pytest.mark.parametrize("value", [{1, 2}, object(), b"bytes", T0])
def test_a_value_that_is_no_json_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        rows.encode({"deep": value})


def test_a_payload_key_that_the_kind_does_not_declare_is_refused_with_the_columns_there_are() -> None:
    strand = a_plan().answer(module="dm", kind="decision", payload={"dm_decision": {}, "dm_mood": {}})
    with pytest.raises(declared.Undeclared, match=r"dm_mood: no such column; it has .*dm_decision"):
        rows.columns(tables.TABLES["dm"], [strand])


def test_only_the_columns_that_some_strand_fills_are_written() -> None:
    plans = [a_plan(1), first(module="alpha", kind="signal", at=T0, payload={"signal_pack": {}, "sig_direction": None})]
    filled, arrays = rows.columns(tables.TABLES["alpha"], plans)
    assert set(filled) == {"sig_sigma", "trading_plan", "signal_pack"}
    assert arrays["id"] == [plan.id for plan in plans]


def row_of(strand: Strand) -> str:
    """Return the JSON that PostgreSQL makes of a strand's row."""
    table = tables.TABLES[strand.module]
    common = {
        name: getattr(strand, name)
        for name in (
            "id",
            "kind",
            "symbol",
            "timeframe",
            "parent_id",
            "lifecycle_id",
            "session_bucket",
            "regime",
            "module_id",
            "hop",
        )
    }
    payload = {name: strand.payload.get(name) for name in table.payload}
    return json.dumps({**common, **payload, "at": strand.at.isoformat(), "tags": list(strand.tags)})


@given(st.dictionaries(st.sampled_from(["trading_plan", "signal_pack"]), JSON.filter(lambda value: value is not None)))
def test_a_row_reads_back_as_the_strand_that_was_said(payload: dict[str, Any]) -> None:
    said = first(module="alpha", kind="signal", at=T0, symbol="A", tags=["dm:evaluate_plan"], payload=payload)
    heard = rows.strand(tables.TABLES["alpha"], row_of(said))
    assert all(getattr(heard, name) == getattr(said, name) for name in Strand.__slots__ if name != "payload")
    assert dict(heard.payload) == payload
