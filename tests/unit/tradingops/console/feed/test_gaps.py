"""Numbers that come out of order are each seen once, and none is waited for that cannot come."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tradingops.console.feed.frames import Row
from tradingops.console.feed.gaps import Snapshot, Tally
from tradingops.console.feed.policy import StreamPolicy

POLICY = StreamPolicy(settle_seconds=0)
QUIET = Snapshot(oldest=1, next=1)


def rows(*numbers: int) -> list[Row]:
    return [Row(strand_table="ad_strands", said=number, id=str(number), read=[]) for number in numbers]


def said(found: list[Row]) -> list[int]:
    return [row.said for row in found]


def a_tally(*numbers: int, snapshot: Snapshot = QUIET, policy: StreamPolicy = POLICY) -> Tally:
    tally = Tally(policy, last=0)
    tally.fresh(rows(*numbers), snapshot=snapshot, now=0)
    return tally


def test_a_number_that_was_skipped_is_asked_for_again() -> None:
    assert a_tally(1, 2, 5, 9).spans() == ([3, 6], [4, 8])


def test_a_late_number_is_fresh_once() -> None:
    tally = a_tally(1, 3)
    assert said(tally.fresh(rows(2), snapshot=QUIET, now=1)) == [2]
    assert said(tally.fresh(rows(2), snapshot=QUIET, now=1)) == []


def test_a_late_number_splits_its_gap() -> None:
    tally = a_tally(1, 9)
    tally.fresh(rows(5), snapshot=QUIET, now=1)
    assert tally.spans() == ([2, 6], [4, 8])


def test_everything_before_the_first_gap_is_settled() -> None:
    assert a_tally(1, 2, 5).settled == 2
    assert a_tally(1, 2, 3).settled == 3


def test_a_number_is_waited_for_while_a_transaction_that_may_bring_it_runs() -> None:
    tally = a_tally(1, 3, snapshot=Snapshot(oldest=10, next=12))
    tally.settle(snapshot=Snapshot(oldest=11, next=14), now=60)
    assert tally.settled == 1
    tally.settle(snapshot=Snapshot(oldest=12, next=14), now=61)
    assert tally.settled == 3


def test_a_number_is_waited_for_as_long_as_its_transaction_may_have_none_of_its_own() -> None:
    tally = a_tally(1, 3, policy=StreamPolicy(settle_seconds=5))
    tally.settle(snapshot=QUIET, now=4)
    assert tally.settled == 1
    tally.settle(snapshot=QUIET, now=5)
    assert tally.settled == 3


def test_a_number_is_not_waited_for_for_ever() -> None:
    tally = a_tally(1, 3, snapshot=Snapshot(oldest=1, next=9), policy=StreamPolicy(most_missing_seconds=100))
    tally.settle(snapshot=Snapshot(oldest=1, next=99), now=100)
    assert tally.gaps == []


def test_many_gaps_are_asked_for_in_few_spans_that_cover_them() -> None:
    tally = a_tally(*range(2, 400, 2), policy=StreamPolicy(most_spans=10))
    lows, highs = tally.spans()
    assert len(lows) <= 10
    missing = {gap.low for gap in tally.gaps}
    assert missing <= {number for low, high in zip(lows, highs, strict=True) for number in range(low, high + 1)}


@dataclass(frozen=True)
class Spoken:
    """A strand: in which round its transaction ends, and whether it is kept."""

    ends: int
    kept: bool


@given(st.lists(st.builds(Spoken, st.integers(0, 8), st.booleans()), min_size=1, max_size=40), st.integers(1, 10))
def test_whatever_the_order_of_commits_each_strand_is_seen_once_and_all_settles(told: list[Spoken], page: int) -> None:
    numbered = list(enumerate(told, start=1))
    tally, seen = Tally(POLICY, last=0), list[int]()
    for moment in range(60):
        running = [number for number, each in numbered if each.ends > moment]
        snapshot = Snapshot(oldest=min(running, default=len(told) + 1), next=len(told) + 1)
        visible = [number for number, each in numbered if each.kept and each.ends <= moment]
        asked = set[int]().union(*(range(low, high + 1) for low, high in zip(*tally.spans(), strict=True)))
        late = [number for number in visible if number in asked]
        new = [number for number in visible if number > (tally.last or 0)][:page]
        seen += said(tally.fresh(rows(*late, *new), snapshot=snapshot, now=moment))
        tally.settle(snapshot=snapshot, now=moment)
    assert sorted(seen) == [number for number, each in numbered if each.kept]
    assert tally.settled == max(seen, default=0)
