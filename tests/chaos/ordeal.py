"""The ordeal: plans flow through several processes while listeners and PostgreSQL are killed at random."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).parents[2]
#: Each tuple is one process; dm and risk have one state, so their second process stands by for the first.
PROCESSES = (("dm",), ("dm", "risk"), ("trader", "venue"), ("trader", "venue", "alpha", "lessons"))
#: How long a server that was killed may take to answer again, on a machine with other work [s].
COMES_BACK = 120.0
LOST = """
    SELECT count(*) FROM ad_strands AS plan WHERE kind = 'signal' AND NOT EXISTS (
        SELECT FROM module_messages WHERE strand_id = plan.id AND listener = 'dm' AND status = 'delivered')
"""
TWICE = """
    SELECT count(*) FROM (SELECT FROM module_messages WHERE status = 'delivered'
                           GROUP BY listener, strand_id, tag HAVING count(*) > 1) AS doubled
"""
DECIDED_TWICE = """
    SELECT count(*) FROM (SELECT FROM dm_strands WHERE kind = 'decision'
                           GROUP BY parent_id HAVING count(*) > 1) AS doubled
"""
ORDERED_TWICE = """
    SELECT count(*) FROM (SELECT FROM vn_strands WHERE vn_update ->> 'status' = 'accepted'
                           GROUP BY vn_update ->> 'order_id' HAVING count(*) > 1) AS doubled
