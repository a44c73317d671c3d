"""The stopwatch: how long gathering evidence takes on this machine, beside the pure code and never inside it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from curators.dsi.evidence import Evidence

Found = TypeVar("Found", bound=Evidence | None)

#: Latencies that are remembered; the oldest is forgotten first.
REMEMBERED = 10_000
_MS_A_SECOND = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast evidence was gathered lately: percentiles [ms], and tapes that could be read a second on one core."""

    p50: float
    p95: float
    throughput: float
    count: int


class Stopwatch:
    """Remembers the last latency of each tape [ms], by its hash; safe to share between threads."""

    def __init__(self, *, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._latencies: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def timed(self, gather: Callable[..., Found]) -> Callable[..., Found]:
        """Return a ``gather`` that answers the same, and is timed when it answers with evidence."""

        def timed(*args: Any, **options: Any) -> Found:
            begun = time.perf_counter()
            found = gather(*args, **options)
            took = (time.perf_counter() - begun) * _MS_A_SECOND
            if found is not None:
                self.note(found.tape_hash, took)
            return found

        return timed

    def note(self, tape_hash: str, milliseconds: float) -> None:
        """Remember a latency, and forget the oldest when there are too many."""
        with self._lock:
            self._latencies[tape_hash] = milliseconds
            self._latencies.move_to_end(tape_hash)
            while len(self._latencies) > self._remembered:
                self._latencies.popitem(last=False)

    def latency(self, tape_hash: str) -> float | None:
        """Return how long a tape took [ms]; None when it was not read in this process or is forgotten."""
        return self._latencies.get(tape_hash)

    def pace(self) -> Pace | None:
        """Return how fast it went over what is remembered; None before the first."""
        with self._lock:
            taken = sorted(self._latencies.values())
        if not taken:
            return None
        last = len(taken) - 1
        return Pace(
            p50=taken[round(0.50 * last)],
            p95=taken[round(0.95 * last)],
            throughput=_MS_A_SECOND * len(taken) / max(sum(taken), 1e-9),
            count=len(taken),
        )


#: The one of this process, which projections ask.
STOPWATCH = Stopwatch()


def timed(gather: Callable[..., Found]) -> Callable[..., Found]:
    """Return a ``gather`` that answers the same and is timed by this process's stopwatch."""
    return STOPWATCH.timed(gather)
