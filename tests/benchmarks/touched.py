"""What work does to the server: journal, whole pages written to it, and blocks of tables and indexes visited."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

#: How long backends may keep their counts to themselves before they tell the server [s].
TOLD_WITHIN = 1.2

_COUNTS = """
    SELECT wal_bytes, wal_fpi,
           (SELECT coalesce(sum(idx_blks_hit + idx_blks_read), 0) FROM pg_statio_user_tables),
           (SELECT coalesce(sum(idx_blks_read + heap_blks_read), 0) FROM pg_statio_user_tables)
      FROM pg_stat_wal
"""


@dataclass(frozen=True, slots=True)
class Touched:
    """Counts: bytes of journal, whole pages among them, index blocks visited, blocks that were not in memory."""

    journal_bytes: float = 0.0
    whole_pages: float = 0.0
    index_blocks: float = 0.0
    blocks_fetched: float = 0.0


@dataclass(slots=True)
class Counted:
    """What a block of code touched, once it is over."""

    total: Touched = field(default_factory=Touched)

    def each(self, number: int) -> Touched:
        """Return a share of the counts."""
        return Touched(*(count / number for count in asdict(self.total).values()))


@contextmanager
def during() -> Iterator[Counted]:
    """Count what the server does for the length of the block, in the database at hand."""
    counted, before = Counted(), _counts()
    yield counted
    counted.total = Touched(*(after - earlier for after, earlier in zip(_counts(), before, strict=True)))


def median(rounds: Sequence[Touched]) -> dict[str, float]:
    """Return the median of each count over some rounds."""
    told = [asdict(each) for each in rounds]
    return {name: round(statistics.median(each[name] for each in told), 2) for name in told[0]}


def _counts() -> tuple[float, ...]:
    from tradingops import connections

    time.sleep(TOLD_WITHIN)
    with connections.wire() as connection:
        row: Any = connection.execute(_COUNTS).fetchone()
        return tuple(float(count) for count in row)
