"""What a turn is given besides its strand: the moment, what people have put in force, which instance hears it.

People put things in force by *rulings*: a halt, or a change of a module's policy. A ruling counts from the first turn
that is taken after it was said, for every module and every symbol, also one first heard of later; one that carries
``from`` or ``until`` counts between those moments of market time. A turn's record names the last ruling that was known
to it, so that the same ``Given`` can be made again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from strands import roots, tags
from strands.strand import Strand

HALT, POLICY_CHANGED = "halt", "policy_changed"
#: The kinds that put something in force, each with the column that says what.
RULINGS = {HALT: "op_halt", POLICY_CHANGED: "op_policy"}

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


class RefusedRuling(ValueError):
    """A ruling that breaks a rule: nothing of it is in force, and no other try will find it sound."""


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


#: Refuse what a module's policy could not take: raises ValueError with the field, the value and the rule.
Check = Callable[[str, Overrides], object]


class Ruling(NamedTuple):
    """One ruling as it counts: what it puts in force, for whom, and between which moments."""

    id: str
    kind: str
    says: Mapping[str, Any]
    #: The (listener, partition) whose policies it changes; a partition of "" stands for all.
    addressed: tuple[tuple[str, str], ...]
    begins: datetime | None
    ends: datetime | None

    def counts(self, now: datetime) -> bool:
        """Return whether it is in force at a moment of market time."""
        return (self.begins is None or self.begins <= now) and (self.ends is None or now < self.ends)


class InForce(NamedTuple):
    """What is in force at one moment: halts by scope, versions of policies by listener and partition."""

    halts: Halts
    policies: Mapping[tuple[str, str], PolicyVersion]


class Rulings:
    """The fold of what people put in force, in the order they said it.

    ``check`` refuses overrides that a module's policy could not take; a refused ruling changes nothing, and
    ``refused`` keeps its reason by its id.
    """

    def __init__(self, said: Iterable[Strand] = (), *, check: Check | None = None) -> None:
        self.last = ""
        self.refused: dict[str, str] = {}
        self._check = check
        self._rulings: list[Ruling] = []
        #: Every ruling known, refused or not, in the order it was said.
        self._order: dict[str, int] = {}
        self._edges: list[datetime] = []
        self._known: dict[int, InForce] = {}
        self._parts: dict[tuple[int, str, str], tuple[str, Halts, PolicyVersion, str]] = {}
        for strand in said:
            self.add(strand)

    def copy(self) -> Rulings:
        """Return the same rulings, to which more may be added apart."""
        other = Rulings(check=self._check)
        other.last, other.refused = self.last, dict(self.refused)
        other._rulings, other._edges, other._order = list(self._rulings), list(self._edges), dict(self._order)
        return other

    def add(self, strand: Strand) -> None:
        """Let one more ruling count; a strand of another kind, and one known already, change nothing."""
        if strand.kind not in RULINGS or strand.id in self._order:
            return
        self.last = strand.id
        self._order[strand.id] = len(self._order)
        self._known.clear()
        self._parts.clear()
        try:
            ruling = _read(strand)
            self._checked(ruling)
        except ValueError as broken:
            self.refused[strand.id] = str(broken)
            return
        self._rulings.append(ruling)
        self._edges = sorted({*self._edges, *(edge for edge in (ruling.begins, ruling.ends) if edge)})

    def given(self, now: datetime, listener: str, partition: str = "") -> Given:
        """Return what a turn of a listener's partition is given at a moment."""
        place = bisect_right(self._edges, now) if self._edges else 0
        key = place, listener, partition
        part = self._parts.get(key)
        if part is None:
            part = self._parts[key] = self._part(now, place, listener, partition)
        return Given(now, *part)

    def refuse(self, strand: Strand) -> None:
        """Raise RefusedRuling where a strand is a ruling that was refused, so that a person sees it set aside."""
        if (reason := self.refused.get(strand.id)) is not None:
            raise RefusedRuling(reason)

    def in_force(self, now: datetime) -> InForce:
        """Return what is in force at a moment, for every module."""
        place = bisect_right(self._edges, now)
        known = self._known.get(place)
        if known is None:
            known = self._known[place] = _fold(each for each in self._rulings if each.counts(now))
        return known

    def _part(self, now: datetime, place: int, listener: str, partition: str) -> tuple[str, Halts, PolicyVersion, str]:
        in_force = self.in_force(now)
        return instance_of(listener), in_force.halts, self._of_partition(in_force, listener, partition), self.last

    def _of_partition(self, in_force: InForce, listener: str, partition: str) -> PolicyVersion:
        """Return the version of one partition: its own values laid over those for all."""
        whole = in_force.policies.get((listener, ""), AS_MADE)
        own = in_force.policies.get((listener, partition), AS_MADE) if partition else AS_MADE
        if not own.id:
            return whole
        if not whole.id:
            return own
        return _version(max(whole.id, own.id, key=self._order.__getitem__), laid(whole.values, own.values))

    def _checked(self, ruling: Ruling) -> None:
        """Raise ValueError where a change of policy would leave values that its module could not take.

        It may do so at one moment and not at another, when one that it agrees with has ended, and for one symbol and
        not for another, whose own values it does not go with.
        """
        if self._check is None or ruling.kind != POLICY_CHANGED:
            return
        together = [*self._rulings, ruling]
        edges = (edge for each in together for edge in (each.begins, each.ends) if edge)
        for moment in sorted({_BEFORE_ALL, *edges}):
            if ruling.counts(moment):
                after = _fold(each for each in together if each.counts(moment))
                for listener, partition in _concerned(after, ruling):
                    self._check(listener, self._of_partition(after, listener, partition).values)


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


