"""The best Python peer beside the wire: pgqueuer, the same chain, the same bodies, its own way with batches.

Each stage is one process with one queue manager that dequeues ``batch`` jobs at a time; a job of the first stage
enqueues one for the second. Bodies come in as on the wire and go on as small as the wire's answers.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from typing import Any

import psycopg

#: Entry points of the two stages, and where the first one's answers go.
STAGES = {"dm": "trader", "trader": None}
#: Jobs enqueued by one statement, as the wire publishes plans.
TOLD_AT_ONCE = 500


async def _queuer() -> Any:
    import pgqueuer

    from tradingops import connections

    connection = await psycopg.AsyncConnection.connect(**connections.parameters(), autocommit=True)
    return pgqueuer.PgQueuer(pgqueuer.PsycopgDriver(connection))


async def _install() -> None:
    queuer = await _queuer()
    await queuer.qm.queries.install()


async def _stage(name: str, batch: int) -> None:
    queuer = await _queuer()
    onward = STAGES[name]

    @queuer.entrypoint(name)  # type: ignore[untyped-decorator]
    async def handle(job: Any) -> None:
        number = json.loads(job.payload)["number"]
        if onward:
            await queuer.qm.queries.enqueue(onward, json.dumps({"number": number, "count": number}).encode())

    await queuer.run(batch_size=batch)


def _process(name: str, batch: int) -> None:
    asyncio.run(_stage(name, batch))


async def _tell(plans: int) -> None:
    from tests.benchmarks import bench_wire

    queuer = await _queuer()
    bodies: list[bytes | None] = [json.dumps({"number": n, **bench_wire.BODY}).encode() for n in range(plans)]
    for start in range(0, plans, TOLD_AT_ONCE):
        few = bodies[start : start + TOLD_AT_ONCE]
        await queuer.qm.queries.enqueue(["dm"] * len(few), few, [0] * len(few))


def throughput(plans: int, batch: int) -> float:
    """Return plans a second: from the first plan enqueued until no job is left."""
    import pgqueuer  # noqa: F401  (here, so that the stages begin with it)
    from django.db import connections as django_connections

    from tradingops import connections

    django_connections.close_all()
    with connections.wire() as watch:
        if watch.execute("SELECT to_regclass('pgqueuer')").fetchone() == (None,):
            asyncio.run(_install())
        fork = multiprocessing.get_context("fork")
        workers = [fork.Process(target=_process, args=(name, batch)) for name in STAGES]
        for worker in workers:
            worker.start()
        time.sleep(1.0)
        begun = time.perf_counter()
        asyncio.run(_tell(plans))
        while watch.execute("SELECT count(*) FROM pgqueuer").fetchone() != (0,):
            time.sleep(0.02)
        took = time.perf_counter() - begun
        for worker in workers:
            worker.terminate()
            worker.join(20)
        return plans / took
