"""The live stream against its raw floor: from commit to parsed in the client, in consoles that all see everything.

    python -m tests.benchmarks.bench_stream [--consoles N] [--rate N] [--seconds N] [--rounds N] [--filtered]

One server process serves all consoles; the variants are interleaved, so that what the machine does besides falls on
both alike. Prints JSON: latencies in milliseconds, the share delivered, the server's share of one core.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.benchmarks import scratch

ROOT = Path(__file__).parent.parent.parent
PORT = 8035
SYMBOLS = 8
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Seen:
    """When each console parsed each strand, by the machine's monotonic clock [s]."""

    arrived: list[dict[str, float]] = field(default_factory=list)
    twice: int = 0


def signals(number: int, start: int) -> list[Any]:
    from strands.strand import first
    from tests.console import stories

    bars = (
        first(module="market", kind="bar", at=stories.T0 + timedelta(milliseconds=n), symbol=f"SYM-{n % SYMBOLS}")
        for n in range(start, start + number)
    )
    return [stories.a_signal(bar) for bar in bars]


def publish(told: Sequence[Any], rate: float, committed: Any) -> None:
    """Say strands one by one at a rate, each committed; leave when each was."""
    from strands.wires.postgres import PostgresWire
    from tradingops import connections

    wire = PostgresWire(connections.wire)
    wire.connection.execute("SELECT 1")
    begun, moments = time.monotonic(), []
    for nth, strand in enumerate(told):
        time.sleep(max(0.0, begun + nth / rate - time.monotonic()))
        wire.publish([strand])
        moments.append((strand.id, time.monotonic()))
    committed.put(moments)
    wire.close()


@contextmanager
def server(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[int]:
    """Run a server, and give its process id when it listens."""
    process = subprocess.Popen(command, cwd=ROOT, env=dict(environment), stdout=subprocess.DEVNULL)
    try:
        asyncio.run(_listening())
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


async def _listening() -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", PORT)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


@dataclass
class Door:
    """Lets so many consoles in at once, and counts those that have their history: neither is what is measured."""

    cookie: str
    gives_history: bool
    ready: asyncio.Queue[None] = field(default_factory=asyncio.Queue)
    entering: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(10))


async def console(door: Door, wants: Any, seen: Seen) -> None:
    """One screen: subscribe, take frames as they come, acknowledge."""
    arrived: dict[str, float] = {}
    seen.arrived.append(arrived)
    headers = {"Cookie": f"tradingops_session={door.cookie}"}
    async with door.entering:
        socket = await connect(
            f"ws://127.0.0.1:{PORT}/ws/stream/",
            origin=f"http://127.0.0.1:{PORT}",  # type: ignore[arg-type]
            additional_headers=headers,
            compression=None,
            max_size=None,
            open_timeout=60,
        )
    try:
        await socket.send(json.dumps({"type": "subscribe", "filter": wants, "cursor": None}))
        if door.gives_history:
            while json.loads(await socket.recv())["type"] != "history":
                pass
        door.ready.put_nowait(None)
        await _take(socket, arrived, seen)
    finally:
        await socket.close()


async def _take(socket: ClientConnection, arrived: dict[str, float], seen: Seen) -> None:
    owed, every = 0, 400
    async for text in socket:
        letter = json.loads(text)
        now = time.monotonic()
        every = letter.get("ack_every", every)
        for frame in letter["frames"]:
            seen.twice += frame["id"] in arrived
            arrived.setdefault(frame["id"], now)
        owed += len(letter["frames"])
        if owed >= every:
            await socket.send(json.dumps({"type": "ack", "count": owed}))
            owed = 0


async def watch(asked: argparse.Namespace, door: Door, told: Sequence[Any], pid: int, filtered: bool) -> dict[str, Any]:
    """Open the consoles, say the strands, and return what was seen."""
    seen = Seen()
    every = [{"symbols": [f"SYM-{nth % SYMBOLS}"]} if filtered else {} for nth in range(asked.consoles)]
    screens = [asyncio.create_task(console(door, wants, seen)) for wants in every]
    for _ in screens:
        await asyncio.wait_for(door.ready.get(), 60)
    await asyncio.sleep(2)
    committed = multiprocessing.get_context("fork").Queue()
    publisher = multiprocessing.get_context("fork").Process(target=publish, args=(told, asked.rate, committed))
    before, begun = cpu_seconds(pid), time.monotonic()
    publisher.start()
    moments = dict(await asyncio.to_thread(committed.get))
    took = time.monotonic() - begun
    used = cpu_seconds(pid) - before
    await asyncio.sleep(1.5)
    for screen in screens:
        screen.cancel()
    await asyncio.gather(*screens, return_exceptions=True)
    return measured(seen, moments, used / took, len(told) * asked.consoles // (SYMBOLS if filtered else 1))


def measured(seen: Seen, moments: Mapping[str, float], cpu: float, due: int) -> dict[str, Any]:
    """Return the figures of one round."""
    late = [at - moments[name] for arrived in seen.arrived for name, at in arrived.items() if name in moments]
    cuts = statistics.quantiles(late, n=100) if len(late) > 1 else [0.0] * 99
    return {
        "p50_ms": round(cuts[49] * 1_000, 1),
        "p99_ms": round(cuts[98] * 1_000, 1),
        "most_ms": round(max(late, default=0) * 1_000, 1),
        "delivered": round(len(late) / due, 6),
        "twice": seen.twice,
        "server_cpu": round(cpu, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--consoles", type=int, default=200)
    parser.add_argument("--rate", type=float, default=100, help="strands a second")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--filtered", action="store_true", help="also a round in which each console wants one symbol")
    asked = parser.parse_args()
    with scratch.database("bench_stream"):
        print(json.dumps(_all_rounds(asked)))


def _all_rounds(asked: argparse.Namespace) -> dict[str, Any]:
    from tradingops.console.feed.policy import StreamPolicy

    environment, cookie = _prepared()
    commands = {
        "floor": [sys.executable, "-m", "tests.benchmarks.stream_floor", f"{PORT}", f"{StreamPolicy().batch_seconds}"],
        "stream": [sys.executable, "-m", "daphne", "-p", f"{PORT}", "--verbosity", "0", "tradingops.asgi:application"],
    }
    variants = [("floor", False), ("stream", False), *([("stream", True)] if asked.filtered else [])]
    rounds: list[dict[str, Any]] = []
    for number in range(asked.rounds):
        for name, filtered in variants:
            told = signals(int(asked.rate * asked.seconds), start=len(rounds) * 1_000_000)
            with server(commands[name], environment) as pid:
                figures = asyncio.run(watch(asked, Door(cookie, name != "floor"), told, pid, filtered))
            rounds.append({"variant": f"{name}, filtered" if filtered else name, "round": number, **figures})
            print(rounds[-1], file=sys.stderr)
    return {"consoles": asked.consoles, "rate": asked.rate, "seconds": asked.seconds, "rounds": rounds}


def _prepared() -> tuple[dict[str, str], str]:
    """Return the servers' environment and the key of a login."""
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.db import connections
    from django.test import Client

    from tests.addresses import url_of

    client = Client()
    client.force_login(User.objects.create_superuser("bench", password="bench"))
    url = url_of(connections["default"].settings_dict)
    connections.close_all()
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SECRET_KEY": settings.SECRET_KEY}
    return {**environment, "TRADINGOPS_LOG_LEVEL": "warning"}, str(client.session.session_key)


if __name__ == "__main__":
    main()
