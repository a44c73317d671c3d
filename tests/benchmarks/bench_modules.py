"""The real decision maker in one process: plans decided a second, over PostgreSQL and in memory.

    python -m tests.benchmarks.bench_modules [--plans N] [--batch N] [--rounds N]

Over PostgreSQL a plan waits on the wire when the clock starts, and is decided once its decision, its feedback, the row
of the approval, the state and the record of the turn are committed. In memory the same module hears the same plans.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from tests.benchmarks import desks, scratch

SYMBOLS = 16
#: Between two plans of the story [s of market time].
APART = 1


def story(plans: int) -> tuple[list[Any], list[Any]]:
    """Return what the decision maker hears first (bars, risk), and the plans that it then decides on."""
    from tests import deciding

    symbols = [f"SYM-{n}" for n in range(SYMBOLS)]
    before = deciding.NOON - timedelta(minutes=1)
    heard = [deciding.a_bar(at=before, symbol=symbol) for symbol in symbols]
    risk = deciding.a_risk_update(at=before, volatility={symbol: {"annualised": 0.2} for symbol in symbols})
    value = {**risk.payload["rm_portfolio_risk"], "portfolio_value": "100000", "cash": "100000"}
    heard.append(dataclasses.replace(risk, payload={**risk.payload, "rm_portfolio_risk": value}))
    moments = (deciding.NOON + timedelta(seconds=APART * n) for n in range(plans))
    return heard, [deciding.a_signal(at=at, symbol=symbols[n % SYMBOLS]) for n, at in enumerate(moments)]


def in_memory(plans: int, batch: int) -> float:
    """Return plans decided a second."""
    from strands.wires.memory import MemoryWire
    from tradingops import engine, environments

    heard, signals = story(plans)
    wire, module = MemoryWire(), environments.modules()["dm"]
    wire.publish(heard)
    wire.drain([module], engine.market_time)
    wire.publish(signals)
    begun = time.perf_counter()
    wire.drain([module], engine.market_time)
    took = time.perf_counter() - begun
    _check(sum(strand.kind == "decision" for strand in wire.strands.values()), plans)
    return plans / took


def over_postgresql(plans: int, batch: int) -> float:
    """Return plans decided a second, durably."""
    from tradingops import connections, engine, environments

    heard, signals = story(plans)
    scratch.empty()
    wire, module = environments.wire(connections.wire), environments.modules()["dm"]
    wire.publish(heard)
    engine.drain([module], wire, engine.market_time)
    for start in range(0, plans, 500):
        wire.publish(signals[start : start + 500])
    begun = time.perf_counter()
    while engine.turn(module, wire, engine.market_time, limit=batch):
        pass
    took = time.perf_counter() - begun
    decided = wire.connection.execute("SELECT count(*) FROM dm_strands WHERE kind = 'decision'").fetchone()
    wire.close()
    _check(decided[0] if decided else 0, plans)
    return plans / took


def _check(decided: int, plans: int) -> None:
    if decided != plans:
        raise RuntimeError(f"{decided} of {plans} plans were decided on")


VARIANTS: dict[str, Callable[[int, int], float]] = {"memory": in_memory, "postgresql": over_postgresql}


def main(argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Print one JSON line, and return what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plans", type=int, default=5_000)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args(argv)
    desks.ready()
    seen: dict[str, list[float]] = {name: [] for name in VARIANTS}
    with scratch.database():
        for _ in range(asked.rounds):
            for name, decided in VARIANTS.items():
                seen[name].append(decided(asked.plans, asked.batch))
                print(f"{name}: {seen[name][-1]:.0f} plans/s", file=sys.stderr)
    medians = {name: round(statistics.median(figures)) for name, figures in seen.items()}
    told = {"plans_decided_a_second": medians, "plans": asked.plans, "batch": asked.batch}
    print(json.dumps(told))
    return told


if __name__ == "__main__":
    main()
