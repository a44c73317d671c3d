"""A ruling: what a person puts in force, a halt or a version or a change of a policy, read from their strand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from strands import tags
from strands.given import DESK, HaltState
from strands.kinds import people, policies
from strands.strand import Strand

HALT, POLICY_CHANGED = people.HALT.name, policies.CHANGED.name
PUBLISHED, WITHDRAWN = policies.PUBLISHED.name, policies.WITHDRAWN.name
#: The policy that people themselves go by: what needs a second person.
OF_PEOPLE = "people"
#: The kinds that put something in force, each with the column that says what.
COLUMNS = {HALT: "op_halt", POLICY_CHANGED: "op_policy", PUBLISHED: "op_policy", WITHDRAWN: "op_policy"}


class RefusedRuling(ValueError):
    """A ruling that breaks a rule: nothing of it is in force, and no other try will find it sound."""


class Ruling(NamedTuple):
    """One ruling as it counts: what it puts in force, for whom, and between which moments."""

    id: str
    kind: str
    says: Mapping[str, Any]
    #: The (listener, partition) whose policies it changes; a partition of "" stands for all.
    addressed: tuple[tuple[str, str], ...]
    begins: datetime | None
    ends: datetime | None
    #: The moment at which it was said.
    at: datetime

    def counts(self, now: datetime) -> bool:
        """Return whether it is in force at a moment of market time."""
        return (self.begins is None or self.begins <= now) and (self.ends is None or now < self.ends)


def read(strand: Strand) -> Ruling:
    """Return a strand as a ruling; raises RefusedRuling naming the field, the value and the rule."""
    column = COLUMNS[strand.kind]
    says = strand.payload.get(column)
    if not isinstance(says, dict):
        raise RefusedRuling(f"{column}: {says!r} is no object; send {_WANTED[strand.kind]}")
    begins, ends = (_moment(column, says, field) for field in ("from", "until"))
    if begins and ends and ends <= begins:
        raise RefusedRuling(
            f"{column}.until: {says['until']!r} is not after from {says['from']!r}; it would never count"
        )
    if strand.kind == HALT:
        _halt_is_sound(says)
        return Ruling(strand.id, HALT, says, (), begins, ends, strand.at)
    if strand.kind in (PUBLISHED, WITHDRAWN):
        addressed = _policy_of(strand, says)
        return Ruling(strand.id, strand.kind, _version_is_sound(strand.kind, says), addressed, begins, ends, strand.at)
    values = {field: value for field, value in says.items() if field not in ("from", "until")}
    return Ruling(strand.id, POLICY_CHANGED, values, _addressed(strand), begins, ends, strand.at)


_WANTED = {
    HALT: "{scope, state}",
    POLICY_CHANGED: "{field: value, …}",
    PUBLISHED: "{policy, number, content, hash}",
    WITHDRAWN: "{policy, number, publication}",
}


def measures_from_here(strand: Strand) -> bool:
    """Return whether a halt's strand asks for losses to be measured from what the book is worth as it is heard.

    Losses are the desk's: a word about any other scope moves none of their references.
    """
    says = strand.payload.get("op_halt")
    if strand.kind != HALT or not isinstance(says, dict):
        return False
    return says.get("scope") == DESK and bool(says.get("measure"))


def _halt_is_sound(says: Mapping[str, Any]) -> None:
    scope, state = says.get("scope"), says.get("state")
    if not isinstance(scope, str) or not _is_scope(scope):
        raise RefusedRuling(
            f"op_halt.scope: {scope!r} is no scope; it is desk, venue:NAME, symbol:NAME or module:NAME "
            f"with one of {', '.join(tags.LISTENERS)}"
        )
    if not isinstance(state, str) or state not in list(HaltState):
        raise RefusedRuling(f"op_halt.state: {state!r} is no state; it is one of {', '.join(HaltState)}")


def _is_scope(scope: str) -> bool:
    sort, _, name = scope.partition(":")
    if scope == DESK:
        return True
    return bool(name) and (sort in ("venue", "symbol") or (sort == "module" and name in tags.LISTENERS))


def _policy_of(strand: Strand, says: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return whose policy a version is: by its name and not by tags, to which anybody may add."""
    policy = says.get("policy")
    if policy == OF_PEOPLE and not strand.symbol:
        return ((OF_PEOPLE, ""),)
    if not isinstance(policy, str) or policy not in tags.LISTENERS:
        raise RefusedRuling(
            f"op_policy.policy: {policy!r} is no policy; it is {OF_PEOPLE} for all symbols, "
            f"or one of {', '.join(tags.LISTENERS)}"
        )
    return ((policy, tags.LISTENERS[policy].partition_of(strand.symbol)),)


def _version_is_sound(kind: str, says: Mapping[str, Any]) -> Mapping[str, Any]:
    if kind == WITHDRAWN:
        if not isinstance(says.get("publication"), str):
            raise RefusedRuling(f"op_policy.publication: {says.get('publication')!r} is no id of a publication")
        return says
    if not isinstance(says.get("content"), dict):
        raise RefusedRuling(f"op_policy.content: {says.get('content')!r} is no object; send {{field: value, …}}")
    return says


def _addressed(strand: Strand) -> tuple[tuple[str, str], ...]:
    """Return whose policies a strand changes: the listeners its tags name, of one symbol where it names one."""
    named = [tag.partition(":")[0] for tag in strand.tags if tag in _ADDRESSES]
    if not named:
        raise RefusedRuling(
            f"tags: {list(strand.tags)} names no module whose policy changes; add {' or '.join(_ADDRESSES)}"
        )
    return tuple((name, tags.LISTENERS[name].partition_of(strand.symbol)) for name in named)


#: Whom a change of policy may be addressed to.
_ADDRESSES = tags.addressed(POLICY_CHANGED)


def _moment(column: str, says: Mapping[str, Any], field: str) -> datetime | None:
    text = says.get(field)
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        at = None
    if at is None or at.tzinfo is None:
        raise RefusedRuling(f"{column}.{field}: {text!r} is no moment; write 2026-11-20T18:00:00Z, with its zone")
    return at
