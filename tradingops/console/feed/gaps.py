"""Which numbers of the one sequence have been seen, where numbers do not arrive in order.

A number is drawn when a strand is written and seen when its transaction commits, so a smaller one may come later. A
missing number is asked for again until it can never come: every transaction that ran when it was missed has ended. The
database tells, by the oldest transaction that still runs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from tradingops.console.feed.frames import Row
from tradingops.console.feed.policy import StreamPolicy


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one reading saw: every transaction below ``oldest`` has ended, and none from ``next`` on has begun."""

    oldest: int
    next: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers from ``low`` to ``high`` that were missing at ``since`` [s] in a snapshot with this ``next``."""

    low: int
    high: int
    since: float
    next: int


@dataclass(slots=True)
class Tally:
    """The numbers seen so far: all up to ``last`` but the gaps."""

    policy: StreamPolicy
    last: int | None = None
    gaps: list[Gap] = field(default_factory=list)

    @property
    def settled(self) -> int:
        """The number up to which everything that will ever be said has been seen."""
        return self.gaps[0].low - 1 if self.gaps else self.last or 0

    def fresh(self, rows: Iterable[Row], *, snapshot: Snapshot, now: float) -> list[Row]:
        """Return the rows not seen before in the order of their numbers, and remember them and what is missing."""
        return [row for row in sorted(rows, key=_said) if self._see(row.said, snapshot, now)]

    def spans(self) -> tuple[list[int], list[int]]:
        """Return the first and last numbers to ask for again; too many spans are asked for as fewer, wider ones."""
        if len(self.gaps) <= self.policy.most_spans:
            return [gap.low for gap in self.gaps], [gap.high for gap in self.gaps]
        size = -(-len(self.gaps) // self.policy.most_spans)
        groups = [self.gaps[start : start + size] for start in range(0, len(self.gaps), size)]
        return [group[0].low for group in groups], [group[-1].high for group in groups]

    def settle(self, *, snapshot: Snapshot, now: float) -> None:
        """Give up what the same snapshot was asked for in vain and no running transaction can still bring."""
        self.gaps = [gap for gap in self.gaps if not self._is_hopeless(gap, snapshot, now)]

    def _is_hopeless(self, gap: Gap, snapshot: Snapshot, now: float) -> bool:
        # A transaction draws its number a moment before it is numbered itself, hence the least age.
        age = now - gap.since
        ended = snapshot.oldest >= gap.next and age >= self.policy.settle_seconds
        return ended or age >= self.policy.most_missing_seconds

    def _see(self, number: int, snapshot: Snapshot, now: float) -> bool:
        if self.last is None or number > self.last:
            if self.last is not None and number > self.last + 1:
                self.gaps.append(Gap(self.last + 1, number - 1, now, snapshot.next))
            self.last = number
            return True
        return self._fill(number)

    def _fill(self, number: int) -> bool:
        """Take a number out of the gaps; return whether it was missing."""
        place = bisect_right(self.gaps, number, key=_low) - 1
        if place < 0 or number > self.gaps[place].high:
            return False
        gap = self.gaps[place]
        sides = (gap.low, number - 1), (number + 1, gap.high)
        self.gaps[place : place + 1] = [Gap(low, high, gap.since, gap.next) for low, high in sides if low <= high]
        return True


def _said(row: Row) -> int:
    return row.said


def _low(gap: Gap) -> int:
    return gap.low
