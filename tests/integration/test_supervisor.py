"""The supervisor: children start together, come back when they die, and go together."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator

import pytest

from tradingops.management import supervisor as supervising
from tradingops.management.supervisor import Child, Supervisor

pytestmark = pytest.mark.in_memory
FOREVER = "import signal; signal.pause()"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"


def a_child(name: str, program: str, **options: object) -> Child:
    return Child(name, [sys.executable, "-c", program], **options)  # type: ignore[arg-type]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.setattr(supervising, "BACKOFF", (0.0,))
    made = Supervisor(say=said.append)
    yield made
    made.stop(grace=5)


def test_a_child_that_dies_starts_again_and_somebody_is_told(supervisor, said):
    child = a_child("The feed", FOREVER)
    supervisor.start(child)
    first = child.process
    assert first is not None
    first.kill()
    supervisor.run(until=lambda: child.process not in (None, first))
    assert child.runs
    assert said == ["The feed ended (killed by SIGKILL); it starts again in 0 s."]


def test_a_child_that_ends_well_is_followed(supervisor):
    follower = a_child("The modules", "", once=True)
    supervisor.start(a_child("The feed", "", after=lambda: follower))
    supervisor.run()
    assert follower.process is not None
    assert follower.process.returncode == 0
    assert not supervisor.failed


def test_a_failure_of_a_child_that_runs_once_is_everybodys(supervisor, said):
    supervisor.start(a_child("The console", FOREVER))
    supervisor.start(a_child("The feed", "raise SystemExit(7)", once=True))
    supervisor.run()
    assert supervisor.failed
    assert said == ["The feed failed (exit code 7)."]


def test_a_child_that_fails_again_and_again_waits_longer_each_time(said, monkeypatch):
    monkeypatch.setattr(supervising, "BACKOFF", (1.0, 5.0))
    supervisor, child = Supervisor(say=said.append), a_child("The feed", "")
    for _ in range(3):
        child.started_at = time.monotonic()
        supervisor._postpone(child, 1)
    assert [words.split(" in ")[1] for words in said] == ["1 s.", "5 s.", "5 s."]


def test_stopping_ends_every_child_and_a_deaf_one_by_force(said):
    supervisor = Supervisor(say=said.append)
    polite, deaf = a_child("The console", FOREVER), a_child("The feed", DEAF)
    for child in (polite, deaf):
        supervisor.start(child)
    supervisor.stop(grace=1)
    assert [child.runs for child in (polite, deaf)] == [False, False]
    assert polite.process is not None
    assert polite.process.returncode == -signal.SIGTERM
    assert deaf.process is not None
    assert deaf.process.returncode in (-signal.SIGKILL, -signal.SIGTERM)
