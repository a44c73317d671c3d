"""The editor of a draft: a field of the form for each of the schema, the value in force beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pydantic

from strands.given import Overrides
from tradingops.policies import content as contents
from tradingops.policies import fields
from tradingops.policies.content import RefusedContent
from tradingops.policies.models import Version


class Group(NamedTuple):
    """The fields that belong together: those of one policy within the policy, or its own."""

    key: str
    name: str
    rows: list[Row]

    @property
    def differs(self) -> int:
        """How many fields somebody filled."""
        return sum(bool(each.text) for each in self.rows)


class Row(NamedTuple):
    """One field as the form shows it."""

    field: fields.Field
    name: str
    text: str
    in_force: str
    default: str
    fault: str


class Editor:
    """What a person is shown of a policy, and what they wrote; ``content`` is what they ask for."""

    def __init__(self, own: pydantic.BaseModel, *, policy: str, counts: Version, edited: Version | None = None) -> None:
        self.fields = fields.of(own)
        self._in_force = dict(contents.flat(contents.whole(own, counts.content, policy=policy)))
        self.content: Overrides = (edited or counts).content
        self._faults: dict[str, str] = {}
        kept = dict(contents.flat(self.content))
        self._texts = {each.path: _text(kept, each.path) for each in self.fields}

    def take(self, posted: Mapping[str, str]) -> None:
        """Take what a person wrote; a field that they left empty is as by default."""
        asked = {}
        for each in self.fields:
            text = posted.get(each.path, "")
            self._texts[each.path] = text
            value = fields.read(text, each.default)
            if value is not None:
                asked[each.path] = value
        self.content = contents.nested(asked)

    def refuse(self, refused: RefusedContent) -> dict[str, str]:
        """Lay each reason at its field; return those with the field's path, empty where it belongs to none."""
        self._faults = {}
        for path, reason in refused.reasons.items():
            at = next((each.path for each in self.fields if path == each.path or path.startswith(f"{each.path}.")), "")
            self._faults[at] = reason
        return dict(self._faults)

    def groups(self) -> list[Group]:
        """Return the fields in groups, the policy's own first."""
        found: dict[str, list[Row]] = {"": []}
        for each in self._rows():
            found.setdefault(each.field.path.rpartition(".")[0], []).append(each)
        return [
            Group(key.replace(".", "-") or "own", key.replace(".", ", ").replace("_", " ") or "own numbers", rows)
            for key, rows in found.items()
            if rows
        ]

    def _rows(self) -> Iterator[Row]:
        for each in self.fields:
            in_force = value_of(self._in_force, each.path)
            yield Row(
                each,
                each.path.rpartition(".")[2].replace("_", " "),
                self._texts[each.path],
                fields.written(in_force),
                fields.written(each.default),
                self._faults.get(each.path, ""),
            )


def value_of(values: Overrides, path: str) -> Any:
    """Return a field's value among flat ones, also where it is an object."""
    if path in values:
        return values[path]
    return contents.nested(
        {name.removeprefix(f"{path}."): value for name, value in values.items() if name.startswith(f"{path}.")}
    )


def _text(kept: Overrides, path: str) -> str:
    found = value_of(kept, path)
    return "" if found == {} and path not in kept else fields.written(found)
