"""Values out of odd JSON: there or absent, never an error."""

from __future__ import annotations

import pytest

from strands import json_values


def test_a_path_leads_to_what_lies_there_or_to_nothing() -> None:
    payload = {"fills": [{"px": "2.5"}], "plan": {"0": "a key"}}
    assert json_values.at(payload, "fills.0.px") == "2.5"
    assert json_values.at(payload, "fills.1.px") is None
    assert json_values.at(None, "fills") is None


@pytest.mark.parametrize(
    ("path", "field"),
    [("fills.px", "fills"), ("plan.0", "plan"), ("text.size.much", "text"), ("plan.side.much", "plan.side")],
)
def test_a_path_into_a_value_of_another_shape_is_unreadable_and_names_the_field(path: str, field: str) -> None:
    found = json_values.at({"fills": [{}], "plan": {"side": "buy"}, "text": "none"}, path)
    assert isinstance(found, json_values.Unreadable)
    assert (found, found.field) == ("unreadable", field)


@pytest.mark.parametrize("odd", ["none", 3, True, [1]])
def test_an_object_that_is_none_is_empty_and_whatever_is_asked_of_it_is_unreadable(odd: object) -> None:
    found = json_values.mapping(odd)
    assert (dict(found), found.get("score"), json_values.dig(found, "plan", "size")) == ({}, "unreadable", "unreadable")
    assert json_values.mapping(None).get("score") is None


def test_a_list_that_is_none_holds_one_thing_that_is_unreadable() -> None:
    assert (json_values.items("all"), json_values.items(None)) == (["unreadable"], [])
    assert [each.get("px") for each in json_values.objects([{"px": 1}, "two"])] == [1, "unreadable"]


def test_what_was_read_at_paths_lies_at_them_again() -> None:
    found = [("plan.size", 1), ("plan.side", "buy"), ("fills.0", {"px": "2"}), ("absent", None), ("whole", [])]
    assert json_values.nested(found) == {"plan": {"size": 1, "side": "buy"}, "fills": [{"px": "2"}], "whole": []}


@pytest.mark.parametrize("path", ["fills.1", "fills.0.px"])
def test_a_place_other_than_a_last_first_one_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="names a place in an array other than its first"):
        json_values.nested([(path, 1)])


def test_json_that_python_cannot_read_is_unreadable() -> None:
    assert json_values.loads("[" * 100_000 + "]" * 100_000) == "unreadable"
    assert json_values.number(json_values.loads("1" + "0" * 5_000)) is None


@pytest.mark.parametrize(("text", "zone"), [("2026-01-05T09:30:00", "UTC"), ("2026-01-05T09:30:00+01:00", "UTC+01:00")])
def test_a_moment_without_a_zone_is_utc(text: str, zone: str) -> None:
    found = json_values.moment(text)
    assert found is not None
    assert found.tzname() == zone
    assert json_values.moment("noon") is None
