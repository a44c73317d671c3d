"""Automatic halts: what stops new entries by itself, until a person lets the scope trade again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import NamedTuple

from portfolio import limits
from strands import figures
from strands.given import DESK, HaltState
from strands.rulings import automatic
from strands.strand import Strand
from tradingops.modules.risk.data_age import DataAge
from tradingops.modules.risk.policy import RiskPolicy
from tradingops.modules.risk.venue_errors import Errors

STALE_DATA, VENUE_ERRORS = "stale_data", "venue_errors"


class Reached(NamedTuple):
    """A rule that is broken for a scope, its value and limit, why in words, and what is done about it."""

    rule: str
    scope: str
    state: HaltState
    value: float
    limit: float
    reason: str

    @property
    def key(self) -> str:
        """What tells this breach from others while it lasts; a limit of the book is the desk's alone."""
        return f"{self.rule} of {self.scope}" if self.rule in (STALE_DATA, VENUE_ERRORS) else self.rule

    def to_json(self) -> dict[str, object]:
        """Return the breach as an update tells it."""
        return {"rule": self.rule, "scope": self.scope, "value": self.value, "limit": self.limit, "reason": self.reason}


def of_limits(uses: Iterable[limits.Use], policy: RiskPolicy) -> list[Reached]:
    """Return the limits of the book that the policy halts the desk for, and that are reached: exactly is enough."""
    states = policy.halting
    return [
        _of_limit(each, HaltState(states[each.limit.name]))
        for each in uses
        if states.get(each.limit.name) and each.share is not None and each.share >= 1
    ]


def of_faults(ages: DataAge, errors: Errors, policy: RiskPolicy) -> list[Reached]:
    """Return the symbols whose data is stale, or the desk where all are, and the venues that failed too often."""
    if not (ages.stale or errors):
        return []
    return [*_of_data(ages, policy), *_of_venues(errors, policy)]


def told(update: Strand, found: Iterable[Reached], *, halted_for: Set[str]) -> list[dict[str, object]]:
    """Return how an update tells of the halts for what is reached, but for what has halted its scope already."""
    new = [each for each in found if each.key not in halted_for]
    return [automatic.told(update, _says(each), nth=nth) for nth, each in enumerate(new)]


def keys(found: Iterable[Reached]) -> frozenset[str]:
    """Return what tells these breaches apart."""
    return frozenset(each.key for each in found)


def is_fault(key: str) -> bool:
    """Return whether a key is that of a fault of data or venue, and not of a limit of the book."""
    return " of " in key


def _of_limit(use: limits.Use, state: HaltState) -> Reached:
    name, most, value = use.limit.name, use.limit.maximum, round(use.value or 0.0, 8)
    return Reached(name, DESK, state, value, most, f"{name} is {value:.4%}, its limit {most:.4%}")


def _of_data(ages: DataAge, policy: RiskPolicy) -> list[Reached]:
    if policy.on_stale_data == "nothing" or not ages.stale:
        return []
    if ages.are_all_stale:
        oldest = max(ages.stale, key=lambda symbol: (ages.stale[symbol], symbol))
        return [_of_symbol(DESK, f"the data of every symbol, {oldest} first,", oldest, ages, policy)]
    return [_of_symbol(f"symbol:{each}", f"the data of {each}", each, ages, policy) for each in sorted(ages.stale)]


def _of_symbol(scope: str, what: str, symbol: str, ages: DataAge, policy: RiskPolicy) -> Reached:
    heard, age = ages.heard[symbol], ages.stale[symbol]
    limit = policy.stale_after_bars * heard.seconds
    why = f"{figures.span(age)} old, its limit {figures.span(limit)}" if heard.is_sound else "wrong: a bar has no price"
    return Reached(STALE_DATA, scope, HaltState(policy.on_stale_data), age, limit, f"{what} is {why}")


def _of_venues(errors: Mapping[str, tuple[object, ...]], policy: RiskPolicy) -> list[Reached]:
    if policy.on_venue_errors == "nothing":
        return []
    most, within = policy.most_venue_errors, f"{policy.venue_error_minutes} min"
    return [
        Reached(
            VENUE_ERRORS,
            f"venue:{venue}",
            HaltState(policy.on_venue_errors),
            len(moments),
            most,
            f"{venue} failed {len(moments)} times within {within}, its limit {most}",
        )
        for venue, moments in sorted(errors.items())
        if len(moments) >= most
    ]


def _says(each: Reached) -> dict[str, object]:
    return automatic.says(
        scope=each.scope, state=each.state, rule=each.rule, value=each.value, limit=each.limit, reason=each.reason
    )
