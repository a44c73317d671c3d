"""The policy a module goes by in a turn: its own, under what people changed of it."""

from __future__ import annotations

from typing import Any, TypeVar

import pydantic

from strands.given import Given, Overrides, laid

#: How many changed policies a process remembers before it begins again.
KEPT_POLICIES = 256

P = TypeVar("P", bound=pydantic.BaseModel)

#: (identity of a module's own policy, the values changed as text) -> (that policy, the policy in force). The own one is
#: kept so that its identity cannot be given to another while the entry lives.
_KNOWN: dict[tuple[int, str], tuple[Any, Any]] = {}


def effective(policy: P, given: Given) -> P:
    """Return the policy in force: a module's own under what people changed of it; raises ValidationError."""
    if not given.policy.id:
        return policy
    key = (id(policy), given.policy.key)
    known = _KNOWN.get(key)
    if known is None:
        if len(_KNOWN) >= KEPT_POLICIES:
            _KNOWN.clear()
        known = _KNOWN[key] = (policy, overridden(policy, given.policy.values))
    in_force: P = known[1]
    return in_force


def overridden(policy: P, overrides: Overrides) -> P:
    """Return a policy with some fields replaced, every rule checked; raises ValidationError."""
    return type(policy).model_validate(laid(policy.model_dump(), overrides))


def reason(broken: pydantic.ValidationError, *, within: str = "") -> str:
    """Return a refusal in words: each field (``within`` a module), its value and the rule it broke."""
    faults = broken.errors(include_url=False, include_context=False)
    named = ((".".join(map(str, ([within] if within else []) + list(each["loc"]))), each) for each in faults)
    return "; ".join(f"{name}: {each['input']!r}: {each['msg']}" for name, each in named)
