"""What a turn is given besides its strand: the moment, what people have put in force, which instance hears it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from strands import roots

Overrides = Mapping[str, Any]
Halts = Mapping[str, "HaltState"]


class HaltState(StrEnum):
    """How far a scope may trade, from freely to not at all."""

    ACTIVE = "active"
    REDUCE_ONLY = "reduce-only"
    HALTED = "halted"


#: From the mildest.
_STRICTNESS = {state: rank for rank, state in enumerate(HaltState)}
DESK = "desk"
#: Why a position may be left in a halted scope too: a stop or a target that no venue works, and a person's word.
LEFT_UNDER_A_HALT = frozenset({"manual", "stop_loss", "take_profit"})


class PolicyVersion(NamedTuple):
    """What people changed of a module's policy: the last ruling that did (empty for none), and the values it left."""

    id: str
    values: Overrides
    #: Tells versions apart that hold other values.
    key: str


AS_MADE = PolicyVersion("", {}, "")


class Given(NamedTuple):
    """What the shell hands into a turn; recorded with it."""

    now: datetime
    instance: str = ""
    halts: Halts = {}
    policy: PolicyVersion = AS_MADE
    #: The id of the last ruling known to the turn, empty for none.
    ruling: str = ""

    def halted(self, *scopes: str) -> HaltState:
        """Return the strictest state of the desk and of these scopes (``symbol:X``, ``module:X``, ``venue:X``)."""
        if not self.halts:
            return HaltState.ACTIVE
        return max((self.halts.get(scope, HaltState.ACTIVE) for scope in (DESK, *scopes)), key=_STRICTNESS.__getitem__)


def instance_of(listener: str) -> str:
    """Return the id of the module instance that hears for a listener; its name where there is no registered one."""
    root = roots.ROOTS.get(listener)
    return str(root.module_id) if root else listener


def laid(under: Overrides, over: Overrides) -> dict[str, Any]:
    """Return one object laid over another, objects within them alike; null takes a field away; fields in order."""
    together = {**under, **over}
    for field, value in over.items():
        below = under.get(field)
        if isinstance(value, dict):
            together[field] = laid(below if isinstance(below, dict) else {}, value)
    return {field: together[field] for field in sorted(together) if together[field] is not None}
