"""What a command cannot do it says at once, in one sentence with the way out, and with the documented exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import forks
from tests.acceptance import markets
from tests.integration.test_feed_command import written

pytestmark = pytest.mark.in_memory

ROOT = Path(__file__).resolve().parents[2]
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def environment(**variables: str) -> dict[str, str]:
    """Return an environment in which no database answers."""
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return {**kept, "DATABASE_URL": NOWHERE, **variables}


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=environment(**variables), cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def commands() -> Iterator[forks.Forks]:
    """What begins commands in an environment in which no database answers."""
    with forks.of("tests.integration.commanding", environment(DJANGO_SETTINGS_MODULE="tradingops.settings")) as begun:
        yield begun


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["feed", "sim", "--speed", "-3"], "--speed: '-3'"),
        (["up", "--speed", "-3", "--no-console"], "--speed: '-3'"),
        (["up", "--speed", "nan", "--no-console"], "--speed: 'nan'"),
        (["up", "--timeframe", "7m", "--no-console"], "7m"),
        (["up", "--symbol", "BTC\nETH", "--no-console"], "symbol: 'BTC\\nETH'"),
        (["feed", "sim", "--symbol", "BTC\nETH"], "symbol: 'BTC\\nETH'"),
        (["replay", "nothing.csv", "--symbol", " "], "symbol: ' '"),
        (["run_module", "dm", "--poll", "nan"], "--poll: nan"),
        (["run_module", "dm", "--poll", "-1"], "--poll: -1.0"),
        (["run_module", "dm", "--poll", "inf"], "--poll: inf"),
        (["run_module", "dm", "--batch", "0"], "--batch: 0"),
        (["run_module", "nobody"], "nobody: no such module"),
        (["run_module"], "name a module"),
        (["refold", "--module", "nobody"], "--module: nobody"),
        (["refold", "--since", "yesterday"], "--since: yesterday"),
        (["pg", "status", "--cluster", "../../x"], "--cluster: '../../x'"),
        (["pg", "start", "--cluster", ""], "--cluster: ''"),
    ],
)
def test_what_a_command_cannot_do_is_refused_with_exit_code_2(
    commands: forks.Forks, tmp_path: Path, arguments: list[str], names: str
) -> None:
    told = tmp_path / "told"
    with told.open("wb") as written:
        command = commands.run([written.fileno()], arguments=arguments)
    assert command.wait(60) == 2, told.read_text()
    assert names in told.read_text()
    assert "Traceback" not in told.read_text()


def test_a_command_that_is_started_as_a_person_does_is_refused_alike() -> None:
    ended = manage("run_module", "nobody")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "nobody: no such module" in ended.stderr


@pytest.mark.parametrize("command", ["up", "run_module", "feed", "status"])
def test_a_live_desk_does_not_start_while_no_live_venue_exists(command: str) -> None:
    ended = manage(command, TRADINGOPS_MODE="live")
    assert ended.returncode == 1
    assert "no live venue exists yet" in ended.stderr
    assert "unset it for the default, paper" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_a_full_disk_is_told_in_one_sentence(tmp_path: Path) -> None:
    bars = written(tmp_path, markets.simulated("BTC", moments=40))
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "manage.py", "replay", str(bars)], stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT
        )
    assert ended.returncode != 0
    assert "the disk is full" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    ended = manage("status", TRADINGOPS_DATA=str(tmp_path / "data"))
    assert ended.returncode == 1
    assert "TRADINGOPS_DATA" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_terminal_without_utf_8_is_told_in_the_letters_it_has(tmp_path: Path) -> None:
    bars = written(tmp_path, markets.simulated("BTC", moments=40), name="ÄÖ_1m.csv")
    ended = manage("replay", str(bars), "--symbol", "ÄÖ", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert ended.returncode == 0, ended.stderr
    assert "\\xc4\\xd6" in ended.stderr


def _as_at_a_terminal() -> None:
    """Hear Ctrl-C also where the tests run in the background, whose children ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("where", ["tradingops.bootstrap.enter", "tradingops.localpg.ensure_for"])
def test_ctrl_c_while_things_are_prepared_is_told_in_one_sentence(where: str) -> None:
    module, _, name = where.rpartition(".")
    code = f"import os, signal, sys, {module} as m, manage; m.{name} = lambda *_: os.kill(os.getpid(), signal.SIGINT)"
    ended = subprocess.run(
        [sys.executable, "-c", f"{code}; sys.argv = ['manage.py', 'status']; manage.main()"],
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, "DATABASE_URL": NOWHERE},
        preexec_fn=_as_at_a_terminal,
    )  # fmt: skip
    assert ended.returncode == 128 + signal.SIGINT
    assert ended.stderr.strip() == "Interrupted; run the command again and it goes on from there."


def test_benchmarks_without_their_packages_say_which_and_the_way_out() -> None:
    code = (
        "import importlib.util as u; find = u.find_spec; "
        "u.find_spec = lambda name, *rest: None if name == 'pgqueuer' else find(name, *rest); import tests.benchmarks"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert ended.returncode == 1
    assert "pgqueuer" in ended.stderr
    assert "manage.py test --benchmarks" in ended.stderr
    assert "Traceback" not in ended.stderr
