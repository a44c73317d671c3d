"""Policies that people change while a module runs.

A change is said on the wire, checked, and kept in the module's state. A ``policy_changed`` strand carries
``{"op_policy": {field: value, …}}``: fields not named keep what they had; a field set to null goes back to the
module's default. A change that breaks a rule changes nothing and is kept, with the rule, in the state's
``refused_policies``.
"""

from __future__ import annotations

from typing import Any, TypeVar

import pydantic

from strands.strand import Strand
from strands.wire import State

KIND = "policy_changed"
COLUMN = "op_policy"
OVERRIDES = "policy"
REFUSED = "refused_policies"

#: How many refused changes a state remembers, oldest forgotten first.
KEPT_REFUSALS = 10

#: How many changed policies a process remembers before it begins again.
KEPT_POLICIES = 256

P = TypeVar("P", bound=pydantic.BaseModel)

#: (identity of the default policy, the overrides as text) -> (that default, the policy in force). The default is kept
#: so that its identity cannot be given to another while the entry lives.
_KNOWN: dict[tuple[int, str], tuple[Any, Any]] = {}


class RefusedPolicy(ValueError):
    """A change of policy that says nothing a policy could take."""


def effective(policy: P, state: State) -> P:
    """Return the policy in force: the default under the overrides that the state holds; raises ValidationError."""
    overrides = state.get(OVERRIDES)
    if not overrides:
        return policy
    key = (id(policy), repr(overrides))
    known = _KNOWN.get(key)
    if known is None:
        if len(_KNOWN) >= KEPT_POLICIES:
            _KNOWN.clear()
        known = _KNOWN[key] = (policy, overridden(policy, overrides))
    in_force: P = known[1]
    return in_force


def overridden(policy: P, overrides: dict[str, Any]) -> P:
    """Return a policy with some fields replaced, every rule checked; raises ValidationError."""
    return type(policy).model_validate(_laid(policy.model_dump(), overrides))


def changed(policy: P, state: State, strand: Strand) -> State:
    """Return the state after a ``policy_changed`` strand: with the new overrides, or with the refusal."""
    try:
        overrides = _merged(state.get(OVERRIDES) or {}, strand.payload.get(COLUMN))
        overridden(policy, overrides)
    except ValueError as broken:
        return {**state, REFUSED: _remembered(state, strand, broken)}
    return {**state, OVERRIDES: overrides}


def _merged(overrides: dict[str, Any], change: object) -> dict[str, Any]:
    """Return overrides with a change laid over them."""
    if not isinstance(change, dict):
        raise RefusedPolicy(f"{COLUMN}: {change!r} is no object of fields and values; send {{field: value}}")
    return _laid(overrides, change)


def _laid(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return one object laid over another, objects within them alike; null takes a field away; fields in order."""
    laid = {**under, **over}
    for field, value in over.items():
        below = under.get(field)
        if isinstance(value, dict):
            laid[field] = _laid(below if isinstance(below, dict) else {}, value)
    return {field: laid[field] for field in sorted(laid) if laid[field] is not None}


def _remembered(state: State, strand: Strand, broken: ValueError) -> list[dict[str, str]]:
    """Return the refused changes with one more, the oldest beyond the number kept forgotten."""
    refusal = {"strand_id": strand.id, "at": strand.at.isoformat(), "reason": _reason(broken)}
    return [*(state.get(REFUSED) or []), refusal][-KEPT_REFUSALS:]


def _reason(broken: ValueError) -> str:
    """Return a refusal's words: each field, its value and the rule it broke."""
    if not isinstance(broken, pydantic.ValidationError):
        return str(broken)
    faults = broken.errors(include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['input']!r}: {e['msg']}" for e in faults)
