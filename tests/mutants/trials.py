"""Trials: the tests of a file, run in a process of its own on one changed copy of it after another."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import os
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

ROOT = Path(__file__).parents[2]
#: What is imported once, before any trial: the project's own files are imported anew in each.
HEAVY = ("django.db.models", "numpy", "pydantic", "psycopg", "pyarrow", "yaml")
HEAVY += ("pytest", "structlog", "pgtrigger", "hypothesis", "hypothesis.strategies")


def warm_up() -> None:
    """Import what every trial needs and no change touches."""
    for name in HEAVY:
        __import__(name)


def run(path: Path, tree: ast.Module | None, tests: Sequence[str], *, most_seconds: float) -> tuple[str, float]:
    """Return what became of a changed file, ``survived``, ``killed`` or ``hung``, and after how many seconds.

    The file on the disk stays as it is: a child of this process imports the changed one in its place.
    """
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _try(path, tree, tests)
    while time.monotonic() < began + most_seconds:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            outcome = "survived" if os.waitstatus_to_exitcode(status) == 0 else "killed"
            return outcome, time.monotonic() - began
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "hung", time.monotonic() - began


def _try(path: Path, tree: ast.Module | None, tests: Sequence[str]) -> None:
    """Run the tests in this child, say nothing, and leave with their exit code."""
    os.setpgid(0, 0)
    silent = os.open(os.devnull if not os.environ.get("MUTANTS_LOG") else os.environ["MUTANTS_LOG"],
                     os.O_WRONLY | os.O_CREAT | os.O_APPEND)  # fmt: skip
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    code = 70
    try:
        import pytest

        if tree is not None:
            sys.meta_path.insert(0, _Changed(path, tree))
        quiet = [
            "-x",
            "-q",
            "--no-header",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:randomly",
            "-p",
            "no:xdist",
            "-W",
            "ignore::pytest.PytestAssertRewriteWarning",
        ]
        code = int(pytest.main([*quiet, "-p", "no:playwright", "--reuse-db", *tests]))
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


class _Changed(importlib.abc.MetaPathFinder):
    """Finds one file of the project as it was changed."""

    def __init__(self, path: Path, tree: ast.Module) -> None:
        self.name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        self.loader = _Loader(self.name, str(path))
        self.loader.tree = tree

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Return where the changed file is; None for every other."""
        return (
            importlib.machinery.ModuleSpec(fullname, self.loader, origin=self.loader.path)
            if fullname == self.name
            else None
        )


class _Loader(SourceFileLoader):
    tree: ast.Module

    def get_code(self, fullname: str) -> CodeType:
        """Return the changed file's code."""
        return compile(self.tree, self.path, "exec")
