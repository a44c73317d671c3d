"""The wire against its raw floor: plans a second through plan -> decision -> execution, durable, a process a module.

    python -m tests.benchmarks.bench_wire [--plans N] [--batch N] [--rounds N] [--peer]

Variants are interleaved, so that what the machine does besides falls on all alike; read the ratios.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.benchmarks import scratch

SYMBOLS = 16
BODY = {"note": "x" * 700}


def plans(number: int) -> list[Any]:
    from strands.strand import first
    from tests.toys import T0

    return [
        first(
            module="alpha", kind="signal", at=T0 + timedelta(milliseconds=n), symbol=f"SYM-{n % SYMBOLS}", timeframe="1m",
            tags=["dm:evaluate_plan"], payload={"sig_sigma": 0.7, "trading_plan": {"number": n, **BODY}}, cause=(n,),
        )
        for n in range(number)
    ]


def run_wire(name: str, batch: int, stop: Any) -> None:
    """One module's process over the wire."""
    from strands.wires.postgres import PostgresWire
    from tests.toys import Echo, a_trader
    from tradingops import connections, engine, listening

    module = {"dm": lambda: Echo(), "trader": a_trader}[name]()
    worker = listening.Worker([module], PostgresWire(connections.wire), engine.market_time, batch=batch)
    _until(stop, worker)


def _until(stop: Any, worker: Any) -> None:
    import threading

    threading.Thread(target=lambda: (stop.wait(), worker.stop()), daemon=True).start()
    worker.run()


def run_floor(name: str, batch: int, stop: Any) -> None:
    """One stage's process by hand."""
    from strands import roots
    from tests.benchmarks import floor
    from tradingops import connections

    kinds = {
        "dm": dict(source=("ad_strands", "trading_plan"), target=("dm_strands", "dm_decision"), tags=["trader:execute_plan"], letter="D"),
        "trader": dict(source=("dm_strands", "dm_decision"), target=("tr_strands", "tr_execution"), tags=[], letter="T"),
    }
    connection, bell = connections.wire(), connections.listening()
    bell.execute(f"LISTEN tradingops_{name}")
    stage = floor.Stage(connection, listener=name, module_id=roots.ROOTS[name].module_id, **kinds[name])
    while not stop.is_set():
        if not stage.turn(batch):
            for _ in bell.notifies(timeout=0.2, stop_after=1):
                pass


def throughput(runner: Callable[..., None], number: int, batch: int) -> float:
    """Return plans a second: from the first plan's publication to the last execution's commit."""
    from django.db import connections as django_connections

    from strands.wires.postgres import PostgresWire
    from tradingops import connections

    scratch.empty()
    told = plans(number)
    django_connections.close_all()
    fork = multiprocessing.get_context("fork")
    stop = fork.Event()
    workers = [fork.Process(target=runner, args=(name, batch, stop)) for name in ("dm", "trader")]
    for worker in workers:
        worker.start()
    time.sleep(0.5)
    wire, watch = PostgresWire(connections.wire), connections.wire()
    begun = time.perf_counter()
    for start in range(0, number, 500):
        wire.publish(told[start : start + 500])
    while watch.execute("SELECT count(*) FROM tr_strands").fetchone()[0] < number:
        time.sleep(0.02)
    took = time.perf_counter() - begun
    stop.set()
    for worker in workers:
        worker.join(20)
    wire.close()
    watch.close()
    return number / took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", action="store_true", help="also pgqueuer, the best Python peer")
    asked = parser.parse_args()
    variants: dict[str, Callable[..., None]] = {"floor": run_floor, "wire": run_wire}
    seen: dict[str, list[float]] = {name: [] for name in variants}
    with scratch.database():
        for _ in range(asked.rounds):
            for name, runner in variants.items():
                seen[name].append(throughput(runner, asked.plans, asked.batch))
                print(f"{name}: {seen[name][-1]:.0f} plans/s", file=sys.stderr)
        if asked.peer:
            from tests.benchmarks import peer

            seen["pgqueuer"] = [peer.throughput(max(500, asked.plans // 20), asked.batch) for _ in range(asked.rounds)]
    medians = {name: statistics.median(figures) for name, figures in seen.items()}
    ratios = {f"wire / {name}": medians["wire"] / medians[name] for name in medians if name != "wire"}
    print(json.dumps({"plans_a_second": medians, "ratios": ratios, "batch": asked.batch, "plans": asked.plans}))


if __name__ == "__main__":
    main()
