"""`manage.py test`: everything that says whether the desk is whole."""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

BENCHMARKS = "tests/benchmarks/bench_*.py"
POSTGRESQL_15 = Path("/usr/lib/postgresql/15/bin")
#: The suite and whole folders are shared among so many processes.
PROCESSES = 2
#: By files, in the order in which the tests themselves want to begin.
IN_FILES = ("--dist", "loadfile", "--no-loadscope-reorder")
PYTHON = (sys.executable, "-m")
LINTERS = {
    "ruff check": (*PYTHON, "ruff", "check", "--quiet", "."),
    "ruff format": (*PYTHON, "ruff", "format", "--quiet", "--check", "."),
    "mypy": (*PYTHON, "mypy", "--no-error-summary", "tradingops", "strands", "curators", "portfolio", "manage.py"),
    "import-linter": (sys.executable, "-c", "from importlinter import cli; cli.lint_imports_command()"),
}


class Command(BaseCommand):
    help = (
        "Run the tests, and the linters when no arguments are given. Arguments it does not know go to pytest. "
        "Example: manage.py test tests/unit -k ledger. Exit code: pytest's, or 1 when only a linter complains."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-lint", action="store_true", help="run no linters")
        parser.add_argument("--lint", action="store_true", help="run the linters although arguments are given")
        parser.add_argument(
            "--benchmarks",
            nargs="*",
            metavar="NAME",
            help="print figures instead: of all benchmarks, or of wire, replay, …",
        )
        parser.add_argument(
            "--pg15",
            action="store_true",
            help=f"run the tests' PostgreSQL from {POSTGRESQL_15}, and leave out tests to which it is all the same",
        )

    def run_from_argv(self, argv: list[str]) -> None:
        """Take what it knows from the command line and leave the rest, in its order, to pytest."""
        known, rest = self.create_parser(argv[0], argv[1]).parse_known_args(argv[2:])
        sys.exit(self.handle(arguments=rest, **vars(known)))

    def handle(self, *, arguments: list[str], **options: Any) -> int:  # type: ignore[override]
        """Return the exit code; pytest's closing line is the last that is printed."""
        if options["benchmarks"] is not None:
            return max(self._benchmark(name, arguments) for name in _benchmarks(options["benchmarks"]))
        lint = options["lint"] or not (arguments or options["no_lint"])
        complaints = self._complaints() if lint else []
        code = self._pytest([*self._spread(arguments), *arguments], pg15=options["pg15"])
        return code or int(bool(complaints))

    def _spread(self, arguments: list[str]) -> list[str]:
        """Return how pytest shares whole folders and suites among processes, a file to one; few tests stay in one."""
        named = [each for each in arguments if not each.startswith("-")]
        whole = all(Path(settings.BASE_DIR, each).is_dir() for each in named) and len(named) == len(arguments)
        return ["-n", str(PROCESSES), *IN_FILES] if whole else []

    def _complaints(self) -> list[str]:
        """Run the linters side by side; return the names of those that complain."""
        with ThreadPoolExecutor() as pool:
            ended = zip(LINTERS, pool.map(_linted, LINTERS.values()), strict=True)
            return [name for name, each in ended if not self._told(name, each)]

    def _told(self, name: str, ended: subprocess.CompletedProcess[str]) -> bool:
        """Say how a linter ended; return whether it found nothing."""
        self.stdout.write(f"{name}: {'clean' if ended.returncode == 0 else 'not clean'}")
        if ended.returncode:
            self.stdout.write(ended.stdout + ended.stderr)
        self.stdout.flush()
        return ended.returncode == 0

    def _benchmark(self, name: str, arguments: list[str]) -> int:
        self.stdout.write(f"== {name}")
        self.stdout.flush()
        command = [*PYTHON, f"tests.benchmarks.bench_{name}", *arguments]
        return subprocess.run(command, cwd=settings.BASE_DIR, env=_environment()).returncode

    def _pytest(self, arguments: list[str], *, pg15: bool) -> int:
        environment = _environment()
        if pg15:
            environment["TRADINGOPS_TEST_PG_BIN"] = str(POSTGRESQL_15)
            arguments = ["-m", "not in_memory and not any_server", *arguments]
        return subprocess.run([*PYTHON, "pytest", *arguments], cwd=settings.BASE_DIR, env=environment).returncode


def _linted(command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True)


def _environment() -> dict[str, str]:
    """Return this process's environment without its settings: tests have their own."""
    return {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}


def _benchmarks(chosen: list[str]) -> list[str]:
    """Return the names of the chosen benchmarks, of all when none is; exits for one that is not there."""
    there = sorted(path.stem.removeprefix("bench_") for path in Path(settings.BASE_DIR).glob(BENCHMARKS))
    if unknown := [name for name in chosen if name not in there]:
        sys.exit(f"--benchmarks: {', '.join(unknown)} is none of {', '.join(there)}")
    return chosen or there
