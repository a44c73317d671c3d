"""The wire against its raw floor: plans a second through plan -> decision -> execution, durable, a process a module.

    python -m tests.benchmarks.bench_wire [--plans N] [--batch N] [--rounds N]
        --peer              also pgqueuer, the best Python peer
        --latency           instead: 50 plans a second, from a plan's commit to its execution's
        --growth [STRANDS]  instead: throughput among ten thousand strands and among so many (five million)

Variants are interleaved, so that what the machine does besides falls on all alike; read the ratios.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from tests.benchmarks import fill, latency, scratch, touched

SYMBOLS = 16
BODY = {"note": "x" * 700}
#: Where the executions of the chain go: to nobody, but for the one who listens when latency is measured.
HEARD_BY = f"{latency.HEARD_BY}:execution_feedback"
#: The sizes that growth is measured between [strands], and the tables that a plan passes through.
SMALL, LARGE = 10_000, 5_000_000
PASSED = ("ad_strands", "dm_strands", "tr_strands")
PACE = 50.0
#: The peer is so much slower that it is given a part of the plans.
PEERS_PART = 10


def plans(number: int) -> list[Any]:
    from strands.strand import first
    from tests.toys import T0

    return [
        first(
            module="alpha",
            kind="signal",
            at=T0 + timedelta(milliseconds=n),
            symbol=f"SYM-{n % SYMBOLS}",
            timeframe="1m",
            tags=["dm:evaluate_plan"],
            payload={"sig_sigma": 0.7, "trading_plan": {"number": n, **BODY}},
            cause=(n,),
        )
        for n in range(number)
    ]


def run_wire(name: str, batch: int, stop: Any, heard: bool = False) -> None:
    """One module's process over the wire."""
    from strands.wires.postgres import PostgresWire
    from tests.toys import Echo, a_trader
    from tradingops import connections, engine, listening

    module = Echo() if name == "dm" else a_trader()
    if heard and name == "trader":
        module.answers_to = (HEARD_BY,)
    worker = listening.Worker([module], PostgresWire(connections.wire), engine.market_time, batch=batch)
    _until(stop, worker)


def _until(stop: Any, worker: Any) -> None:
    import threading

    threading.Thread(target=lambda: (stop.wait(), worker.stop()), daemon=True).start()
    from tradingops import listening

    with listening.settled():
        worker.run()


def run_floor(name: str, batch: int, stop: Any, heard: bool = False) -> None:
    """One stage's process by hand."""
    from strands import roots
    from tests.benchmarks import floor
    from tradingops import connections, listening

    kinds: dict[str, dict[str, Any]] = {
        "dm": {
            "source": ("ad_strands", "trading_plan"),
            "target": ("dm_strands", "dm_decision"),
            "tags": ["trader:execute_plan"],
            "letter": "D",
        },
        "trader": {
            "source": ("dm_strands", "dm_decision"),
            "target": ("tr_strands", "tr_execution"),
            "tags": [HEARD_BY] if heard else [],
            "letter": "T",
        },
    }
    connection, bell = connections.wire(), connections.listening()
    bell.execute(f"LISTEN tradingops_{name}")
    stage = floor.Stage(connection, listener=name, module_id=roots.ROOTS[name].module_id, **kinds[name])
    with listening.settled():
        while not stop.is_set():
            if not stage.turn(batch):
                for _ in bell.notifies(timeout=0.2, stop_after=1):
                    pass


Runner = Callable[..., None]
VARIANTS: dict[str, Runner] = {"floor": run_floor, "wire": run_wire}


@contextmanager
def chain(runner: Runner, batch: int, **options: Any) -> Iterator[Callable[[], None]]:
    """Run the two stages, each in a process of its own, for the length of the block.

    What is given raises RuntimeError if a stage has ended before its time.
    """
    from django.db import connections as django_connections

    django_connections.close_all()
    fork = multiprocessing.get_context("fork")
    stop = fork.Event()
    workers = [fork.Process(target=runner, args=(name, batch, stop), kwargs=options) for name in ("dm", "trader")]
    for worker in workers:
        worker.start()
    time.sleep(0.5)

    def check() -> None:
        if not all(worker.is_alive() for worker in workers):
            raise RuntimeError("a stage has ended before its time; its error stands above")

    try:
        yield check
    finally:
        stop.set()
        for worker in workers:
            worker.join(20)


def throughput(runner: Runner, number: int, batch: int) -> float:
    """Return plans a second: from the first plan's publication to the last execution's commit."""
    from strands import ids
    from strands.wires.postgres import PostgresWire
    from tests.toys import T0
    from tradingops import connections

    told, done = plans(number), "SELECT count(*) FROM tr_strands WHERE id >= %s"
    since = (ids.lower_bound(T0),)
    with chain(runner, batch) as check, connections.wire() as watch:
        wire = PostgresWire(connections.wire)
        begun = time.perf_counter()
        for start in range(0, number, 500):
            wire.publish(told[start : start + 500])
        while watch.execute(done, since).fetchone()[0] < number:  # type: ignore[index]
            check()
            time.sleep(0.05)
        took = time.perf_counter() - begun
        wire.close()
    return number / took


