"""Recorded decisions decided again under a draft, in one process and without a database: decisions a second.

    python -m tests.benchmarks.bench_whatif [--plans N] [--rounds N] [--profile]

``trial`` is the whole of it for each plan: the recorded turn folded through today's code, its answers compared with the
recorded ones, and the decision under the draft. ``folded`` is that without the draft, ``handled`` without comparing
either: the module alone. Time is this process's own processor time, and the least of all rounds counts. ``peak_mb`` is
the most memory that a trial takes beyond the turns it is given: the state is kept once, whatever the number of plans.
``--profile`` tells on standard error where the time goes.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

from tests.benchmarks import bench_modules, desks

CONTENT = {"min_confidence": 0.75}
SHOWN = 25


def recorded(plans: int) -> list[Any]:
    """Return the turns of a decision maker that decided on so many plans, and those before them."""
    from tests import trials
    from tradingops import engine, environments

    dm = trials.Listening(environments.modules()["dm"])
    state = dm.start("")
    heard, signals = bench_modules.story(plans)
    for strand in (*heard, *signals):
        state, _ = dm.handle(state, strand, _given(engine.market_time(strand)))
    return trials.turns_of(dm)


def _given(now: Any) -> Any:
    from strands.given import Given

    return Given(now)


def tried(turns: Sequence[Any]) -> Any:
    """Return the tally of a trial of all turns; raises RuntimeError where a decision was not decided again."""
    from tests import trials
    from tradingops.whatif.trial import PROBE_EVERY

    tally, _ = trials.tried(turns, CONTENT, probe_every=PROBE_EVERY)
    if tally.decided != tally.taken:
        raise RuntimeError(f"{tally.taken - tally.decided} decisions were not decided again: {dict(tally.undecided)}")
    return tally


def folded(turns: Sequence[Any]) -> None:
    """Take every turn again, and compare its answers."""
    from tradingops import environments
    from tradingops.replay.refold import Fold

    fold = Fold(environments.modules()["dm"], "")
    for turn in turns:
        if list(fold.take(turn)):
            raise RuntimeError("a turn that was just recorded differs")


def handled(turns: Sequence[Any]) -> None:
    """Let the module alone take every turn again."""
    from tradingops import environments

    dm = environments.modules()["dm"]
    state = dm.start("")
    for turn in turns:
        state, _ = dm.handle(state, turn.strand, turn.given)


def seconds(work: Callable[[Sequence[Any]], object], turns: Sequence[Any]) -> float:
    """Return the processor time that a piece of work took."""
    begun = time.process_time()
    work(turns)
    return time.process_time() - begun


def peak_mb(turns: Sequence[Any]) -> float:
    """Return the most memory that a trial held at once, the turns and what differs aside."""
    from tradingops import environments
    from tradingops.whatif.draft import Draft
    from tradingops.whatif.trial import Trial

    trial = Trial(environments.modules()["dm"], Draft(policy="dm", content=CONTENT))
    tracemalloc.start()
    for turn in turns:
        trial.take(turn)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return round(peak / 2**20, 1)


def main(argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Print one JSON line, and return what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plans", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="tell on standard error where the time goes")
    asked = parser.parse_args(argv)
    desks.ready()
    turns = recorded(asked.plans)
    works: dict[str, Callable[[Sequence[Any]], object]] = {"trial": tried, "folded": folded, "handled": handled}
    least = {name: min(seconds(work, turns) for _ in range(asked.rounds)) for name, work in works.items()}
    if asked.profile:
        _profile(turns)
    told = {
        "plans": asked.plans,
        "decisions_a_second": {name: round(asked.plans / took) for name, took in least.items()},
        "peak_mb": peak_mb(turns),
    }
    print(json.dumps(told))
    return told


def _profile(turns: Sequence[Any]) -> None:
    with cProfile.Profile() as profile:
        tried(turns)
    pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(SHOWN)


if __name__ == "__main__":
    main()
