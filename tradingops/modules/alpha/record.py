"""Record: how alpha's latest plans ended, for those of its curators that judge by it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple


class PastPlan(NamedTuple):
    """One plan that ended, or would have; ``closed_at`` is ISO 8601 in UTC, so that rows compare as text."""

    closed_at: str
    won: int
    r_multiple: float
    confidence: float


Record = tuple[PastPlan, ...]


def extended(record: Record, row: PastPlan, *, since: str, most: int) -> Record:
    """Return the record with one more row; what closed before ``since``, or is too many, is dropped."""
    return (*(each for each in record if each.closed_at >= since), row)[-most:]


def to_json(record: Record) -> list[list[Any]]:
    """Return a record as JSON values."""
    return [list(row) for row in record]


def from_json(kept: Iterable[Sequence[Any]]) -> Record:
    """Return the record that ``to_json`` wrote."""
    return tuple(PastPlan(*row) for row in kept)
