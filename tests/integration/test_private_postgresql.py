"""The private PostgreSQL: it is there after whatever was killed, wherever it lives."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tradingops.localpg import cluster, places, processes

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("DATABASE_URL")), reason="DATABASE_URL names the database: nothing private is started"
)


def a_cluster(home: Path) -> cluster.Cluster:
    """A cluster of the tests' kind; its socket lies where a short path is certain."""
    socket = Path("/tmp") / f"tradingops-test-{os.getuid()}-{hashlib.sha256(bytes(home)).hexdigest()[:12]}"
    return cluster.Cluster(home, socket=socket, differences=places.DIFFERENCES_OF_TESTS)


@pytest.fixture
def private(tmp_path: Path) -> Iterator[cluster.Cluster]:
    made = a_cluster(tmp_path / "a desk" / "pg")
    made.ensure()
    yield made
    made.stop()


def ask(private: cluster.Cluster, question: str) -> object:
    with psycopg.connect(
        host=str(private.socket), user=cluster.USER, dbname=cluster.DATABASE, autocommit=True
    ) as asked:
        answer = asked.execute(question)
        row = answer.fetchone() if answer.description else None
        return row[0] if row else None


def postmaster_of(private: cluster.Cluster) -> int:
    pid = processes.holder_of(private.data / "postmaster.pid")
    assert pid is not None
    return pid


def wait_until_gone(pid: int) -> None:
    until = time.monotonic() + 20
    while processes.command_of(pid) and time.monotonic() < until:
        time.sleep(0.01)
    assert not processes.command_of(pid)


def test_it_starts_once_and_is_found_again(private):
    assert private.ensure() is False
    assert private.answers()
    assert private.listens()
    assert ask(private, "SELECT 40 + 2") == 42


def test_it_listens_to_no_network_and_its_folders_are_closed_to_others(private):
    assert ask(private, "SHOW listen_addresses") == ""
    assert {oct(folder.stat().st_mode & 0o777) for folder in (private.home, private.socket, private.data)} == {"0o700"}


def test_it_is_set_up_for_the_wire(private):
    assert ask(private, "SHOW max_connections") == "200"
    assert ask(private, "SHOW wal_level") == "minimal"
    assert ask(private, "SHOW idle_in_transaction_session_timeout") == "1min"
    assert ask(private, "SHOW fsync") == "off"


def test_what_was_committed_survives_the_killing_of_every_process(private):
    ask(private, "CREATE TABLE kept AS SELECT 7 AS number")
    ask(private, "CHECKPOINT")
    pid = postmaster_of(private)
    os.kill(pid, signal.SIGKILL)
    assert private.ensure() is True
    assert postmaster_of(private) != pid
    assert ask(private, "SELECT number FROM kept") == 7


def test_a_lock_file_left_to_a_stranger_is_no_obstacle(private):
    private.stop()
    (private.data / "postmaster.pid").write_text(f"{os.getpid()}\n{private.data}\n")
    private.socket.mkdir(mode=0o700, exist_ok=True)
    (private.socket / f".s.PGSQL.{cluster.PORT}.lock").write_text(f"{os.getpid()}\n")
    assert private.ensure() is True
    assert ask(private, "SELECT 1") == 1


def test_a_zombie_is_not_taken_for_a_server(private):
    private.stop()
    zombie = subprocess.Popen([sys.executable, "-c", ""])
    try:
        wait_until_gone(zombie.pid)
        (private.data / "postmaster.pid").write_text(f"{zombie.pid}\n{private.data}\n")
        assert private.ensure() is True
    finally:
        zombie.wait()


def test_half_a_cluster_is_made_anew(tmp_path):
    made = a_cluster(tmp_path / "pg")
    (made.home / "data.half").mkdir(parents=True)
    (made.home / "data.half" / "PG_VERSION").write_text("18")
    try:
        assert made.ensure() is True
        assert ask(made, "SELECT 1") == 1
    finally:
        made.stop()


def test_six_at_once_start_one_server(tmp_path):
    made = a_cluster(tmp_path / "pg")
    try:
        with ThreadPoolExecutor(6) as pool:
            started = list(pool.map(lambda _: a_cluster(tmp_path / "pg").ensure(), range(6)))
        assert sorted(started) == [False] * 5 + [True]
    finally:
        made.stop()


def test_another_major_version_is_refused_with_the_way_out(private):
    private.stop()
    (private.data / "PG_VERSION").write_text("11\n")
    with pytest.raises(cluster.Unavailable, match=r"made by PostgreSQL 11.*Point PG_BIN at a PostgreSQL 11, or move"):
        private.ensure()
    (private.data / "PG_VERSION").write_text(f"{private.major}\n")


def test_stopping_twice_is_no_fault(private):
    assert private.stop() is True
    assert private.stop() is False
    assert not private.answers()


@pytest.mark.parametrize("folder", ["desk", "a desk with a space", "long" * 40])
def test_every_folder_has_a_socket_that_fits(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("TRADINGOPS_DATA", str(tmp_path / folder))
    path = places.socket_of("pg") / f".s.PGSQL.{cluster.PORT}.lock"
    assert len(bytes(path)) < 104
    assert " " not in str(path)
