"""Whether the chain of audit records is whole: what is changed, missing, reordered, forked or cut off, by name.

It hashes what is stored anew, by itself and not by the database's own function: who could replace that one could
have it agree with anything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

GENESIS = "0" * 64
#: The action that records that the oldest part was cut off, and by what its ``after`` names the edge.
CUT = "cut"
#: Among so many records that do not fit, it is still looked for which stand in each other's place.
MOST_COMPARED = 500
#: So many missing numbers are named one by one.
MOST_NAMED = 1_000


class Record(NamedTuple):
    """A record as it is stored: ``texts`` are the texts that are hashed between number and previous."""

    number: int
    texts: Sequence[str | None]
    previous: str
    hash: str

    @property
    def action(self) -> str | None:
        return self.texts[ACTION]


#: Where the action and what was after stand among a record's texts.
ACTION, AFTER = 6, 10


class Wrong(StrEnum):
    """What can be wrong with a chain; ``cut`` is not, when it is recorded."""

    CHANGED = "changed"
    MISSING = "missing"
    REORDERED = "reordered"
    FORKED = "forked"
    CUT = "cut by retention"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, from which record to which, and how it shows."""

    what: Wrong
    first: int
    last: int
    told: str

    def __str__(self) -> str:
        numbers = f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"
        return f"{self.what}: {numbers}: {self.told}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a chain ends, or ended when somebody noted it."""

    number: int
    hash: str


def digest(record: Record, *, number: int | None = None) -> str:
    """Return the hash that a record's content has, at its own place or at another."""
    place = record.number if number is None else number
    text = json.dumps([str(place), *record.texts, record.previous], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def findings(records: Iterable[Record], *, head: Head | None, noted: Iterable[Head] = ()) -> list[Finding]:
    """Return what is wrong with records in the order of their numbers, the chain's head beside them.

    ``noted`` are heads that somebody kept elsewhere: each must still be in the chain.
    """
    walk = _Walk(noted={each.number: each.hash for each in noted})
    for record in records:
        walk.see(record)
    return sorted(walk.ended(head), key=lambda finding: (finding.first, finding.last, finding.what))


class _Walk:
    """One pass over the chain, which keeps no more than what does not fit."""

    def __init__(self, *, noted: Mapping[int, str]) -> None:
        self.noted = dict(noted)
        self.found: list[Finding] = []
        self.unlike: list[Record] = []
        self.missing: list[range] = []
        self.cuts: dict[int, str] = {}
        self.first: Record | None = None
        self.before: Record | None = None
        self.fits = True

    def see(self, record: Record) -> None:
        if self.first is None:
            self.first = record
        self._gap(record)
        fits = digest(record) == record.hash
        if not fits:
            self.unlike.append(record)
        self._link(record, fits=fits)
        if record.action == CUT and fits:
            edge = json.loads(record.texts[AFTER] or "{}")
            self.cuts[int(edge.get("through", -1))] = str(edge.get("hash"))
        noted = self.noted.pop(record.number, None)
        if noted is not None and noted != record.hash:
            self._find(Wrong.CHANGED, record.number, "it is not the record that was noted under this number")
        self.before, self.fits = record, fits

    def ended(self, head: Head | None) -> list[Finding]:
        self._tail(head)
        self._beginning()
        for number in self.noted:
            if not any(number in gap for gap in self.missing) and not self._is_cut(number):
                self.missing.append(range(number, number + 1))
        self._unlike()
        for gap in self.missing:
            self.found.append(Finding(Wrong.MISSING, gap[0], gap[-1], "no such record is there"))
        return self.found

    def _gap(self, record: Record) -> None:
        if self.before is not None and record.number > self.before.number + 1:
            self.missing.append(range(self.before.number + 1, record.number))

    def _link(self, record: Record, *, fits: bool) -> None:
        """Tell where a record does not follow from the one before it, though both are as they were written."""
        before = self.before
        if before is None or not (fits and self.fits) or record.number != before.number + 1:
            return
        if record.previous == before.previous:
            self._find(Wrong.FORKED, record.number, f"it follows the same record as {before.number} does")
        elif record.previous != before.hash:
            self._find(Wrong.CHANGED, before.number, f"{record.number} was chained to another one in its place")

    def _tail(self, head: Head | None) -> None:
        last = self.before.number if self.before is not None else 0
        if head is None:
            if last:
                self._find(Wrong.MISSING, last, "the head of the chain, which names its last record, is not there")
        elif head.number > last:
            self.missing.append(range(last + 1, head.number + 1))
        elif head.number < last or (self.before is not None and head.hash != self.before.hash):
            self._find(
                Wrong.CHANGED, last, f"the chain's head names {head.number} as the last record, with another hash"
            )

    def _beginning(self) -> None:
        first = self.first
        if first is None or first.number == 1:
            if first is not None and first.previous != GENESIS:
                self._find(Wrong.CHANGED, 1, "it follows another record, and is the first")
            return
        edge = first.number - 1
        if self.cuts.get(edge) == first.previous:
            self.found.append(Finding(Wrong.CUT, 1, edge, "its owner cut it off, which is recorded"))
        else:
            self.missing.append(range(1, first.number))

    def _is_cut(self, number: int) -> bool:
        return any(each.what is Wrong.CUT and number <= each.last for each in self.found)

    def _unlike(self) -> None:
        """Tell those that stand in another's place from those whose content was changed."""
        gaps = islice((number for gap in self.missing for number in gap), MOST_NAMED)
        places = [*(each.number for each in self.unlike[:MOST_COMPARED]), *gaps]
        for record in self.unlike:
            meant = next(_places(record, places), None) if len(self.unlike) <= MOST_COMPARED else None
            if meant is None:
                self._find(Wrong.CHANGED, record.number, "its content is not what was written")
            else:
                self._find(Wrong.REORDERED, record.number, f"it was written as {meant}")

    def _find(self, what: Wrong, number: int, told: str) -> None:
        self.found.append(Finding(what, number, number, told))


def _places(record: Record, places: Sequence[int]) -> Iterator[int]:
    """Yield the places at which a record's content has its hash."""
    return (place for place in places if place != record.number and digest(record, number=place) == record.hash)
