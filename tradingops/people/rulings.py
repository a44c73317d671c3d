"""Which rulings may be in force: a module's policy has to take what people change of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pydantic

from strands.given import Overrides
from strands.rulings.fold import Check, Rulings
from strands.strand import Strand
from tradingops.modules import policy as policies


class NoPolicy(ValueError):
    """A change of policy for somebody who has none."""

    def __init__(self, listener: str, known: Mapping[str, Any]) -> None:
        super().__init__(f"{listener}: has no policy that could change; those that have are {', '.join(known)}")


def check(own: Mapping[str, pydantic.BaseModel]) -> Check:
    """Return what refuses overrides that one of these policies could not take, naming field, value and rule."""

    def checked(listener: str, overrides: Overrides) -> object:
        if listener not in own:
            raise NoPolicy(listener, own)
        try:
            return policies.overridden(own[listener], overrides)
        except pydantic.ValidationError as broken:
            raise ValueError(policies.reason(broken)) from broken

    return checked


def refusal(strand: Strand, *, rulings: Rulings) -> str | None:
    """Return why a ruling would be refused after those that are in force, None where it would count."""
    after = rulings.copy()
    after.add(strand)
    return after.refused.get(strand.id)
