"""Evidence gathered on one core: milliseconds for a plan, and how many times as long as the bare tape takes.

    python -m tests.benchmarks.bench_evidence [--plans N] [--rounds N]

The floor is what every reading of the tape must do: rows into windows of tokens, and their hash. Over it lie the four
experts, their fusion and the evidence as JSON. Time is this process's own processor time, so that a busy neighbour
does not count; the median is over the rounds, the percentiles over all plans.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

#: One core means one: set before numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROWS = 128
MS = 1000.0


def tapes(plans: int) -> list[list[list[float]]]:
    """Return the last 128 bars of each plan, out of one random walk."""
    from tests.unit.curators.dsi import tapes as walks

    rows = walks.walk(ROWS + plans)
    return [rows[start : start + ROWS] for start in range(plans)]


def latencies(read: Callable[[list[list[float]]], Any], given: list[list[list[float]]]) -> list[float]:
    """Return how long each tape took [ms]."""
    took = []
    for rows in given:
        begun = time.process_time()
        read(rows)
        took.append((time.process_time() - begun) * MS)
    return took


def main(argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Print one JSON line, and return what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plans", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args(argv)
    told = {"plans": asked.plans, "rounds": asked.rounds, **_measured(tapes(asked.plans), asked.rounds)}
    print(json.dumps(told))
    return told


def _measured(given: list[list[list[float]]], rounds: int) -> dict[str, Any]:
    from curators.dsi import evidence, tape
    from curators.dsi.policy import DsiPolicy

    policy = DsiPolicy()
    standing = evidence.start(policy)

    def whole(rows: list[list[float]]) -> Any:
        found = evidence.gather(rows, direction="long", standing=standing, policy=policy)
        return found.to_json() if found else None

    def floor(rows: list[list[float]]) -> Any:
        return tape.of_bars(rows, policy=policy.tape)

    latencies(whole, given[:10])
    ours = [latencies(whole, given) for _ in range(rounds)]
    bare = [latencies(floor, given) for _ in range(rounds)]
    every = sorted(each for taken in ours for each in taken)
    gather, tape_ms = (statistics.median(statistics.median(each) for each in taken) for taken in (ours, bare))
    return {
        "gather_ms": round(gather, 4),
        "p95_ms": round(every[int(0.95 * (len(every) - 1))], 4),
        "tape_ms": round(tape_ms, 4),
        "ratio": round(gather / tape_ms, 2),
        "plans_a_second": round(MS * len(every) / sum(every)),
    }


if __name__ == "__main__":
    main()
