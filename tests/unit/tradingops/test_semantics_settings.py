"""Every number of judgement in the specification's semantics is a setting: documented, by default, within a range."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, get_args

import pydantic
import pytest
from pydantic.fields import FieldInfo

from tests.unit.tradingops import semantics
from tests.unit.tradingops.semantics import Number
from tradingops import environments

#: Far outside of what any number of the semantics may be.
FAR = (-1e9, 1e9)


@cache
def defaults(module: str) -> dict[str, Any]:
    """Return a policy's values as plain structures."""
    return environments.POLICIES[module]().model_dump()


def held(setting: str) -> Any:
    """Return what a setting holds by default; raises KeyError or IndexError for one that does not exist."""
    module, *names = setting.split(".")
    found: Any = defaults(module)
    for name in names:
        found = found[int(name)] if isinstance(found, list | tuple) else found[name]
    return found


def with_value(setting: str, value: Any) -> pydantic.BaseModel:
    """Return the policy built with one value changed; raises pydantic's ValidationError for one that is refused."""
    module, *names = setting.split(".")
    return environments.POLICIES[module].model_validate(_replaced(defaults(module), names, value))


def _replaced(tree: Any, names: list[str], value: Any) -> Any:
    if not names:
        return value
    if isinstance(tree, list | tuple):
        place = int(names[0])
        return [_replaced(each, names[1:], value) if nth == place else each for nth, each in enumerate(tree)]
    return {**tree, names[0]: _replaced(tree[names[0]], names[1:], value)}


def field_of(setting: str) -> FieldInfo:
    """Return the field that describes a setting: its own, or that of the structure that holds it."""
    module, *names = setting.split(".")
    policy: Any = environments.POLICIES[module]
    field = None
    for name in names:
        if name.isdigit():
            continue
        if policy is None or name not in policy.model_fields:
            break
        field = policy.model_fields[name]
        policy = next(_policies_in(field.annotation), None)
    assert field is not None, setting
    return field


def _policies_in(annotation: Any) -> Iterator[type[pydantic.BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _policies_in(part)


def alike(one: Any, other: Any) -> bool:
    if isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(other, Mapping):
        return one.keys() == other.keys() and all(alike(one[name], other[name]) for name in other)
    if isinstance(other, bool | str | None):
        return bool(one == other)
    return math.isclose(float(one), float(other), rel_tol=1e-12)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def is_refused(setting: str, value: Any) -> bool:
    try:
        with_value(setting, value)
    except pydantic.ValidationError:
        return True
    return False


NUMBERS = [pytest.param(each, id=str(each)) for each in semantics.NUMBERS]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_of_the_semantics_is_the_default_of_its_setting(number: Number):
    assert alike(held(number.setting), number.default), (held(number.setting), number.default)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_of_the_semantics_is_described(number: Number):
    assert field_of(number.setting).description


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_of_the_semantics_stays_in_its_range(number: Number):
    default = held(number.setting)
    values: list[Any] = [math.nan, *FAR]
    if isinstance(default, tuple | list):
        refused = [is_refused(number.setting, [value] * len(default)) for value in values]
    elif is_number(default):
        refused = [is_refused(number.setting, value) for value in values]
    else:
        refused = [True, is_refused(number.setting, "what nobody knows")]
    assert refused[0], "NaN is taken"
    assert any(refused[1:]), "nothing is too small or too large for it"


def test_a_number_that_is_kept_otherwise_says_why():
    assert [each for each in semantics.NUMBERS if bool(each.why) != (each.kept is not None)] == []
    assert [each for each in semantics.NUMBERS if each.why and alike(each.kept, each.number)] == []
    assert [each for each in semantics.UNSET if len(each.why) < 20] == []


def test_the_walk_passes_every_section_of_judgement():
    sections = {each.section.split(".")[0] for each in (*semantics.NUMBERS, *semantics.UNSET)}
    assert sections == set("123456")
    assert {each.section for each in semantics.NUMBERS} >= {"1.1", "1.2", "1.3", "1.4", "1.5"}


def test_no_number_is_walked_past_twice():
    told = [(each.section, each.setting) for each in semantics.NUMBERS]
    assert [each for each in told if told.count(each) > 1] == []
