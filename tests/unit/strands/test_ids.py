"""Ids come from their cause: the same cause, the same id; sorted by moment, then by hop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands import ids

MOMENTS = st.integers(0, 253_402_300_799_999_999).map(lambda micros: ids.EPOCH + timedelta(microseconds=micros))
CAUSES = st.lists(st.text(max_size=8), max_size=4)
T0 = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


@given(MOMENTS, st.integers(0, 255), CAUSES)
def test_the_same_cause_gives_the_same_id(at: datetime, hop: int, cause: list[str]) -> None:
    assert ids.strand_id(at, hop, *cause) == ids.strand_id(at, hop, *cause)


@given(MOMENTS, st.integers(0, 255), CAUSES)
def test_an_id_is_a_ulid(at: datetime, hop: int, cause: list[str]) -> None:
    made = ids.strand_id(at, hop, *cause)
    assert len(made) == ids.LENGTH
    assert set(made) <= set(ids.CROCKFORD)
    assert made[0] <= "7"


@given(MOMENTS, CAUSES)
def test_an_id_tells_its_moment_to_the_millisecond(at: datetime, cause: list[str]) -> None:
    told = ids.moment(ids.strand_id(at, 0, *cause))
    assert told is not None
    assert timedelta(0) <= at - told < timedelta(milliseconds=1)


@given(MOMENTS, MOMENTS, st.integers(0, 255), st.integers(0, 255), CAUSES, CAUSES)
def test_ids_sort_by_moment_then_by_hop(
    at: datetime, other: datetime, hop: int, other_hop: int, cause: list[str], other_cause: list[str]
) -> None:
    one, two = ids.strand_id(at, hop, *cause), ids.strand_id(other, other_hop, *other_cause)
    first, second = (ids.milliseconds(at), hop), (ids.milliseconds(other), other_hop)
    if first != second:
        assert (one < two) == (first < second)


def test_causes_are_told_apart_wherever_they_are_cut() -> None:
    assert ids.strand_id(T0, 0, "ab", "c") != ids.strand_id(T0, 0, "a", "bc")


def test_a_chain_longer_than_255_answers_keeps_the_last_hop() -> None:
    assert ids.strand_id(T0, 255, "x") == ids.strand_id(T0, 999, "x")


def test_the_same_moment_in_another_zone_is_the_same_moment() -> None:
    assert ids.strand_id(T0, 0, "x") == ids.strand_id(T0.astimezone(timezone(timedelta(hours=9))), 0, "x")


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match=r"at: .* has no time zone"):
        ids.strand_id(datetime(2026, 1, 5), 0)  # noqa: DTZ001  (the case)


def test_a_moment_before_1970_is_refused() -> None:
    with pytest.raises(ValueError, match=r"at: 1969-12-31T.* lies before 1970"):
        ids.strand_id(datetime(1969, 12, 31, tzinfo=UTC), 0)


@pytest.mark.parametrize(
    "foreign", ["AD_1a2b3c4d5e6f", "", "x" * 26, "8" + "0" * 25, "01ke70decision00000000000a", "Ü" * 26]
)
def test_an_id_of_another_make_tells_no_moment(foreign: str) -> None:
    assert ids.moment(foreign) is None


@given(MOMENTS, CAUSES)
def test_the_lower_bound_of_a_moment_is_the_smallest_id_of_it(at: datetime, cause: list[str]) -> None:
    assert ids.lower_bound(at) <= ids.strand_id(at, 0, *cause)
    before = max(at - timedelta(milliseconds=1), ids.EPOCH)
    if ids.milliseconds(before) < ids.milliseconds(at):
        assert ids.strand_id(before, 255, *cause) < ids.lower_bound(at)


@given(MOMENTS, CAUSES)
def test_a_message_s_key_is_a_uuid_of_version_7_from_its_cause(at: datetime, cause: list[str]) -> None:
    made = UUID(str(ids.message_id(at, *cause)))
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == ids.milliseconds(at)
    assert ids.message_id(at, *cause) == ids.message_id(at, *cause)
    assert UUID(str(ids.lowest_message_id(at))) <= made


def test_a_uuid_comes_from_its_cause() -> None:
    assert ids.uuid_of("module", "dm") == ids.uuid_of("module", "dm") != ids.uuid_of("module", "trader")
