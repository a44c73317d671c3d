"""One private cluster: made once, started on first use, found again by whoever comes next."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket as socketlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from tradingops.localpg import account, binaries, processes

#: Who owns the cluster and its tables, and as whom the desk works.
OWNER, APPLICATION = "postgres", "tradingops"
USER = OWNER
DATABASE = "postgres"
PORT = 5432
START_SECONDS = 120
STALE_SECONDS = 60
POLL_SECONDS = 0.1

#: What the wire needs of a server, written to `tradingops.conf` beside the data folder at every start.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "idle_in_transaction_session_timeout": "60s",
    # Deliveries are a small table with a high turnover: dead rows must go at once, whatever its size.
    "autovacuum_naptime": "10s",
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_vacuum_cost_delay": "1ms",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "logging_collector": "off",
}


class Unavailable(RuntimeError):
    """The private PostgreSQL could not be made, started or stopped; the message holds what it said."""


class Cluster:
    """A PostgreSQL of our own in `home`, reached through a socket folder and no network.

    Whether it runs is what its socket says, never a file: process ids are used again, and zombies have them. One
    process at a time may change that, by a lock which the kernel drops when its holder dies.
    """

    def __init__(self, home: Path, *, socket: Path, differences: Mapping[str, str] | None = None) -> None:
        self.home, self.socket = home, socket
        self.data, self.log = home / "data", home / "log"
        self.settings = {**SETTINGS, **(differences or {}), "unix_socket_directories": str(socket)}

    @property
    def binaries(self) -> Path:
        return binaries.folder()

    @property
    def major(self) -> str:
        """The major version of the programs it runs from."""
        return binaries.major_of(self.binaries)

    @property
    def url(self) -> str:
        """The address of its database, as DATABASE_URL takes it."""
        return f"postgresql:///{DATABASE}?user={USER}&host={quote(str(self.socket), safe='')}"

    def answers(self) -> bool:
        """Say whether the server takes connections now: not while it starts, recovers or stops."""
        return self._ready() == 0

    def listens(self) -> bool:
        """Say whether anything is behind the socket: a glance of microseconds, where `answers` runs a program."""
        with socketlib.socket(socketlib.AF_UNIX) as probe:
            probe.settimeout(1)
            return probe.connect_ex(str(self.socket / f".s.PGSQL.{PORT}")) == 0

    def ensure(self) -> bool:
        """Make and start the server unless it answers; return whether this call started it.

        Any number of processes may call it at once. Raises Unavailable, NoBinaries or NoAccount.
        """
        if self.answers():
            return False
        with self._alone():
            if self.answers():
                return False
            self._adopt()
            if not (self.data / "PG_VERSION").exists():
                self._make()
            self._check_version()
            self._configure()
            self._start()
            return True

    def stop(self) -> bool:
        """Stop the server, ending its connections; return whether it ran."""
        if not self.home.exists():
            return False
        with self._alone():
            if self._ready() == 2:
                return False
            self._run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", START_SECONDS, "stop")
            if self.socket != self.home:
                shutil.rmtree(self.socket, ignore_errors=True)
            return True

    def _ready(self) -> int:
        """Return what `pg_isready` says: 0 takes connections, 1 starts or stops, 2 silence."""
        if not self.socket.exists():
            return 2
        program = str(self.binaries / "pg_isready")
        asked = [program, "-q", "-t", "3", "-h", str(self.socket), "-p", str(PORT)]
        return subprocess.run(asked, check=False, stdin=subprocess.DEVNULL, capture_output=True).returncode

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the right to start and stop; its file lies beside home, which may be another account's."""
        try:
            self.home.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = open(self.home.parent / f".{self.home.name}.lock", "a")  # noqa: SIM115  (closed below)
        except OSError as fault:
            where = self.home.parent
            raise Unavailable(
                f"TRADINGOPS_DATA: {where} cannot be written to ({fault}); name a folder of yours."
            ) from None
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _adopt(self) -> None:
        """Give home, socket and data to the account that the server runs as."""
        runs_as = account.account()
        runs_as.give(self.home)
        runs_as.give(self.socket)
        if self.data.exists() and self.data.stat().st_uid != runs_as.owner:
            for path in (self.home, *self.home.rglob("*")):
                os.chown(path, runs_as.owner, -1, follow_symlinks=False)

    def _make(self) -> None:
        """Make the cluster under another name first, so that half a cluster never has the right one."""
        half = self.home / "data.half"
        shutil.rmtree(half, ignore_errors=True)
        locale = "C.UTF-8" if sys.platform == "linux" else "C"
        self._run(
            *("initdb", "-D", half, "-U", USER, "-A", "trust", "-E", "UTF8", f"--locale={locale}", "--no-sync"),
        )
        with open(half / "postgresql.conf", "a") as conf:
            conf.write("\ninclude_if_exists = '../tradingops.conf'\n")
        half.rename(self.data)

    def _check_version(self) -> None:
        made, have = (self.data / "PG_VERSION").read_text().strip(), self.major
        if made != have:
            raise Unavailable(
                f"{self.data} was made by PostgreSQL {made}, and {self.binaries} is PostgreSQL {have}. "
                f"Point PG_BIN at a PostgreSQL {made}, or move {self.home} away to begin anew."
            )

    def _configure(self) -> None:
        lines = [f"{name} = '{value}'\n" for name, value in self.settings.items()]
        (self.home / "tradingops.conf").write_text("".join(lines))

    def _start(self) -> None:
        """Start the server, waiting out the children that a killed one left behind: they hold its shared memory."""
        until = time.monotonic() + STALE_SECONDS
        while True:
            self._clear_stale_locks()
            if self.answers():
                return
            try:
                self._run("pg_ctl", "-D", self.data, "-w", "-t", START_SECONDS, "-l", self.log, "start")
                return
            except Unavailable:
                if time.monotonic() > until:
                    raise
                time.sleep(POLL_SECONDS * 5)

    def _clear_stale_locks(self) -> None:
        """Remove lock files whose process is gone, a zombie or a stranger; wait for one that starts or stops."""
        until = time.monotonic() + START_SECONDS
        for lock in (self.data / "postmaster.pid", self.socket / f".s.PGSQL.{PORT}.lock"):
            while (pid := processes.holder_of(lock)) is not None and not self.answers():
                if str(self.data) not in processes.command_of(pid):
                    lock.unlink(missing_ok=True)
                elif time.monotonic() > until:
                    raise Unavailable(f"Process {pid} holds {self.data} and does not answer; see {self.log}.")
                else:
                    time.sleep(POLL_SECONDS)

    def _run(self, program: str, *arguments: object) -> None:
        """Run a program of PostgreSQL as the server's account, in a session of its own: Ctrl-C must not reach it.

        Its words go to a file: a pipe would be inherited by the server and never close.
        """
        command = [*account.account().prefix, str(self.binaries / program), *map(str, arguments)]
        with tempfile.TemporaryFile("w+") as said:
            ended = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/", start_new_session=True
            )
            if ended.returncode:
                said.seek(0)
                raise Unavailable(f"{program} failed ({ended.returncode}):\n{said.read()}{self._last_words()}")

    def _last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
