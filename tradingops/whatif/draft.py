"""A draft of a policy: what it changes of what one module is made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pydantic

from strands.given import Given
from tradingops.modules import policy as policies

#: What a draft's version is called where a turn is given it; no publication can have it, for it is no strand's id.
IDENTITY = "draft"
WANTED = '{"policy": "dm", "symbol": null, "content": {"min_confidence": 0.65}}'
FIELDS = frozenset({"policy", "symbol", "content"})


class BadDraft(ValueError):
    """A draft that breaks a rule: which field, its value, and what may stand there."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a policy would be: the module's name, and what differs from what the module is made with."""

    policy: str
    content: Mapping[str, Any]
    symbol: str | None = None

    def given(self, given: Given) -> Given:
        """Return what a turn would have been given, had this policy been in force."""
        version = given.policy._replace(id=IDENTITY, values=self.content, key=f"{IDENTITY} {self.content!r}")
        return given._replace(policy=version)


def checked(told: Any, *, own: Mapping[str, pydantic.BaseModel]) -> Draft:
    """Return a draft from its JSON; raises BadDraft naming the field, the value and the rule."""
    if not isinstance(told, dict):
        raise BadDraft(f"{str(told)[:80]!r} is no object; write {WANTED}")
    if unknown := sorted(told.keys() - FIELDS):
        raise BadDraft(f"{unknown[0]}: is no field of a draft; it has {', '.join(sorted(FIELDS))}")
    name, symbol, content = told.get("policy"), told.get("symbol"), told.get("content", {})
    if not isinstance(name, str) or name not in own:
        raise BadDraft(f"policy: {name!r} is no module that goes by one; name one of {', '.join(own)}")
    if symbol is not None and not isinstance(symbol, str):
        raise BadDraft(f"symbol: {symbol!r} is no symbol; write its name, or null for all")
    if not isinstance(content, dict):
        raise BadDraft(f"content: {content!r} is no object; write the fields that differ and their values")
    try:
        policies.overridden(own[name], content)
    except pydantic.ValidationError as broken:
        raise BadDraft(policies.reason(broken, within=name)) from None
    return Draft(policy=name, symbol=symbol, content=content)
