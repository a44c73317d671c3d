"""The whole desk in memory on one core: bars a second, and where the time goes.

    python -m tests.benchmarks.bench_replay [--bars N] [--rounds N] [FILE…]

Without files it plays the recorded month in the folder named by TRADINGOPS_BARS, else simulated minutes. Time is this
process's own on the processor, so that what the machine does besides counts little. The floor is a bare loop over the
same bars, already made into strands, that asks each listener that has nothing to say. A bar is one that was read; the
longer ones rolled up from them are work, not bars.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from strands.given import Given
from tests.benchmarks import desks

#: The modules that hear every bar; the others hear one in fifteen.
FAST = ("venue", "trader", "alpha")


class Watched:
    """A module whose time is counted; the clock itself is a part of what is counted."""

    def __init__(self, module: Any, spent: Counter[str]) -> None:
        self.name, self.version, self.start = module.name, module.version, module.start
        self._handle, self._spent = module.handle, spent

    def handle(self, state: Any, strand: Any, given: Given) -> Any:
        begun = perf_counter()
        try:
            return self._handle(state, strand, given)
        finally:
            self._spent[self.name] += perf_counter() - begun


def whole_desk(feeds: Sequence[list[Any]]) -> float:
    """Return the processor seconds of a replay."""
    begun = process_time()
    desks.replayed(feeds)
    return process_time() - begun


def floor(feeds: Sequence[list[Any]]) -> float:
    """Return the processor seconds of asking every listener of every bar once, in the state that it begins with."""
    from tradingops import environments

    desk = [environments.modules()[name] for name in FAST]
    strands = [strand for _, said in environments.market_data().moments([[bars] for bars in feeds]) for strand in said]
    asked = [(module.handle, module.start("")) for module in desk]
    begun = process_time()
    for strand in strands:
        for handle, state in asked:
            handle(state, strand, Given(strand.at))
    return process_time() - begun


def shares(feeds: Sequence[list[Any]]) -> dict[str, float]:
    """Return what part of a replay is the bars' features, each module, and the wire between them."""
    from tradingops import engine, environments

    spent: Counter[str] = Counter()
    desk = environments.replay()
    watched = [Watched(module, spent) for module in desk.desk]
    begun = perf_counter()
    gc.disable()
    for strands in _timed(desk.market.moments([[bars] for bars in feeds]), spent):
        desk.wire.publish(strands)
        desk.wire.drain(watched, engine.market_time)
    gc.enable()
    whole = perf_counter() - begun
    spent["wire"] = whole - sum(spent.values())
    return {name: round(seconds / whole, 3) for name, seconds in spent.most_common()}


def _timed(moments: Iterator[tuple[datetime, list[Any]]], spent: Counter[str]) -> Iterator[list[Any]]:
    while True:
        begun = perf_counter()
        moment = next(moments, None)
        spent["features"] += perf_counter() - begun
        if moment is None:
            return
        yield moment[1]


def main(argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Print one JSON line, and return what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="*", help="recorded bars, all for one desk")
    parser.add_argument("--bars", type=int, default=50_000, help="most bars of each feed")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args(argv)
    feeds = desks.feeds(asked.files, bars=asked.bars)
    bars = sum(map(len, feeds))
    seen: dict[str, list[float]] = {"desk": [], "floor": []}
    for _ in range(asked.rounds):
        seen["desk"].append(bars / whole_desk(feeds))
        seen["floor"].append(bars / floor(feeds))
        print(f"desk: {seen['desk'][-1]:.0f} bars/s, floor: {seen['floor'][-1]:.0f}", file=sys.stderr)
    medians = {name: round(statistics.median(figures)) for name, figures in seen.items()}
    told = {
        "bars_a_second": medians,
        "best": round(max(seen["desk"])),
        "ratio": round(medians["desk"] / medians["floor"], 4),
        "bars": bars,
        "shares": shares(feeds),
    }
    print(json.dumps(told))
    return told


if __name__ == "__main__":
    main()
