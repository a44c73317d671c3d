"""The rulings: what people have put in force, folded in the order they said it.

A ruling counts from the first turn that is taken after it was said, for every module and every symbol, also one first
heard of later; one that carries ``from`` or ``until`` counts between those moments of market time. A version of a
policy replaces what was in force, whole, and a change is laid over it: of versions the one said last among those that
count is in force, so that what was before counts again when one ends. A turn's record
names the last ruling that was known to it, so that the same ``Given`` can be made again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from strands.given import AS_MADE, Given, Halts, HaltState, Overrides, PolicyVersion, instance_of, laid
from strands.rulings import ruling as reading
from strands.rulings.ruling import HALT, PUBLISHED, WITHDRAWN, RefusedRuling, Ruling
from strands.strand import Strand

#: Refuse what a module's policy could not take: raises ValueError with the field, the value and the rule.
Check = Callable[[str, Overrides], object]


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
        if strand.kind not in reading.COLUMNS or strand.id in self._order:
            return
        self._note(strand.id)
        try:
            ruling = reading.read(strand)
            self._undoes_what_is_to_come(ruling)
            _fold([ruling])
            self._checked(ruling)
        # Whatever anybody wrote: a ruling that cannot be read may not keep a single turn from being taken.
        except (ValueError, TypeError, KeyError, RecursionError) as broken:
            self.refused[strand.id] = str(broken)
            return
        self._rulings.append(ruling)
        self._edges = sorted({*self._edges, *(edge for edge in (ruling.begins, ruling.ends) if edge)})

    def add_unread(self, identity: str, reason: str) -> None:
        """Let a ruling be known that could not be read: it is refused, and changes nothing."""
        self._note(identity)
        self.refused[identity] = reason

    def given(self, now: datetime, listener: str, partition: str = "") -> Given:
        """Return what a turn of a listener's partition is given at a moment."""
        place = bisect_right(self._edges, now) if self._edges else 0
        key = place, listener, partition
        part = self._parts.get(key)
        if part is None:
            part = self._parts[key] = self._part(now, place, listener, partition)
        # A turn of each bar of a replay asks for one: the tuple is made without the call that names its fields.
        return tuple.__new__(Given, (now, *part))

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

    def _note(self, identity: str) -> None:
        self.last = identity
        self._order[identity] = len(self._order)
        self._known.clear()
        self._parts.clear()

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

    def _undoes_what_is_to_come(self, ruling: Ruling) -> None:
        """Raise RefusedRuling where a withdrawal is not of a publication of the same policy that is yet to count."""
        if ruling.kind != WITHDRAWN:
            return
        named = ruling.says["publication"]
        found = next((each for each in self._rulings if each.id == named and each.kind == PUBLISHED), None)
        if found is None or found.addressed != ruling.addressed:
            raise RefusedRuling(f"op_policy.publication: {named!r} is no publication of this policy")
        if found.begins is None or found.begins <= ruling.at:
            raise RefusedRuling(
                f"op_policy.publication: {named!r} counts already at {ruling.at.isoformat()}; publish another version"
            )

    def _checked(self, ruling: Ruling) -> None:
        """Raise ValueError where a change of policy would leave values that its module could not take.

        It may do so at one moment and not at another, when one that it agrees with has ended, and for one symbol and
        not for another, whose own values it does not go with.
        """
        if self._check is None or ruling.kind == HALT:
            return
        together = [*self._rulings, ruling]
        edges = (edge for each in together for edge in (each.begins, each.ends) if edge)
        for moment in sorted({_BEFORE_ALL, *edges}):
            if ruling.counts(moment):
                after = _fold(each for each in together if each.counts(moment))
                for listener, partition in _concerned(after, ruling):
                    self._check(listener, self._of_partition(after, listener, partition).values)


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
    rulings = list(rulings)
    undone = {each.says["publication"] for each in rulings if each.kind == WITHDRAWN}
    for ruling in rulings:
        if ruling.kind == WITHDRAWN or ruling.id in undone:
            continue
        if ruling.kind == HALT:
            scope, state = ruling.says["scope"], HaltState(ruling.says["state"])
            halts.pop(scope, None)
            halts |= {scope: state} if state is not HaltState.ACTIVE else {}
            continue
        for place in ruling.addressed:
            if ruling.kind == PUBLISHED:
                policies[place] = _version(ruling.id, laid({}, ruling.says["content"]))
                continue
            policies[place] = _version(ruling.id, laid(policies.get(place, AS_MADE).values, ruling.says))
    return InForce(halts, policies)


def _version(identity: str, values: Overrides) -> PolicyVersion:
    return PolicyVersion(identity, values, repr(values))
