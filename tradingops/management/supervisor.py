"""Child processes: started together, restarted when they die, stopped together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

#: Seconds before the first, second, … restart in a row; the last one repeats.
BACKOFF = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
#: A child that ran this many seconds starts its backoff anew.
STEADY_SECONDS = 60.0
GRACE_SECONDS = 10.0
POLL_SECONDS = 0.1

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Child:
    """One process and what becomes of it when it ends.

    ``after`` makes the child that follows when it ended well. With neither that nor ``once`` it is not supposed to end,
    and starts again; with ``once`` it may end well, and a failure is everybody's.
    """

    name: str
    command: Sequence[str]
    pass_fds: tuple[int, ...] = ()
    folder: Path | None = None
    once: bool = False
    after: Callable[[], Child] | None = None
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    failures: int = 0
    started_at: float = 0.0
    due_at: float = 0.0

    def start(self) -> None:
        """Start it in a process group of its own, which dies with this process."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            pass_fds=self.pass_fds,
            cwd=self.folder,
            process_group=0,
            preexec_fn=_die_with(os.getpid()),
        )

    def signal(self, number: int) -> None:
        """Send a signal to its whole group, if it runs."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Keeps children running until it is told to stop or none is left.

    ``say`` gets a line for a person whenever something happens; ``watch`` is called about once a second.
    """

    def __init__(self, *, say: Callable[[str], None], watch: Callable[[], None] = lambda: None) -> None:
        self.say, self.watch = say, watch
        self.children: list[Child] = []
        self.stopping = False
        self.failed = False
        self._watched_at = 0.0

    def start(self, child: Child) -> None:
        self.children.append(child)
        child.start()

    def run(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Return when stopped by a signal, when ``until`` holds, or when every child has ended for good."""
        while self.children and not self.stopping and not until():
            for child in tuple(self.children):
                self._look_after(child)
            if time.monotonic() - self._watched_at >= 1.0:
                self._watched_at = time.monotonic()
                self.watch()
            time.sleep(POLL_SECONDS)

    def ask_to_stop(self, *_: object) -> None:
        """Make `run` return; a signal handler."""
        self.stopping = True

    def stop(self, grace: float = GRACE_SECONDS) -> None:
        """End every child: politely, and after ``grace`` seconds by force."""
        for child in self.children:
            child.signal(signal.SIGTERM)
        until = time.monotonic() + grace
        while _any_runs(self.children) and time.monotonic() < until:
            time.sleep(POLL_SECONDS / 2)
        for child in filter(lambda each: each.runs, self.children):
            self.say(f"{child.name} did not stop within {grace:.0f} s; it is killed.")
            child.signal(signal.SIGKILL)
        for child in self.children:
            if child.process is not None:
                child.process.wait()

    def _look_after(self, child: Child) -> None:
        if child.process is None:
            if time.monotonic() >= child.due_at:
                child.start()
            return
        code = child.process.poll()
        if code is None:
            return
        if code == 0 and (child.once or child.after):
            self._follow(child)
        elif child.once:
            self.say(f"{child.name} failed ({_how(code)}).")
            self.failed, self.stopping = True, True
        else:
            self._postpone(child, code)

    def _follow(self, child: Child) -> None:
        self.children.remove(child)
        if child.after is not None:
            self.start(child.after())

    def _postpone(self, child: Child, code: int) -> None:
        steady = time.monotonic() - child.started_at >= STEADY_SECONDS
        child.failures = 1 if steady else child.failures + 1
        pause = BACKOFF[min(child.failures, len(BACKOFF)) - 1]
        self.say(f"{child.name} ended ({_how(code)}); it starts again in {pause:.0f} s.")
        child.process, child.due_at = None, time.monotonic() + pause


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _any_runs(children: Iterable[Child]) -> bool:
    return any(child.runs for child in children)


def _die_with(parent: int) -> Callable[[], None] | None:
    """Return what a child does first: ask for SIGTERM when its parent is gone, even by kill -9."""
    if _LIBC is None:
        return None

    def ask() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask
