"""The content of a policy's version: only what differs from the defaults, its hash, and how two or three differ."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pydantic

from strands.given import Overrides, laid
from tradingops.modules import policy as policies
from tradingops.people.changes import FIXED

#: What a version lacks that another one has.
ABSENT = None


class RefusedContent(ValueError):
    """Content that a policy could not take: names each field, its value and the rule."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        self.reasons = dict(reasons)
        super().__init__("; ".join(reasons.values()))


class Difference(NamedTuple):
    """One field, by its dotted path, in two versions."""

    field: str
    before: Any
    after: Any


class Parting(NamedTuple):
    """One field that a draft or what is in force changed of their common base."""

    field: str
    base: Any
    in_force: Any
    draft: Any

    @property
    def clashes(self) -> bool:
        """Whether both changed it, and not to the same."""
        return self.in_force not in (self.base, self.draft) and self.draft != self.base


def taken(own: pydantic.BaseModel, content: Overrides, *, policy: str) -> pydantic.BaseModel:
    """Return a policy with a version's content laid over its defaults; raises RefusedContent."""
    if not isinstance(content, Mapping):
        raise RefusedContent({"": f"{policy}: {content!r} is no object; give {{field: value, …}}"})
    if FIXED in content and str(content[FIXED]) != str(getattr(own, FIXED, None)):
        told = f"{policy}.{FIXED}: {content[FIXED]!r}: the book is counted from it since the first turn; leave it out"
        raise RefusedContent({FIXED: told})
    try:
        return policies.overridden(own, content)
    except pydantic.ValidationError as broken:
        raise RefusedContent(_reasons(broken, policy)) from broken


def _reasons(broken: pydantic.ValidationError, policy: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in broken.errors(include_url=False, include_context=False):
        field = ".".join(map(str, each["loc"]))
        found[field] = f"{policy}{'.' if field else ''}{field}: {each['input']!r}: {each['msg']}"
    return found


def whole(own: pydantic.BaseModel, content: Overrides, *, policy: str) -> dict[str, Any]:
    """Return every field of a policy under a content, as JSON; raises RefusedContent."""
    return taken(own, content, policy=policy).model_dump(mode="json")


def trimmed(own: pydantic.BaseModel, content: Overrides, *, policy: str) -> dict[str, Any]:
    """Return a content as it is kept: in the policy's types, without what is as by default; raises RefusedContent."""
    return _apart(own.model_dump(mode="json"), whole(own, content, policy=policy))


def of_symbol(own: pydantic.BaseModel, content: Overrides, *, policy: str) -> dict[str, Any]:
    """Return the content of one symbol as it is kept: all that it names, for it is laid over another content."""
    return _named(content, whole(own, content, policy=policy))


def digest(own: pydantic.BaseModel, content: Overrides, *, policy: str) -> str:
    """Return the SHA-256 over the canonical JSON of the whole content that results; raises RefusedContent."""
    return hashlib.sha256(canonical(whole(own, content, policy=policy)).encode()).hexdigest()


def canonical(value: Any) -> str:
    """Return JSON that is the same text for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def differences(before: Overrides, after: Overrides) -> list[Difference]:
    """Return the fields in which two contents differ, by name; a field that one lacks is None there."""
    one, other = dict(flat(before)), dict(flat(after))
    fields = sorted({*one, *other})
    found = (Difference(each, one.get(each, ABSENT), other.get(each, ABSENT)) for each in fields)
    return [each for each in found if each.before != each.after]


def partings(base: Overrides, *, in_force: Overrides, draft: Overrides) -> list[Parting]:
    """Return the fields in which what is in force, or a draft, parted from the base that the draft was cut from."""
    three = [dict(flat(each)) for each in (base, in_force, draft)]
    fields = sorted({field for each in three for field in each})
    found = (Parting(each, *(values.get(each, ABSENT) for values in three)) for each in fields)
    return [each for each in found if not each.base == each.in_force == each.draft]


def rebased(base: Overrides, *, in_force: Overrides, draft: Overrides) -> dict[str, Any]:
    """Return what is in force with what the draft changed of its base laid over it."""
    changed = {each.field: each.draft for each in partings(base, in_force=in_force, draft=draft)
               if each.draft != each.base}  # fmt: skip
    return laid(in_force, nested(changed))


def flat(content: Overrides, within: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each field by its dotted path with its value; an object within is its fields."""
    for name, value in content.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{within}{name}.")
        else:
            yield f"{within}{name}", value


def value_at(values: Overrides, path: str) -> Any:
    """Return a field's value by its dotted path; raises KeyError where there is none."""
    found: Any = values
    for step in path.split("."):
        found = found[step]
    return found


def nested(fields: Overrides) -> dict[str, Any]:
    """Return fields by dotted paths as objects within objects."""
    found: dict[str, Any] = {}
    for path, value in fields.items():
        *way, last = path.split(".")
        place = found
        for step in way:
            place = place.setdefault(step, {})
        place[last] = value
    return found


def _apart(defaults: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        default = defaults.get(name)
        if isinstance(value, Mapping) and isinstance(default, Mapping):
            if inner := _apart(default, value):
                found[name] = inner
        elif value != default:
            found[name] = value
    return found


def _named(content: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _named(value, values[name])
        if isinstance(value, Mapping) and isinstance(values.get(name), Mapping)
        else values[name]
        for name, value in content.items()
        if name in values and value is not None
    }
