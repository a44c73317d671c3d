"""The fields of a policy as its schema has them: what each means, its unit, its range, its default."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple, get_args

import pydantic

from tradingops.people.changes import FIXED

BOUNDS = (("ge", "from {}"), ("gt", "above {}"), ("le", "to {}"), ("lt", "below {}"))


class Field(NamedTuple):
    """One number, word or list of a policy, by its dotted path; those of policies within it are fields of their own."""

    path: str
    default: Any
    unit: str
    range: str
    meaning: str
    is_choice: bool


def of(own: pydantic.BaseModel) -> list[Field]:
    """Return the fields of a policy that a version may change."""
    return [each for each in _within(own, own.model_dump(mode="json"), "") if each.path != FIXED]


def _within(policy: pydantic.BaseModel, values: Mapping[str, Any], path: str) -> Iterator[Field]:
    for name, field in type(policy).model_fields.items():
        inner = getattr(policy, name)
        if isinstance(inner, pydantic.BaseModel):
            yield from _within(inner, values[name], f"{path}{name}.")
            continue
        meaning, unit = unit_of(field.description or "")
        yield Field(f"{path}{name}", values[name], unit, range_of(field), meaning, field.annotation is bool)


def unit_of(description: str) -> tuple[str, str]:
    """Return a description without its unit, and the unit that stands in its brackets."""
    found = re.fullmatch(r"(.*?)\s*\[([^\[\]]+)\](.*)", description)
    return (f"{found[1]}{found[3]}", found[2]) if found else (description, "")


def range_of(field: Any) -> str:
    """Return what a field may hold in words, empty where any value of its type is one."""
    held = [(words, getattr(each, name, None)) for name, words in BOUNDS for each in field.metadata]
    if said := [words.format(_plain(bound)) for words, bound in held if bound is not None]:
        return " ".join(said).replace(" below", ", below")
    kind = field.annotation
    if kind is bool:
        return "true or false"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(each.value for each in kind)
    return ", ".join(each for each in get_args(kind) if isinstance(each, str))


def is_within(path: str, field: str) -> bool:
    """Return whether a dotted path is a field, or lies within it."""
    return path == field or path.startswith(f"{field}.")


def written(value: Any) -> str:
    """Return a value as a person writes it in a form."""
    return value if isinstance(value, str) else json.dumps(value)


def read(text: str, default: Any) -> Any:
    """Return what a person wrote in a form, None where they wrote nothing: it is as by default then."""
    if not text.strip():
        return None
    if isinstance(default, str):
        return text.strip()
    try:
        return json.loads(text)
    except ValueError:
        return text.strip()


def _plain(number: Any) -> str:
    if isinstance(number, Decimal):
        return format(number, "f")
    return format(number, "g") if isinstance(number, float) else str(number)