"""
ENTRIES = "SELECT count(*) FROM tr_strands WHERE kind = 'order' AND order_spec ->> 'intent' = 'entry'"
COUNTS = {
    "plans": "SELECT count(*) FROM ad_strands WHERE kind = 'signal'",
    "decisions": "SELECT count(*) FROM dm_strands WHERE kind = 'decision'",
    "orders": "SELECT count(*) FROM tr_strands WHERE kind = 'order'",
    "fills": "SELECT count(*) FROM tr_strands WHERE kind = 'fill'",
    "turns": "SELECT count(*) FROM module_messages",
    "failed": "SELECT count(*) FROM module_messages WHERE status = 'failed'",
    "expired": "SELECT count(*) FROM module_messages WHERE status = 'expired'",
    "lost": LOST,
    "handled_twice": TWICE,
    "decided_twice": DECIDED_TWICE,
    "ordered_twice": ORDERED_TWICE,
}


@dataclass
class Ordeal:
    """One run in a folder of its own, with a PostgreSQL of its own; every choice comes from the seed."""

    folder: Path
    plans: int
    kills: int
    server_kills: int
    seed: int = 1
    #: Deliveries that may wait before the next moment is told.
    backlog: int = 60
    #: How often somebody halts the desk, resumes it and lets it be flattened, meanwhile.
    halts: int = 0
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    #: Plans told so far.
    told: int = 0
    killed: int = 0
    servers_killed: int = 0
    halted: int = 0
    #: Entries that were committed between the moment in which a halt was in force and that of its end.
    passed_a_halt: int = 0
    fault: Exception | None = None

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.environment = {
            **os.environ,
            "TRADINGOPS_DATA": str(self.folder),
            "DJANGO_SETTINGS_MODULE": "tradingops.settings",
        }
        self.environment.pop("DATABASE_URL", None)

    def run(self, *, patience: float = 600.0) -> dict[str, Any]:
        """Return the counts, all but the first few to be 0; raises TimeoutError when strands stay waiting."""
        from tests.chaos import standing, story

        self.manage("migrate", "--verbosity", "0")
        self.manage("publish", *(f"{key}={value}" for key, value in story.EAGER.items()), "--reason", "an ordeal")
        with self.working():
            published = threading.Event()
            threading.Thread(target=self._publish, args=(published,), daemon=True).start()
            people = threading.Thread(target=self._rule, args=(published,), daemon=True)
            people.start()
            self._kill_at_random(published)
            people.join()
            if self.fault:
                raise self.fault
            self.await_quiet(patience)
        counts = {name: self.ask(query) for name, query in COUNTS.items()}
        with self.connect() as connection:
            counts |= {
                "unprotected": len(standing.unprotected(connection)),
                "left_before_entered": standing.backwards(connection),
            }
        told = self.manage("refold", "--json", check=False)
        happened = {"killed": self.killed, "servers_killed": self.servers_killed, "halted": self.halted}
        return {**counts, "passed_a_halt": self.passed_a_halt, "refold": _summary(told.stdout), **happened}

    def close(self) -> None:
        self.manage("pg", "stop", check=False)

    # -- what flows

    def _publish(self, done: threading.Event) -> None:
        """Tell plans and bars, in order, until the database has taken each; telling again is harmless."""
        from strands.wires.postgres import PostgresWire
        from tests.chaos import story

        wire = PostgresWire(self.connect)
        minutes = story.bars(story.WARM_UP + self.plans // story.PER_MINUTE + 40)
        try:
            for _ in range(story.WARM_UP):
                self._tell(wire, next(minutes))
            for start in range(0, self.plans, story.PER_MINUTE):
                plans = range(start, min(start + story.PER_MINUTE, self.plans))
                self._tell(wire, [*next(minutes), *map(story.plan, plans)])
                self.told = plans.stop
            for rest in minutes:
                self._tell(wire, rest)
        except Exception as fault:  # noqa: BLE001  (raised again where the ordeal is waited for)
            self.fault = fault
        finally:
            wire.close()
            done.set()

    def _tell(self, wire: Any, strands: Sequence[Any]) -> None:
        """Publish, and give the desk time to hear most of it: an order needs bars that come after it."""
        while True:
            try:
                wire.publish(strands)
                while wire.waiting() > self.backlog:
                    time.sleep(0.02)
                return
            except psycopg.OperationalError:
                time.sleep(0.1)

    # -- what dies

    def _kill_at_random(self, published: threading.Event) -> None:
        """Kill at places spread over all that flows, never sooner after another than a worker takes to begin."""
        ends = ["worker"] * self.kills + ["server"] * self.server_kills
        self.dice.shuffle(ends)
        for end, place in zip(ends, sorted(self.dice.random() for _ in ends), strict=True):
            time.sleep(self.dice.uniform(0.3, 1.5))
            while self.told < place * self.plans and not published.wait(0.05):
                pass
            (self._kill_server if end == "server" else self._kill_worker)()
        published.wait()

    def _kill_worker(self) -> None:
        number = self.dice.randrange(len(self.workers))
        self.workers[number].kill()
        self.workers[number].wait()
        self.workers[number] = self._start(PROCESSES[number])
        self.killed += 1

    def _kill_server(self) -> None:
        from tradingops.localpg.cluster import Cluster

        cluster: Cluster = self._cluster()
        os.kill(int((cluster.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        self.servers_killed += 1
        time.sleep(self.dice.uniform(0.0, 0.5))
        cluster.ensure()

    # -- what people do meanwhile

    def _rule(self, published: threading.Event) -> None:
        """Halt, look whether an entry gets through, resume, and flatten now and then, until all is told."""
        dice = random.Random(self.seed + 1)
        try:
            for nth in range(self.halts):
                if published.wait(dice.uniform(1.0, 4.0)):
                    return
                self._halt_for(dice.uniform(0.5, 2.0))
                if nth % 2:
                    self.manage("flatten", "--yes", "--wait", "1", check=False)
        except Exception as fault:  # noqa: BLE001  (raised again where the ordeal is waited for)
            self.fault = fault

    def _halt_for(self, seconds: float) -> None:
        try:
            if self._insisted("halt", "desk"):
                before = self.ask(ENTRIES)
                time.sleep(seconds)
                self.passed_a_halt += self.ask(ENTRIES) - before
                self.halted += 1
        finally:
            self._insisted("resume", "desk")

    def _insisted(self, *command: str) -> bool:
        """Say whether a command of a person came through, the database having perhaps died under it, in five tries."""
        return any(self.manage(*command, "--reason", "an ordeal", check=False).returncode == 0 for _ in range(5))

    # -- who works

    @contextmanager
    def working(self, processes: Sequence[Sequence[str]] = PROCESSES) -> Iterator[None]:
        self.workers = [self._start(names) for names in processes]
        try:
            yield
        finally:
            for worker in self.workers:
                worker.terminate()
            for worker in self.workers:
                worker.wait(30)

    def _start(self, names: Sequence[str]) -> subprocess.Popen[bytes]:
        return self.begin("run_module", *names, "--clock", "market", "--batch", "50")

    def begin(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command of the desk, its words in a log of the folder."""
        with open(self.folder / f"{arguments[0]}.log", "ab") as log:
            return subprocess.Popen(
                [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    def await_quiet(self, patience: float) -> None:
        until = time.monotonic() + patience
        while self.ask("SELECT count(*) FROM deliveries"):
            if time.monotonic() > until:
                raise TimeoutError(f"{self.ask('SELECT count(*) FROM deliveries')} deliveries still wait")
            time.sleep(0.2)

    # -- how it is reached

    def _cluster(self) -> Any:
        from tradingops.localpg import places

        before = os.environ.get("TRADINGOPS_DATA")
        os.environ["TRADINGOPS_DATA"] = str(self.folder)
        try:
            return places.private("pg")
        finally:
            os.environ.pop("TRADINGOPS_DATA")
            if before is not None:
                os.environ["TRADINGOPS_DATA"] = before

    def connect(self) -> psycopg.Connection[Any]:
        cluster = self._cluster()
        return psycopg.connect(
            host=str(cluster.socket), user="postgres", dbname="postgres", autocommit=True, options="-c timezone=UTC"
        )

    def ask(self, query: str) -> int:
        until = time.monotonic() + COMES_BACK
        while time.monotonic() < until:
            try:
                with self.connect() as connection:
                    row = connection.execute(query).fetchone()  # type: ignore[arg-type]
                    return int(row[0]) if row else 0
            except psycopg.OperationalError:
                time.sleep(0.2)
        raise TimeoutError("the database does not come back")

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=check,
            capture_output=True,
            text=True,
        )


def _summary(told: str) -> dict[str, Any]:
    report = json.loads(told)
    first = [each["told"] for each in report["differences"][:5]]
    return {
        "turns": report["turns"],
        "answers": report["answers"],
        "differences": len(report["differences"]),
        "first": first,
    }
