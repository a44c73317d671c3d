"""Columns of lists: declared in a line, they give Django what its own methods gave."""

from __future__ import annotations

from types import SimpleNamespace

from strands import figures
from tradingops.console.records import columns
from tradingops.console.showing import html


def test_a_column_is_called_by_its_field_unless_it_has_a_heading() -> None:
    assert columns.pill("lifecycle_stage").short_description == "lifecycle stage"
    assert columns.pill("lifecycle_stage", "stage").short_description == "stage"


def test_a_list_is_ordered_by_the_field_behind_a_column_and_by_nothing_that_is_made_up() -> None:
    assert columns.score("confidence_level", "confidence").admin_order_field == "confidence_level"
    assert columns.Column("side", lambda row: "long", of=["quantity"]).admin_order_field is None


def test_a_cell_shows_the_value_of_its_own_row() -> None:
    rows = [SimpleNamespace(weight=0.25), SimpleNamespace(weight=None)]
    weight = columns.figure("weight", figures.plain)
    assert [weight(row) for row in rows] == [html.figure("0.25"), html.figure(figures.ABSENT)]


def test_long_words_are_cut_and_absent_ones_are_nothing() -> None:
    why = columns.words("reason", "why", most=5)
    assert [why(SimpleNamespace(reason=reason)) for reason in ("too long", None)] == ["too l", ""]


def test_a_made_up_column_is_told_from_others_by_its_name_in_the_page() -> None:
    assert columns.Column("what came of it", lambda row: "", of=["status"]).__name__ == "what_came_of_it"
