"""What a story went by: the versions of policies that its strands were made under, with every limit of theirs."""

from __future__ import annotations

from typing import Any, NamedTuple

import pydantic

from strands import json_values
from tradingops.console.lifecycle import queries
from tradingops.policies import content as contents
from tradingops.policies import fields, made_under
from tradingops.policies.content import RefusedContent
from tradingops.policies.made_under import MadeUnder


class Limit(NamedTuple):
    """One number of a policy as it was in force, and whether the version set it."""

    field: str
    value: Any
    unit: str
    default: Any
    is_set: bool


class WentBy(NamedTuple):
    """A version, the kinds of strands that were made under it, and its limits; none where today's code has others."""

    version: MadeUnder
    limits: list[Limit]

    @property
    def set(self) -> list[Limit]:
        """The numbers that the version sets otherwise than the code does."""
        return [each for each in self.limits if each.is_set]


def of(rows: queries.Rows) -> list[WentBy]:
    """Return the versions that a story's strands were made under, by policy."""
    from tradingops import environments

    found = made_under.versions({str(row["id"]) for _table, row in rows})
    own = environments.governed() if found else {}
    return [WentBy(each, _limits(own[each.policy], each)) for each in found if each.policy in own]


def _limits(own: pydantic.BaseModel, version: MadeUnder) -> list[Limit]:
    content = json_values.mapping(json_values.loads(version.content)) if version.content else {}
    try:
        values = contents.whole(own, content, policy=version.policy)
    except RefusedContent:
        return []
    set_by = [path for path, _ in contents.flat(content)]
    return [
        Limit(
            each.path,
            contents.value_at(values, each.path),
            each.unit,
            each.default,
            any(fields.is_within(path, each.path) for path in set_by),
        )
        for each in fields.of(own)
        if not version.symbol or any(fields.is_within(path, each.path) for path in set_by)
    ]
