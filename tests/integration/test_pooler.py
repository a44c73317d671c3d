"""A pooler in transaction mode: the wire, the commands and the console work through it, listeners beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from strands.wires import transactions
from strands.wires.postgres import PostgresWire
from strands.wires.transactions import Shared
from tests import poolers
from tests.acceptance import markets
from tests.integration.test_feed_command import written
from tests.toys import Echo, a_plan, a_trader
from tradingops import connections, engine

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(poolers.binary() is None, reason="pgbouncer is not installed"),
]

ROOT = Path(__file__).resolve().parents[2]
SESSIONS = 3


@pytest.fixture
def pooled(database_url: str) -> Iterator[str]:
    with poolers.running(database_url, sessions=SESSIONS) as address:
        yield address


@pytest.fixture
def through(pooled: str, database_url: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead our own connections through the pooler, as DATABASE_URL and DATABASE_LISTEN_URL would."""
    settings.DATABASE_LISTEN_URL = database_url
    there = psycopg.conninfo.conninfo_to_dict(pooled)
    monkeypatch.setattr(connections, "parameters", lambda using="default": there)


def test_many_wires_share_few_sessions_and_lose_nothing(through: None) -> None:
    wires = [PostgresWire(connections.wire) for _ in range(2 * SESSIONS)]
    wires[0].publish([a_plan(number, symbol="ABC"[number % 3]) for number in range(60)])
    dm, trader = Echo(), a_trader()
    for turn in range(40):
        for wire in wires:
            engine.turn(dm if turn % 2 else trader, wire, engine.market_time, limit=3)
    assert dm.heard == list(range(60))
    assert sorted(trader.heard) == list(range(60))
    for wire in wires:
        wire.close()


def test_what_the_hot_path_wants_of_its_session_holds_in_every_transaction(through: None) -> None:
    wire, others = PostgresWire(connections.wire), [connections.wire() for _ in range(SESSIONS)]
    for other in others:
        other.execute("SELECT 1")
    for _ in range(SESSIONS + 1):
        with wire.transaction():
            asked = [wire.connection.execute(f"SHOW {name}") for name in connections.HOT_PATH]
            assert [cursor.fetchone()[0] for cursor in asked] == list(connections.HOT_PATH.values())  # type: ignore[index]
    assert wire.connection.execute("SHOW enable_seqscan").fetchone() == ("on",)
    assert wire.connection.execute("SHOW timezone").fetchone() == ("UTC",)
    for each in (wire, *others):
        each.close()


def test_nothing_is_prepared_in_a_session_that_others_share(through: None) -> None:
    wire = PostgresWire(connections.wire)
    for number in range(8):
        wire.publish([a_plan(number)])
        engine.turn(Echo(), wire, engine.market_time)
    assert wire.connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
    wire.close()


SLOW_TO_COMMIT = """
    CREATE TEMP TABLE slow (id int);
    CREATE FUNCTION pg_temp.sleep() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_sleep(0.05); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER sleeps AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION pg_temp.sleep();
"""


def test_nothing_is_said_behind_a_commit_for_which_a_pooler_would_keep_a_session(
    database_url: str, tmp_path: Path
) -> None:
    with Shared.connect(database_url, autocommit=True) as shared, (tmp_path / "said").open("w") as said:
        shared.execute(SLOW_TO_COMMIT)
        shared.pgconn.trace(said.fileno())
        with transactions.whole(shared):
            shared.execute("INSERT INTO slow VALUES (1)")
        shared.pgconn.untrace()
    messages = [line.split("\t")[1:] for line in (tmp_path / "said").read_text().splitlines()]
    ours = [(kind, *rest) for sent, _, kind, *rest in messages if sent == "F"]
    assert ours[-1] == ("Query", ' "COMMIT"')


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "django", *arguments], env=environment, cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.any_server
def test_a_desk_works_through_it_as_documented(
    pooled: str, database_url: str, desk_environment: dict[str, str], tmp_path: Path
) -> None:
    environment = {**os.environ, **desk_environment, "DATABASE_URL": pooled, "DATABASE_LISTEN_URL": database_url}
    bars = str(written(tmp_path, markets.simulated("BTC", moments=90)))
    fed = manage(environment, "feed", bars, "--limit", "60", "--json")
    assert fed.returncode == 0, fed.stderr
    worked = manage(environment, "run_module", "--all", "--once")
    assert worked.returncode == 0, worked.stderr
    drained = manage(environment, "feed", bars, "--drain", "--json")
    assert drained.returncode == 0, drained.stderr
    told = manage(environment, "refold", "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["differences"] == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), (SELECT count(*) FROM deliveries) FROM md_strands")
        assert cursor.fetchone() == (json.loads(drained.stdout)["strands"] + json.loads(fed.stdout)["strands"], 0)
