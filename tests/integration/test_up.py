"""`manage.py up`: the desk comes up, answers, is not started twice, and takes everything with it when it goes."""

from __future__ import annotations

import http.client
import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.management.base import OutputWrapper

from strands.models import MarketStrand
from tradingops.localpg import processes
from tradingops.management import first_sign_in

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def up(environment: dict[str, str], *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run `up` from some folder or other, and leave nothing of it behind."""
    command = [sys.executable, str(ROOT / "manage.py"), "up", *options]
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    running = subprocess.Popen(command, env=environment, cwd=environment["TRADINGOPS_DATA"], text=True, **both)
    try:
        yield running
    finally:
        if running.poll() is None:
            running.send_signal(signal.SIGINT)
        running.wait(PATIENCE)
        if running.stdout is not None:
            running.stdout.close()


def words_until(running: subprocess.Popen[str], pattern: str) -> str:
    """Return what it said up to the line that matches; fails when it ends without saying it."""
    said = ""
    assert running.stdout is not None
    for line in running.stdout:
        said += line
        if re.search(pattern, line):
            return said
    pytest.fail(f"it ended and never said {pattern!r}: {said}")


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_until_gone(pids: list[int]) -> None:
    until = time.monotonic() + PATIENCE
    while any(processes.command_of(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    assert [processes.command_of(pid) for pid in pids] == [""] * len(pids)


def a_market(path: Path, bars: int) -> Path:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    rows = [f"{(start + timedelta(minutes=n)).isoformat()},100,101,99,{100 + n % 2},5" for n in range(bars)]
    path.write_text("timestamp,open,high,low,close,volume\n" + "\n".join(rows) + "\n")
    return path


def test_once_runs_the_feed_to_its_end_and_stops(desk_environment, tmp_path):
    market = a_market(tmp_path / "bars.csv", bars=40)
    feed = ["--feed", str(market), "--symbol", "AAA-PERP", "--timeframe", "1m", "--speed", "max"]
    with up(desk_environment, *feed, "--once", "--no-console") as running:
        said, _ = running.communicate(timeout=PATIENCE)
    assert running.returncode == 0, said
    assert "the wire is quiet" in said
    assert MarketStrand.objects.filter(kind="bar", symbol="AAA-PERP", timeframe="1m").count() == 40


@pytest.mark.any_server
def test_once_with_a_feed_that_cannot_be_read_fails(desk_environment, tmp_path):
    with up(desk_environment, "--feed", str(tmp_path / "none.csv"), "--once", "--no-console") as running:
        said, _ = running.communicate(timeout=PATIENCE)
    assert running.returncode == 1, said
    assert "The feed failed" in said


@pytest.mark.any_server
def test_the_console_answers_and_a_second_up_says_where(desk_environment):
    with up(desk_environment, "--bind", "127.0.0.1:0") as running:
        said = words_until(running, "Ctrl-C stops it")
        place = re.search(r"http://(\S+)/", said)
        assert place is not None
        with closing(http.client.HTTPConnection(place[1], timeout=PATIENCE)) as caller:
            caller.request("GET", "/admin/login/?next=/admin/")
            assert caller.getresponse().status == 200
        with up(desk_environment) as second:
            refusal, _ = second.communicate(timeout=PATIENCE)
        assert second.returncode == 3
        assert f"process {running.pid} runs it at http://{place[1]}/" in refusal
        started = children_of(running.pid)
        assert len(started) == 3
        running.send_signal(signal.SIGTERM)
        assert running.wait(PATIENCE) == 0
        wait_until_gone(started)


@pytest.mark.any_server
def test_the_first_password_is_said_once_and_kept_for_its_owner_alone(desk_environment, tmp_path):
    with up(desk_environment, "--bind", "127.0.0.1:0") as running:
        said = words_until(running, "Sign in as")
        running.send_signal(signal.SIGINT)
        assert running.wait(PATIENCE) == 0
    kept = tmp_path / "first-sign-in.txt"
    password = re.search(r"^password: (\S+)$", kept.read_text(), re.MULTILINE)
    assert password is not None
    assert password[1] in said
    assert kept.stat().st_mode & 0o777 == 0o600
    operator = get_user_model().objects.get(username=first_sign_in.NAME)
    assert PBKDF2PasswordHasher().verify(password[1], operator.password)


@pytest.mark.any_server
def test_the_first_password_is_not_written_where_it_would_stay(tmp_path):
    with (tmp_path / "desk.log").open("w") as log:
        assert first_sign_in.stays(log)
        assert first_sign_in.stays(OutputWrapper(log))
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile("w") as journal:
        assert first_sign_in.stays(journal)
    read, write = os.pipe()
    with os.fdopen(read), os.fdopen(write, "w") as pipe:
        assert not first_sign_in.stays(pipe)
    assert not first_sign_in.stays(io.StringIO())


@pytest.mark.any_server
def test_a_killed_up_takes_its_children_along(desk_environment):
    with up(desk_environment, "--bind", "127.0.0.1:0") as running:
        words_until(running, "Ctrl-C stops it")
        started = children_of(running.pid)
        assert started
        running.kill()
        wait_until_gone(started)


@pytest.mark.any_server
def test_the_first_sign_in_is_forgotten_once_the_password_is_changed(tmp_path):
    made = first_sign_in.prepare(tmp_path)
    assert made is not None
    assert made.password
    again = first_sign_in.prepare(tmp_path)
    assert again is not None
    assert again.password is None
    operator = get_user_model().objects.get(username=first_sign_in.NAME)
    operator.set_password("another one altogether")
    operator.save()
    assert first_sign_in.prepare(tmp_path) is None
    assert not (tmp_path / "first-sign-in.txt").exists()
