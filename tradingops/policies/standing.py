"""What modules go by as a whole: the policy in force at a moment, and the one under which a strand was made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

import pydantic

from strands.given import Overrides, laid
from tradingops.modules import policy as policies
from tradingops.policies import made_under, versions

P = TypeVar("P", bound=pydantic.BaseModel)


def at(own: P, policy: str, symbol: str = "", *, moment: datetime) -> P:
    """Return a policy as it is in force at a moment of market time, one symbol's laid over that of all."""
    places = dict.fromkeys(("", symbol))
    found = [versions.in_force(policy, each, at=moment) for each in places]
    return _under(own, [each.content for each in found if each])


def when_made(own: P, policy: str, *, strand: str) -> P | None:
    """Return the policy under which a strand was made; None where no turn is recorded that said it."""
    found = [each for each in made_under.versions([strand]) if each.policy == policy]
    contents: list[Overrides] = [json.loads(each.content) for each in found if each.content]
    return _under(own, contents) if found else None


def _under(own: P, contents: list[Overrides]) -> P:
    together: Mapping[str, object] = {}
    for each in contents:
        together = laid(together, each)
    return policies.overridden(own, together) if together else own