#: A moment before any edge.
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


def _concerned(after: InForce, ruling: Ruling) -> Iterator[tuple[str, str]]:
    """Yield whose policies a ruling touches: where it is for all, also those that have values of their own."""
    for listener, partition in ruling.addressed:
        yield listener, partition
        if not partition:
            yield from (place for place in after.policies if place[0] == listener and place[1])


def _fold(rulings: Iterable[Ruling]) -> InForce:
    halts: dict[str, HaltState] = {}
    policies: dict[tuple[str, str], PolicyVersion] = {}
    for ruling in rulings:
        if ruling.kind == HALT:
            scope, state = ruling.says["scope"], HaltState(ruling.says["state"])
            halts.pop(scope, None)
            halts |= {scope: state} if state is not HaltState.ACTIVE else {}
            continue
        for place in ruling.addressed:
            policies[place] = _version(ruling.id, laid(policies.get(place, AS_MADE).values, ruling.says))
    return InForce(halts, policies)


def _version(identity: str, values: Overrides) -> PolicyVersion:
    return PolicyVersion(identity, values, repr(values))


def _read(strand: Strand) -> Ruling:
    """Return a strand as a ruling; raises RefusedRuling naming the field, the value and the rule."""
    column = RULINGS[strand.kind]
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
        return Ruling(strand.id, HALT, says, (), begins, ends)
    values = {field: value for field, value in says.items() if field not in ("from", "until")}
    return Ruling(strand.id, POLICY_CHANGED, values, _addressed(strand), begins, ends)


_WANTED = {HALT: "{scope, state}", POLICY_CHANGED: "{field: value, …}"}


def _halt_is_sound(says: Mapping[str, Any]) -> None:
    scope, state = says.get("scope"), says.get("state")
    if not isinstance(scope, str) or not _is_scope(scope):
        raise RefusedRuling(
            f"op_halt.scope: {scope!r} is no scope; it is desk, venue:NAME, symbol:NAME or module:NAME "
            f"with one of {', '.join(tags.LISTENERS)}"
        )
    if not isinstance(state, str) or state not in _STRICTNESS:
        raise RefusedRuling(f"op_halt.state: {state!r} is no state; it is one of {', '.join(HaltState)}")


def _is_scope(scope: str) -> bool:
    sort, _, name = scope.partition(":")
    if scope == DESK:
        return True
    return bool(name) and (sort in ("venue", "symbol") or (sort == "module" and name in tags.LISTENERS))


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
