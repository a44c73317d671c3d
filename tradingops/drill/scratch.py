"""A desk to rehearse on: a private PostgreSQL and workers in a folder that is thrown away afterwards."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from strands.strand import Strand
from strands.wires.postgres import PostgresWire
from tradingops.drill import story

ROOT = Path(__file__).parents[2]
#: What names the real desk's database, which the drill must not reach.
NOT_HANDED_ON = ("DATABASE_URL", "DATABASE_LISTEN_URL", "DATABASE_REPLICA_URL", "DATABASE_OWNER_URL")
#: How long anything may take before its rehearsal has failed [seconds].
PATIENCE = 45.0


class DrillFailed(Exception):
    """What was rehearsed did not come out: the message says what was seen instead."""


class Scratch:
    """One desk on paper: its database, its workers by name, and its market, a minute at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if name not in NOT_HANDED_ON}
        own = {"TRADINGOPS_DATA": str(folder), "TRADINGOPS_MODE": "paper"}
        self._environment = {**kept, **own, "DJANGO_SETTINGS_MODULE": "tradingops.settings"}
        self._workers: dict[str, subprocess.Popen[bytes]] = {}
        self._now = datetime.now(UTC).replace(second=0, microsecond=0)
        self._url = ""
        self._telling = threading.Lock()

    def prepare(self) -> None:
        """Make the database, migrate it, start a trader and a venue."""
        self.manage("migrate", "--verbosity", "0")
        self._url = json.loads(self.manage("pg", "status", "--json").stdout)["url"]
        for name in ("trader", "venue"):
            self.start(name)

    def close(self) -> None:
        """Stop what was started."""
        for name in list(self._workers):
            self.kill(name)
        self.manage("pg", "stop", check=False)

    # -- its programs

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of the desk; raises DrillFailed with its words unless it exits with 0."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self._environment, check=False, capture_output=True, text=True, timeout=2 * PATIENCE
        )
        if check and done.returncode:
            raise DrillFailed(f"{' '.join(arguments)} exited with {done.returncode}: {done.stderr.strip()[-300:]}")
        return done

    def start(self, name: str) -> None:
        """Start the worker of a module."""
        with open(self.folder / f"{name}.log", "ab") as log:
            self._workers[name] = subprocess.Popen(
                [sys.executable, "manage.py", "run_module", name, "--clock", "market"],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self, name: str) -> None:
        """End a worker without giving it a chance to say anything."""
        worker = self._workers.pop(name)
        worker.kill()
        worker.wait()

    def runs(self, name: str) -> bool:
        """Say whether the worker that was started last still runs."""
        return self._workers[name].poll() is None

    # -- its market and its table

    def decide(self, plan_id: str) -> None:
        """Let the decision maker have approved a plan."""
        self._tell(lambda at: [story.decision(at, plan_id=plan_id)])

    def minute(self) -> None:
        """Let a minute of the market pass."""
        self._now += story.MINUTE
        self._tell(lambda at: [story.minute(at)])

    @contextmanager
    def market(self, *, every: float = 0.3) -> Iterator[None]:
        """Let minutes pass beside what is done meanwhile."""
        over = threading.Event()

        def pass_minutes() -> None:
            while not over.wait(every):
                self.minute()

        beside = threading.Thread(target=pass_minutes, daemon=True)
        beside.start()
        try:
            yield
        finally:
            over.set()
            beside.join()

    @property
    def now(self) -> datetime:
        """The market's present."""
        return self._now

    def connect(self) -> psycopg.Connection[Any]:
        """Open a session of its database, as any program of the desk does."""
        return psycopg.connect(self._url, autocommit=True, options="-c timezone=UTC")

    def ask(self, query: str, values: Mapping[str, object] | None = None) -> int:
        """Return the number that a query finds."""
        with self.connect() as session:
            row = session.execute(query, values).fetchone()
            return int(row[0]) if row else 0

    def until(self, query: str, *, what: str, values: Mapping[str, object] | None = None) -> None:
        """Let minutes pass until a query finds something; raises DrillFailed naming what did not happen."""
        deadline = time.monotonic() + PATIENCE
        while not self.ask(query, values):
            if time.monotonic() > deadline:
                raise DrillFailed(f"{what}: not within {PATIENCE:.0f} s")
            self.minute()
            time.sleep(0.2)

    def _tell(self, told: Callable[[datetime], list[Strand]]) -> None:
        with self._telling, self.connect() as session:
            PostgresWire(lambda: session).publish(told(self._now))


@contextmanager
def desk() -> Iterator[Scratch]:
    """A desk that works, and that nothing is left of; raises DrillFailed where none can be made."""
    folder = Path(tempfile.mkdtemp(prefix="tradingops-drill-"))
    folder.chmod(0o755)
    scratch = Scratch(folder)
    try:
        scratch.prepare()
        yield scratch
    finally:
        scratch.close()
        shutil.rmtree(folder, ignore_errors=True)
