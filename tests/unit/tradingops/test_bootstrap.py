"""From a bare Python to the environment: what is believed of one, and what is put in place."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tradingops import bootstrap

LOCK = """
Django==5.2.19 \\
    --hash=sha256:aa
numpy==2.4.6 ; python_version >= '3.11' \\
    --hash=sha256:bb
    # via somebody
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of two locks, in a folder with a space."""
    root = tmp_path / "a desk"
    root.mkdir()
    (root / bootstrap.RUN_LOCK).write_text(LOCK)
    (root / bootstrap.TEST_LOCK).write_text(LOCK + "pytest==9.2.0 \\\n    --hash=sha256:cc\n")
    monkeypatch.setattr(bootstrap, "ROOT", root)
    monkeypatch.setattr(bootstrap, "ENVIRONMENT", root / ".venv")
    monkeypatch.setattr(bootstrap, "WORKSHOP", root / ".data" / "environment")
    return root


def an_environment(folder: Path) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(Path(sys.executable).resolve())
    return folder


def installed(**versions: str) -> list[SimpleNamespace]:
    return [SimpleNamespace(metadata={"Name": name}, version=version) for name, version in versions.items()]


def test_a_finished_environment_is_believed(project):
    environment = an_environment(project / ".venv")
    bootstrap._stamp(environment, bootstrap.RUN_LOCK, bootstrap._version())
    assert bootstrap._is_stamped(environment, bootstrap.RUN_LOCK)
    assert not bootstrap._is_stamped(environment, bootstrap.TEST_LOCK)


def test_an_environment_for_tests_runs_the_desk_too(project):
    environment = an_environment(project / ".venv")
    bootstrap._stamp(environment, bootstrap.TEST_LOCK, bootstrap._version())
    assert bootstrap._is_stamped(environment, bootstrap.RUN_LOCK)


def test_an_environment_of_another_lock_is_not_believed(project):
    environment = an_environment(project / ".venv")
    bootstrap._stamp(environment, bootstrap.RUN_LOCK, bootstrap._version())
    (project / bootstrap.RUN_LOCK).write_text(LOCK.replace("5.2.19", "5.2.20"))
    assert not bootstrap._is_stamped(environment, bootstrap.RUN_LOCK)


def test_an_environment_whose_python_went_away_is_not_believed(project):
    environment = an_environment(project / ".venv")
    bootstrap._stamp(environment, bootstrap.RUN_LOCK, bootstrap._version())
    (environment / "bin" / "python").unlink()
    (environment / "bin" / "python").symlink_to(project / "gone")
    assert not bootstrap._is_stamped(environment, bootstrap.RUN_LOCK)


@pytest.mark.parametrize("content", ["", "{", json.dumps({"python": "3.11"})])
def test_half_a_stamp_is_none(project, content):
    environment = an_environment(project / ".venv")
    (environment / bootstrap.STAMP).write_text(content)
    assert not bootstrap._is_stamped(environment, bootstrap.RUN_LOCK)


@pytest.mark.parametrize(
    ("have", "enough"),
    [
        (installed(django="5.2.19", numpy="2.4.6"), True),
        (installed(DJANGO="5.2.19"), True),
        (installed(django="5.2.18", numpy="2.4.6"), False),
        (installed(django="5.2.19", numpy="2.4.5"), False),
        (installed(numpy="2.4.6"), False),
        ([], False),
    ],
)
def test_an_environment_made_by_hand_serves_when_every_pin_holds(project, have, enough):
    assert bootstrap._satisfies(bootstrap.RUN_LOCK, have) is enough


def test_an_environment_that_was_entered_and_does_not_serve_is_an_error_and_no_loop(project, monkeypatch):
    monkeypatch.setenv(bootstrap.ENTERED, bootstrap.RUN_LOCK)
    monkeypatch.setattr(bootstrap.metadata, "distributions", lambda **_: [])
    with pytest.raises(bootstrap.NotBuilt, match="remove it and try again"):
        bootstrap.enter(["manage.py", "up"])


def test_what_cannot_be_built_says_what_it_takes(project, monkeypatch):
    def fail(fresh: Path, lock: Path) -> None:
        raise OSError("no network")

    monkeypatch.setattr(bootstrap, "_ways", lambda: iter([("uv", fail), ("pip", fail)]))
    with pytest.raises(bootstrap.NotBuilt, match=r"`uv` on PATH, or a Python with `venv`"):
        bootstrap._build(bootstrap.RUN_LOCK)
    assert not (project / ".venv").exists()


def test_the_next_way_is_tried_and_the_old_environment_stays_until_the_new_one_is_whole(project, monkeypatch):
    an_environment(project / ".venv")
    seen = []

    def fail(fresh: Path, lock: Path) -> None:
        an_environment(fresh)
        raise OSError("killed")

    def build(fresh: Path, lock: Path) -> None:
        assert not fresh.exists()
        seen.append((project / ".venv").exists())
        (an_environment(fresh) / "bin" / "pytest").write_text(f"#!{fresh}/bin/python\n")

    monkeypatch.setattr(bootstrap, "_ways", lambda: iter([("uv", fail), ("pip", build)]))
    bootstrap._build(bootstrap.TEST_LOCK)
    assert seen == [True]
    assert bootstrap._is_stamped(project / ".venv", bootstrap.TEST_LOCK)
    assert (project / ".venv" / "bin" / "pytest").read_text() == f"#!{project}/.venv/bin/python\n"
    assert list(bootstrap.WORKSHOP.glob("*-*")) == []


def test_what_a_killed_build_left_is_cleared(project, monkeypatch):
    (bootstrap.WORKSHOP / "fresh-1").mkdir(parents=True)
    monkeypatch.setattr(bootstrap, "_ways", lambda: iter([("uv", lambda fresh, _: an_environment(fresh))]))
    bootstrap._build(bootstrap.RUN_LOCK)
    assert list(bootstrap.WORKSHOP.glob("*-*")) == []
