"""Short names of settings that several modules share: ``lessons=off``, ``curators.risk=off``, ``venues=[…]``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

Policies = Mapping[str, type[BaseModel]]

#: What a switch may be given as.
SWITCHES = {"on": True, "off": False, "true": True, "false": False, True: True, False: False}

CURATORS, LESSONS, ENABLED = "curators", "lessons", "enabled"

#: Settings of one module that are known by a name of their own.
ALONE = {"dsi": "alpha.dsi"}

#: What is set alike wherever it is read: what venues are and charge.
ALIKE = {"venues": ("venue.venues", "trader.venues", "dm.cost.venues", "alpha.cost.venues")}


def expanded(key: str, value: Any, policies: Policies) -> dict[str, Any]:
    """Return the settings that a name stands for, by their full names; a full name stands for itself.

    ``curators.NAME`` is every roster's curator of that name, ``curators`` all of them, ``lessons.NAME`` the setting of
    every module that learns, ``venues`` the list of everybody who reads one. A switch given to something that has
    ``enabled`` switches that.
    """
    return {_switched(name, value, policies): _switch(name, value, policies) for name in _names(key, policies)}


def _names(key: str, policies: Policies) -> list[str]:
    head, _, rest = key.partition(".")
    if head in ALONE:
        return [_joined(ALONE[head], rest)]
    if key in ALIKE:
        return list(ALIKE[key])
    if head == LESSONS:
        return [_joined(f"{module}.{LESSONS}", rest) for module in _having(LESSONS, policies)]
    if head == CURATORS:
        return _curators(rest, policies) or [key]
    return [key]


def _curators(rest: str, policies: Policies) -> list[str]:
    """Return the full names of ``curators``, ``curators.MODULE…`` and ``curators.NAME…``."""
    first, _, tail = rest.partition(".")
    names = []
    for module in _having(CURATORS, policies):
        roster = _model(policies[module], CURATORS)
        if not rest or (first == module and not tail):
            names += [f"{module}.{CURATORS}.{each}" for each in roster.model_fields if _has_switch(roster, each)]
        elif first == module:
            names.append(f"{module}.{CURATORS}.{tail}")
        elif first in roster.model_fields:
            names.append(f"{module}.{CURATORS}.{rest}")
    return names


def _having(field: str, policies: Policies) -> list[str]:
    return [module for module, policy in policies.items() if field in policy.model_fields]


def _joined(name: str, rest: str) -> str:
    return f"{name}.{rest}" if rest else name


def _switched(name: str, value: Any, policies: Policies) -> str:
    return f"{name}.{ENABLED}" if _is_switch(name, value, policies) else name


def _switch(name: str, value: Any, policies: Policies) -> Any:
    return SWITCHES[value] if _is_switch(name, value, policies) else value


def _is_switch(name: str, value: Any, policies: Policies) -> bool:
    """Whether a switch is given to a part of a policy that can be switched."""
    module, _, path = name.partition(".")
    if not isinstance(value, str | bool) or value not in SWITCHES or module not in policies:
        return False
    found: Any = policies[module]
    for each in path.split("."):
        if not _is_model(found) or each not in found.model_fields:
            return False
        found = found.model_fields[each].annotation
    return _is_model(found) and ENABLED in found.model_fields


def _has_switch(policy: type[BaseModel], field: str) -> bool:
    annotation: Any = policy.model_fields[field].annotation
    # The learning of a roster can be switched too, and is no curator.
    return _is_model(annotation) and {ENABLED, "kappa"} <= set(annotation.model_fields)


def _model(policy: type[BaseModel], field: str) -> type[BaseModel]:
    annotation: Any = policy.model_fields[field].annotation
    if not _is_model(annotation):
        raise TypeError(
            f"{policy.__name__}.{field}: {annotation!r} is no policy, so that it has no settings of its own"
        )
    found: type[BaseModel] = annotation
    return found


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
