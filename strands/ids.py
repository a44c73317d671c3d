"""Strand ids: ULIDs whose random part is derived from the strand's cause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from struct import Struct
from uuid import UUID, uuid5

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26
MAX_HOP = 255
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMESPACE = UUID("6f1b5f0e-5f3a-5d0c-9a41-0b3c5f6d7e80")

_PAIRS = [high + low for high in CROCKFORD for low in CROCKFORD]
_MILLISECOND = timedelta(milliseconds=1)
_LOW_40 = (1 << 40) - 1
#: The first nine bytes of a digest: 32, 32 and 8 bits.
_FIRST_72 = Struct(">IIB").unpack_from


def strand_id(at: datetime, hop: int, *cause: object) -> str:
    """Return the same id for the same cause; ids sort by moment, then by hop.

    ``at`` is the moment of the first cause (aware), ``hop`` counts the answers since (0 to 255); a longer chain
    keeps the last hop. Raises ValueError for a moment without a zone or before 1970.
    """
    head, middle, tail = _FIRST_72(sha256("\x1f".join(map(str, cause)).encode()).digest())
    first, last, pairs = (min(hop, MAX_HOP) << 32) | head, (middle << 8) | tail, _PAIRS
    moment = _letters_of_moment(milliseconds(at))
    # Every strand is named here: its last sixteen letters, 80 bits, are spelled without a loop or a call.
    return (
        f"{moment}{pairs[first >> 30]}{pairs[first >> 20 & 1023]}{pairs[first >> 10 & 1023]}{pairs[first & 1023]}"
        f"{pairs[last >> 30]}{pairs[last >> 20 & 1023]}{pairs[last >> 10 & 1023]}{pairs[last & 1023]}"
    )


def joined(*cause: object) -> str:
    """Return a cause as the one text that names it; what many causes begin with may be joined once for all of them."""
    return "\x1f".join(map(str, cause))


def milliseconds(at: datetime) -> int:
    """Return whole milliseconds since 1970; raises ValueError for a moment without a zone or before 1970."""
    if at.tzinfo is None:
        raise ValueError(f"at: {at!r} has no time zone; give an aware datetime")
    millis = (at - EPOCH) // _MILLISECOND
    if millis < 0:
        raise ValueError(f"at: {at.isoformat()} lies before 1970")
    return millis


@lru_cache(maxsize=64)
def _letters_of_moment(millis: int) -> str:
    """Return the ten letters of a moment, 50 bits; strands come in crowds of one moment."""
    return _PAIRS[millis >> 40] + _letters(millis & _LOW_40)


def _letters(number: int) -> str:
    """Return 40 bits in Crockford's base 32, eight letters."""
    pairs = _PAIRS
    return f"{pairs[number >> 30]}{pairs[number >> 20 & 1023]}{pairs[number >> 10 & 1023]}{pairs[number & 1023]}"


def moment(strand_id: str) -> datetime | None:
    """Return the moment in an id made here; None for an id of another make."""
    if len(strand_id) != LENGTH or not set(strand_id[:10]) <= set(CROCKFORD) or strand_id[0] > "7":
        return None
    millis = 0
    for letter in strand_id[:10]:
        millis = millis * 32 + CROCKFORD.index(letter)
    return EPOCH + timedelta(milliseconds=millis)


def lower_bound(at: datetime) -> str:
    """Return the smallest id of a moment: every id made at or after it sorts at or after this."""
    return _letters_of_moment(milliseconds(at)) + "0" * 16


def uuid_of(*cause: object) -> UUID:
    """Return the same UUID for the same cause, for the tables whose keys the specification makes UUIDs."""
    return uuid5(NAMESPACE, joined(*cause))


def message_id(at: datetime, *cause: object) -> str:
    """Return the same UUID for the same cause; its first 48 bits are the moment in milliseconds, as in version 7."""
    digest = int.from_bytes(sha256(joined(*cause).encode()).digest()[:10], "big")
    number = (milliseconds(at) << 80) | (digest & _RANDOM_BITS) | _VERSION_7
    return f"{number:032x}"


def lowest_message_id(at: datetime) -> UUID:
    """Return the smallest UUID of a moment: every ``message_id`` made at or after it sorts at or after this."""
    return UUID(int=milliseconds(at) << 80)


_VERSION_7 = (7 << 76) | (0b10 << 62)
_RANDOM_BITS = ~((0xF << 76) | (0b11 << 62)) & ((1 << 80) - 1)
