"""Changes of policies that people ask for: refused with field, value and rule, or as the values that will be said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import pydantic

from strands import tags
from strands.given import AS_MADE, Overrides, laid
from strands.rulings.fold import Rulings
from strands.rulings.ruling import OF_PEOPLE
from tradingops.modules import policy as policies

#: What a book is counted from: a fold that has begun does not begin again.
FIXED = "initial_cash"

Own = Mapping[str, pydantic.BaseModel]


class Change(NamedTuple):
    """Fields of one module's policy with their new values as JSON, None for the default, of one symbol or of all."""

    module: str
    values: dict[str, Any]
    symbol: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the change as JSON."""
        return self._asdict()


class RefusedChange(ValueError):
    """A change that a module could not take."""


def asked_for(
    fields: Mapping[str, Mapping[str, Any]], *, own: Own, rulings: Rulings, at: datetime, symbol: str | None = None
) -> list[Change]:
    """Return the changes that fields by module come to on top of what is in force; raises RefusedChange."""
    return [_change(module, asked, own, rulings, at, symbol) for module, asked in fields.items() if asked]


def _change(
    module: str, asked: Mapping[str, Any], own: Own, rulings: Rulings, at: datetime, symbol: str | None
) -> Change:
    partition = _partition(module, asked, symbol)
    before = [rulings.in_force(at).policies.get(place, AS_MADE).values for place in _places(module, partition)]
    try:
        taken = policies.overridden(own[module], laid(_together(before), asked))
    except pydantic.ValidationError as broken:
        raise RefusedChange(policies.reason(broken, within=module)) from broken
    return Change(module, _as_taken(asked, taken.model_dump(mode="json")), symbol)


def _partition(module: str, asked: Mapping[str, Any], symbol: str | None) -> str:
    """Return which states of a module a change is for; raises RefusedChange where it has no such states."""
    if module == OF_PEOPLE and symbol is None:
        return ""
    listener = tags.LISTENERS.get(module)
    if listener is None:
        raise RefusedChange(
            f"{module}.{next(iter(asked))}: a feed goes by what it was started with; start it again with another number"
        )
    if FIXED in asked:
        raise RefusedChange(
            f"{module}.{FIXED}: {asked[FIXED]!r}: the book is counted from it since the first turn; "
            "give it to a desk before it begins"
        )
    if symbol is not None and not symbol.strip():
        raise RefusedChange(f"symbol: {symbol!r} names none; leave it out for all symbols")
    if symbol and listener.partition != tags.BY_SYMBOL:
        raise RefusedChange(f"symbol: {symbol!r}: {module} has one policy for all symbols; leave the symbol out")
    return listener.partition_of(symbol)


def _places(module: str, partition: str) -> list[tuple[str, str]]:
    return [(module, ""), (module, partition)] if partition else [(module, "")]


def _together(values: list[Overrides]) -> Overrides:
    under, *over = values
    return laid(under, over[0]) if over else under


def _as_taken(asked: Mapping[str, Any], taken: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was asked for in the types of the policy that took it; what goes back to a default is None."""
    values: dict[str, Any] = {}
    for field, value in asked.items():
        now = taken.get(field)
        if isinstance(value, Mapping) and isinstance(now, Mapping):
            values[field] = _as_taken(value, now)
        else:
            values[field] = None if value is None else now
    return values
