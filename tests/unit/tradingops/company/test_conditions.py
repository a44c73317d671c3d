"""Conditions are data in a closed language: refused where they are saved, and false of whatever is not known."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingops.company.first_data import rules
from tradingops.company.rules import conditions
from tradingops.company.rules.conditions import BadCondition


def holds(asked: Any, **facts: Any) -> bool:
    return conditions.compiled(asked)(facts)


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule["name"])
def test_every_first_rule_is_in_the_language(rule: dict[str, Any]) -> None:
    conditions.compiled(rule["conditions"])
    assert (conditions.interval(rule["conditions"]) is None) == (rule in rules.REACTIVE)


@pytest.mark.parametrize(
    ("operator", "below", "at", "above"),
    [
        ("$gt", False, False, True),
        ("$gte", False, True, True),
        ("$lt", True, False, False),
        ("$lte", True, True, False),
        ("$eq", False, True, False),
        ("$ne", True, False, True),
    ],
)
def test_each_operator_at_its_limit(operator: str, below: bool, at: bool, above: bool) -> None:
    asked = {"pnl_percent": {operator: 0.5}}
    assert [holds(asked, pnl_percent=value) for value in (0.49, 0.5, 0.51)] == [below, at, above]


def test_conditions_join() -> None:
    asked = {"$or": [{"a": 1}, {"$and": [{"b": {"$in": ["x", "y"]}}, {"$not": {"c": True}}]}]}
    assert holds(asked, a=1)
    assert holds(asked, b="y", c=False)
    assert not holds(asked, b="y", c=True)
    assert not holds(asked, b="z", c=False)


UNKNOWN = [None, float("nan"), math.inf, "0.9", [], {}, True]


@pytest.mark.parametrize("operator", ["$gt", "$gte", "$lt", "$lte", "$eq", "$ne", "$in"])
@pytest.mark.parametrize("value", UNKNOWN, ids=repr)
def test_what_is_no_number_passes_no_test_of_numbers(operator: str, value: Any) -> None:
    asked = {"x": {operator: [0.5] if operator == "$in" else 0.5}}
    assert not holds(asked, x=value)
    assert not holds(asked)
    assert not holds({"$not": asked})


def test_true_is_not_one_and_a_text_is_no_number() -> None:
    assert not holds({"x": 1}, x=True)
    assert not holds({"x": True}, x=1)
    assert not holds({"x": "1"}, x=1)
    assert not holds({"x": {"$ne": 1}}, x="1")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "conditions: '{}': must be an object with at least one condition"),
        ([], "conditions: '[]': must be an object"),
        (None, "must be an object"),
        ({"x": {"$regex": "a"}}, r"conditions.x.$regex: '$regex': is no operator"),
        ({"$where": "1"}, "is no operator between conditions"),
        ({"x": {"$gt": "0.5"}}, "conditions.x.$gt: '0.5': must be a number"),
        ({"x": {"$gt": float("nan")}}, "must be a number"),
        ({"x": {"$gt": True}}, "must be a number"),
        ({"x": {"$in": []}}, "must be a list of at least one value"),
        ({"x": None}, "must be a number, true, false or a text"),
        ({"x": {}}, "must name an operator"),
        ({"$or": []}, "must be a list of at least one condition"),
        ({"$or": [{"x": 1}, {}]}, "conditions.$or[1]"),
        ({"x": "a" * 201}, "must be a number, true, false or a text"),
        ({f"f{n}": n for n in range(51)}, "is more than 50 tests"),
        ({"interval_minutes": 0}, "conditions.interval_minutes: '0'"),
        ({"interval_minutes": 30, "x": 1}, "stands alone"),
    ],
)
def test_what_is_not_in_the_language_is_refused_with_the_path_to_it(asked: Any, told: str) -> None:
    with pytest.raises(BadCondition) as refused:
        conditions.compiled(asked)
    assert told in str(refused.value)


def test_conditions_that_lie_too_deep_are_refused() -> None:
    asked: dict[str, Any] = {"x": 1}
    for _ in range(conditions.MOST_DEPTH + 1):
        asked = {"$not": asked}
    with pytest.raises(BadCondition, match="deeper"):
        conditions.compiled(asked)


def test_a_rule_of_the_hour_tells_its_interval() -> None:
    assert conditions.interval({"interval_minutes": 30}) == timedelta(minutes=30)
    assert conditions.interval({"interval_hours": 2}) == timedelta(hours=2)
    assert conditions.interval({"x": 1}) is None


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*"abx", *conditions.OPERATORS, "$and", "$or", "$not"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(asked=ANYTHING, facts=st.dictionaries(st.sampled_from("abx"), ANYTHING, max_size=3))
def test_whatever_is_saved_is_refused_or_answers_yes_or_no_to_anything(asked: Any, facts: dict[str, Any]) -> None:
    try:
        test = conditions.compiled(asked)
    except BadCondition:
        return
    assert test(facts) in (True, False)
    assert not test({})
