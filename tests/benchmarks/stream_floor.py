"""The raw floor under the live stream: one LISTEN, one query a wake, one broadcast.

    python -m tests.benchmarks.stream_floor PORT BATCH_SECONDS

No login, no filter, no history, no resuming, one table only, and a late commit is lost: only what must be done.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import psycopg
from websockets.asyncio.server import ServerConnection, broadcast, serve

NEW = """
    SELECT said, id, kind, symbol, at::text, lifecycle_id, sig_direction, sig_sigma, sig_confidence
      FROM ad_strands WHERE said > %s ORDER BY said
"""


async def follow(screens: set[ServerConnection], batch_seconds: float) -> None:
    """Send every new row to every screen."""
    connection: Any = await psycopg.AsyncConnection.connect(os.environ["DATABASE_URL"], autocommit=True)
    await connection.execute("LISTEN tradingops_stream")
    last = (await (await connection.execute("SELECT coalesce(max(said), 0) FROM ad_strands")).fetchone())[0]
    while True:
        async for _ in connection.notifies(timeout=60, stop_after=1):
            pass
        await asyncio.sleep(batch_seconds)
        async for _ in connection.notifies(timeout=0):
            pass
        rows = await (await connection.execute(NEW, (last,))).fetchall()
        if rows:
            last = rows[-1][0]
            names = ("said", "id", "kind", "symbol", "at", "lifecycle", "direction", "strength", "confidence")
            broadcast(screens, json.dumps({"frames": [dict(zip(names, row, strict=True)) for row in rows]}))


async def main(port: int, batch_seconds: float) -> None:
    screens: set[ServerConnection] = set()

    async def welcome(screen: ServerConnection) -> None:
        screens.add(screen)
        await screen.wait_closed()
        screens.discard(screen)

    async with serve(welcome, "127.0.0.1", port, compression=None):
        await follow(screens, batch_seconds)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
