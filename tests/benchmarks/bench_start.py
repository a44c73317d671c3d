"""Start: seconds until the sign-in page answers for a second `manage.py up` on a prepared machine.

    python -m tests.benchmarks.bench_start [--rounds N] [--port N]

The first `up` of a folder of its own makes the database and is told apart; the later ones are what is measured. What
was started is stopped, the folder removed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
#: Longest wait for a page, and for an end [s].
PATIENCE = 120.0
#: Between two looks at the page [s].
GLANCE = 0.02


def started(folder: Path, port: int) -> float:
    """Return the seconds from the command to the sign-in page, and stop what it started."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"TRADINGOPS_DATA": str(folder)}
    command = [sys.executable, "manage.py", "up", "--bind", f"127.0.0.1:{port}"]
    with (folder / "up.log").open("ab") as log:
        begun = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _await(f"http://127.0.0.1:{port}/admin/login/", process, until=begun + PATIENCE)
            return time.monotonic() - begun
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)


def _await(address: str, process: subprocess.Popen[bytes], *, until: float) -> None:
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"up ended with {process.returncode} before {address} answered")
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(GLANCE)
    raise TimeoutError(f"{address} did not answer in {PATIENCE} s")


def main(argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Print one JSON line, and return what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, default=8036)
    asked = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="tradingops-bench-start-"))
    try:
        first = started(folder, asked.port)
        later = [started(folder, asked.port) for _ in range(asked.rounds)]
        _stop_postgresql(folder)
    except BaseException:
        print((folder / "up.log").read_text()[-2000:], file=sys.stderr)
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    told = {"first_s": round(first, 2), "second_s": round(statistics.median(later), 2), "most_s": round(max(later), 2)}
    print(json.dumps(told))
    return told


def _stop_postgresql(folder: Path) -> None:
    """Stop the folder's own server, where `up` left one running."""
    environment = {**os.environ, "TRADINGOPS_DATA": str(folder)}
    environment.pop("DATABASE_URL", None)
    subprocess.run([sys.executable, "manage.py", "pg", "stop"], cwd=ROOT, env=environment, capture_output=True)


if __name__ == "__main__":
    main()
