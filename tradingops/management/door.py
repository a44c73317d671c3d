"""Where the console listens, and who else already does."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Self

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8000
PORTS_TRIED = 50
BACKLOG = 256
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104  (shown, not bound)


@dataclass(frozen=True)
class Address:
    """A host and a port."""

    host: str
    port: int

    @classmethod
    def parse(cls, given: str) -> Self:
        """Read HOST:PORT, [HOST]:PORT or PORT; raises ValueError."""
        host, _, port = given.rpartition(":")
        if not port.isdigit() or not 0 <= int(port) <= 65535:
            raise ValueError(f"--bind: {given!r} is not HOST:PORT, such as 127.0.0.1:8000")
        return cls(host.strip("[]") or DEFAULT_HOST, int(port))

    @property
    def url(self) -> str:
        shown = EVERYWHERE.get(self.host) or (f"[{self.host}]" if ":" in self.host else self.host)
        return f"http://{shown}:{self.port}/"

    def listen(self) -> socket.socket:
        """Return a listening socket; callers wait in it from now on, whether or not a server is there yet."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        return socket.create_server((self.host, self.port), family=family, backlog=BACKLOG)


def open_door(given: str | None) -> tuple[Address, socket.socket]:
    """Listen where ``given`` says, or at the first free port from 8000 on; raises OSError and ValueError."""
    if given is not None:
        address = Address.parse(given)
        listening = address.listen()
        return Address(address.host, listening.getsockname()[1]), listening
    for port in range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED):
        try:
            address = Address(DEFAULT_HOST, port)
            return address, address.listen()
        except OSError:
            continue
    raise OSError(f"no port from {DEFAULT_PORT} to {DEFAULT_PORT + PORTS_TRIED - 1} is free; name one with --bind")


class AlreadyUp(RuntimeError):
    """Another `up` runs on the same data."""

    def __init__(self, pid: object, url: object) -> None:
        super().__init__(
            f"The desk is up already: process {pid} runs it at {url or 'an address it has not said yet'}. "
            f"Stop it there with Ctrl-C (or `kill {pid}`), or give TRADINGOPS_DATA another folder for a second desk."
        )


class Claim:
    """The right to run one desk's processes on one data folder; the kernel takes it back when its holder dies."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = open(folder / "up.lock", "a+")  # noqa: SIM115  (open for as long as the claim holds)
        self._words = folder / "up.json"

    def take(self) -> None:
        """Hold the claim for as long as the process lives; raises AlreadyUp."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyUp(*self._holder()) from None
        self.tell(None)

    def release(self) -> None:
        """Let the next one have it."""
        self._lock.close()

    def tell(self, url: str | None) -> None:
        """Leave word of where the console answers."""
        self._words.write_text(json.dumps({"pid": os.getpid(), "url": url}))

    def _holder(self) -> tuple[object, object]:
        try:
            words = json.loads(self._words.read_text())
        except (OSError, ValueError):
            return "unknown", None
        return words.get("pid"), words.get("url")
