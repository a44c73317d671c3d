"""A real console process and real screens, for tests of the live stream."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests import forks

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 60
PATIENCE = 40


@dataclass(frozen=True)
class Console:
    """A console that answers at a port, and the login session of a member of staff."""

    port: int
    cookie: str
    process: forks.Fork

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def screen(self, **options: Any) -> Screen:
        """A page of the signed-in person."""
        return Screen(
            self, cookie=options.pop("cookie", self.cookie), origin=options.pop("origin", self.origin), **options
        )


@dataclass
class Screen:
    """What a browser does with the stream: subscribe, keep a cursor, acknowledge."""

    console: Console
    cookie: str | None
    origin: str | None
    wants: Mapping[str, Any] = field(default_factory=dict)
    cursor: dict[str, Any] | None = None
    acknowledges: bool = True
    letters: list[dict[str, Any]] = field(default_factory=list)
    frames: list[dict[str, Any]] = field(default_factory=list)
    socket: ClientConnection | None = None

    async def __aenter__(self) -> Self:
        headers = {"Cookie": f"tradingops_session={self.cookie}"} if self.cookie else {}
        address = f"ws://127.0.0.1:{self.console.port}/ws/stream/"
        self.socket = await connect(
            address, origin=self.origin, additional_headers=headers, compression=None, max_size=None
        )
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.wire.close()

    @property
    def wire(self) -> ClientConnection:
        assert self.socket is not None
        return self.socket

    @property
    def ids(self) -> list[str]:
        return [frame["id"] for frame in self.frames]

    @property
    def healths(self) -> list[str]:
        return [letter["health"] for letter in self.letters if letter["type"] == "state"]

    @property
    def settled(self) -> int:
        """The number up to which this screen has missed nothing."""
        assert self.cursor is not None
        return int(self.cursor["settled"])

    async def tell(self, **message: Any) -> None:
        await self.wire.send(json.dumps(message))

    async def subscribe(self) -> dict[str, Any]:
        """Subscribe and return the letter with what was missed, or with history."""
        await self.hear("hello")
        await self.tell(type="subscribe", filter=dict(self.wants), cursor=self.cursor)
        return await self.hear("resumed", "history")

    async def hear(self, *kinds: str) -> dict[str, Any]:
        """Return the next letter of a kind; every letter on the way is taken in."""
        async with asyncio.timeout(PATIENCE):
            while True:
                letter = await self._next()
                if letter["type"] in kinds:
                    return letter

    async def until(self, count: int) -> list[str]:
        """Return the ids of all frames once there are so many."""
        async with asyncio.timeout(PATIENCE):
            while len(self.frames) < count:
                await self._next()
        return self.ids

    async def until_ids(self, *wanted: str) -> list[str]:
        """Return the ids of all frames once these are among them."""
        async with asyncio.timeout(PATIENCE):
            while not set(wanted) <= set(self.ids):
                await self._next()
        return self.ids

    async def closed(self) -> int | None:
        """Return the code with which the console closes the socket."""
        async with asyncio.timeout(PATIENCE):
            with suppress(ConnectionClosed):
                async for _ in self.wire:
                    pass
        return self.wire.close_code

    async def _next(self) -> dict[str, Any]:
        letter: dict[str, Any] = json.loads(await self.wire.recv())
        self.letters.append(letter)
        self.frames += letter["frames"]
        if letter["type"] in ("frames", "resumed", "history"):
            self.cursor = {name: letter[name] for name in ("epoch", "position", "settled")}
        if letter["frames"] and self.acknowledges:
            await self.tell(type="ack", count=len(letter["frames"]))
        return letter


@contextmanager
def running(served: forks.Forks, log: Path, *, cookie: str) -> Iterator[Console]:
    """Run a console in a process of its own, at a port that the system chose."""
    with socket.create_server(("127.0.0.1", 0)) as listening, log.open("wb") as written:
        process = served.run([written.fileno(), listening.fileno()], fd=3)
        port = listening.getsockname()[1]
    try:
        _wait_until_it_answers(port, process, log)
        yield Console(port, cookie, process)
    finally:
        process.send_signal(signal.SIGTERM)
        if process.wait(10) is None:
            process.kill()
            process.wait(10)


def _wait_until_it_answers(port: int, process: forks.Fork, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    request = f"GET /admin/login/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS) as caller:
        caller.sendall(request)
        answer = caller.recv(1_024)
    assert answer.startswith(b"HTTP/1.1 "), f"{answer!r}\n{log.read_text()}"
    assert process.wait(0) is None, log.read_text()
    assert time.monotonic() < deadline


def environment_of(desk: Mapping[str, str], *, secret_key: str) -> dict[str, str]:
    """Return a console's environment that honours the logins made by the tests."""
    return {**os.environ, **desk, "DJANGO_SECRET_KEY": secret_key, "TRADINGOPS_LOG_LEVEL": "warning"}
