"""NOTIFY wakes, the table tells: a worker hears at once, misses nothing, and stops when told to."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg.errors import DeadlockDetected

from strands.wires.postgres import PostgresWire
from tests import sessions, workers
from tests.toys import a_plan
from tradingops import environments
from tradingops.listening import Pace

pytestmark = pytest.mark.django_db(transaction=True)

OURS = "datname = current_database() AND pid <> pg_backend_pid() AND application_name = ANY (%s)"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def session(transactional_db: None) -> Iterator[sessions.Session]:
    """A session that sees what others commit."""
    with sessions.connections.listening() as opened:
        yield opened


def count(session: sessions.Session, query: str, *values: object) -> int:
    return int(sessions.rows(session, query, *values)[0][0])


def is_told(session: sessions.Session, turns: int) -> bool:
    return count(session, "SELECT count(*) FROM module_messages") == turns


def kill(session: sessions.Session, *names: str) -> int:
    """End the server's side of connections by their names, as a restart would."""
    return count(session, f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {OURS}", list(names))


def test_a_sleeping_worker_is_woken(real_wire: PostgresWire, session: sessions.Session) -> None:
    echo = workers.Watched()
    with workers.at_work(echo) as worker:
        for number in range(3):
            assert worker.asleep.wait(workers.PATIENCE)
            worker.asleep.clear()
            real_wire.publish([a_plan(number)])
            workers.until(lambda: is_told(session, number + 1), what=f"turn {number}")  # noqa: B023  (waited for here)
    assert echo.heard == [0, 1, 2]


def test_any_client_s_insert_wakes_it(session: sessions.Session) -> None:
    with workers.at_work(workers.Watched()) as worker:
        assert worker.asleep.wait(workers.PATIENCE)
        sessions.insert(session, "AD_strands", id="AD_1", tags=["dm:evaluate"], trading_plan={"number": 1})
        workers.until(lambda: is_told(session, 1), what="the turn")


def test_a_worker_listens_by_the_address_that_is_given_for_it(
    session: sessions.Session, settings: Any, database_url: str
) -> None:
    settings.DATABASE_LISTEN_URL = database_url
    with workers.at_work(workers.Watched()) as worker:
        assert worker.asleep.wait(workers.PATIENCE)
        sessions.insert(session, "ad_strands", id="S1", tags=["dm:evaluate_plan"], trading_plan={"number": 1})
        workers.until(lambda: is_told(session, 1), what="the turn")


def test_a_worker_that_hears_nothing_finds_it_by_looking(real_wire: PostgresWire, session: sessions.Session) -> None:
    with workers.at_work(workers.Watched(), kind=workers.DeafWorker, pace=Pace(poll=0.05)) as worker:
        assert worker.asleep.wait(workers.PATIENCE)
        real_wire.publish([a_plan(1)])
        workers.until(lambda: is_told(session, 1), what="the turn")


def test_a_worker_finds_what_was_said_before_it_came(real_wire: PostgresWire, session: sessions.Session) -> None:
    real_wire.publish([a_plan(number) for number in range(5)])
    echo = workers.Watched()
    with workers.at_work(echo):
        workers.until(lambda: is_told(session, 5), what="the turns")
    assert echo.heard == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("lost", [["tradingops wire", "tradingops listen"], ["tradingops wire"], ["tradingops listen"]])
def test_a_worker_whose_connections_are_killed_comes_back_and_loses_nothing(
    real_wire: PostgresWire, lost: list[str]
) -> None:
    real_wire.close()
    echo = workers.Watched()
    with sessions.connections.wire() as session, workers.at_work(echo) as worker:
        session.execute("SET application_name = 'test'")
        for number in range(3):
            assert worker.asleep.wait(workers.PATIENCE)
            kill(session, *lost)
            sessions.insert(
                session, "ad_strands", id=f"S{number}", tags=["dm:evaluate_plan"], trading_plan={"number": number}
            )
            workers.until(lambda: is_told(session, number + 1), what=f"turn {number}")  # noqa: B023  (waited for here)
    assert echo.heard == [0, 1, 2]


def test_a_turn_whose_connection_dies_is_taken_again_and_happens_once(real_wire: PostgresWire) -> None:
    real_wire.publish([a_plan(1), a_plan(2)])
    real_wire.close()
    echo = workers.Watched()
    echo.may_go_on.clear()
    with sessions.connections.wire() as session, workers.at_work(echo) as worker:
        session.execute("SET application_name = 'test'")
        assert echo.entered.wait(workers.PATIENCE)
        assert kill(session, "tradingops wire") == 1
        echo.may_go_on.set()
        workers.until(lambda: is_told(session, 2), what="the turns")
        assert worker.faults == 1
        assert echo.heard == [1, 2, 1, 2]
        assert count(session, "SELECT count(*) FROM dm_strands") == 2
        assert sessions.rows(session, "SELECT state FROM module_states") == [('{"count":2}',)]


def test_a_worker_told_to_stop_finishes_the_turn_in_hand(real_wire: PostgresWire, session: sessions.Session) -> None:
    real_wire.publish([a_plan(number) for number in range(6)])
    echo = workers.Watched()
    echo.may_go_on.clear()
    with workers.at_work(echo, batch=2) as worker:
        assert echo.entered.wait(workers.PATIENCE)
        worker.stop()
        echo.may_go_on.set()
    assert echo.heard == [0, 1]
    assert is_told(session, 2)
    assert real_wire.waiting("dm") == 4


def test_a_worker_told_to_stop_does_not_sleep_on(real_wire: PostgresWire) -> None:
    with workers.at_work(workers.Watched()) as worker:
        assert worker.asleep.wait(workers.PATIENCE)


def test_once_leaves_when_nothing_waits(real_wire: PostgresWire, session: sessions.Session) -> None:
    real_wire.publish([a_plan(number) for number in range(25)])
    echo = workers.Watched(stumbles={3: 1}, fault=DeadlockDetected)
    worker = workers.WatchedWorker(
        modules=[echo], wire=real_wire, now=lambda strand: strand.at, batch=10, pace=workers.WOKEN_ONLY
    )
    worker.run(once=True)
    assert sorted(echo.heard) == list(range(25))
    assert is_told(session, 25)
    assert count(session, "SELECT count(*) FROM workers") == 0


# -- the command


def run_module(environment: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "django", "run_module", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_run_module_leaves_on_sigterm_with_its_turn_finished(
    real_wire: PostgresWire, session: sessions.Session, desk_environment: dict[str, str]
) -> None:
    said = [a_plan(number, symbol=f"S{number}", tags=["alpha:lesson"]) for number in range(400)]
    real_wire.publish(said)
    process = run_module(desk_environment, "alpha", "--batch", "5", "--poll", "600")
    try:
        workers.until(lambda: count(session, "SELECT count(*) FROM module_messages") > 0, what="the first turns")
        assert count(session, "SELECT count(*) FROM workers WHERE listener = 'alpha'") == 1
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=workers.PATIENCE)
    finally:
        process.kill()
    assert (process.returncode, "turns taken" in told.decode()) == (0, True)
    finished = count(session, "SELECT count(*) FROM module_messages")
    assert finished + real_wire.waiting("alpha") == len(said)
    assert count(session, "SELECT count(*) FROM workers") == 0


def test_run_module_leaves_on_sigterm_while_it_sleeps(
    session: sessions.Session, desk_environment: dict[str, str]
) -> None:
    process = run_module(desk_environment, "--all", "--poll", "600")
    try:
        workers.until(
            lambda: count(session, "SELECT count(*) FROM workers") == len(environments.ROUND), what="the heartbeats"
        )
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=workers.PATIENCE)
    finally:
        process.kill()
    assert process.returncode == 0
    assert count(session, "SELECT count(*) FROM workers") == 0
