"""Latency of the chain: from the commit of a plan to the moment a listener hears of its execution's commit."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

#: To whom an execution is addressed here, so that somebody is woken by it.
HEARD_BY = "alpha"
#: How long a listener waits for the last of them [seconds].
PATIENCE = 10.0

_HEARD = "DELETE FROM deliveries WHERE listener = %s RETURNING strand_id"
_OF = "SELECT lifecycle_id FROM tr_strands WHERE id = ANY(%s)"


class Ear(threading.Thread):
    """Notes when each plan's execution was heard of."""

    def __init__(self, expected: int) -> None:
        super().__init__(daemon=True)
        from tradingops import connections

        self.heard: dict[str, float] = {}
        self._expected, self._stopping = expected, threading.Event()
        self._reading, self._bell = connections.wire(), connections.listening()
        self._bell.execute(f"LISTEN tradingops_{HEARD_BY}")

    def run(self) -> None:
        until = None
        while len(self.heard) < self._expected and (until is None or time.perf_counter() < until):
            for _ in self._bell.notifies(timeout=0.5, stop_after=1):
                self._note(time.perf_counter())
            if self._stopping.is_set() and until is None:
                until = time.perf_counter() + PATIENCE
        self._reading.close()
        self._bell.close()

    def told_all(self) -> None:
        """Say that nothing more will be told, so that the ear need not wait for ever."""
        self._stopping.set()

    def _note(self, moment: float) -> None:
        told = [row[0] for row in self._reading.execute(_HEARD, (HEARD_BY,)).fetchall()]
        for (plan,) in self._reading.execute(_OF, (told,)).fetchall():
            self.heard.setdefault(plan, moment)


def measured(plans: Sequence[Any], publish: Callable[[Sequence[Any]], Any], *, a_second: float) -> list[float]:
    """Return the seconds that each plan took, told one at a time at an even pace."""
    ear = Ear(len(plans))
    ear.start()
    committed: dict[str, float] = {}
    begun = time.perf_counter()
    for nth, plan in enumerate(plans):
        time.sleep(max(0.0, begun + nth / a_second - time.perf_counter()))
        publish([plan])
        committed[plan.id] = time.perf_counter()
    ear.told_all()
    ear.join()
    if lost := committed.keys() - ear.heard.keys():
        raise RuntimeError(f"{len(lost)} of {len(plans)} executions were not heard of within {PATIENCE} s")
    return [ear.heard[plan] - moment for plan, moment in committed.items()]


def told(seconds: Sequence[float]) -> dict[str, float]:
    """Return median and 99th percentile in milliseconds."""
    ordered = sorted(seconds)
    last = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    return {"p50_ms": round(statistics.median(ordered) * 1000, 2), "p99_ms": round(last * 1000, 2)}
