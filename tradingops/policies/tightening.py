"""What tightens a policy: the changes that one person may put in force at once, because they only let less through."""

from __future__ import annotations

from numbers import Real
from typing import Any

import pydantic

from strands.given import Overrides
from tradingops.policies import content as contents
from tradingops.policies import fields

#: Least values and the scores to be reached: more is tighter. Greatest values, limits and budgets: less is.
LEAST, GREATEST = (("min_",), ("_min",)), (("max_",), ("_limit", "_max"))
MORE = frozenset({"approve_score", "modify_score"})
LESS = frozenset({"base_risk_budget", "budget_ceiling", "kelly_cap"})
#: Lists of what is allowed: fewer is tighter.
FEWER = frozenset({"allowed_directions"})


def loosens(own: pydantic.BaseModel, *, policy: str, in_force: Overrides, draft: Overrides) -> list[str]:
    """Return each change of what is in force that is not known to tighten, in words; none where all of them do."""
    before, after = (contents.whole(own, each, policy=policy) for each in (in_force, draft))
    found = []
    for each in fields.of(own):
        was, now = contents.value_at(before, each.path), contents.value_at(after, each.path)
        if was != now and not tightens(each.path, was, now):
            found.append(f"{policy}.{each.path}: {was!r} to {now!r} is not known to tighten")
    return found


def tightens(path: str, was: Any, now: Any) -> bool:
    """Return whether a change of a field lets less through, whatever the market does."""
    name = path.rpartition(".")[2]
    if name in FEWER:
        return isinstance(was, list) and isinstance(now, list) and all(each in was for each in now)
    if not all(isinstance(each, Real) and not isinstance(each, bool) for each in (was, now)):
        return False
    if name in MORE or _named(name, LEAST):
        return bool(now > was)
    return bool(now < was) if name in LESS or _named(name, GREATEST) else False


def _named(name: str, ends: tuple[tuple[str, ...], tuple[str, ...]]) -> bool:
    return name.startswith(ends[0]) or name.endswith(ends[1])