def measure_throughput(asked: argparse.Namespace) -> dict[str, Any]:
    """Return plans a second of each variant, and the wire's ratio to the others."""
    seen: dict[str, list[float]] = {name: [] for name in VARIANTS}
    for _ in range(asked.rounds):
        for name, runner in VARIANTS.items():
            scratch.empty()
            seen[name].append(throughput(runner, asked.plans, asked.batch))
            print(f"{name}: {seen[name][-1]:.0f} plans/s", file=sys.stderr)
        if asked.peer:
            from tests.benchmarks import peer

            seen.setdefault("pgqueuer", []).append(peer.throughput(max(50, asked.plans // PEERS_PART), asked.batch))
            print(f"pgqueuer: {seen['pgqueuer'][-1]:.0f} plans/s", file=sys.stderr)
    medians = {name: round(statistics.median(figures), 1) for name, figures in seen.items()}
    ratios = {f"wire / {name}": round(medians["wire"] / medians[name], 3) for name in medians if name != "wire"}
    return {"plans_a_second": medians, "ratios": ratios, "batch": asked.batch, "plans": asked.plans}


def measure_latency(asked: argparse.Namespace) -> dict[str, Any]:
    """Return milliseconds from a plan's commit to hearing of its execution, of each variant."""
    from strands.wires.postgres import PostgresWire
    from tradingops import connections

    seen: dict[str, list[float]] = {name: [] for name in VARIANTS}
    number = min(asked.plans, round(asked.seconds * PACE))
    for _ in range(asked.rounds):
        for name, runner in VARIANTS.items():
            scratch.empty()
            wire = PostgresWire(connections.wire)
            with chain(runner, asked.batch, heard=True):
                seen[name] += latency.measured(plans(number), wire.publish, a_second=PACE)
            wire.close()
    figures = {name: latency.told(seconds) for name, seconds in seen.items()}
    ratio = round(figures["wire"]["p50_ms"] / figures["floor"]["p50_ms"], 2)
    return {"latency": figures, "p50 wire / floor": ratio, "plans": len(seen["wire"])}


def measure_growth(asked: argparse.Namespace) -> dict[str, Any]:
    """Return plans a second among few strands and among many, of each variant, and the median ratio of the two.

    The two sizes are two databases of one server, measured in turn, so that what the disk and the machine do besides
    falls on both alike. What a plan touched is told beside them: bytes of journal, whole pages in it, index blocks.
    """
    seen: dict[str, list[float]] = {}
    cost: dict[str, list[touched.Touched]] = {}
    with scratch.beside("bench_few") as few, scratch.beside("bench_many") as many:
        places = {few: SMALL, many: asked.growth}
        for place, size in places.items():
            with scratch.within(place):
                _filled(size)
        for nth, (name, runner) in itertools.product(range(asked.rounds), VARIANTS.items()):
            for place in (few, many) if nth % 2 else (many, few):
                with scratch.within(place):
                    scratch.forget_new()
                    label = f"{name} at {places[place]}"
                    with touched.during() as counted:
                        seen.setdefault(label, []).append(throughput(runner, asked.plans, asked.batch))
                    cost.setdefault(label, []).append(counted.each(asked.plans))
                    print(f"{label}: {seen[label][-1]:.0f} plans/s", file=sys.stderr)
    ratios = {name: _ratio(seen[f"{name} at {asked.growth}"], seen[f"{name} at {SMALL}"]) for name in VARIANTS}
    return {
        "plans_a_second": {label: round(statistics.median(figures)) for label, figures in seen.items()},
        "ratios": ratios,
        "touched_a_plan": {label: touched.median(all_rounds) for label, all_rounds in cost.items()},
        "plans": asked.plans,
    }


def _filled(size: int) -> None:
    from tradingops import connections

    scratch.empty()
    with connections.wire() as connection:
        fill.strands(connection, rows=size, tables=PASSED)


def _ratio(many: Sequence[float], few: Sequence[float]) -> float:
    """Return the median of the rounds' own ratios: each round's two sizes ran one after the other."""
    return round(statistics.median(large / small for large, small in zip(many, few, strict=True)), 3)


def main(argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Print one JSON line, and return what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plans", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0, help="length of a round of latency")
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--latency", action="store_true")
    parser.add_argument("--growth", type=int, nargs="?", const=LARGE, metavar="STRANDS")
    asked = parser.parse_args(argv)
    measure = measure_latency if asked.latency else measure_growth if asked.growth else measure_throughput
    with scratch.database():
        told = measure(asked)
    print(json.dumps(told))
    return told


if __name__ == "__main__":
    main()
