"""A process that has imported what a program needs and runs it in forks of itself: each as new as any, without a start.

Starting a program of the desk costs seconds of imports, and many tests want one that has seen nothing before them.

    python -m tests.forks tests.console.serving    the program: a module whose `main(**given)` is run in each fork

What is asked for comes through the socket that is its standard input, as one JSON object a line of its own: `run` with
what `main` is given and, beside it, the descriptors that become the fork's files; `wait` for how a fork ended.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
MOST_BYTES = 65_536
MOST_FILES = 4
#: The exit code of a program that raised.
FAULT = 70


@dataclass(frozen=True, slots=True)
class Fork:
    """A program that was begun, as its own process."""

    pid: int
    _of: Forks

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, seconds: float) -> int | None:
        """Return the exit code, None while it still runs after so many seconds."""
        return self._of.ended(self.pid, seconds)


@dataclass(slots=True)
class Forks:
    """The process that forks; it ends with the block of `of`."""

    _door: socket.socket
    _codes: dict[int, int] = field(default_factory=dict)

    def run(self, files: Sequence[int], /, **given: Any) -> Fork:
        """Begin the program: its output and errors go to the first file, the others are its 3, 4 and so on."""
        return Fork(self._asked({"run": given}, files), self)

    def ended(self, pid: int, seconds: float) -> int | None:
        if pid not in self._codes:
            code = self._asked({"wait": pid, "seconds": seconds})
            if code is None:
                return None
            self._codes[pid] = code
        return self._codes[pid]

    def _asked(self, what: Mapping[str, Any], files: Sequence[int] = ()) -> Any:
        socket.send_fds(self._door, [json.dumps(what).encode()], list(files))
        return json.loads(self._door.recv(MOST_BYTES))


@contextmanager
def of(program: str, environment: Mapping[str, str]) -> Iterator[Forks]:
    """Let a module's `main` be run in forks of a process that has imported it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, subprocess.Popen(
        [sys.executable, "-m", "tests.forks", program], cwd=ROOT, env=dict(environment), stdin=theirs
    ) as process:  # fmt: skip
        theirs.close()
        yield Forks(ours)
        ours.close()
        process.wait()


def main(program: str) -> None:
    run: Callable[..., None] = importlib.import_module(program).main
    gc.freeze()
    door = socket.socket(fileno=os.dup(0))
    while True:
        message, files, _, _ = socket.recv_fds(door, MOST_BYTES, MOST_FILES)
        if not message:
            return
        asked = json.loads(message)
        door.send(json.dumps(_begun(run, asked["run"], files, door) if "run" in asked else _ended(**asked)).encode())


def _begun(run: Callable[..., None], given: Mapping[str, Any], files: Sequence[int], door: socket.socket) -> int:
    pid = os.fork()
    if not pid:
        door.close()
        _run(run, given, files)
    for each in files:
        os.close(each)
    return pid


def _run(run: Callable[..., None], given: Mapping[str, Any], files: Sequence[int]) -> NoReturn:
    """Run the program on files of its own, and end this process with its exit code."""
    nothing, code = os.open(os.devnull, os.O_RDONLY), FAULT
    for number, each in enumerate((nothing, files[0], *files)):
        os.dup2(each, number)
    try:
        run(**given)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
    finally:
        if code == FAULT:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _ended(wait: int, seconds: float) -> int | None:
    process = os.pidfd_open(wait)
    try:
        if not select.select([process], [], [], seconds)[0]:
            return None
        return os.waitstatus_to_exitcode(os.waitpid(wait, 0)[1])
    finally:
        os.close(process)


if __name__ == "__main__":
    main(*sys.argv[1:])
