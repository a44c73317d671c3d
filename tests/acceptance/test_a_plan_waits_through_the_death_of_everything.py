"""Kill -9 of every process and of PostgreSQL while plans wait: they are still there, are decided, and end in time."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from strands.wires.postgres import PostgresWire
from tests.chaos import story
from tests.chaos.ordeal import Ordeal

PATIENCE = 90
#: The market of the story jumps by more than the band that a plan usually has.
ASKING = 'dm.review={"bands": [{"needs": "one"}], "answer_seconds": 600, "price_band": 0.05}'
#: One process of each module, and nothing else: neither console nor `up` tells deadlines here.
WORKERS = (("dm", "risk", "trader", "venue"),)
#: What waits for those that are not run here may wait.
QUIET = """
    SELECT (NOT EXISTS (SELECT FROM deliveries WHERE listener IN ('dm', 'risk', 'trader', 'venue')))::int
"""


def until(ordeal: Ordeal, query: str, count: int) -> None:
    end = time.monotonic() + PATIENCE
    while (found := ordeal.ask(query)) < count:
        assert time.monotonic() < end, f"{found} of {count} within {PATIENCE} s: {query}"
        time.sleep(0.05)


def kill_everything(ordeal: Ordeal) -> None:
    for worker in ordeal.workers:
        worker.kill()
    os.kill(int((ordeal._cluster().data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    for worker in ordeal.workers:
        worker.wait()
    ordeal._cluster().ensure()


@pytest.mark.timeout(300)
def test_what_waits_is_still_there_is_decided_once_and_ends_at_its_deadline(tmp_path: Path) -> None:
    ordeal = Ordeal(tmp_path, plans=0, kills=0, server_kills=0)
    ordeal.manage("migrate", "--verbosity", "0")
    ordeal.environment["DJANGO_SUPERUSER_PASSWORD"] = "only for this ordeal"
    ordeal.manage("createsuperuser", "--noinput", "--username", "ann", "--email", "ann@host.example")
    wire = PostgresWire(ordeal.connect)
    try:
        settings = [f"{key}={value}" for key, value in story.EAGER.items()]
        ordeal.manage("publish", *settings, ASKING, "--reason", "an ordeal")
        minutes = story.bars(story.WARM_UP + 40)
        for _ in range(story.WARM_UP):
            wire.publish(next(minutes))
        with ordeal.working(WORKERS):
            until(ordeal, QUIET, 1)
            wire.publish([*next(minutes), story.plan(0), story.plan(1)])
            # Who may decide is told by the workers themselves.
            until(ordeal, "SELECT count(*) FROM dm_reviews WHERE outcome IS NULL AND may_decide = '[\"ann\"]'", 2)
            wire.close()
            kill_everything(ordeal)
        [one, other] = sorted(
            json.loads(ordeal.manage("review", "list", "--json").stdout)["waiting"], key=lambda each: each["plan"]
        )
        said = ordeal.manage("review", "approve", one["item"], "--hash", one["hash"], "--reason", "seen before")
        assert said.returncode == 0
        again = ordeal.manage("review", "approve", one["item"], "--hash", one["hash"], "--reason", "x", check=False)
        assert (again.returncode, "nobody counts twice" in again.stderr) == (2, True)
        wire = PostgresWire(ordeal.connect)
        with ordeal.working(WORKERS):
            until(ordeal, f"SELECT count(*) FROM dm_reviews WHERE outcome = 'approved' AND id = '{one['item']}'", 1)
            for _ in range(12):
                wire.publish(next(minutes))
            until(ordeal, f"SELECT count(*) FROM dm_reviews WHERE outcome = 'expired' AND id = '{other['item']}'", 1)
            until(ordeal, "SELECT count(*) FROM tr_strands WHERE kind = 'fill'", 1)
            until(ordeal, QUIET, 1)
        assert ordeal.ask("SELECT count(*) FROM dm_reviews WHERE ended_at > deadline") == 0
        assert ordeal.ask("SELECT count(*) FROM dm_strands WHERE kind = 'decision'") == 2
        refold = ordeal.manage("refold", "--json", check=False)
        assert json.loads(refold.stdout)["differences"] == []
    finally:
        wire.close()
        ordeal.close()
