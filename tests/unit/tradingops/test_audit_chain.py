"""The chain of the audit: what was done to it is named, by what it is and where."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingops.audit import chain
from tradingops.audit.chain import Head, Record, Wrong

TEXTS = ("2026-03-01T00:00:00.000001", "ada", "7", "203.0.113.7", "POST /x/", "desk", "insert", "auth_user", "7", None)


def a_record(number: int, previous: str, *, word: str = "", **cut: Any) -> Record:
    texts: list[str | None] = [*TEXTS, json.dumps({"word": word or str(number)})]
    if cut:
        texts[chain.ACTION], texts[chain.AFTER] = chain.CUT, json.dumps(cut)
    bare = Record(number, texts, previous, "")
    return bare._replace(hash=chain.digest(bare))


def a_chain(length: int) -> list[Record]:
    records: list[Record] = []
    for number in range(1, length + 1):
        records.append(a_record(number, records[-1].hash if records else chain.GENESIS))
    return records


def told(records: Sequence[Record], head: Record | None = None, **noted: Any) -> list[tuple[str, int, int]]:
    end = head or records[-1]
    found = chain.findings(records, head=Head(number=end.number, hash=end.hash), **noted)
    return [(each.what.value, each.first, each.last) for each in found]


WHOLE = a_chain(9)


def test_a_chain_as_it_was_written_has_nothing_wrong():
    assert told(WHOLE) == []
    assert chain.findings([], head=None) == []


@pytest.mark.parametrize("nth", range(9))
def test_a_changed_record_is_named(nth):
    texts = list(WHOLE[nth].texts)
    texts[1] = "somebody else"
    changed = [*WHOLE]
    changed[nth] = WHOLE[nth]._replace(texts=texts)
    assert told(changed) == [("changed", nth + 1, nth + 1)]


def test_a_record_that_was_written_anew_with_its_hash_is_named():
    anew = [*WHOLE[:4], a_record(5, WHOLE[3].hash, word="other"), *WHOLE[5:]]
    assert told(anew) == [("changed", 5, 5)]


@pytest.mark.parametrize("nth", range(9))
def test_a_missing_record_is_named(nth):
    left = [*WHOLE[:nth], *WHOLE[nth + 1 :]]
    assert told(left, head=WHOLE[-1]) == [("missing", nth + 1, nth + 1)]


def test_records_that_are_all_gone_are_missing():
    assert told([], head=WHOLE[-1]) == [("missing", 1, 9)]


def test_records_that_changed_places_are_named_with_their_own():
    swapped = [*WHOLE[:3], WHOLE[4]._replace(number=4), WHOLE[3]._replace(number=5), *WHOLE[5:]]
    assert told(swapped) == [("reordered", 4, 4), ("reordered", 5, 5)]
    moved = [*WHOLE[:3], *(each._replace(number=each.number - 1) for each in WHOLE[4:7]), *WHOLE[7:]]
    assert told(moved) == [("reordered", 4, 4), ("reordered", 5, 5), ("reordered", 6, 6), ("missing", 7, 7)]


def test_a_second_chain_is_named():
    fork = a_record(5, WHOLE[2].hash, word="other")
    assert told([*WHOLE[:4], fork], head=fork) == [("forked", 5, 5)]


def test_a_part_cut_off_with_a_record_of_it_is_told_as_such_and_one_without_is_missing():
    cut = a_record(10, WHOLE[-1].hash, through=4, hash=WHOLE[3].hash)
    assert told([*WHOLE[4:], cut]) == [(Wrong.CUT.value, 1, 4)]
    assert told([*WHOLE[5:], cut]) == [("missing", 1, 5)]
    assert told(WHOLE[4:]) == [("missing", 1, 4)]


def test_a_chain_written_anew_from_end_to_end_is_shown_by_a_head_that_was_kept():
    anew = [a_record(1, chain.GENESIS, word="other")]
    for number in range(2, 10):
        anew.append(a_record(number, anew[-1].hash))
    assert told(anew) == []
    assert told(anew, noted=[Head(number=6, hash=WHOLE[5].hash)]) == [("changed", 6, 6)]
    assert told(WHOLE, noted=[Head(number=6, hash=WHOLE[5].hash)]) == []
    assert told(WHOLE, noted=[Head(number=12, hash=WHOLE[5].hash)]) == [("missing", 12, 12)]


def test_a_head_that_names_another_end_is_told():
    assert told(WHOLE[:8], head=WHOLE[-1]) == [("missing", 9, 9)]
    assert told(WHOLE, head=WHOLE[7]) == [("changed", 9, 9)]
    assert [each.what for each in chain.findings(WHOLE, head=None)] == [Wrong.MISSING]


@given(st.lists(st.sampled_from(["drop", "change", "swap"]), min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_whatever_is_done_to_it_something_is_told(acts, dice):
    records = [*WHOLE]
    for act in acts:
        nth = dice.randrange(len(records) - 1)
        if act == "drop":
            del records[nth]
        elif act == "change":
            records[nth] = records[nth]._replace(texts=[*records[nth].texts[:-1], f"{dice.random()}"])
        else:
            one, other = records[nth], records[nth + 1]
            records[nth : nth + 2] = [other._replace(number=one.number), one._replace(number=other.number)]
    assert (told(records, head=WHOLE[-1]) == []) is (records == WHOLE)
