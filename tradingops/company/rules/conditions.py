"""Conditions over what an event says: data in a closed language, checked when they are saved and compiled once.

A condition is an object: a field's name with the value it must have, or with an object of operators (``$gt`` ``$gte``
``$lt`` ``$lte`` ``$eq`` ``$ne`` ``$in``), all of which must hold; and ``$and``, ``$or`` (a list of conditions) and
``$not`` (one condition). A field that is missing, null, NaN or of another type than what it is compared with fails,
also under ``$ne``: what is not known holds nothing up and lets nothing through.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

Facts = Mapping[str, Any]
Test = Callable[[Facts], bool]

#: How deep conditions may lie within one another, and how many tests one may hold.
MOST_DEPTH, MOST_TESTS, MOST_LETTERS = 5, 50, 200
ORDER = {"$gt": operator.gt, "$gte": operator.ge, "$lt": operator.lt, "$lte": operator.le}
EQUALITY = {"$eq": operator.eq, "$ne": operator.ne}
OPERATORS = (*ORDER, *EQUALITY, "$in")
#: What a rule of the hour says instead: how long lies between two of its occurrences.
INTERVALS = {"interval_minutes": timedelta(minutes=1), "interval_hours": timedelta(hours=1)}


class BadCondition(ValueError):
    """A condition is not in the language."""

    def __init__(self, path: str, value: object, rule: str) -> None:
        super().__init__(f"conditions{path}: {str(value)[:MOST_LETTERS]!r}: {rule}")


def compiled(conditions: Any) -> Test:
    """Return the test of what an event says; raises BadCondition with the path to what is wrong.

    Conditions of a rule of the hour (``interval_minutes``, ``interval_hours``) hold whatever the event says.
    """
    if interval(conditions) is not None:
        return _always
    budget = [MOST_TESTS]
    return _all_of(conditions, "", 0, budget)


def interval(conditions: Any) -> timedelta | None:
    """Return how long lies between two occurrences of a rule of the hour, None for a rule of what happens.

    Raises BadCondition.
    """
    named = [name for name in INTERVALS if isinstance(conditions, Mapping) and name in conditions]
    if not named:
        return None
    if len(conditions) > 1:
        raise BadCondition("", conditions, f"{named[0]} stands alone; a rule of the hour has no other condition")
    value = conditions[named[0]]
    if not _is_number(value) or not 0 < value <= 100_000:
        raise BadCondition(f".{named[0]}", value, "must be a number above 0 and at most 100000")
    return INTERVALS[named[0]] * value


def _always(facts: Facts) -> bool:
    return True


def _all_of(conditions: Any, path: str, depth: int, budget: list[int]) -> Test:
    if not isinstance(conditions, Mapping) or not conditions:
        raise BadCondition(path, conditions, "must be an object with at least one condition")
    if depth > MOST_DEPTH:
        raise BadCondition(path, conditions, f"lies deeper than {MOST_DEPTH} conditions within one another")
    tests = tuple(_one(name, value, f"{path}.{name}", depth, budget) for name, value in conditions.items())
    if len(tests) == 1:
        return tests[0]
    return lambda facts: all(test(facts) for test in tests)


def _one(name: str, value: Any, path: str, depth: int, budget: list[int]) -> Test:
    budget[0] -= 1
    if budget[0] < 0:
        raise BadCondition(path, value, f"is more than {MOST_TESTS} tests")
    if name in ("$and", "$or"):
        return _joined(name, value, path, depth, budget)
    if name == "$not":
        # A test that could not be made of what an event lacks is no proof of its opposite.
        inner, asked = _all_of(value, path, depth + 1, budget), _fields(value)
        return lambda facts: all(_is_known(facts.get(each)) for each in asked) and not inner(facts)
    if name.startswith("$"):
        raise BadCondition(path, name, "is no operator between conditions; those are $and, $or, $not")
    if isinstance(value, Mapping):
        return _of_operators(name, value, path)
    return _equals(name, _plain(value, path))


def _joined(name: str, value: Any, path: str, depth: int, budget: list[int]) -> Test:
    if not isinstance(value, list) or not value:
        raise BadCondition(path, value, "must be a list of at least one condition")
    tests = tuple(_all_of(each, f"{path}[{place}]", depth + 1, budget) for place, each in enumerate(value))
    join = all if name == "$and" else any
    return lambda facts: join(test(facts) for test in tests)


def _of_operators(field: str, asked: Mapping[str, Any], path: str) -> Test:
    if not asked:
        raise BadCondition(path, asked, f"must name an operator: {', '.join(OPERATORS)}")
    tests = tuple(_operator(field, name, value, f"{path}.{name}") for name, value in asked.items())
    return tests[0] if len(tests) == 1 else lambda facts: all(test(facts) for test in tests)


def _operator(field: str, name: str, value: Any, path: str) -> Test:
    if name in ORDER:
        return _compares(field, ORDER[name], value, path)
    if name == "$eq":
        return _equals(field, _plain(value, path))
    if name == "$ne":
        wanted = _plain(value, path)
        return lambda facts: _alike(known := facts.get(field), wanted) and known != wanted
    if name == "$in":
        if not isinstance(value, list) or not value:
            raise BadCondition(path, value, "must be a list of at least one value")
        among = tuple(_plain(each, f"{path}[{place}]") for place, each in enumerate(value))
        return lambda facts: any(_alike(known := facts.get(field), each) and known == each for each in among)
    raise BadCondition(path, name, f"is no operator; known are {', '.join(OPERATORS)}")


def _compares(field: str, compare: Callable[[Any, Any], bool], value: Any, path: str) -> Test:
    if not _is_number(value):
        raise BadCondition(path, value, "must be a number")
    return lambda facts: _is_number(known := facts.get(field)) and compare(known, value)


def _equals(field: str, wanted: Any) -> Test:
    return lambda facts: _alike(known := facts.get(field), wanted) and known == wanted


def _plain(value: Any, path: str) -> Any:
    if _is_number(value) or isinstance(value, bool) or (isinstance(value, str) and len(value) <= MOST_LETTERS):
        return value
    raise BadCondition(path, value, f"must be a number, true, false or a text of at most {MOST_LETTERS} letters")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_known(value: Any) -> bool:
    return isinstance(value, str | bool) or _is_number(value)


def _alike(known: Any, wanted: Any) -> bool:
    """Return whether two values are of one type: a number is none of text's, nor of true's and false's."""
    if _is_number(wanted):
        return _is_number(known)
    return type(known) is type(wanted)


def _fields(conditions: Mapping[str, Any]) -> tuple[str, ...]:
    """Return every field that conditions look at."""
    found: dict[str, None] = {}
    for name, value in conditions.items():
        if name in ("$and", "$or"):
            found.update(dict.fromkeys(field for each in value for field in _fields(each)))
        elif name == "$not":
            found.update(dict.fromkeys(_fields(value)))
        else:
            found[name] = None
    return tuple(found)
